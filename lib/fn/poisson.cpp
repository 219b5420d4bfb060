#include "fn/poisson.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/blas1.hpp"
#include "fn/extremes.hpp"

namespace ir {

poisson::poisson(queue& q, cvec counts, double background, double weight)
    : poisson(counts.in(), data_of(q, counts, {}, background), weight) {}

poisson::poisson(queue& q, cvec counts, cvec background, double weight)
    : poisson(counts.in(), data_of(q, counts, background, 0), weight) {}

poisson::poisson(const space& in, std::shared_ptr<const data> d, double weight)
    : pointwise(detail::weighted_name("kl", weight), in, abilities_of(*d, weight),
                placement{d->type, d->where}),
      data_(std::move(d)),
      weight_(weight) {
  detail::require_real(in, "kl");
}

abilities poisson::abilities_of(const data& d, double weight) {
  abilities can{.gradient = true,
                .prox = offer::exact,
                .diagonal_step = true,
                .conjugate = true,
                .finite = false};
  if (d.least > 0) {
    const double L = weight * d.most / (d.least * d.least);
    can.lipschitz = bound{0, L, "weight max counts / background^2, for x >= 0"};
  }
  return can;
}

std::shared_ptr<const poisson::data> poisson::data_of(queue& q, cvec counts,
                                                      std::optional<cvec> background,
                                                      double level) {
  if (background && (background->in() != counts.in() || background->type() != counts.type()))
    throw shape_error(fmt::format("the background is {}, the counts are {}",
                                  to_string(background->in()), to_string(counts.in())));
  const extremes n = extremes_of(q, counts);
  if (!(n.least >= 0) || !std::isfinite(n.most))
    throw data_error(
        fmt::format("counts from {:.4g} to {:.4g}: finite ones, at least 0, are expected by kl",
                    n.least, n.most));
  const extremes b = background ? extremes_of(q, *background) : extremes{level, level};
  if (!(b.least >= 0) || !std::isfinite(b.most))
    throw data_error(
        fmt::format("a background from {:.4g} to {:.4g}: finite, at least 0, is expected by kl",
                    b.least, b.most));
  auto d = std::make_shared<data>(data{owned_vec(q, counts.in(), counts.type()),
                                       {},
                                       level,
                                       n.most,
                                       b.least,
                                       counts.type(),
                                       counts.where()});
  copy(q, counts, d->counts);
  if (background) {
    d->background.emplace(q, counts.in(), counts.type());
    copy(q, *background, *d->background);
  }
  return d;
}

fn_ptr poisson::do_times(double factor) const {
  return fn_ptr(new poisson(domain(), data_, factor * weight_));
}

}  // namespace ir
