#include "op/norm_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "op/bidiagonalisation.hpp"
#include "op/norm_search.hpp"

namespace ir {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// What rounding in this precision may have added to a norm, relative to it.
double rounding(precision p) { return p == precision::f32 ? 1e-5 : 1e-12; }

// Both bounds with their provenance; `how` of the upper one first.
class interval {
 public:
  interval(const std::optional<bound>& known, precision p) : rounding_(rounding(p)) {
    if (known) now_ = *known;
    above_ = below_ = now_.how;
  }
  void raise(double lower, const std::string& how) {
    lower = std::min(lower * (1 - rounding_), now_.upper);
    if (!(lower > now_.lower)) return;
    now_.lower = lower;
    below_ = how;
  }
  void reduce(double upper, const std::string& how) {
    upper = std::max(upper * (1 + rounding_), now_.lower);
    if (!(upper < now_.upper)) return;
    now_.upper = upper;
    above_ = how;
  }
  double lower() const { return now_.lower; }
  double upper() const { return now_.upper; }
  bound result() const {
    const bool same = above_ == below_ || below_.empty() || now_.lower == 0;
    return {now_.lower, now_.upper, same ? above_ : above_ + "; from below: " + below_};
  }

 private:
  bound now_{0, infinity, ""};
  std::string above_, below_;
  double rounding_;
};

double gain(queue& q, const linear_operator& A, cvec x, vec y) {
  const inner_product product;
  const double length = product.norm(q, x);
  if (length == 0) return 0;
  A.apply(q, x, y);
  const double image = product.norm(q, y);
  if (!std::isfinite(image)) throw numeric_error("an operator made NaN or infinite values");
  return image / length;
}

void try_constant(queue& q, const linear_operator& A, precision p, interval& b) {
  owned_vec x(q, A.domain(), p), y(q, A.range(), p);
  fill(q, 1, x);
  b.raise(gain(q, A, x, y), "image of a constant");
}

index_t smaller_side(const linear_operator& A) {
  return std::min(reals_of(A.domain()), reals_of(A.range()));
}

}  // namespace

bool is_narrow(const bound& b, double width) { return b.upper - b.lower <= width * b.lower; }

bound tight_norm(queue& q, const linear_operator& A, precision p, const norm_options& o) {
  interval b(A.norm(), p);
  const auto narrow = [&] { return is_narrow(b.result(), o.width); };
  q.reserve(A.scratch_bytes(p));
  if (!narrow()) try_constant(q, A, p, b);
  index_t left = o.most_steps;
  if (!narrow() && A.properties().nonnegative)
    left -= detail::positive_iteration(q, A, p, left / 4, [&](double lower, double upper) {
      b.raise(lower, "power iteration");
      b.reduce(upper, "power iteration of an operator without negative entries");
      return narrow();
    });

  if (!narrow()) {
    bidiagonalisation lanczos(q, A, p, o.seed);
    const double share = least_share(reals_of(A.domain()), o.failure);
    const bool small = smaller_side(A) <= detail::most_dense;
    double settled = 0;
    while (left-- > 0 && lanczos.step(q)) {
      b.raise(std::sqrt(largest_eigenvalue(lanczos.lanczos())), "Ritz value");
      if (!small)
        b.reduce(std::sqrt(largest_eigenvalue_bound(lanczos.lanczos(), share)),
                 fmt::format("Lanczos iteration, {} steps from a random start: fails with a "
                             "probability of at most {:g}",
                             lanczos.steps(), o.failure));
      if (narrow()) break;
      const bool still = b.lower() <= settled * (1 + 0.02 * o.width);
      settled = std::max(settled, b.lower());
      const double wanted = b.lower() * (1 + 0.9 * o.width);
      if (small && still && detail::proved_by_cholesky(q, A, p, wanted)) {
        b.reduce(wanted, "Cholesky factorisation");
        break;
      }
    }
    // The Krylov space is complete: what it holds is all that there is.
    if (small && !narrow())
      for (double u = b.lower() * (1 + 0.5 * o.width) + 1e-300; u < b.upper(); u *= 1 + o.width)
        if (detail::proved_by_cholesky(q, A, p, u)) {
          b.reduce(u, "Cholesky factorisation");
          break;
        }
  }
  const bound found = b.result();
  A.learn_norm(found);
  return found;
}

adjoint_check check_adjoint(queue& q, const linear_operator& A, precision p, std::uint64_t seed) {
  const inner_product product;
  owned_vec x(q, A.domain(), p), y(q, A.range(), p), Ax(q, A.range(), p), Aty(q, A.domain(), p);
  fill_gaussian(q, seed, x);
  fill_gaussian(q, seed + 1, y);
  A.apply(q, x, Ax);
  A.adjoint(q, y, Aty);
  const double scale =
      product.norm(q, Ax) * product.norm(q, y) + product.norm(q, x) * product.norm(q, Aty);
  const double gap = std::abs(product.dot(q, Ax, y) - product.dot(q, x, Aty));
  return {scale == 0 ? 0 : gap / scale, p == precision::f32 ? 4e-6 : 1e-14};
}

}  // namespace ir
