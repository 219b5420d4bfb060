#include "fn/nuclear.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "fn/pointwise.hpp"
#include "fn/registry.hpp"
#include "fn/singular.hpp"

namespace ir {
namespace {

/// The matrices of one block, on the host.
struct matrices {
  index_t count, rows, columns;
  std::vector<double> values;

  matrices(queue& q, const cref& block)
      : rows(block.extents[block.extents.rank() - 2]),
        columns(block.extents[block.extents.rank() - 1]),
        values(static_cast<std::size_t>(block.extents.count())) {
    count = block.extents.count() / (rows * columns);
    copy(q, block, ref(values.data(), dtype::f64, block.extents, device{}));
    q.synchronize();
  }
  double* at(index_t k) { return values.data() + k * rows * columns; }
};

template <class Term>
double sum_of_values(queue& q, cvec x, const Term& term) {
  double sum = 0;
  for (std::size_t i = 0; i < x.in().blocks().size(); ++i) {
    matrices m(q, x.block(static_cast<int>(i)));
    for (index_t k = 0; k < m.count; ++k) {
      const jacobi_svd svd(m.at(k), m.rows, m.columns);
      for (const double s : svd.values()) sum += term(s);
    }
  }
  return sum;
}

/// out = x with every singular value s replaced by change(s).
template <class Change>
void replace_values(queue& q, cvec x, vec out, const Change& change) {
  for (std::size_t i = 0; i < x.in().blocks().size(); ++i) {
    const ref to = out.block(static_cast<int>(i));
    matrices m(q, x.block(static_cast<int>(i)));
    for (index_t k = 0; k < m.count; ++k) {
      const jacobi_svd svd(m.at(k), m.rows, m.columns);
      std::vector<double> values = svd.values();
      for (double& s : values) s = change(s);
      svd.compose(values, m.at(k));
    }
    copy(q, cref(m.values.data(), dtype::f64, to.extents, device{}), to);
    q.synchronize();
  }
}

}  // namespace

nuclear::nuclear(const space& in, double weight)
    : functional(detail::weighted_name("nuclear", weight), in,
                 {.prox = offer::exact, .conjugate = true}),
      weight_(weight) {
  detail::require_real(in, "nuclear");
  for (const space::block& b : in.blocks())
    if (b.extents.rank() < 2)
      throw usage_error(
          fmt::format("nuclear is a function of matrices, the space is {}", to_string(in)));
}

double nuclear::do_value(queue& q, cvec x) const {
  return weight_ * sum_of_values(q, x, [](double s) { return s; });
}

double nuclear::do_conjugate(queue& q, cvec y) const {
  const double rounding = y.type() == precision::f32 ? 3e-5 : 1e-13;
  const double excess = sum_of_values(
      q, y, [&](double s) { return s - weight_ * (1 + rounding) < 0 ? 0 : s - weight_; });
  return excess > 0 ? std::numeric_limits<double>::infinity() : excess;
}

void nuclear::do_prox(queue& q, cvec x, const step& t, vec out) const {
  const double threshold = t.value * weight_;
  replace_values(q, x, out, [=](double s) { return std::max(s - threshold, 0.0); });
}

void nuclear::do_prox_conjugate(queue& q, cvec y, const step&, vec out) const {
  replace_values(q, y, out, [this](double s) { return std::min(s, weight_); });
}

fn_ptr nuclear::do_times(double factor) const {
  return std::make_shared<nuclear>(domain(), factor * weight_);
}

namespace {

const registered<fn_entry> entry{{"nuclear",
                                  "sum of the singular values of each matrix in the last two axes",
                                  {},
                                  [](auto) -> term_spec {
                                    return {1, functional_of([](const space& x, precision, queue&) {
                                              return std::make_shared<nuclear>(x);
                                            })};
                                  }}};

}  // namespace
}  // namespace ir
