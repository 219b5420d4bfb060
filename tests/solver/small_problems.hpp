#pragma once
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fn/box.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/huber.hpp"
#include "fn/l1.hpp"
#include "fn/poisson.hpp"
#include "support/dense_operator.hpp"
#include "support/reference_minimum.hpp"

namespace ir::test {

/// A problem on 10 unknowns with its minimiser by `reference_minimum`:
///   data(A x) + regulariser(x or D x) + constraint(x)
struct small_problem {
  std::string name;
  term data;
  std::vector<term> regulariser;
  fn_ptr constraint;  // null: none
  std::vector<double> minimiser;
};

inline constexpr std::size_t unknowns = 10, rows = 14;

inline std::vector<double> random_values(std::size_t n, unsigned seed, double low, double high) {
  std::mt19937_64 bits(seed);
  std::vector<double> v(n);
  for (double& x : v) x = low + (high - low) * std::ldexp(static_cast<double>(bits() >> 11), -53);
  return v;
}
inline std::vector<double> identity_matrix() {
  std::vector<double> m(unknowns * unknowns);
  for (std::size_t i = 0; i < unknowns; ++i) m[i * unknowns + i] = 1;
  return m;
}
inline std::vector<double> difference_matrix() {
  std::vector<double> m((unknowns - 1) * unknowns);
  for (std::size_t i = 0; i + 1 < unknowns; ++i)
    m[i * unknowns + i] = -1, m[i * unknowns + i + 1] = 1;
  return m;
}
/// With a norm from above, as a caller would have learned it.
inline op_ptr dense(const std::vector<double>& m) {
  const auto n = static_cast<index_t>(m.size() / unknowns);
  auto A = std::make_shared<dense_operator>(space({static_cast<index_t>(unknowns)}), space({n}), m);
  double row_most = 0, column_most = 0;
  for (std::size_t r = 0; r < m.size() / unknowns; ++r) {
    double sum = 0;
    for (std::size_t c = 0; c < unknowns; ++c) sum += std::abs(m[r * unknowns + c]);
    row_most = std::max(row_most, sum);
  }
  for (std::size_t c = 0; c < unknowns; ++c) {
    double sum = 0;
    for (std::size_t r = 0; r < m.size() / unknowns; ++r) sum += std::abs(m[r * unknowns + c]);
    column_most = std::max(column_most, sum);
  }
  A->learn_norm({0, std::sqrt(row_most * column_most), "row and column sums"});
  return A;
}

/// Proxes of the reference, written out once more.
inline auto prox_square(std::vector<double> b) {
  return [b = std::move(b)](std::vector<double>& v, double t) {
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = (v[i] + t * b[i]) / (1 + t);
  };
}
inline auto prox_absolute(double w) {
  return [w](std::vector<double>& v, double t) {
    for (double& x : v) x = x > t * w ? x - t * w : x < -t * w ? x + t * w : 0;
  };
}
inline auto prox_box(double low, double high) {
  return [=](std::vector<double>& v, double) {
    for (double& x : v) x = std::min(std::max(x, low), high);
  };
}
inline auto prox_poisson(std::vector<double> y, double b) {
  return [y = std::move(y), b](std::vector<double>& v, double t) {
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double s = v[i] + b - t;
      v[i] = (s + std::sqrt(s * s + 4 * t * y[i])) / 2 - b;
    }
  };
}

struct problem_maker {
  setup& s;
  std::vector<double> matrix = random_values(rows * unknowns, 1, 0, 1);
  std::vector<double> b = random_values(rows, 2, 2, 4);
  space domain{{static_cast<index_t>(unknowns)}}, range{{static_cast<index_t>(rows)}};
  space edges{{static_cast<index_t>(unknowns - 1)}};

  term square() const {
    return {1, shifted(s.q, std::make_shared<half_square>(range), vec_of(s, range, b)),
            dense(matrix)};
  }
  dense_term square_reference() const { return {rows, matrix, prox_square(b)}; }

  small_problem ridge() const {
    return {"ridge",
            square(),
            {{0.3, std::make_shared<half_square>(domain)}},
            nullptr,
            reference_minimum(unknowns,
                              {square_reference(),
                               {unknowns, identity_matrix(), [](std::vector<double>& v, double t) {
                                  for (double& x : v) x /= 1 + 0.3 * t;
                                }}})};
  }
  small_problem lasso() const {
    return {"lasso",
            square(),
            {{0.4, std::make_shared<l1>(domain)}},
            nullptr,
            reference_minimum(
                unknowns, {square_reference(), {unknowns, identity_matrix(), prox_absolute(0.4)}})};
  }
  small_problem box_constrained() const {
    return {"box",
            square(),
            {},
            std::make_shared<box>(domain, 0.2, 0.9),
            reference_minimum(
                unknowns, {square_reference(), {unknowns, identity_matrix(), prox_box(0.2, 0.9)}})};
  }
  small_problem variation() const {
    return {"variation",
            square(),
            {{0.3, std::make_shared<l1>(edges), dense(difference_matrix())}},
            nullptr,
            reference_minimum(unknowns, {square_reference(),
                                         {unknowns - 1, difference_matrix(), prox_absolute(0.3)}})};
  }
  small_problem variation_nonnegative() const {
    return {"variation, x >= 0",
            square(),
            {{0.3, std::make_shared<l1>(edges), dense(difference_matrix())},
             {0.1, std::make_shared<l1>(domain)}},
            std::make_shared<box>(domain, 0),
            reference_minimum(unknowns, {square_reference(),
                                         {unknowns - 1, difference_matrix(), prox_absolute(0.3)},
                                         {unknowns, identity_matrix(), prox_absolute(0.1)},
                                         {unknowns, identity_matrix(), prox_box(0, 1e30)}})};
  }
  small_problem counts() const {
    return {"counts",
            {1, std::make_shared<poisson>(s.q, vec_of(s, range, b), 0.5), dense(matrix)},
            {{0.05, std::make_shared<l1>(edges), dense(difference_matrix())}},
            std::make_shared<box>(domain, 0),
            reference_minimum(unknowns, {{rows, matrix, prox_poisson(b, 0.5)},
                                         {unknowns - 1, difference_matrix(), prox_absolute(0.05)},
                                         {unknowns, identity_matrix(), prox_box(0, 1e30)}})};
  }
};

/// Largest |x - reference|.
inline double distance(setup& s, cvec x, const std::vector<double>& reference) {
  const auto v = values(s, x);
  double most = 0;
  for (std::size_t i = 0; i < v.size(); ++i) most = std::max(most, std::abs(v[i] - reference[i]));
  return most;
}
/// What a minimiser may be off: of problems with condition numbers of some hundreds.
inline double within(precision p) { return p == precision::f32 ? 1e-3 : 1e-6; }

}  // namespace ir::test
