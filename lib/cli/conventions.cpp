#include "cli/conventions.hpp"

namespace ir {

std::span<const named_text> exit_statuses() {
  static constexpr named_text table[] = {
      {"0", "Done."},
      {"1", "Worked, and the answer is no."},
      {"2", "Usage: the command line is wrong."},
      {"3", "Numerical failure: diverged, or NaN was made."},
      {"65", "Bad, truncated or inconsistent data, also NaN in the input."},
      {"66", "No such input."},
      {"69", "A device or feature is not available."},
      {"70", "A bug in the program."},
      {"71", "Out of memory or scratch space."},
      {"73", "An output cannot be created, or exists and --force was not given."},
      {"74", "Read or write error."},
      {"75", "Temporary: GPU busy or out of memory; try again."},
      {"76", "An earlier stage of the pipeline failed."},
  };
  return table;
}

std::span<const named_text> environment_variables() {
  static constexpr named_text table[] = {
      {"IR_DEVICE", "Where to compute, as --device."},
      {"IR_THREADS",
       "Number of threads, as --threads; without it OMP_NUM_THREADS, else the processors that the "
       "process may use."},
      {"IR_MEMORY", "Memory to plan with, as --memory."},
      {"IR_TMPDIR", "Folder of scratch files, as --tmpdir; without it TMPDIR, else /var/tmp."},
      {"IR_ISA", "Highest instruction set to use: base, v3 (AVX2) or v4 (AVX-512)."},
  };
  return table;
}

}  // namespace ir
