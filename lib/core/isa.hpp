#pragma once
#include <cstdint>
#include <string_view>

namespace ir {

/// Instruction-set levels that inner loops are compiled for (row_runner.hpp): x86-64, with AVX2 and
/// FMA, with AVX-512.
enum class isa : std::uint8_t { base, v3, v4 };

/// The level in use, the same for the whole process: the best of processor and build, or what
/// IR_ISA=base|v3|v4 lowers it to. usage_error: IR_ISA is no level; device_error: the processor or
/// the build lacks it.
isa isa_level();

std::string_view name_of(isa);  // "base", "v3", "v4"

namespace detail {
/// The rule behind isa_level: `asked` is IR_ISA, empty where it is not set.
isa choose_level(std::string_view asked, isa processor, isa build);
isa best_of_processor();
}  // namespace detail

}  // namespace ir
