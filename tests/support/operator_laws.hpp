#pragma once
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "op/linear_operator.hpp"
#include "support/setup.hpp"

namespace ir::test {

/// Asserts the laws that every linear_operator promises: <A x, y> = <x, A^H y>; mode::add adds;
/// `normal` is A^H W A, with and without weight; another space is a shape_error; scratch is what it
/// said.
inline void check_operator_laws(setup& s, const linear_operator& A, std::uint64_t seed = 7) {
  const inner_product product;
  const owned_vec x = random_vec(s, A.domain(), seed), y = random_vec(s, A.range(), seed + 1);
  owned_vec Ax(s.q, A.range(), s.type), Aty(s.q, A.domain(), s.type);
  queue q(s.q.where());
  q.reserve(A.scratch_bytes(s.type));
  const index_t reserved = q.reserved();

  A.apply(s.q, x, Ax);
  A.adjoint(s.q, y, Aty);

  // A bound, not a quotient: <Ax, y> may be near zero by chance, and A may be 0.
  const double scale =
      product.norm(s.q, Ax) * product.norm(s.q, y) + product.norm(s.q, x) * product.norm(s.q, Aty);
  const double gap = std::abs(product.dot(s.q, Ax, y) - product.dot(s.q, x, Aty));
  BOOST_TEST(gap <= 64 * epsilon(s.type) * scale);

  // y + A x by mode::add, less y, less A x
  owned_vec sum = random_vec(s, A.range(), seed + 1);
  A.apply(s.q, x, sum, mode::add);
  axpby(s.q, -1, y, 1, sum);
  axpby(s.q, -1, Ax, 1, sum);
  BOOST_TEST(product.norm(s.q, sum) <=
             8 * epsilon(s.type) * (product.norm(s.q, y) + product.norm(s.q, Ax)));
  owned_vec back = random_vec(s, A.domain(), seed);
  A.adjoint(s.q, y, back, mode::add);
  axpby(s.q, -1, x, 1, back);
  axpby(s.q, -1, Aty, 1, back);
  BOOST_TEST(product.norm(s.q, back) <=
             8 * epsilon(s.type) * (product.norm(s.q, x) + product.norm(s.q, Aty)));

  // A^H A x, in a queue of its own, which must not have to grow
  owned_vec z(q, A.domain(), s.type);
  s.q.synchronize();
  A.normal(q, x, z);
  q.synchronize();
  BOOST_TEST(q.reserved() == reserved);
  const auto check_normal = [&](cvec weighted) {
    owned_vec expected(s.q, A.domain(), s.type);
    A.adjoint(s.q, weighted, expected);
    const double size = product.norm(s.q, expected) + product.norm(s.q, Ax);
    axpby(s.q, -1, z, 1, expected);
    BOOST_TEST(product.norm(s.q, expected) <= 64 * epsilon(s.type) * size);
  };
  check_normal(Ax);
  multiply(s.q, y, Ax);  // W = diag(y)
  A.normal(s.q, x, z, cvec(y));
  check_normal(Ax);

  owned_vec wrong(s.q, A.domain() | A.domain(), s.type);
  BOOST_CHECK_THROW(A.apply(s.q, wrong, Ax), shape_error);
  BOOST_CHECK_THROW(A.adjoint(s.q, y, wrong), shape_error);
  BOOST_CHECK_THROW(A.normal(s.q, wrong, wrong), shape_error);
}

}  // namespace ir::test
