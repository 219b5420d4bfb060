#include "core/error.hpp"
#include "fft/backends.hpp"

#ifdef IR_WITH_CUDA

#include <cufft.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace ir::detail {
namespace {

// cuFFT, opened when the first plan is asked for and never closed: a program starts, and works on
// the CPU, where it is not installed.
struct cufft_library {
  decltype(&::cufftCreate) create;
  decltype(&::cufftDestroy) destroy;
  decltype(&::cufftSetAutoAllocation) set_auto_allocation;
  decltype(&::cufftMakePlanMany64) make_plan;
  decltype(&::cufftGetSizeMany64) get_size;
  decltype(&::cufftSetWorkArea) set_work_area;
  decltype(&::cufftSetStream) set_stream;
  decltype(&::cufftExecC2C) c2c;
  decltype(&::cufftExecZ2Z) z2z;
  decltype(&::cufftExecR2C) r2c;
  decltype(&::cufftExecD2Z) d2z;
  decltype(&::cufftExecC2R) c2r;
  decltype(&::cufftExecZ2D) z2d;
};

void* open_library() {
  for (const char* name : {"libcufft.so.12", "libcufft.so.11", "libcufft.so"})
    if (void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  throw device_error(fmt::format(
      "cuFFT is not available ({}): install the CUDA runtime libraries, or use --device cpu",
      ::dlerror()));
}

template <class F>
void find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(::dlsym(library, name));
  if (function == nullptr) throw device_error(fmt::format("cuFFT lacks the function {}", name));
}

const cufft_library& cufft() {
  static const cufft_library loaded = [] {
    void* const from = open_library();
    cufft_library l{};
    find(from, "cufftCreate", l.create);
    find(from, "cufftDestroy", l.destroy);
    find(from, "cufftSetAutoAllocation", l.set_auto_allocation);
    find(from, "cufftMakePlanMany64", l.make_plan);
    find(from, "cufftGetSizeMany64", l.get_size);
    find(from, "cufftSetWorkArea", l.set_work_area);
    find(from, "cufftSetStream", l.set_stream);
    find(from, "cufftExecC2C", l.c2c);
    find(from, "cufftExecZ2Z", l.z2z);
    find(from, "cufftExecR2C", l.r2c);
    find(from, "cufftExecD2Z", l.d2z);
    find(from, "cufftExecC2R", l.c2r);
    find(from, "cufftExecZ2D", l.z2d);
    return l;
  }();
  return loaded;
}

void check_cufft(cufftResult result, const char* what) {
  if (result == CUFFT_SUCCESS) return;
  if (result == CUFFT_ALLOC_FAILED)
    throw busy_error(fmt::format("cuFFT: the GPU has no memory left ({})", what));
  throw device_error(fmt::format("cuFFT: {} failed with code {}", what, static_cast<int>(result)));
}

// What cufftMakePlanMany64 describes: up to three nested axes, and one batch.
struct nested_layout {
  std::vector<long long> n, in_embed, out_embed;
  long long in_stride = 1, out_stride = 1, in_distance = 1, out_distance = 1, times = 1;
};

[[noreturn]] void refuse(const char* why) {
  throw device_error(fmt::format("this FFT is not available on CUDA: {}; use --device cpu", why));
}

// The strides of an axis must be multiples of the next faster one's.
void nest(const std::vector<fft_dim>& lines, index_t fft_dim::*stride,
          std::vector<long long>& embed) {
  embed.assign(lines.size(), lines.front().n);
  for (std::size_t i = lines.size(); i-- > 1;) {
    if (lines[i - 1].*stride % lines[i].*stride != 0) refuse("its strides are not nested");
    embed[i] = lines[i - 1].*stride / (lines[i].*stride);
  }
}

nested_layout nested(const fft_spec& s) {
  std::vector<fft_dim> lines;
  for (std::size_t i = 0; i < s.lines.size(); ++i)
    if (s.lines[i].n > 1 || i + 1 == s.lines.size()) lines.push_back(s.lines[i]);
  if (lines.size() > 3) refuse("it has more than three axes");

  nested_layout l;
  for (const fft_dim& d : lines) l.n.push_back(d.n);
  nest(lines, &fft_dim::in_stride, l.in_embed);
  nest(lines, &fft_dim::out_stride, l.out_embed);
  l.in_stride = lines.back().in_stride;
  l.out_stride = lines.back().out_stride;

  bool first = true;
  for (auto d = s.batch.rbegin(); d != s.batch.rend(); ++d) {
    if (d->n == 1) continue;
    if (!first &&
        (d->in_stride != l.in_distance * l.times || d->out_stride != l.out_distance * l.times))
      refuse("its batch axes do not join to one");
    if (first) {
      l.in_distance = d->in_stride;
      l.out_distance = d->out_stride;
      first = false;
    }
    l.times *= d->n;
  }
  return l;
}

cufftType type_of(const fft_spec& s) {
  const bool single = s.type == precision::f32;
  switch (s.what) {
    case fft_kind::r2c:
      return single ? CUFFT_R2C : CUFFT_D2Z;
    case fft_kind::c2r:
      return single ? CUFFT_C2R : CUFFT_Z2D;
    case fft_kind::forward:
    case fft_kind::inverse:
      return single ? CUFFT_C2C : CUFFT_Z2Z;
    default:
      refuse("cuFFT has no cosine transforms");
  }
}

class cufft_plan final : public fft_plan {
 public:
  cufft_plan(const fft_spec& s, device where)
      : fft_plan(s, where), layout_(nested(s)), kind_(type_of(s)), id_(++made_) {
    handle sizing;
    nested_layout l = layout_;
    check_cufft(cufft().get_size(sizing.plan, rank(), l.n.data(), l.in_embed.data(), l.in_stride,
                           l.in_distance, l.out_embed.data(), l.out_stride, l.out_distance, kind_,
                           l.times, &work_bytes_),
          "planning");
  }
  index_t scratch_bytes() const override { return static_cast<index_t>(work_bytes_); }

 private:
  // Of one queue. A queue finds it by the plan's address; the number tells whether it is this plan
  // or one that had the address before.
  struct handle {
    cufftHandle plan{};
    long long id = 0;
    handle() {
      check_cufft(cufft().create(&plan), "cufftCreate");
      check_cufft(cufft().set_auto_allocation(plan, 0), "cufftSetAutoAllocation");
    }
    ~handle() { cufft().destroy(plan); }
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;
  };

  int rank() const { return static_cast<int>(layout_.n.size()); }

  cufftHandle handle_in(queue& q) const {
    std::shared_ptr<void>& slot = q.slot(this);
    if (slot == nullptr || static_cast<const handle*>(slot.get())->id != id_) {
      auto fresh = std::make_shared<handle>();
      nested_layout l = layout_;
      std::size_t bytes = 0;
      check_cufft(cufft().make_plan(fresh->plan, rank(), l.n.data(), l.in_embed.data(), l.in_stride,
                              l.in_distance, l.out_embed.data(), l.out_stride, l.out_distance,
                              kind_, l.times, &bytes),
            "planning");
      check_cufft(cufft().set_stream(fresh->plan, static_cast<cudaStream_t>(q.stream())),
            "cufftSetStream");
      fresh->id = id_;
      slot = fresh;
    }
    return static_cast<const handle*>(slot.get())->plan;
  }

  void do_run(queue& q, const void* in, void* out) const override {
    const scratch work(q, static_cast<index_t>(std::max<std::size_t>(work_bytes_, 1)));
    const cufftHandle plan = handle_in(q);
    check_cufft(cufft().set_work_area(plan, work.data()), "cufftSetWorkArea");
    check_cufft(execute(plan, const_cast<void*>(in), out), "execution");
  }

  cufftResult execute(cufftHandle plan, void* in, void* out) const {
    const int direction = spec().what == fft_kind::forward ? CUFFT_FORWARD : CUFFT_INVERSE;
    const auto c = [](void* p) { return static_cast<cufftComplex*>(p); };
    const auto z = [](void* p) { return static_cast<cufftDoubleComplex*>(p); };
    const auto r = [](void* p) { return static_cast<cufftReal*>(p); };
    const auto d = [](void* p) { return static_cast<cufftDoubleReal*>(p); };
    switch (kind_) {
      case CUFFT_R2C:
        return cufft().r2c(plan, r(in), c(out));
      case CUFFT_D2Z:
        return cufft().d2z(plan, d(in), z(out));
      case CUFFT_C2R:
        return cufft().c2r(plan, c(in), r(out));
      case CUFFT_Z2D:
        return cufft().z2d(plan, z(in), d(out));
      case CUFFT_C2C:
        return cufft().c2c(plan, c(in), c(out), direction);
      default:
        return cufft().z2z(plan, z(in), z(out), direction);
    }
  }

  static inline std::atomic<long long> made_{0};

  nested_layout layout_;
  cufftType kind_;
  long long id_;
  std::size_t work_bytes_ = 0;
};

}  // namespace

std::shared_ptr<const fft_plan> plan_cufft(const fft_spec& s, device where) {
  return std::make_shared<cufft_plan>(s, where);
}

}  // namespace ir::detail

#else

namespace ir::detail {

std::shared_ptr<const fft_plan> plan_cufft(const fft_spec&, device) {
  throw device_error("FFT on a GPU: this is a build without CUDA");
}

}  // namespace ir::detail

#endif
