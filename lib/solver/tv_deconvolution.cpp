#include "solver/tv_deconvolution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "fft/column_fft.hpp"
#include "fft/plan.hpp"
#include "fn/l21.hpp"
#include "op/difference.hpp"
#include "solver/normal_equations.hpp"
#include "solver/tv_split_rows.hpp"

namespace ir {
namespace {

index_t round_up(index_t n, index_t to) { return (n + to - 1) / to * to; }

/// Eigenvalue of D^T D along an axis of n points, with the difference across the border.
double symbol_of(index_t k, index_t n) {
  return 2 - 2 * std::cos(2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n));
}

template <class T>
class tv_splitting final : public tv_deconvolution {
 public:
  tv_splitting(queue& q, const std::vector<term>& data, const term& variation, precision type,
               const options& o);
  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;

 private:
  static constexpr index_t width = column_fft<T>::width, row_reals = column_fft<T>::row_reals;
  static constexpr index_t batch = 8, band = 32, most_jobs = 32;  // rows of a transform, of a job

  struct split_numbers {
    T alpha, threshold, turn;
  };

  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;

  T* x_row(index_t row) { return static_cast<T*>(vec(x_).data()) + row * nx_; }
  T* s_row(owned_vec& s, int component, index_t row) {
    return static_cast<T*>(vec(s).data()) + (component * channels_ * ny_ + row) * nx_;
  }
  T* spectrum_row(index_t row) { return static_cast<T*>(spectrum_.get().data) + row * pitch_ * 2; }
  /// Units of at most `batch` rows of one channel, and the rows of one: first (of all), count.
  index_t row_units() const { return (ny_ + batch - 1) / batch; }
  std::pair<index_t, index_t> rows_of(index_t unit) const {
    const index_t row = unit % row_units() * batch;
    return {unit / row_units() * ny_ + row, std::min(batch, ny_ - row)};
  }
  double threshold_at(index_t k) const;
  T* slot(index_t job) {
    return reinterpret_cast<T*>(static_cast<char*>(slots_.get().data) + job * slot_bytes_);
  }
  const T* table(const array& a) const { return static_cast<const T*>(a.get().data); }
  template <class Body>
  void share(index_t units, const Body& body);
  using plan_pair = std::array<std::shared_ptr<const fft_plan>, 2>;  // there, back
  plan_pair plans_for(index_t rows) const;
  void transform_rows(queue&, fft_kind, T* reals, index_t row, index_t count);
  void split_row(T* memory, index_t row, bool halo, const split_numbers&);
  void split_band(queue&, T* memory, index_t first, index_t last, const split_numbers&);
  void filter(T rho);
  void add_border(queue&);
  double deviation_of(queue&, cvec) const;
  detail::tv_moved store_rows(queue&);
  void make_tables(queue&, const std::vector<term>& data);
  template <class Take>
  void spectrum_of(queue&, cvec image, const Take& take);

  index_t channels_, ny_, nx_, pitch_, blocks_;
  column_fft<T> along_y_;
  const detail::tv_split_functions<T>& level_;
  precision type_;
  plan_pair whole_, rest_;  // of `batch` rows, and of those that are left of ny
  smooth_sum F_;
  coupled_sum HK_;
  double lambda_;
  double deviation_ = 1;
  options options_;
  owned_vec x_, s_, next_;
  array spectrum_, slots_, right_,
      power_;  // right_: of sum w A^H y; power_: sum w |A|^2; columns' layout
  std::vector<T> ly_, lx_;
  index_t slot_bytes_ = 0;
  std::vector<detail::tv_moved> moved_;  // of each unit of rows
};

// A unit of work with the memory of its job; which units a job takes depends on their number alone.
template <class T>
template <class Body>
void tv_splitting<T>::share(index_t units, const Body& body) {
  const index_t jobs = std::min(units, most_jobs);
  run_blocks(jobs, 1, [&](index_t first, index_t last) noexcept {
    for (index_t job = first; job < last; ++job)
      for (index_t unit = job * units / jobs; unit < (job + 1) * units / jobs; ++unit)
        body(unit, slot(job));
  });
}

template <class T>
tv_splitting<T>::tv_splitting(queue& q, const std::vector<term>& data, const term& variation,
                              precision type, const options& o)
    : channels_(data[0].A->domain().extents().rank() == 3 ? data[0].A->domain().extents()[0] : 1),
      ny_(data[0].A->domain().extents()[data[0].A->domain().extents().rank() - 2]),
      nx_(data[0].A->domain().extents()[data[0].A->domain().extents().rank() - 1]),
      pitch_(round_up(nx_ / 2 + 1, width)),
      blocks_(pitch_ / width),
      along_y_(ny_),
      level_(detail::tv_split_functions_in_use<T>()),
      type_(type),
      whole_(plans_for(batch)),
      rest_(plans_for(ny_ % batch)),
      F_(data[0].A->domain(), data),
      HK_(data[0].A->domain(), {variation}),
      lambda_(variation.weight * dynamic_cast<const l21&>(*variation.f).weight()),
      options_(o),
      x_(q, data[0].A->domain(), type),
      s_(q, HK_.range(), type),
      next_(q, HK_.range(), type),
      spectrum_(q, real_type(type), shape{channels_ * ny_ * pitch_ * 2}),
      right_(q, real_type(type), shape{channels_ * blocks_ * ny_ * row_reals}),
      power_(q, real_type(type), shape{blocks_ * ny_ * width}) {
  const index_t rows = channels_ * (3 + 2 + batch) + 1;  // t and its row above, a sink of s, w, |v|
  slot_bytes_ = round_up(
      std::max(rows * round_up(nx_, width) * index_t{sizeof(T)}, along_y_.block_bytes()), 64);
  slots_.reset(q, real_type(type), shape{most_jobs * slot_bytes_ / index_t{sizeof(T)}});
  std::fill_n(static_cast<T*>(spectrum_.get().data), spectrum_.get().extents.count(), T(0));
  make_tables(q, data);

  const cvec y = *data[0].f->quadratic()->centre;
  copy(q, o.start ? *o.start : y, x_);
  deviation_ = deviation_of(q, y);
  HK_.apply(q, x_, s_);  // u = 0, z = D x; across the border D x
  scale(q, 1 - o.relaxation, s_);
  add_border(q);
  moved_.resize(static_cast<std::size_t>(channels_ * row_units()));
}

// s is (1 - alpha) D x: the differences across the border, which the operator leaves out.
template <class T>
void tv_splitting<T>::add_border(queue& q) {
  q.synchronize();
  const T keep = T(1 - options_.relaxation);
  for (index_t c = 0; c < channels_; ++c) {
    const T* const x = x_row(c * ny_);
    T* const down = s_row(s_, 0, c * ny_ + ny_ - 1);
    for (index_t i = 0; i < nx_; ++i) down[i] = keep * (x[i] - x[(ny_ - 1) * nx_ + i]);
    for (index_t j = 0; j < ny_; ++j)
      s_row(s_, 1, c * ny_ + j)[nx_ - 1] = keep * (x[j * nx_] - x[j * nx_ + nx_ - 1]);
  }
}

template <class T>
double tv_splitting<T>::deviation_of(queue& q, cvec y) const {
  owned_vec one(q, y.in(), type_);
  fill(q, 1, one);
  const inner_product product;
  const double n = static_cast<double>(channels_ * ny_ * nx_), mean = product.dot(q, y, one) / n;
  axpby(q, 1, y, -mean, one);
  const double deviation = std::sqrt(product.dot(q, one, one) / n);
  return deviation > 0 ? deviation : 1;
}

// Rows to the spectrum or back, contiguous: a batch of them, or what is left of an image.
template <class T>
void tv_splitting<T>::transform_rows(queue& q, fft_kind what, T* reals, index_t row,
                                     index_t count) {
  const bool forth = what == fft_kind::r2c;
  const auto& plans = count == batch ? whole_ : rest_;
  const ref in_space(reals, real_type(type_), shape{count * nx_}, device{});
  const ref waves(spectrum_row(row), complex_type(type_), shape{count * pitch_}, device{});
  plans[forth ? 0 : 1]->consume(q, forth ? in_space : waves, forth ? waves : in_space);
}

template <class T>
auto tv_splitting<T>::plans_for(index_t rows) const -> plan_pair {
  if (rows == 0) return {};
  const auto plan = [&](fft_kind what, index_t from, index_t to) {
    return fft_plan::get({what, type_, {{nx_, 1, 1}}, {{rows, from, to}}}, device{});
  };
  return {plan(fft_kind::r2c, nx_, pitch_), plan(fft_kind::c2r, pitch_, nx_)};
}

// The spectrum of an image, columns done too, in the columns' layout: to each block `take`.
template <class T>
template <class Take>
void tv_splitting<T>::spectrum_of(queue& q, cvec image, const Take& take) {
  const T* const from = static_cast<const T*>(image.data());
  for (index_t unit = 0; unit < channels_ * row_units(); ++unit) {
    const auto [row, count] = rows_of(unit);
    std::copy_n(from + row * nx_, count * nx_, slot(0));
    transform_rows(q, fft_kind::r2c, slot(0), row, count);
  }
  for (index_t unit = 0; unit < channels_ * blocks_; ++unit) {
    T* const corner = spectrum_row(unit / blocks_ * ny_) + unit % blocks_ * row_reals;
    along_y_.load(corner, pitch_, ny_, slot(0));
    along_y_.forward(slot(0));
    take(unit, slot(0));
  }
}

template <class T>
void tv_splitting<T>::make_tables(queue& q, const std::vector<term>& data) {
  const space& domain = data[0].A->domain();
  const normal_equations system = normal_equations_of(q, domain, type_, data);
  T* const right = static_cast<T*>(right_.get().data);
  spectrum_of(q, system.b, [&](index_t unit, const T* block) {
    std::copy_n(block, ny_ * row_reals, right + unit * ny_ * row_reals);
  });

  // The spectrum of the response to one point; of the first channel, as all share it.
  owned_vec point(q, domain, type_), response(q, domain, type_);
  static_cast<T*>(vec(point).data())[0] = 1;
  system.M->apply(q, point, response);
  T* const power = static_cast<T*>(power_.get().data);
  spectrum_of(q, response, [&](index_t unit, const T* block) {
    if (unit >= blocks_) return;
    for (index_t r = 0; r < ny_; ++r)
      std::copy_n(block + r * row_reals, width, power + (unit * ny_ + r) * width);
  });

  for (index_t r = 0; r < ny_; ++r) ly_.push_back(T(symbol_of(along_y_.frequency(r), ny_)));
  for (index_t k = 0; k < pitch_; ++k) lx_.push_back(T(symbol_of(k, nx_)));
}

template <class T>
double tv_splitting<T>::threshold_at(index_t k) const {
  const double factor = options_.first * std::pow(options_.rise, -static_cast<double>(k - 1));
  return deviation_ * std::max(options_.last, factor);
}

// Memory of a job: w (a batch), then t_down, t_right, the row above's t_down (channels each), |v|,
// and a place for the s that another job writes.
template <class T>
void tv_splitting<T>::split_row(T* memory, index_t row, bool halo, const split_numbers& by) {
  const index_t c = channels_ * nx_;
  T* const t = memory + batch * c;
  T* const sink = t + 3 * c + nx_;
  level_.split({.x = x_row(row),
                .below = x_row((row + 1) % ny_),
                .s_down = s_row(s_, 0, row),
                .s_right = s_row(s_, 1, row),
                .next_down = halo ? sink : s_row(next_, 0, row),
                .next_right = halo ? sink + c : s_row(next_, 1, row),
                .t_down = t,
                .t_right = t + c,
                .square = t + 3 * c,
                .n = nx_,
                .channels = channels_,
                .x_channel = ny_ * nx_,
                .s_channel = ny_ * nx_,
                .next_channel = halo ? nx_ : ny_ * nx_,
                .t_channel = nx_,
                .alpha = by.alpha,
                .threshold = by.threshold,
                .turn = by.turn,
                .last = row == ny_ - 1});
}

template <class T>
void tv_splitting<T>::split_band(queue& q, T* memory, index_t first, index_t last,
                                 const split_numbers& by) {
  const index_t c = channels_ * nx_;
  T* const w = memory;  // (channels, batch, nx)
  T* const t = w + batch * c;
  T* const above = t + 2 * c;
  split_row(memory, (first + ny_ - 1) % ny_, true, by);
  for (index_t row = first; row < last; row += batch) {
    const index_t count = std::min(batch, last - row);
    for (index_t i = 0; i < count; ++i) {
      std::copy_n(t, c, above);
      split_row(memory, row + i, false, by);
      for (index_t k = 0; k < channels_; ++k)
        level_.adjoint(
            {above + k * nx_, t + k * nx_, t + c + k * nx_, w + (k * batch + i) * nx_, nx_});
    }
    for (index_t k = 0; k < channels_; ++k)
      transform_rows(q, fft_kind::r2c, w + k * batch * nx_, k * ny_ + row, count);
  }
}

template <class T>
void tv_splitting<T>::filter(T rho) {
  const T scale = T(1 / static_cast<double>(ny_ * nx_));
  share(channels_ * blocks_, [&](index_t unit, T* block) noexcept {
    const index_t column = unit % blocks_;
    T* const corner = spectrum_row(unit / blocks_ * ny_) + column * row_reals;
    along_y_.load(corner, pitch_, ny_, block);
    along_y_.forward(block);
    level_.filter({block, table(right_) + unit * ny_ * row_reals,
                   table(power_) + column * ny_ * width, ly_.data(), lx_.data() + column * width,
                   ny_, rho, scale});
    along_y_.inverse(block);
    along_y_.store(block, ny_, corner, pitch_);
  });
}

template <class T>
detail::tv_moved tv_splitting<T>::store_rows(queue& q) {
  share(channels_ * row_units(), [&](index_t unit, T* memory) noexcept {
    const auto [row, count] = rows_of(unit);
    transform_rows(q, fft_kind::c2r, memory, row, count);
    detail::tv_moved sum;
    for (index_t i = 0; i < count; ++i) {
      const detail::tv_moved one = level_.store({memory + i * nx_, x_row(row + i), nx_});
      sum.change += one.change, sum.size += one.size;
    }
    moved_[static_cast<std::size_t>(unit)] = sum;
  });
  detail::tv_moved all;
  for (const detail::tv_moved& one : moved_) all.change += one.change, all.size += one.size;
  return all;
}

template <class T>
void tv_splitting<T>::do_step(queue& q, iteration& now) {
  const double here = threshold_at(now.k), then = threshold_at(now.k + 1);
  const split_numbers by{T(options_.relaxation), T(here), T(then / here)};
  share((ny_ + band - 1) / band, [&](index_t unit, T* memory) noexcept {
    split_band(q, memory, unit * band, std::min(ny_, (unit + 1) * band), by);
  });
  std::swap(s_, next_);
  filter(T(lambda_ / then));
  const detail::tv_moved all = store_rows(q);
  now.change = all.size > 0 ? std::sqrt(all.change / all.size) : std::sqrt(all.change);
}

template <class T>
void tv_splitting<T>::do_evaluate(queue& q, iteration& now) const {
  const scratch_vec Kx(q, HK_.range(), type_);
  HK_.apply(q, x_, Kx);
  now.objective = F_.value(q, x_) + HK_.h().value(q, Kx);
}

template <class T>
std::vector<parameter_of> tv_splitting<T>::parameters() const {
  return {
      {"thresholds", fmt::format("from {:.6g} to {:.6g} of the data's deviation, falling by {:.6g}",
                                 options_.first, options_.last, options_.rise)},
      {"relaxation", fmt::format("{:.6g}", options_.relaxation)}};
}

template <class T>
void tv_splitting<T>::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("split", vec(s_));
}

}  // namespace

bool tv_deconvolution::fits(const std::vector<term>& data, const term& variation) {
  if (data.empty() || !variation.A) return false;
  for (const term& t : data) {
    const auto form = t.f->quadratic();
    if (!t.A || !t.A->properties().fourier_diagonal || !form || form->diagonal ||
        t.A->domain() != variation.A->domain())
      return false;
  }
  const space& domain = variation.A->domain();
  if (!data[0].f->quadratic()->centre || domain.blocks().size() != 1) return false;
  const space::block& b = domain.blocks()[0];
  const auto* D = dynamic_cast<const gradient*>(variation.A.get());
  if (b.of == field::complex || b.spatial != 2 || b.extents.rank() > 3 || D == nullptr ||
      dynamic_cast<const l21*>(variation.f.get()) == nullptr)
    return false;
  for (const int axis : {1, 2}) {
    const difference_axis& d = D->grid().axis[axis];
    if (d.scale != 1 || (d.rule != boundary::edge && d.rule != boundary::reflect)) return false;
  }
  return b.extents[b.extents.rank() - 1] > 1 && b.extents[b.extents.rank() - 2] > 1;
}

std::unique_ptr<tv_deconvolution> tv_deconvolution::make(queue& q, const std::vector<term>& data,
                                                         const term& variation, precision type,
                                                         const options& o) {
  if (!fits(data, variation))
    throw usage_error(
        "TV deconvolution takes unweighted quadratics behind circular convolutions and tv with "
        "spacing 1, of images with two spatial axes");
  if (q.where().kind == device::cuda) throw usage_error("TV deconvolution runs on a CPU");
  if (!(o.relaxation > 0 && o.relaxation < 2) || !(o.last > 0 && o.last <= o.first) ||
      !(o.rise > 1))
    throw usage_error("TV deconvolution: relaxation, thresholds or rise out of range");
  if (type == precision::f32)
    return std::make_unique<tv_splitting<float>>(q, data, variation, type, o);
  return std::make_unique<tv_splitting<double>>(q, data, variation, type, o);
}

}  // namespace ir
