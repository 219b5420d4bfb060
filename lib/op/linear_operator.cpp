#include "op/linear_operator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"

namespace ir {
namespace {

bool overlap(cvec a, cvec b) {
  const auto begin = [](cvec v) { return static_cast<const std::byte*>(v.data()); };
  const auto end = [&](cvec v) { return begin(v) + scratch_bytes_of(v.in(), v.type()); };
  return begin(a) < end(b) && begin(b) < end(a);
}

void check_space(const space& has, const space& wanted, const char* what) {
  if (has != wanted)
    throw shape_error(fmt::format("an operator's {} is {}, the vector is {}", what,
                                  to_string(wanted), to_string(has)));
}

void check_place(const queue& q, cvec x, cvec y, const std::optional<placement>& tables) {
  if (x.where() != q.where() || y.where() != q.where())
    throw usage_error("a vector lies on another device than the queue works on: copy it");
  if (x.type() != y.type())
    throw usage_error(fmt::format("vectors of {} and {}: one precision is expected",
                                  name_of(x.type()), name_of(y.type())));
  if (tables && tables->type != x.type())
    throw usage_error(fmt::format("an operator was built for {}, the vectors are {}",
                                  name_of(tables->type), name_of(x.type())));
  if (tables && tables->where != q.where())
    throw usage_error("an operator was built for another device than the queue works on");
  if (overlap(x, y)) throw usage_error("an operator's input and output overlap in memory");
}

// What follows from the other traits.
traits completed(traits t, const space& domain, const space& range) {
  if (t.unitary) t.semi_orthogonal = t.isometric = 1;
  if (domain == range && (t.semi_orthogonal || t.isometric)) {  // square: one implies the other
    t.semi_orthogonal = t.isometric = t.semi_orthogonal ? t.semi_orthogonal : t.isometric;
    t.unitary = t.unitary || *t.isometric == 1;
  }
  t.self_adjoint = t.self_adjoint || t.positive;
  t.convolution_bank = t.convolution_bank || t.fourier_diagonal;
  t.selects = t.selects || t.diagonal;
  const auto real = [](const space& s) {
    return std::ranges::all_of(s.blocks(), [](const auto& b) { return b.of == field::real; });
  };
  if (!real(domain) || !real(range)) t.constant.reset();
  return t;
}

// ||A 1|| / ||1||
double gain_of_a_constant(const linear_operator& A) {
  if (!A.properties().constant) return 0;
  const auto out = static_cast<double>(real_count(A.range()));
  const auto in = static_cast<double>(std::max<index_t>(1, real_count(A.domain())));
  return around(std::abs(*A.properties().constant) * std::sqrt(out / in), "").lower;
}

// ||A||^2 is that of A^H A = c I, or of A A^H = c I.
std::optional<bound> norm_of(const traits& t) {
  const std::optional<double> c = t.isometric ? t.isometric : t.semi_orthogonal;
  if (!c) return {};
  const char* how = t.unitary ? "unitary" : t.isometric ? "isometric" : "semi-orthogonal";
  if (*c == 0 || *c == 1) return bound{*c, *c, how};
  return around(std::sqrt(*c), how);
}

}  // namespace

bound around(double value, std::string how) {
  constexpr double rounding = 1e-12;
  return {value * (1 - rounding), value * (1 + rounding), std::move(how)};
}

bound intersection(const bound& a, const bound& b) {
  const bound& tighter = b.upper < a.upper || (b.upper == a.upper && b.lower > a.lower) ? b : a;
  const double upper = std::min(a.upper, b.upper);
  return {std::min(std::max(a.lower, b.lower), upper), upper, tighter.how};
}

linear_operator::linear_operator(space domain, space range, traits t,
                                 std::optional<placement> tables)
    : domain_(std::move(domain)),
      range_(std::move(range)),
      traits_(completed(t, domain_, range_)),
      tables_(tables) {}

index_t linear_operator::scratch_bytes(precision p) const {
  return do_scratch(p) + scratch_bytes_of(range_, p);  // the latter: A x within `normal`
}

std::optional<bound> linear_operator::norm() const {
  std::optional<bound> own = norm_of(traits_);
  if (!own) own = do_norm();
  if (own) own->lower = std::clamp(gain_of_a_constant(*this), own->lower, own->upper);
  const std::lock_guard lock(norm_mutex_);
  if (!own || !learned_) return own ? own : learned_;
  return intersection(*own, *learned_);
}

void linear_operator::learn_norm(const bound& found) const {
  {
    const std::lock_guard lock(norm_mutex_);
    learned_ = learned_ ? intersection(*learned_, found) : found;
  }
  do_learn(found);
}

void linear_operator::apply(queue& q, cvec x, vec y, mode how) const {
  check_space(x.in(), domain_, "domain");
  check_space(y.in(), range_, "range");
  check_place(q, x, y, tables_);
  do_apply(q, x, y, how);
}

void linear_operator::adjoint(queue& q, cvec y, vec x, mode how) const {
  check_space(y.in(), range_, "range");
  check_space(x.in(), domain_, "domain");
  check_place(q, y, x, tables_);
  do_adjoint(q, y, x, how);
}

void linear_operator::normal(queue& q, cvec x, vec z, std::optional<cvec> weight) const {
  check_space(x.in(), domain_, "domain");
  check_space(z.in(), domain_, "domain");
  check_place(q, x, z, tables_);
  if (weight) {
    check_space(weight->in(), range_, "range");
    check_place(q, *weight, z, tables_);
  }
  if (!weight && traits_.isometric) return axpby(q, *traits_.isometric, x, 0, z);
  do_normal(q, x, z, weight);
}

void linear_operator::do_normal(queue& q, cvec x, vec z, std::optional<cvec> weight) const {
  const scratch_vec Ax(q, range_, x.type());
  do_apply(q, x, Ax, mode::set);
  if (weight) multiply(q, *weight, Ax);
  do_adjoint(q, Ax, z, mode::set);
}

}  // namespace ir
