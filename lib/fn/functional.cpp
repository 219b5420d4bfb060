#include "fn/functional.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "fn/quotient.hpp"

namespace ir {

functional::functional(std::string name, space domain, abilities can,
                       std::optional<placement> tables)
    : name_(std::move(name)), domain_(std::move(domain)), can_(std::move(can)), tables_(tables) {}

void functional::check(const queue& q, cvec x) const {
  if (x.in() != domain_)
    throw shape_error(fmt::format("{} is a functional on {}, the vector is {}", name_,
                                  to_string(domain_), to_string(x.in())));
  if (x.where() != q.where())
    throw usage_error("a vector lies on another device than the queue works on: copy it");
  if (tables_ && tables_->type != x.type())
    throw usage_error(fmt::format("{} was built for {}, the vector is {}", name_,
                                  name_of(tables_->type), name_of(x.type())));
  if (tables_ && tables_->where != q.where())
    throw usage_error(
        fmt::format("{} was built for another device than the queue works on", name_));
}

void functional::check_step(const queue& q, const step& s) const {
  if (!(s.value > 0) || !std::isfinite(s.value))
    throw usage_error(
        fmt::format("{}: a prox with step {}: above 0 and finite is expected", name_, s.value));
  if (!s.diagonal) return;
  check(q, *s.diagonal);
  if (!can_.diagonal_step)
    throw usage_error(fmt::format("{} has no prox with a step for each element", name_));
}

double functional::value(queue& q, cvec x) const {
  check(q, x);
  return do_value(q, x);
}

double functional::conjugate(queue& q, cvec y) const {
  if (!can_.conjugate)
    throw usage_error(fmt::format("{} cannot tell the value of its conjugate", name_));
  check(q, y);
  return do_conjugate(q, y);
}

void functional::gradient(queue& q, cvec x, vec g) const {
  if (!can_.gradient) throw usage_error(fmt::format("{} has no gradient", name_));
  check(q, x);
  check(q, g);
  do_gradient(q, x, g);
}

void functional::prox(queue& q, cvec x, const step& s, vec out) const {
  if (can_.prox == offer::none) throw usage_error(fmt::format("{} has no prox", name_));
  check(q, x);
  check(q, out);
  check_step(q, s);
  do_prox(q, x, s, out);
}

void functional::prox_conjugate(queue& q, cvec y, const step& s, vec out) const {
  if (can_.prox == offer::none) throw usage_error(fmt::format("{} has no prox", name_));
  check(q, y);
  check(q, out);
  check_step(q, s);
  do_prox_conjugate(q, y, s, out);
}

// Abilities promise these, so a functional that says so and has none is a bug of ours.
double functional::do_conjugate(queue&, cvec) const { throw bug_error(name_ + ": conjugate"); }
void functional::do_gradient(queue&, cvec, vec) const { throw bug_error(name_ + ": gradient"); }
void functional::do_prox(queue&, cvec, const step&, vec) const {
  throw bug_error(name_ + ": prox");
}

void functional::do_prox_conjugate(queue& q, cvec y, const step& s, vec out) const {
  const scratch_vec inner(q, domain_, y.type());
  if (!s.diagonal) {
    axpby(q, 1 / s.value, y, 0, inner);
    do_prox(q, inner, {1 / s.value}, inner);
    axpby(q, -s.value, inner, 0, inner);
  } else {
    const scratch_vec inverse(q, domain_, y.type());
    reciprocal(q, *s.diagonal, inverse);
    axpby(q, 1 / s.value, y, 0, inner);
    multiply(q, inverse, inner);
    do_prox(q, inner, {1 / s.value, cvec(inverse)}, inner);
    multiply(q, *s.diagonal, inner);
    axpby(q, -s.value, inner, 0, inner);
  }
  if (out.data() != y.data()) copy(q, y, out);
  axpby(q, 1, inner, 1, out);
}

}  // namespace ir
