// The main function of every test program. IR_TEST_DEVICE=gpu without a GPU, and an IR_ISA that the
// processor lacks, are skipped: one line, exit status 77.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "core/error.hpp"
#include "core/isa.hpp"
#include "core/resources.hpp"

namespace {

constexpr int skipped = 77;

bool init() { return true; }

int skip(std::string_view why) {
  std::cout << "skipped: " << why << '\n';
  return skipped;
}

}  // namespace

// Read by the address sanitizer: an allocation that is too large fails as it does without it.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

int main(int argc, char** argv) {
  try {
    (void)ir::isa_level();
  } catch (const ir::device_error& e) {
    return skip(e.what());
  }
  const char* where = std::getenv("IR_TEST_DEVICE");
  if (where != nullptr && std::string_view(where) == "gpu" && ir::cuda_device_count() == 0)
    return skip("no CUDA device, or a build without CUDA");
  return boost::unit_test::unit_test_main(init, argc, argv);
}
