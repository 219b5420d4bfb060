#include "solver/tv_deconvolution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "solver/torus.hpp"
#include "solver/tv_padded.hpp"
#include "solver/tv_scale.hpp"
#include "solver/tv_split_differences.hpp"
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
  tv_splitting(queue& q, const detail::tv_problem&, precision type, const options& o);
  cvec solution() const override { return x_; }
  std::vector<parameter_of> parameters() const override;

 private:
  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;

  T* x_row(index_t row) { return static_cast<T*>(vec(x_).data()) + row * nx_; }
  double threshold_at(index_t k) const { return deviation_ * options_.threshold(k); }
  void filter(T rho);
  void store_rows(queue&);

  detail::tv_weighting variation_;
  index_t ny_, nx_;
  detail::torus<T> torus_;
  const detail::tv_split_functions<T>& level_;
  detail::tv_objective objective_;
  double deviation_ = 1;
  options options_;
  owned_vec x_;
  detail::split_differences<T> z_;
  array spectrum_;
  detail::tv_spectra tables_;
  std::vector<T> ly_, lx_;
  std::vector<detail::tv_moved> moved_;  // of each unit of rows
};

index_t from_last(const term& variation, int axis) {
  const shape& n = variation.A->domain().extents();
  return n[n.rank() - 1 - axis];
}

template <class T>
tv_splitting<T>::tv_splitting(queue& q, const detail::tv_problem& p, precision type,
                              const options& o)
    : variation_(*detail::tv_weighting_of(p.variation)),
      ny_(from_last(p.variation, 1)),
      nx_(from_last(p.variation, 0)),
      torus_(q, variation_.channels, ny_, nx_, type,
             detail::split_differences<T>::job_reals(variation_.channels, nx_)),
      level_(detail::tv_split_functions_in_use<T>()),
      objective_(p),
      options_(o),
      x_(q, objective_.domain(), type),
      z_(q, torus_, ny_, nx_, type),
      spectrum_(torus_.spectrum(q)),
      tables_(detail::tv_spectra_of<T>(q, torus_, objective_.domain(), type, p.data)),
      ly_(torus_.symbol_y()),
      lx_(torus_.symbol_x()),
      moved_(static_cast<std::size_t>(torus_.row_units())) {
  const cvec y = *p.data[0].f->quadratic()->centre;
  copy(q, o.start ? *o.start : y, x_);
  deviation_ = detail::tv_deviation_of<T>(variation_.channels * ny_, nx_,
                                          static_cast<const T*>(y.data()), nullptr);
  z_.start(x_, o.relaxation);
}

template <class T>
void tv_splitting<T>::filter(T rho) {
  const T scale = T(1 / static_cast<double>(torus_.points()));
  const T* const right = static_cast<const T*>(tables_.right.get().data);
  const T* const power = static_cast<const T*>(tables_.power.get().data);
  constexpr index_t width = detail::torus<T>::width;
  torus_.share(variation_.channels * torus_.blocks(), [&](index_t unit, T* block) noexcept {
    const index_t column = unit % torus_.blocks();
    torus_.load(spectrum_, unit, block);
    level_.filter({block, right + unit * torus_.block_reals(), power + column * ny_ * width,
                   ly_.data(), lx_.data() + column * width, ny_, rho, T(0), scale});
    torus_.store(block, unit, spectrum_);
  });
}

template <class T>
void tv_splitting<T>::store_rows(queue& q) {
  T* const x = static_cast<T*>(vec(x_).data());
  torus_.share(torus_.row_units(), [&](index_t unit, T* memory) noexcept {
    const auto [row, count] = torus_.rows_of(unit);
    torus_.back(q, spectrum_, row, count, memory);
    detail::tv_moved sum;
    for (index_t i = 0; i < count; ++i) {
      const detail::tv_moved one = level_.store({memory + i * nx_, x + (row + i) * nx_, nx_});
      sum.change += one.change, sum.size += one.size;
    }
    moved_[static_cast<std::size_t>(unit)] = sum;
  });
}

template <class T>
void tv_splitting<T>::do_step(queue& q, iteration& now) {
  const double here = threshold_at(now.k), then = threshold_at(now.k + 1);
  z_.step(q, static_cast<const T*>(cvec(x_).data()), nullptr,
          {T(options_.relaxation), T(here), T(then / here)}, spectrum_);
  filter(T(variation_.lambda / then));
  store_rows(q);
  now.change = detail::tv_change_of(moved_);
}

template <class T>
void tv_splitting<T>::do_evaluate(queue& q, iteration& now) const {
  now.objective = objective_.value(q, x_);
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
  archive.item("split", z_.state());
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
        if (type == precision::f32) return std::make_unique<tv_splitting<float>>(q, p, type, own);
        return std::make_unique<tv_splitting<double>>(q, p, type, own);
      });
}

}  // namespace ir
