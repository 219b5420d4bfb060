#include "core/isa.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "core/error.hpp"

namespace ir {
namespace {

isa best_of_processor() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("x86-64-v4")) return isa::v4;
  if (__builtin_cpu_supports("x86-64-v3")) return isa::v3;
#endif
  return isa::base;
}

isa choose() {
  const isa processor = best_of_processor();
  const isa build = IR_ISA_LEVELS == 1 ? isa::base : isa::v4;
  const char* text = std::getenv("IR_ISA");
  if (text == nullptr || *text == '\0') return std::min(processor, build);

  for (const isa asked : {isa::base, isa::v3, isa::v4}) {
    if (name_of(asked) != text) continue;
    if (asked > processor)
      throw device_error(fmt::format("IR_ISA={}: this processor has the level {} and lower", text,
                                     name_of(processor)));
    if (asked > build)
      throw device_error(fmt::format("IR_ISA={}: this build has only the level base", text));
    return asked;
  }
  throw usage_error(fmt::format("IR_ISA={}: the levels are base, v3 and v4", text));
}

}  // namespace

isa isa_level() {
  static const isa level = choose();
  return level;
}

std::string_view name_of(isa level) {
  return level == isa::base ? "base" : level == isa::v3 ? "v3" : "v4";
}

}  // namespace ir
