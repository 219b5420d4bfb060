#include "op/kronecker.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/kronecker_kernel.hpp"
#include "op/registry.hpp"

namespace ir {
namespace {

const space::block& matrices_of(const space& s) {
  if (s.blocks().size() != 1 || s.blocks()[0].extents.rank() < 2)
    throw shape_error(
        fmt::format("a Kronecker product takes matrices (..., n, m), not {}", to_string(s)));
  return s.blocks()[0];
}

/// The only block of what an operator makes of a line.
const space::block& line_of(const space& s) {
  if (s.blocks().size() != 1 || s.blocks()[0].extents.rank() != 1)
    throw shape_error(fmt::format("a Kronecker product of operators from lines to lines, not to {}",
                                  to_string(s)));
  return s.blocks()[0];
}

// Of an element.
index_t reals_of(const space& s) { return s.blocks()[0].of == field::complex ? 2 : 1; }

std::optional<double> times(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::optional(*a * *b) : std::nullopt;
}

traits infer(const traits& a, const traits& b) {
  traits t;
  t.self_adjoint = a.self_adjoint && b.self_adjoint;
  t.positive = a.positive && b.positive;
  t.unitary = a.unitary && b.unitary;
  t.diagonal = a.diagonal && b.diagonal;
  t.nonnegative = a.nonnegative && b.nonnegative;
  t.semi_orthogonal = times(a.semi_orthogonal, b.semi_orthogonal);
  t.isometric = times(a.isometric, b.isometric);
  t.constant = times(a.constant, b.constant);
  return t;
}

/// Lines of a matrix along one of its axes, distances in reals.
struct lines {
  index_t count, step, next;  // from element to element, from line to line
};

/// A matrix of elements of so many reals, in C order.
struct grid {
  index_t rows, columns, element;
  index_t reals() const { return rows * columns * element; }
  lines along_rows() const { return {rows, element, columns * element}; }
  lines along_columns() const { return {columns, columns * element, element}; }
};

grid grid_of(const space& s) {
  const shape& n = s.extents();
  return {n[n.rank() - 2], n[n.rank() - 1], reals_of(s)};
}

// Applies A, or its adjoint, to each line of `from`, and gives lines of `to`.
template <class T>
void apply_along(queue& q, const linear_operator& A, line_pass d, const T* from, lines in, T* to,
                 lines out, mode how, precision p) {
  const bool forward = d == line_pass::forward;
  const space &taken = forward ? A.domain() : A.range(), &given = forward ? A.range() : A.domain();
  const scratch_vec x(q, taken, p), y(q, given, p);
  auto* line = static_cast<T*>(vec(x).data());
  const auto* result = static_cast<const T*>(cvec(y).data());
  const index_t a = reals_of(taken), b = reals_of(given);
  for (index_t l = 0; l < in.count; ++l, from += in.next, to += out.next) {
    parallel_for(q, {taken.extents()[0]},
                 kernel::copy_line<T>{from, line, in.step, a, a, mode::set});
    forward ? A.apply(q, x, y) : A.adjoint(q, x, y);
    parallel_for(q, {given.extents()[0]}, kernel::copy_line<T>{result, to, b, out.step, b, how});
  }
}

}  // namespace

space kronecker::row_of(const space& domain) {
  const space::block& b = matrices_of(domain);
  return {{b.extents[b.extents.rank() - 1]}, b.of};
}

space kronecker::column_of(const space& domain, const space& range_of_B) {
  const space::block& b = matrices_of(domain);
  return {{b.extents[b.extents.rank() - 2]}, line_of(range_of_B).of};
}

space kronecker::range_of(const space& domain, const space& range_of_A, const space& range_of_B) {
  const space::block& b = matrices_of(domain);
  std::vector<index_t> n(b.extents.extents().begin(), b.extents.extents().end());
  n[n.size() - 2] = line_of(range_of_A).extents[0];
  n[n.size() - 1] = line_of(range_of_B).extents[0];
  return {shape(n), line_of(range_of_A).of, b.spatial};
}

kronecker::kronecker(const space& domain, op_ptr A, op_ptr B)
    : linear_operator(domain, range_of(domain, A->range(), B->range()),
                      infer(A->properties(), B->properties())),
      parts_{A, B},
      images_(1),
      between_(shape{A->domain().extents().count(), line_of(B->range()).extents[0]},
               line_of(B->range()).of) {
  if (B->domain() != row_of(domain) || A->domain() != column_of(domain, B->range()))
    throw shape_error(fmt::format("a Kronecker product of operators on {} and {} for {}",
                                  to_string(A->domain()), to_string(B->domain()),
                                  to_string(domain)));
  const shape& n = domain.extents();
  for (int a = 0; a + 2 < n.rank(); ++a) images_ *= n[a];
}

void kronecker::run(queue& q, line_pass d, cvec from, vec to, mode how) const {
  const linear_operator &A = *parts_[0], &B = *parts_[1];
  const grid X = grid_of(domain()), Y = grid_of(range()), M = grid_of(between_);
  const bool forward = d == line_pass::forward;
  const precision p = from.type();
  const scratch_vec between(q, between_, p);
  with_real(p, [&]<class T>() {
    auto* middle = static_cast<T*>(vec(between).data());
    const auto* source = static_cast<const T*>(from.data());
    auto* target = static_cast<T*>(to.data());
    for (index_t k = 0; k < images_; ++k) {
      if (forward) {
        apply_along(q, B, d, source, X.along_rows(), middle, M.along_rows(), mode::set, p);
        apply_along(q, A, d, middle, M.along_columns(), target, Y.along_columns(), how, p);
      } else {
        apply_along(q, A, d, source, Y.along_columns(), middle, M.along_columns(), mode::set, p);
        apply_along(q, B, d, middle, M.along_rows(), target, X.along_rows(), how, p);
      }
      source += (forward ? X : Y).reals();
      target += (forward ? Y : X).reals();
    }
  });
}

void kronecker::do_apply(queue& q, cvec x, vec y, mode how) const {
  run(q, line_pass::forward, x, y, how);
}
void kronecker::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  run(q, line_pass::backward, y, x, how);
}

std::optional<bound> kronecker::do_norm() const {
  const auto a = parts_[0]->norm(), b = parts_[1]->norm();
  if (!a || !b) return {};
  return bound{a->lower * b->lower, a->upper * b->upper, "product of: " + a->how + "; " + b->how};
}

index_t kronecker::do_scratch(precision p) const {
  index_t most = 0;
  for (const op_ptr& A : parts_)
    most = std::max(most, A->scratch_bytes(p) + scratch_bytes_of(A->domain(), p) +
                              scratch_bytes_of(A->range(), p));
  return most + scratch_bytes_of(between_, p);
}

namespace {

struct kronecker_spec final : op_spec {
  kronecker_spec(spec_ptr a, spec_ptr b) : A(std::move(a)), B(std::move(b)) {}
  spec_ptr A, B;

  space row_range(const space& x) const { return B->range_of(kronecker::row_of(x)); }
  space column(const space& x) const { return kronecker::column_of(x, row_range(x)); }
  space do_range(const space& x) const override {
    return kronecker::range_of(x, A->range_of(column(x)), row_range(x));
  }
  std::optional<space> do_domain(const space& y) const override {
    const space::block& b = matrices_of(y);
    const shape& n = b.extents;
    const auto columns = A->domain_of({{n[n.rank() - 2]}, b.of});
    if (!columns) return {};
    const auto rows = B->domain_of({{n[n.rank() - 1]}, line_of(*columns).of});
    if (!rows) return {};
    return kronecker::range_of(y, {line_of(*columns).extents, line_of(*rows).of}, *rows);
  }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return std::make_shared<kronecker>(x, A->build(column(x), p, q),
                                       B->build(kronecker::row_of(x), p, q));
  }
  op_cost do_cost(const space& x, precision p, device where) const override {
    const op_cost a = A->cost(column(x), p, where), b = B->cost(kronecker::row_of(x), p, where);
    const double images = static_cast<double>(x.size()), rows = images / line_count(x, 1),
                 columns = images / line_count(x, 2);
    return {.flops = rows * b.flops + columns * a.flops,
            .bytes = rows * b.bytes + columns * a.bytes,
            .table_bytes = a.table_bytes + b.table_bytes,
            .scratch_bytes = std::max(a.scratch_bytes, b.scratch_bytes) + scratch_bytes_of(x, p) +
                             scratch_bytes_of(do_range(x), p)};
  }
  // Elements of a line along the axis `from_end`.
  static double line_count(const space& x, int from_end) {
    const shape& n = x.extents();
    return static_cast<double>(std::max<index_t>(1, n[n.rank() - from_end]));
  }
};

const registered<op_entry> entry{
    {"kron",
     "Kronecker product: B along the last axis, line by line, then A along the one before it",
     {{"A", argument_kind::op, "of one axis"}, {"B", argument_kind::op, "of one axis"}},
     [](auto a) { return std::make_shared<kronecker_spec>(operand(a[0]), operand(a[1])); }}};

}  // namespace
}  // namespace ir
