#include "tomo/flatfield.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "tomo/flatfield_lines.hpp"

namespace ir {

combined_image::combined_image(index_t pixels, how h) : how_(h), pixels_(pixels) {
  if (h == how::mean) sum_.assign(static_cast<std::size_t>(pixels), 0.0);
}

void combined_image::add(index_t number, index_t first, const std::vector<double>& values) {
  images_ = std::max(images_, number + 1);
  const auto at = static_cast<std::size_t>(first);
  if (how_ == how::mean) {
    for (std::size_t i = 0; i < values.size(); ++i) sum_[at + i] += values[i];
    return;
  }
  all_.resize(static_cast<std::size_t>(images_));
  auto& image = all_[static_cast<std::size_t>(number)];
  image.resize(static_cast<std::size_t>(pixels_));
  for (std::size_t i = 0; i < values.size(); ++i) image[at + i] = static_cast<float>(values[i]);
}

std::vector<double> combined_image::result() const {
  if (how_ == how::mean) {
    std::vector<double> mean = sum_;
    for (double& v : mean) v /= static_cast<double>(images_);
    return mean;
  }
  std::vector<double> out(static_cast<std::size_t>(pixels_));
  constexpr index_t block = 1 << 12;
  run_blocks(pixels_, block, [&](index_t begin, index_t end) noexcept {
    std::vector<float> v(all_.size());
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      for (std::size_t k = 0; k < v.size(); ++k) v[k] = all_[k][i];
      const bool numbers = std::none_of(v.begin(), v.end(), [](float x) { return std::isnan(x); });
      if (!numbers) {
        out[i] = std::numeric_limits<double>::quiet_NaN();
        continue;
      }
      const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
      std::nth_element(v.begin(), middle, v.end());
      const double above = *middle;
      out[i] = v.size() % 2 ? above : (above + *std::max_element(v.begin(), middle)) / 2;
    }
  });
  return out;
}

flatfield::flatfield(queue& q, const std::vector<double>& dark, const std::vector<double>& flat,
                     index_t rows, index_t nx, precision type, const flatfield_options& o)
    : rows_(rows), nx_(nx), type_(type), o_(o) {
  std::vector<double> gain(dark.size());
  for (std::size_t i = 0; i < dark.size(); ++i) {
    const double beam = flat[i] - dark[i];
    const bool alive = beam > 0 && std::isfinite(beam);
    gain[i] = alive ? 1 / beam : std::numeric_limits<double>::quiet_NaN();
    dead_ += !alive;
  }
  const auto all = static_cast<index_t>(dark.size());
  if (dead_ == all || (dead_ > 0 && o.bad == bad_values::error))
    throw data_error(
        fmt::format("{} of {} pixels are dead: the flat is not above the dark", dead_, all));
  const shape n{rows, nx};
  const dtype real = real_type(type);
  dark_.reset(q, real, n);
  gain_.reset(q, real, n);
  queue host;
  for (const auto& [from, to] :
       {std::pair(&dark, &dark_), std::pair(&std::as_const(gain), &gain_)}) {
    array converted(host, real, n);
    copy(host, cref(from->data(), dtype::f64, n), converted.get());
    copy(q, std::as_const(converted).get(), to->get());
    q.synchronize();  // `converted` ends here
  }
}

template <class In, class T>
double flatfield::compute(queue& q, const In* in, T* out, index_t lines,
                          const placement& at) const {
  const kernel::flatfield_line<In, T> start{in,
                                            static_cast<const T*>(dark_.get().data),
                                            static_cast<const T*>(gain_.get().data),
                                            out,
                                            static_cast<T>(o_.least),
                                            o_.log};
  const kernel::flatfield_part<In, T> part{start, nx_, at.first, at.inner, rows_, at.row};
  if constexpr (std::is_same_v<In, T>)
    if (q.where().kind == device::cuda) return sum_for(q, lines * nx_, part);
  const index_t together = std::max<index_t>(1, (1 << 14) / nx_);
  return sum_blocks(lines, together, [&](index_t begin, index_t end) noexcept {
    detail::flatfield_counts all;
    for (index_t j = begin; j < end; ++j) {
      const index_t from = part.reference(j) * nx_;
      const kernel::flatfield_line<In, T> line{in + j * nx_,  start.dark + from, start.gain + from,
                                               out + j * nx_, start.least,       start.log};
      const detail::flatfield_counts one = detail::run_line(line, nx_);
      all.unusable += one.unusable;
      all.low += one.low;
    }
    return static_cast<double>(all.unusable) * kernel::unusable_value +
           static_cast<double>(all.low);
  });
}

flatfield::counts flatfield::run(queue& q, cref in, ref out, const placement& at) const {
  counts total;
  const index_t lines = in.extents.count() / nx_;
  // As many lines at once as are counted exactly.
  const index_t some = std::max<index_t>(1, ((index_t{1} << 26) - 1) / nx_);
  const dtype real = real_type(type_);
  const bool direct =
      in.type == real || (type_ == precision::f32 && q.where().kind == device::cpu &&
                          (in.type == dtype::u16 || in.type == dtype::u8));
  for (index_t j = 0; j < lines; j += some) {
    const index_t n = std::min(some, lines - j);
    const shape box{n, nx_};
    const placement here{at.first + j, at.inner, at.row};
    const auto* bytes = static_cast<const std::byte*>(in.data) + j * nx_ * size_of(in.type);
    const ref to(static_cast<std::byte*>(out.data) + j * nx_ * size_of(real), real, box, out.where);
    cref from(bytes, in.type, box, in.where);
    if (!direct) {  // in place: the kernel reads an element before it writes it
      copy(q, from, to);
      from = to;
    }
    double counted = 0;
    with_real(type_, [&]<class T>() {
      T* const result = static_cast<T*>(to.data);
      if constexpr (std::is_same_v<T, float>) {
        if (from.type == dtype::u16)
          counted = compute(q, static_cast<const std::uint16_t*>(from.data), result, n, here);
        else if (from.type == dtype::u8)
          counted = compute(q, static_cast<const std::uint8_t*>(from.data), result, n, here);
      }
      if (from.type == real)
        counted = compute(q, static_cast<const T*>(from.data), result, n, here);
    });
    const auto unusable = static_cast<index_t>(counted / kernel::unusable_value);
    const auto low =
        static_cast<index_t>(counted - static_cast<double>(unusable) * kernel::unusable_value);
    total.unusable += unusable;
    total.low += low;
    if (o_.bad == bad_values::error && unusable + low > 0)
      throw data_error(
          fmt::format("{} of {} values are NaN or infinite, and {} transmissions are below {:.3g}",
                      unusable, n * nx_, low, o_.least));
    if (unusable == 0) continue;
    queue host;
    array values(host, real, box);
    copy(q, to, values.get());
    q.synchronize();
    with_real(type_, [&]<class T>() { repair(static_cast<T*>(values.get().data), n); });
    copy(q, std::as_const(values).get(), to);
    q.synchronize();
  }
  return total;
}

template <class T>
void flatfield::repair(T* out, index_t lines) const {
  for (index_t j = 0; j < lines; ++j) {
    T* const line = out + j * nx_;
    for (index_t i = 0; i < nx_; ++i) {
      if (!std::isnan(line[i])) continue;
      if (o_.bad == bad_values::empty) {
        line[i] = o_.log ? T(0) : T(1);
        continue;
      }
      index_t right = i;
      while (right < nx_ && std::isnan(line[right])) ++right;
      if (i == 0 && right == nx_)
        throw data_error(fmt::format("a line of {} values has none that is usable", nx_));
      const T b = right < nx_ ? line[right] : line[i - 1], a = i > 0 ? line[i - 1] : b;
      const auto gap = static_cast<T>(right - i + 1);
      for (index_t k = i; k < right; ++k) line[k] = a + (b - a) * (static_cast<T>(k - i + 1) / gap);
      i = right;
    }
  }
}

}  // namespace ir
