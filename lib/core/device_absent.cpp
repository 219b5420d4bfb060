// The CUDA runtime of a build without CUDA: there is no device.
#ifndef IR_WITH_CUDA
#include "core/device_runtime.hpp"
#include "core/error.hpp"

namespace ir::cuda {
namespace {
[[noreturn]] void absent() {
  throw device_error("no GPU: this build is without CUDA (configure it with -DIR_CUDA=ON)");
}
}  // namespace

void check(int, const char*) { absent(); }
int device_count() noexcept { return 0; }
index_t installed_memory(int) noexcept { return 0; }
void make_current(int) { absent(); }
std::shared_ptr<void> make_stream(int) { absent(); }
void synchronize(void*) { absent(); }
void order(void*, void*) { absent(); }
void* allocate(void*, index_t) { absent(); }
void release(void*, void*) noexcept {}
void set_zero(void*, void*, index_t) { absent(); }
void copy_on_device(void*, const void*, void*, index_t) { absent(); }
void upload(queue&, const void*, void*, index_t) { absent(); }
void download(queue&, const void*, void*, index_t) { absent(); }

}  // namespace ir::cuda
#endif
