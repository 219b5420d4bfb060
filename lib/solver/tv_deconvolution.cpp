#include "solver/tv_deconvolution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "solver/normal_equations.hpp"
#include "solver/torus.hpp"
#include "solver/tv_padded.hpp"
#include "solver/tv_scale.hpp"
#include "solver/tv_split_rows.hpp"
#include "solver/tv_term.hpp"

namespace ir {
namespace {

// Circular convolutions, no weights.
bool all_plain(const std::vector<term>& data) {
  return std::ranges::all_of(data, [](const term& t) {
    const auto form = t.f->quadratic();
    return t.A && t.A->properties().fourier_diagonal && form && !form->diagonal;
  });
}

template <class T>
class tv_splitting final : public tv_deconvolution {
 public:
  tv_splitting(queue& q, const std::vector<term>& data, const term& variation, precision type,
               const options& o);
  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;

 private:
  static constexpr index_t width = detail::torus<T>::width, batch = detail::torus<T>::batch;
  static constexpr index_t band = 32;  // rows of a job

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
  double threshold_at(index_t k) const;
  const T* table(const array& a) const { return static_cast<const T*>(a.get().data); }
  void split_row(T* memory, index_t row, bool halo, const split_numbers&);
  void split_band(queue&, T* memory, index_t first, index_t last, const split_numbers&);
  void filter(T rho);
  void add_border(queue&);
  double deviation_of(queue&, cvec) const;
  detail::tv_moved store_rows(queue&);
  void make_tables(queue&, const std::vector<term>& data);

  index_t channels_, ny_, nx_;
  detail::torus<T> torus_;
  const detail::tv_split_functions<T>& level_;
  precision type_;
  smooth_sum F_;
  coupled_sum HK_;
  double lambda_;
  double deviation_ = 1;
  options options_;
  owned_vec x_, s_, next_;
  array spectrum_, right_, power_;  // right_: of sum w A^H y; power_: sum w |A|^2; blocks
  std::vector<T> ly_, lx_;
  std::vector<detail::tv_moved> moved_;  // of each unit of rows
};

template <class T>
tv_splitting<T>::tv_splitting(queue& q, const std::vector<term>& data, const term& variation,
                              precision type, const options& o)
    : channels_(data[0].A->domain().extents().rank() == 3 ? data[0].A->domain().extents()[0] : 1),
      ny_(data[0].A->domain().extents()[data[0].A->domain().extents().rank() - 2]),
      nx_(data[0].A->domain().extents()[data[0].A->domain().extents().rank() - 1]),
      // w, t and the row above's, |v|, a sink of s
      torus_(q, channels_, ny_, nx_, type, channels_ * (5 + batch) * nx_ + nx_),
      level_(detail::tv_split_functions_in_use<T>()),
      type_(type),
      F_(data[0].A->domain(), data),
      HK_(data[0].A->domain(), {variation}),
      lambda_(detail::tv_weighting_of(variation)->lambda),
      options_(o),
      x_(q, data[0].A->domain(), type),
      s_(q, HK_.range(), type),
      next_(q, HK_.range(), type),
      spectrum_(torus_.spectrum(q)),
      right_(q, real_type(type), shape{channels_ * torus_.blocks() * torus_.block_reals()}),
      power_(q, real_type(type), shape{torus_.blocks() * ny_ * width}),
      ly_(torus_.symbol_y()),
      lx_(torus_.symbol_x()) {
  make_tables(q, data);

  const cvec y = *data[0].f->quadratic()->centre;
  copy(q, o.start ? *o.start : y, x_);
  deviation_ = deviation_of(q, y);
  HK_.apply(q, x_, s_);  // u = 0, z = D x; across the border D x
  scale(q, (1 - o.relaxation) / detail::tv_weighting_of(variation)->per_pixel, s_);
  add_border(q);
  moved_.resize(static_cast<std::size_t>(torus_.row_units()));
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

template <class T>
void tv_splitting<T>::make_tables(queue& q, const std::vector<term>& data) {
  const space& domain = data[0].A->domain();
  const normal_equations system = normal_equations_of(q, domain, type_, data);
  T* const right = static_cast<T*>(right_.get().data);
  torus_.each_block(q, static_cast<const T*>(cvec(system.b).data()), spectrum_,
                    [&](index_t unit, const T* block) {
                      std::copy_n(block, torus_.block_reals(), right + unit * torus_.block_reals());
                    });

  // The spectrum of the response to one point; of the first channel, as all share it.
  owned_vec point(q, domain, type_), response(q, domain, type_);
  static_cast<T*>(vec(point).data())[0] = 1;
  system.M->apply(q, point, response);
  T* const power = static_cast<T*>(power_.get().data);
  torus_.each_block(q, static_cast<const T*>(cvec(response).data()), spectrum_,
                    [&](index_t unit, const T* block) {
                      for (index_t r = 0; unit < torus_.blocks() && r < ny_; ++r)
                        std::copy_n(block + r * detail::torus<T>::row_reals, width,
                                    power + (unit * ny_ + r) * width);
                    });
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
                .last = row == ny_ - 1,
                .inside = nx_,
                .outside = false});
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
      torus_.forth(q, w + k * batch * nx_, k * ny_ + row, count, spectrum_);
  }
}

template <class T>
void tv_splitting<T>::filter(T rho) {
  const T scale = T(1 / static_cast<double>(ny_ * nx_));
  torus_.share(channels_ * torus_.blocks(), [&](index_t unit, T* block) noexcept {
    const index_t column = unit % torus_.blocks();
    torus_.load(spectrum_, unit, block);
    level_.filter({block, table(right_) + unit * torus_.block_reals(),
                   table(power_) + column * ny_ * width, ly_.data(), lx_.data() + column * width,
                   ny_, rho, T(0), scale});
    torus_.store(block, unit, spectrum_);
  });
}

template <class T>
detail::tv_moved tv_splitting<T>::store_rows(queue& q) {
  torus_.share(torus_.row_units(), [&](index_t unit, T* memory) noexcept {
    const auto [row, count] = torus_.rows_of(unit);
    torus_.back(q, spectrum_, row, count, memory);
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
  torus_.share((ny_ + band - 1) / band, [&](index_t unit, T* memory) noexcept {
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

bool tv_deconvolution::fits(const std::vector<term>& data, const term& variation,
                            const fn_ptr& constraint) {
  return obstacle(data, variation, constraint).empty();
}

std::string_view tv_deconvolution::obstacle(const std::vector<term>& data, const term& variation,
                                            const fn_ptr& constraint) {
  return detail::obstacle_to_padded({data, variation, constraint});
}

std::string tv_deconvolution::reason(const std::vector<term>& data, const fn_ptr& constraint) {
  if (!constraint && all_plain(data))
    return "a circular blur and total variation: the quadratic step is exact in the Fourier "
           "domain, "
           "fused with the shrinkage";
  return "a blur and total variation: borders, missing data and bounds are split off, so that the "
         "quadratic step stays exact in the Fourier domain";
}

std::unique_ptr<tv_deconvolution> tv_deconvolution::make(queue& q, const std::vector<term>& data,
                                                         const term& variation, precision type,
                                                         const options& o) {
  if (!fits(data, variation, o.constraint))
    throw usage_error(
        "TV deconvolution takes quadratics behind blurs, tv with one spacing and bounds, of images "
        "with two spatial axes");
  if (q.where().kind == device::cuda) throw usage_error("TV deconvolution runs on a CPU");
  if (!(o.relaxation > 0 && o.relaxation < 2) || !(o.last > 0 && o.last <= o.first) ||
      !(o.rise > 1))
    throw usage_error("TV deconvolution: relaxation, thresholds or rise out of range");
  return detail::tv_engine_in_unit<tv_deconvolution>(
      q, {data, variation, o.constraint}, o.start, type,
      [&](const detail::tv_problem& p,
          std::optional<cvec> start) -> std::unique_ptr<tv_deconvolution> {
        options own = o;
        own.start = start, own.constraint = p.constraint;
        if (p.constraint || !all_plain(p.data)) return detail::make_tv_padded(q, p, type, own);
        if (type == precision::f32)
          return std::make_unique<tv_splitting<float>>(q, p.data, p.variation, type, own);
        return std::make_unique<tv_splitting<double>>(q, p.data, p.variation, type, own);
      });
}

}  // namespace ir
