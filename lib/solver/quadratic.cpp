#include "solver/quadratic.hpp"

#include <algorithm>
#include <cmath>

#include "fn/half_square.hpp"

namespace ir {
namespace {

// ||K_j x||^2 / 2, whose sum has the normal equations K^H K.
std::vector<term> squares_of(const std::vector<term>& K) {
  std::vector<term> all;
  for (const term& t : K) all.push_back({1, std::make_shared<half_square>(t.f->domain()), t.A});
  return all;
}

}  // namespace

quadratic_problem::quadratic_problem(queue& q, const space& domain, precision type,
                                     const std::vector<term>& quadratics, const coupled_sum& K,
                                     const inner_options& o)
    : K_sum_(K),
      options_(o),
      how_("conjugate gradients from the iterate before"),
      of_F_(normal_equations_of(q, domain, type, quadratics)),
      N_(circulant::near(q, domain, type, quadratics)),
      r_(q, domain, type),
      p_(q, domain, type),
      Mp_(q, domain, type) {
  if (N_) K_ = circulant::near(q, domain, type, squares_of(K.terms()));
  if (!K_) {
    N_.reset();
    return;
  }
  if (N_->exact() && K_->exact()) {
    how_ = "exact, in the Fourier domain";
    return;
  }
  how_ += ", preconditioned in the Fourier domain";
  z_.emplace(q, domain, type);
  right_.emplace(q, domain, type);
}

void quadratic_problem::apply(queue& q, double rho, cvec x, vec Mx) const {
  const scratch_vec Kx(q, K_sum_.range(), x.type());
  K_sum_.apply(q, x, Kx);
  scale(q, rho, Kx);
  K_sum_.adjoint(q, Kx, Mx, mode::set);
  of_F_.M->apply(q, x, Mx, mode::add);
}

void quadratic_problem::solve(queue& q, double rho, cvec v, const inner_product& product, vec x) {
  const scratch_vec right(q, K_sum_.domain(), x.type());
  K_sum_.adjoint(q, v, right, mode::set);
  axpby(q, 1, of_F_.b, rho, right);
  if (N_ && !z_)
    N_->divide(q, rho, &*K_, right, x);
  else
    iterate(q, rho, right, product, x);
}

double quadratic_problem::precondition(queue& q, double rho, const inner_product& product) {
  N_->divide(q, rho, &*K_, r_, *z_);
  return product.dot(q, r_, *z_);
}

// r = right - (N + rho K^H K) x: from the last solution's residual where only the right side is
// new, anew each 20 times, before rounding adds up.
void quadratic_problem::find_residual(queue& q, double rho, cvec right, vec x) {
  constexpr index_t most = 20;
  if (z_ && rho == rho_ && carried_ < most) {
    axpby(q, 1, right, 1, r_);
    axpby(q, -1, *right_, 1, r_);
    ++carried_;
  } else {
    apply(q, rho, x, r_);
    axpby(q, 1, right, -1, r_);
    carried_ = 0;
  }
  if (z_) copy(q, right, *right_);
  rho_ = rho;
}

void quadratic_problem::iterate(queue& q, double rho, cvec right, const inner_product& product,
                                vec x) {
  find_residual(q, rho, right, x);
  double rz = z_ ? precondition(q, rho, product) : product.dot(q, r_, r_);
  const vec z = z_ ? vec(*z_) : vec(r_);
  const double enough = rz * options_.reduction * options_.reduction;
  const index_t most = options_.iterations.value_or(z_ ? 2 : 50);
  copy(q, z, p_);
  for (index_t k = 0; k < most && rz > enough; ++k) {
    apply(q, rho, p_, Mp_);
    const double curvature = product.dot(q, p_, Mp_);
    if (!(curvature > 0)) return;  // the null space, or rounding: nothing to gain
    const double before = rz;
    rz = product.descend_square(q, rz / curvature, p_, Mp_, x, r_);
    if (k + 1 == most) return;
    if (z_) rz = precondition(q, rho, product);
    axpby(q, 1, z, rz / before, p_);
  }
}

double quadratic_problem::spread(queue& q, const inner_product& product) {
  const space& domain = K_sum_.domain();
  owned_vec x(q, domain, cvec(r_).type()), one(q, domain, cvec(r_).type());
  N_->divide(q, 1e-3 * N_->most() / K_->most(), &*K_, of_F_.b, x);
  fill(q, 1, one);
  const auto n = static_cast<double>(real_count(domain));
  const double mean = product.dot(q, x, one) / n;
  axpby(q, -mean, one, 1, x);
  return product.norm(q, x) / std::sqrt(n);
}

void quadratic_problem::state(state_archive& archive) {
  if (!z_) return;
  archive.item("inner_residual", vec(r_));
  archive.item("inner_right", vec(*right_));
  archive.item("inner_rho", &rho_);
  archive.item("inner_carried", &carried_);
}

}  // namespace ir
