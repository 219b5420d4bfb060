#include "stage/solve_fidelity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "expr/load_array.hpp"
#include "fn/ball.hpp"
#include "fn/combine.hpp"
#include "fn/half_square.hpp"
#include "fn/huber.hpp"
#include "fn/l1.hpp"
#include "fn/poisson.hpp"
#include "op/algebra.hpp"
#include "op/identity.hpp"
#include "stage/element.hpp"

namespace ir {
namespace {

using kind = fidelity_options::kind;

/// One number for all rows of the range, or one for each.
double of_row(const std::vector<double>& list, std::size_t row, std::size_t rows,
              const char* what) {
  if (list.size() != 1 && list.size() != rows)
    throw usage_error(fmt::format("{} numbers of {}, and the operator has {} row{}", list.size(),
                                  what, rows, rows == 1 ? "" : "s"));
  return list.size() == 1 ? list[0] : list[row];
}

/// An element with values[row] in each real of block `row`.
owned_vec by_row(queue& q, const space& s, precision p, const std::vector<double>& list,
                 const char* what) {
  owned_vec out(q, s, p);
  const std::size_t rows = s.blocks().size();
  for (std::size_t b = 0; b < rows; ++b) {
    const ref block = vec(out).block(static_cast<int>(b));
    const std::vector<double> values(
        static_cast<std::size_t>(block.extents.count() * (is_complex(block.type) ? 2 : 1)),
        of_row(list, b, rows, what));
    const dtype from = is_complex(block.type) ? dtype::c128 : dtype::f64;
    copy(q, cref(values.data(), from, block.extents), block);
    q.synchronize();
  }
  return out;
}

/// 1 / sigma of each row before A.
op_ptr whitened(const op_ptr& A, const std::vector<double>& sigma, std::size_t first) {
  if (A->range().blocks().size() == 1) return scale(1 / sigma[first], A);
  if (A->name() == "stack") {
    std::vector<op_ptr> rows;
    for (const op_ptr& part : A->parts()) {
      rows.push_back(whitened(part, sigma, first));
      first += part->range().blocks().size();
    }
    return stack(std::move(rows));
  }
  std::vector<op_ptr> factors;
  for (const space::block& b : A->range().blocks())
    factors.push_back(
        scale(1 / sigma[first++], std::make_shared<identity>(space(b.extents, b.of, b.spatial))));
  return compose(block_diagonal(std::move(factors)), A);
}

/// Of rows [first, first + blocks of y) among all rows of the data.
term term_of(queue& q, const fidelity_options& f, const op_ptr& A, cvec y, std::size_t first,
             std::size_t rows, precision p) {
  const space& range = y.in();
  switch (f.what) {
    case kind::l1:
      return {1, shifted(q, std::make_shared<l1>(range), y), A};
    case kind::huber:
      return {1, shifted(q, std::make_shared<huber>(range, f.delta), y), A};
    case kind::kl:
      return {1, std::make_shared<poisson>(q, y, f.background), A};
    case kind::l2:
      break;
  }
  const std::vector<double> one{1.0};
  const std::vector<double>& weights = f.weights.empty() ? one : f.weights;
  if (range.blocks().size() == 1) {
    const double w = of_row(weights, first, rows, "weights (wl2)");
    if (w > 0)
      return {w, std::make_shared<half_square>(q, range, half_square::data{.centre = y}), A};
  }
  const std::size_t here = range.blocks().size();
  std::vector<double> part;
  for (std::size_t b = 0; b < here; ++b)
    part.push_back(of_row(weights, first + b, rows, "weights (wl2)"));
  const owned_vec w = by_row(q, range, p, part, "weights (wl2)");
  return {1, std::make_shared<half_square>(q, range, half_square::data{.centre = y, .diagonal = w}),
          A};
}

/// Rows of a stack are terms of their own: solvers that know each by itself do better.
void add_rows(queue& q, const fidelity_options& f, const op_ptr& A, cvec y, std::size_t first,
              std::size_t rows, precision p, std::vector<term>& out) {
  if (A->name() != "stack") {
    out.push_back(term_of(q, f, A, y, first, rows, p));
    return;
  }
  int block = 0;
  for (const op_ptr& row : A->parts()) {
    const space& range = row->range();
    add_rows(q, f, row, y.slice(block, range), first + static_cast<std::size_t>(block), rows, p,
             out);
    block += static_cast<int>(range.blocks().size());
  }
}

std::vector<double> inverse_of(const std::vector<double>& all) {
  std::vector<double> out;
  for (const double v : all) out.push_back(1 / v);
  return out;
}

/// The weights of a file, which stand for `to`.
void load_into(queue& q, const std::string& file, vec to) {
  const array_ptr map = expr::load_array(file, {}, 0);
  if (map->of == field::complex)
    throw data_error(fmt::format("{}: weights are real, and these are complex", file));
  const auto bad =
      std::ranges::find_if(map->values, [](double w) { return !(w >= 0) || !std::isfinite(w); });
  if (bad != map->values.end())
    throw data_error(fmt::format("{}: a weight is {:g}: 0 or more is expected", file, *bad));
  const field of = to.in().blocks()[0].of;
  if (!holds(map->extents, of, to.in()))
    throw shape_error(fmt::format("{}: weights of {} for data of {}", file, to_string(map->extents),
                                  to_string(to.in())));
  std::vector<double> both;  // parts of a complex number weigh alike
  if (of == field::complex)
    for (const double w : map->values) both.insert(both.end(), 2, w);
  load_element(q,
               both.empty() ? cref(map->values.data(), dtype::f64, map->extents)
                            : cref(both.data(), dtype::c128, map->extents),
               to);
  q.synchronize();
}

}  // namespace

std::vector<term> fidelity_terms(queue& q, const fidelity_options& f, const op_ptr& A, cvec y,
                                 precision p) {
  std::vector<term> out;
  add_rows(q, f, A, y, 0, y.in().blocks().size(), p, out);
  return out;
}

owned_vec load_weights(queue& q, const std::vector<std::string>& files, const space& range,
                       precision p) {
  owned_vec w(q, range, p);
  const auto blocks = range.blocks();
  if (files.size() == 1) {
    load_into(q, files[0], w);
    return w;
  }
  if (files.size() != blocks.size())
    throw usage_error(fmt::format("{} files of weights (wl2), and the operator has {} rows",
                                  files.size(), blocks.size()));
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const space row(blocks[b].extents, blocks[b].of, blocks[b].spatial);
    load_into(q, files[b], vec(w).slice(static_cast<int>(b), row));
  }
  return w;
}

discrepancy make_discrepancy(const op_ptr& A, const std::vector<double>& sigma) {
  if (sigma.size() == 1) return {A, sigma};
  const std::size_t rows = A->range().blocks().size();
  if (sigma.size() != rows)
    throw usage_error(fmt::format("{} numbers of --sigma, and the operator has {} row{}",
                                  sigma.size(), rows, rows == 1 ? "" : "s"));
  return {whitened(A, sigma, 0), sigma};
}

term discrepancy_term(queue& q, const discrepancy& d, cvec y, precision p) {
  const space& range = d.A->range();
  const double m = std::sqrt(static_cast<double>(real_count(range)));
  if (d.sigma.size() == 1)
    return {1, shifted(q, make_ball(range, ball_norm::l2, m * d.sigma[0]), y), d.A};
  owned_vec whitened_y = by_row(q, range, p, inverse_of(d.sigma), "--sigma");
  multiply(q, y, whitened_y);
  return {1, shifted(q, make_ball(range, ball_norm::l2, m), whitened_y), d.A};
}

noise_misfit::noise_misfit(queue& q, op_ptr A, const std::vector<double>& sigma, cvec y,
                           precision p)
    : A_(std::move(A)),
      y_(y),
      weights_(by_row(q, A_->range(), p, inverse_of(sigma), "--sigma")),
      residual_(q, A_->range(), p) {
  scale(q, 1 / std::sqrt(static_cast<double>(real_count(A_->range()))), weights_);
}

double noise_misfit::operator()(queue& q, cvec x) {
  A_->apply(q, x, residual_);
  axpby(q, -1, y_, 1, residual_);
  multiply(q, weights_, residual_);
  return product_.norm(q, residual_);
}

}  // namespace ir
