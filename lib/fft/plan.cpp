#include "fft/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <mutex>

#include "core/error.hpp"
#include "fft/backends.hpp"

namespace ir {
namespace {

bool is_real_to_real(fft_kind k) { return k == fft_kind::dct2 || k == fft_kind::dct3; }

dtype input_type(const fft_spec& s) {
  return s.what == fft_kind::r2c || is_real_to_real(s.what) ? real_type(s.type)
                                                            : complex_type(s.type);
}
dtype output_type(const fft_spec& s) {
  return s.what == fft_kind::c2r || is_real_to_real(s.what) ? real_type(s.type)
                                                            : complex_type(s.type);
}

// Elements from the first to the last that the transform touches.
index_t span_of(const fft_spec& s, index_t fft_dim::*stride, bool halved) {
  index_t last = 0;
  for (const fft_dim& d : s.batch) last += (d.n - 1) * d.*stride;
  for (std::size_t i = 0; i < s.lines.size(); ++i) {
    const fft_dim& d = s.lines[i];
    const bool half = halved && i + 1 == s.lines.size();
    last += ((half ? d.n / 2 + 1 : d.n) - 1) * d.*stride;
  }
  return last + 1;
}

void check_spec(const fft_spec& s) {
  if (s.lines.empty()) throw usage_error("FFT: no axis to transform");
  for (const auto* dims : {&s.lines, &s.batch})
    for (const fft_dim& d : *dims)
      if (d.n < 1 || d.in_stride < 0 || d.out_stride < 0)
        throw usage_error(fmt::format("FFT: an axis of {} points with strides {} and {}", d.n,
                                      d.in_stride, d.out_stride));
}

struct cache_entry {
  fft_spec spec;
  device where;
  std::shared_ptr<const fft_plan> plan;
};

// The most recent last. Bounded: a stage uses a handful, tiles of odd sizes a few more.
constexpr std::size_t cached_plans = 64;

}  // namespace

fft_spec contiguous_fft(fft_kind what, precision type, const shape& extents, int rank) {
  const int all = extents.rank(), r = rank < 0 ? all : rank;
  if (r < 1 || r > all)
    throw usage_error(fmt::format("FFT over {} axes of an array with {}", r, all));
  fft_spec s{what, type, {}, {}};
  index_t in = 1, out = 1;
  for (int axis = all - 1; axis >= 0; --axis) {
    const index_t n = extents[axis];
    auto& dims = axis >= all - r ? s.lines : s.batch;
    dims.insert(dims.begin(), {n, in, out});
    const bool half = axis == all - 1;
    in *= half && what == fft_kind::c2r ? n / 2 + 1 : n;
    out *= half && what == fft_kind::r2c ? n / 2 + 1 : n;
  }
  return s;
}

std::shared_ptr<const fft_plan> fft_plan::get(const fft_spec& spec, device where) {
  static std::mutex mutex;
  static std::vector<cache_entry> cache;

  check_spec(spec);
  const std::lock_guard lock(mutex);
  const auto hit = std::find_if(cache.begin(), cache.end(), [&](const cache_entry& e) {
    return e.spec == spec && e.where == where;
  });
  if (hit != cache.end()) {
    std::rotate(hit, hit + 1, cache.end());
    return cache.back().plan;
  }
  auto plan = where.kind == device::cpu ? detail::plan_fftw(spec) : detail::plan_cufft(spec, where);
  if (cache.size() == cached_plans) cache.erase(cache.begin());
  cache.push_back({spec, where, plan});
  return plan;
}

fft_plan::fft_plan(fft_spec spec, device where)
    : spec_(std::move(spec)),
      where_(where),
      in_count_(span_of(spec_, &fft_dim::in_stride, spec_.what == fft_kind::c2r)),
      out_count_(span_of(spec_, &fft_dim::out_stride, spec_.what == fft_kind::r2c)) {}

void fft_plan::check(cref in, cref out) const {
  if (in.where != where_ || out.where != where_)
    throw usage_error("FFT: the arrays lie on another device than the plan's");
  if (in.type != input_type(spec_) || out.type != output_type(spec_))
    throw usage_error(fmt::format("FFT from {} to {}: the plan is from {} to {}", name_of(in.type),
                                  name_of(out.type), name_of(input_type(spec_)),
                                  name_of(output_type(spec_))));
  if (in.extents.count() < in_count_ || out.extents.count() < out_count_)
    throw usage_error(fmt::format("FFT of arrays {} and {}: the plan spans {} and {} elements",
                                  to_string(in.extents), to_string(out.extents), in_count_,
                                  out_count_));
  const auto odd = [](const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 16 != 0; };
  if (odd(in.data) || odd(out.data)) throw usage_error("FFT: the arrays must be 16-byte aligned");
}

void fft_plan::run(queue& q, cref in, ref out) const {
  check(in, out);
  if (spec_.what == fft_kind::c2r)
    throw usage_error("FFT: a c2r overwrites its input: consume, not run");
  do_run(q, in.data, out.data);
}

void fft_plan::consume(queue& q, ref in, ref out) const {
  check(in, out);
  do_run(q, in.data, out.data);
}

}  // namespace ir
