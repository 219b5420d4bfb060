#include "op/identity.hpp"

#include "core/blas1.hpp"
#include "op/algebra.hpp"
#include "op/registry.hpp"

namespace ir {

identity::identity(const space& s)
    : linear_operator(s, s,
                      {.positive = true,
                       .unitary = true,
                       .diagonal = true,
                       .fourier_diagonal = true,
                       .nonnegative = true,
                       .constant = 1}) {}

void identity::do_apply(queue& q, cvec x, vec y, mode how) const {
  if (how == mode::set)
    copy(q, x, y);
  else
    axpby(q, 1, x, 1, y);
}

void identity::do_adjoint(queue& q, cvec y, vec x, mode how) const { do_apply(q, y, x, how); }

zero_operator::zero_operator(const space& domain, const space& range)
    : linear_operator(domain, range, {.nonnegative = true}) {}

void zero_operator::do_apply(queue& q, cvec, vec y, mode how) const {
  if (how == mode::set) fill(q, 0, y);
}

void zero_operator::do_adjoint(queue& q, cvec, vec x, mode how) const {
  if (how == mode::set) fill(q, 0, x);
}

namespace {

struct identity_spec final : op_spec {
  space do_range(const space& x) const override { return x; }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space& x, precision, queue&) const override {
    return std::make_shared<identity>(x);
  }
};

const registered<op_entry> entry{
    {"identity", "x itself; scale it for a multiple of x", {}, [](auto) {
       return std::make_shared<identity_spec>();
     }}};

}  // namespace
}  // namespace ir
