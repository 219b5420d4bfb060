#include "op/norm_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "op/bidiagonalisation.hpp"
#include "op/cholesky_proof.hpp"

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

bool is_small(const linear_operator& A) {
  return std::min(real_count(A.domain()), real_count(A.range())) <= detail::most_dense;
}

// Lanczos iteration from `start`, until the interval is narrow or `steps` are made. The bound from
// above takes a share of the start for sure that is only likely, unless the operator is small.
void search(queue& q, const linear_operator& A, precision p, cvec start, double share,
            const std::string& origin, index_t steps, const norm_options& o, interval& b) {
  bidiagonalisation lanczos(q, A, start, bidiagonalisation::orthogonality::recurrence);
  const bool proof = is_small(A) && !A.properties().nonnegative;
  const auto narrow = [&] { return is_narrow(b.result(), o.width); };
  double settled = 0;
  bool going = true;
  while (going && !narrow() && steps-- > 0 && lanczos.step(q)) {
    b.raise(std::sqrt(largest_eigenvalue(lanczos.lanczos())), "Ritz value");
    if (!proof) {
      b.reduce(std::sqrt(largest_eigenvalue_bound(lanczos.lanczos(), share)),
               fmt::format("Lanczos iteration, {} steps {}", lanczos.steps(), origin));
      continue;
    }
    const bool still = b.lower() <= settled * (1 + 0.02 * o.width);
    settled = std::max(settled, b.lower());
    const double wanted = b.lower() * (1 + 0.9 * o.width);
    if (still && detail::proved_by_cholesky(q, A, p, wanted)) {
      b.reduce(wanted, "Cholesky factorisation");
      going = false;
    }
  }
  // The Krylov space is complete, or steps ran out: what can be proved above what was found.
  if (proof && !narrow())
    for (double u = b.lower() * (1 + 0.5 * o.width) + 1e-300; u < b.upper(); u *= 1 + o.width)
      if (detail::proved_by_cholesky(q, A, p, u)) return b.reduce(u, "Cholesky factorisation");
}

}  // namespace

bool is_narrow(const bound& b, double width) { return b.upper - b.lower <= width * b.lower; }

bound tight_norm(queue& q, const linear_operator& A, precision p, const norm_options& o) {
  interval b(A.norm(), p);
  const auto narrow = [&] { return is_narrow(b.result(), o.width); };
  if (narrow()) return b.result();
  q.reserve(A.scratch_bytes(p));
  owned_vec start(q, A.domain(), p);
  fill_ones(q, start);
  index_t left = o.most_steps / 2;  // A and A^H
  if (A.properties().nonnegative) {
    // An eigenvector w of the largest eigenvalue has no negative entries: <1, w> >= ||w||.
    search(q, A, p, start, 1 / static_cast<double>(real_count(A.domain())),
           "from a constant, as no entry is negative", left, o, b);
  } else {
    owned_vec image(q, A.range(), p);
    A.apply(q, start, image);
    b.raise(inner_product().norm(q, image) / inner_product().norm(q, start), "image of a constant");
    fill_gaussian(q, o.seed, start);
    if (!narrow())
      search(
          q, A, p, start, random_share(real_count(A.domain()), o.failure),
          fmt::format("from a random start: fails with a probability of at most {:g}", o.failure),
          left, o, b);
  }
  bound found = b.result();
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
