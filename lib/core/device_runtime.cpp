#include "core/device_runtime.hpp"

#include "core/error.hpp"

namespace ir::cuda {
#ifndef IR_WITH_CUDA
namespace {
[[noreturn]] void absent() {
  throw device_error("no GPU: this build is without CUDA (configure it with -DIR_CUDA=ON)");
}
}  // namespace

int device_count() noexcept { return 0; }
std::shared_ptr<void> make_stream(int) { absent(); }
void synchronize(void*) { absent(); }
void order(void*, void*) { absent(); }
void* allocate(void*, index_t) { absent(); }
void release(void*, void*) noexcept {}
void set_zero(void*, void*, index_t) { absent(); }
#endif
}  // namespace ir::cuda
