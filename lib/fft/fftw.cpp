#include <fftw3.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "fft/backends.hpp"

namespace ir::detail {
namespace {

// FFTW's names for each precision.
template <class T>
struct fftw;

template <>
struct fftw<float> {
  using plan = fftwf_plan;
  using complex = fftwf_complex;
  using dim = fftwf_iodim64;
  static constexpr auto dft = &fftwf_plan_guru64_dft;
  static constexpr auto r2c = &fftwf_plan_guru64_dft_r2c;
  static constexpr auto c2r = &fftwf_plan_guru64_dft_c2r;
  static constexpr auto r2r = &fftwf_plan_guru64_r2r;
  static constexpr auto run_dft = &fftwf_execute_dft;
  static constexpr auto run_r2c = &fftwf_execute_dft_r2c;
  static constexpr auto run_c2r = &fftwf_execute_dft_c2r;
  static constexpr auto run_r2r = &fftwf_execute_r2r;
  static constexpr auto destroy = &fftwf_destroy_plan;
  static constexpr auto start = &fftwf_init_threads;
  static constexpr auto set_jobs = &fftwf_plan_with_nthreads;
  static constexpr auto set_loop = &fftwf_threads_set_callback;
};
template <>
struct fftw<double> {
  using plan = fftw_plan;
  using complex = fftw_complex;
  using dim = fftw_iodim64;
  static constexpr auto dft = &fftw_plan_guru64_dft;
  static constexpr auto r2c = &fftw_plan_guru64_dft_r2c;
  static constexpr auto c2r = &fftw_plan_guru64_dft_c2r;
  static constexpr auto r2r = &fftw_plan_guru64_r2r;
  static constexpr auto run_dft = &fftw_execute_dft;
  static constexpr auto run_r2c = &fftw_execute_dft_r2c;
  static constexpr auto run_c2r = &fftw_execute_dft_c2r;
  static constexpr auto run_r2r = &fftw_execute_r2r;
  static constexpr auto destroy = &fftw_destroy_plan;
  static constexpr auto start = &fftw_init_threads;
  static constexpr auto set_jobs = &fftw_plan_with_nthreads;
  static constexpr auto set_loop = &fftw_threads_set_callback;
};

// FFTW's parallel loop, on our threads. Its jobs do not wait for each other.
void run_jobs(void* (*work)(char*), char* data, std::size_t size, int jobs, void*) {
  ir::run_blocks(jobs, 1, [=](index_t begin, index_t end) noexcept {
    for (index_t i = begin; i < end; ++i) work(data + size * static_cast<std::size_t>(i));
  });
}

template <class T>
void start_threads() {
  if (fftw<T>::start() == 0) throw memory_error("FFTW cannot start its threads");
  fftw<T>::set_loop(run_jobs, nullptr);
}

// FFTW makes and destroys plans one at a time.
std::mutex& planner() {
  static std::mutex one;
  return one;
}

// From the size alone, so that a plan, and its bits, do not depend on the number of threads.
int jobs_for(const fft_spec& s) {
  double points = 1;
  for (const auto* dims : {&s.lines, &s.batch})
    for (const fft_dim& d : *dims) points *= static_cast<double>(d.n);
  constexpr double points_a_job = 1 << 16;
  return static_cast<int>(std::clamp(points / points_a_job, 1.0, 32.0));
}

template <class T>
class fftw_plan final : public fft_plan {
 public:
  explicit fftw_plan(const fft_spec& s) : fft_plan(s, device{}) {
    const std::lock_guard lock(planner());
    fftw<T>::set_jobs(jobs_for(s));
    // FFTW plans for one pair of addresses and executes on others that are aligned alike.
    alignas(64) static char here[64], there[64];
    apart_ = make(here, there);
    if (can_be_in_place(s)) in_place_ = make(here, here);
    if (apart_ == nullptr) throw usage_error("FFTW has no plan for these sizes and strides");
  }
  ~fftw_plan() override {
    const std::lock_guard lock(planner());
    for (auto plan : {apart_, in_place_})
      if (plan != nullptr) fftw<T>::destroy(plan);
  }
  index_t scratch_bytes() const override { return 0; }

 private:
  using complex = typename fftw<T>::complex;
  using dims = std::vector<typename fftw<T>::dim>;

  static bool can_be_in_place(const fft_spec& s) {
    if (s.what == fft_kind::r2c || s.what == fft_kind::c2r) return false;
    const auto same = [](const fft_dim& d) { return d.in_stride == d.out_stride; };
    return std::all_of(s.lines.begin(), s.lines.end(), same) &&
           std::all_of(s.batch.begin(), s.batch.end(), same);
  }

  static dims to_fftw(const std::vector<fft_dim>& all) {
    dims d;
    for (const fft_dim& one : all)
      d.push_back({static_cast<std::ptrdiff_t>(one.n), static_cast<std::ptrdiff_t>(one.in_stride),
                   static_cast<std::ptrdiff_t>(one.out_stride)});
    return d;
  }

  typename fftw<T>::plan make(void* in, void* out) const {
    const dims lines = to_fftw(spec().lines), batch = to_fftw(spec().batch);
    const int rank = static_cast<int>(lines.size()), times = static_cast<int>(batch.size());
    const auto reals = [](void* p) { return static_cast<T*>(p); };
    const auto complexes = [](void* p) { return static_cast<complex*>(p); };
    const unsigned flags = FFTW_ESTIMATE;  // no timing: the same plan, the same bits
    switch (spec().what) {
      case fft_kind::forward:
      case fft_kind::inverse:
        return fftw<T>::dft(rank, lines.data(), times, batch.data(), complexes(in), complexes(out),
                            spec().what == fft_kind::forward ? FFTW_FORWARD : FFTW_BACKWARD, flags);
      case fft_kind::r2c:
        return fftw<T>::r2c(rank, lines.data(), times, batch.data(), reals(in), complexes(out),
                            flags);
      case fft_kind::c2r:
        return fftw<T>::c2r(rank, lines.data(), times, batch.data(), complexes(in), reals(out),
                            flags);
      case fft_kind::dct2:
      case fft_kind::dct3: {
        const std::vector kinds(lines.size(),
                                spec().what == fft_kind::dct2 ? FFTW_REDFT10 : FFTW_REDFT01);
        return fftw<T>::r2r(rank, lines.data(), times, batch.data(), reals(in), reals(out),
                            kinds.data(), flags);
      }
    }
    return nullptr;
  }

  void do_run(queue&, const void* in, void* out) const override {
    const auto plan = in == out ? in_place_ : apart_;
    if (plan == nullptr) throw usage_error("FFT: these strides allow no transform in place");
    void* from = const_cast<void*>(in);  // kept, but for the kinds that fft_plan::run refuses
    switch (spec().what) {
      case fft_kind::forward:
      case fft_kind::inverse:
        return fftw<T>::run_dft(plan, static_cast<complex*>(from), static_cast<complex*>(out));
      case fft_kind::r2c:
        return fftw<T>::run_r2c(plan, static_cast<T*>(from), static_cast<complex*>(out));
      case fft_kind::c2r:
        return fftw<T>::run_c2r(plan, static_cast<complex*>(from), static_cast<T*>(out));
      case fft_kind::dct2:
      case fft_kind::dct3:
        return fftw<T>::run_r2r(plan, static_cast<T*>(from), static_cast<T*>(out));
    }
  }

  typename fftw<T>::plan apart_ = nullptr, in_place_ = nullptr;
};

}  // namespace

std::shared_ptr<const fft_plan> plan_fftw(const fft_spec& spec) {
  static const bool started = [] {
    start_threads<float>();
    start_threads<double>();
    return true;
  }();
  (void)started;
  if (spec.type == precision::f32) return std::make_shared<fftw_plan<float>>(spec);
  return std::make_shared<fftw_plan<double>>(spec);
}

}  // namespace ir::detail
