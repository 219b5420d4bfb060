#include "stage/solve_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "io/irs_layout.hpp"
#include "solver/sealed.hpp"

namespace ir {
namespace {

/// The proximal step of a term's functional: where its data would have A x.
void step_of(queue& q, const functional& f, cvec Ax, vec r) {
  if (f.can().prox != offer::none) {
    f.prox(q, Ax, {}, r);
    axpby(q, -1, Ax, 1, r);
  } else if (f.can().gradient) {
    f.gradient(q, Ax, r);
    scale(q, -1, r);
  } else {
    fill(q, 0, r);
  }
}

class search {
 public:
  search(queue& q, const problem& p, cvec x)
      : q_(q), p_(p), x_(x), here_(objective_of(q, p, x)), lowest_(here_) {}

  std::optional<improvement> run() {
    owned_vec along(q_, p_.domain, p_.type);
    toward_data(along);
    look(along);
    fill(q_, 1, along);
    look(along);
    if (std::isinf(here_)) return improvement{here_, lowest_};
    const double noise = p_.type == precision::f32 ? 1e-5 : 1e-10;
    if (lowest_ < here_ - noise * std::abs(here_)) return improvement{here_, lowest_};
    return {};
  }

 private:
  /// sum_i A_i^H r_i
  void toward_data(vec d) {
    for (const term& t : p_.fidelities) {
      const space& range = t.f->domain();
      owned_vec Ax(q_, range, p_.type), r(q_, range, p_.type);
      image(t, x_, Ax);
      step_of(q_, *t.f, Ax, r);
      scale(q_, t.weight, r);
      if (t.A)
        t.A->adjoint(q_, r, d, mode::add);
      else
        axpby(q_, 1, r, 1, d);
    }
  }

  void image(const term& t, cvec x, vec Ax) {
    if (t.A)
      t.A->apply(q_, x, Ax);
    else
      copy(q_, x, Ax);
  }

  /// The step along d that brings the data closest: sum <r, A d> / sum ||A d||^2.
  double best_step(cvec d) {
    double down = 0, curvature = 0;
    for (const term& t : p_.fidelities) {
      const space& range = t.f->domain();
      owned_vec Ad(q_, range, p_.type), r(q_, range, p_.type);
      image(t, x_, Ad);
      step_of(q_, *t.f, Ad, r);
      image(t, d, Ad);
      down += t.weight * product_.dot(q_, r, Ad);
      curvature += t.weight * product_.dot(q_, Ad, Ad);
    }
    return curvature > 0 ? down / curvature : 0;
  }

  void look(cvec d) {
    const double best = best_step(d);
    if (best == 0 || !std::isfinite(best)) return;
    owned_vec there(q_, p_.domain, p_.type);
    for (const double share : {4.0, 1.0, 0.25, 1.0 / 16, 1.0 / 64, 1.0 / 1024}) {
      copy(q_, x_, there);
      axpby(q_, best * share, d, 1, there);
      if (p_.constraint) p_.constraint->prox(q_, there, {}, there);
      const double value = objective_of(q_, p_, there);
      if (value < lowest_) lowest_ = value;
    }
  }

  queue& q_;
  const problem& p_;
  cvec x_;
  inner_product product_;
  double here_, lowest_;
};

}  // namespace

std::optional<improvement> improvement_on(queue& q, const problem& p, cvec x) {
  return search(q, p, x).run();
}

std::uint64_t fingerprint(queue& q, cvec x) {
  if (x.where().kind != device::cpu) return irs::checksum(reals_of(q, x));
  const auto bytes = static_cast<std::size_t>(x.in().size() * size_of(real_type(x.type())));
  return irs::checksum({static_cast<const std::byte*>(x.data()), bytes});
}

void refuse_start(queue& q, const problem& p, cvec x, std::uint64_t start, index_t iterations) {
  if (fingerprint(q, x) != start) return;
  const auto better = improvement_on(q, p, x);
  if (!better) return;
  const std::string why =
      std::isinf(better->here)
          ? std::string("there a constraint is broken")
          : fmt::format("the objective is {:.6g} there, and {:.6g} not far from it", better->here,
                        better->there);
  throw numeric_error(fmt::format(
      "after {} iteration{} the solution is still its start, and {}: more --iterations, a smaller "
      "--tolerance or another --solver may help",
      iterations, iterations == 1 ? "" : "s", why));
}

}  // namespace ir
