#include "core/isa.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/error.hpp"

namespace ir {
namespace detail {

isa best_of_processor() {
#if defined(__x86_64__) && defined(__clang__)  // no names for the levels: what tells them apart
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi2");
  if (v3 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
    return isa::v4;
  if (v3) return isa::v3;
#elif defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return isa::v4;
  if (__builtin_cpu_supports("x86-64-v3")) return isa::v3;
#endif
  return isa::base;
}

isa choose_level(std::string_view asked, isa processor, isa build) {
  if (asked.empty()) return std::min(processor, build);
  for (const isa level : {isa::base, isa::v3, isa::v4}) {
    if (name_of(level) != asked) continue;
    if (level > processor)
      throw device_error(fmt::format("IR_ISA={}: this processor has the level {} and lower", asked,
                                     name_of(processor)));
    if (level > build)
      throw device_error(fmt::format("IR_ISA={}: this build has only the level base", asked));
    return level;
  }
  throw usage_error(fmt::format("IR_ISA={}: the levels are base, v3 and v4", asked));
}

}  // namespace detail

isa isa_level() {
  static const isa level = [] {
    const char* asked = std::getenv("IR_ISA");
    return detail::choose_level(asked != nullptr ? asked : "", detail::best_of_processor(),
                                IR_ISA_LEVELS == 1 ? isa::base : isa::v4);
  }();
  return level;
}

std::string_view name_of(isa level) {
  return level == isa::base ? "base" : level == isa::v3 ? "v3" : "v4";
}

}  // namespace ir
