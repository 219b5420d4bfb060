#include "op/separable.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "op/separable_kernel.hpp"

namespace ir {
namespace {

using factors = std::vector<separable_operator::factor>;

shape with_extent(const shape& n, int axis, index_t extent) {
  std::vector<index_t> all(n.extents().begin(), n.extents().end());
  all[static_cast<std::size_t>(axis)] = extent;
  return shape(all);
}

std::optional<double> product_of(const factors& all, bool of_rows) {
  double c = 1;
  for (const auto& f : all) {
    const auto one = rows_orthogonal(of_rows ? f.matrix : transposed(f.matrix));
    if (!one) return {};
    c *= *one;
  }
  return c;
}

traits infer(const factors& all, traits t) {
  t.semi_orthogonal = product_of(all, true);
  t.isometric = product_of(all, false);
  t.constant = 1;
  for (const auto& f : all) {
    const auto s = row_sum(f.matrix);
    t.constant = s && t.constant ? std::optional(*t.constant * *s) : std::nullopt;
  }
  t.nonnegative = std::ranges::all_of(all, [](const auto& f) { return is_nonnegative(f.matrix); });
  t.selects = std::ranges::all_of(all, [](const auto& f) { return has_single_entries(f.matrix); });
  return t;
}

index_t bytes_of(const shape& n, dtype type) { return (n.count() * size_of(type) + 63) / 64 * 64; }

dtype type_of_block(const space& s, precision p) {
  return s.blocks()[0].of == field::complex ? complex_type(p) : real_type(p);
}

// (outer, n, inner) around an axis, inner in reals.
struct around_axis {
  index_t outer = 1, inner = 1;
  around_axis(cref x, int axis) {
    for (int a = 0; a < axis; ++a) outer *= x.extents[a];
    for (int a = axis + 1; a < x.extents.rank(); ++a) inner *= x.extents[a];
    if (is_complex(x.type)) inner *= 2;
  }
};

}  // namespace

space separable_operator::range_of(const space& domain, const factors& all) {
  shape n = domain.extents();
  for (const factor& f : all) {
    if (f.axis < 0 || f.axis >= n.rank() || n[f.axis] != f.matrix.columns)
      throw shape_error(fmt::format("a matrix with {} columns along axis {} of {}",
                                    f.matrix.columns, f.axis, to_string(n)));
    n = with_extent(n, f.axis, f.matrix.rows);
  }
  return {n, domain.blocks()[0].of, domain.blocks()[0].spatial};
}

separable_operator::separable_operator(queue& q, const space& domain, const factors& all,
                                       precision p, std::string name, std::optional<space> range,
                                       traits known, std::optional<blur_kernel> blur)
    : linear_operator(domain, range ? *range : range_of(domain, all), infer(all, known),
                      placement{p, q.where()}),
      name_(std::move(name)),
      blur_(std::move(blur)),
      between_{domain.extents()},
      norm_{1, 1, "product over axes"} {
  const auto place = [&](const axis_matrix& m) {
    return rows{table<index_t>(q, m.start), table<index_t>(q, m.column), real_table(q, m.weight, p),
                repeated_row_of(m)};
  };
  for (const factor& f : all) {
    passes_.push_back({f.axis, place(f.matrix), place(transposed(f.matrix))});
    between_.push_back(with_extent(between_.back(), f.axis, f.matrix.rows));
    const bound b = norm_of(f.matrix);
    norm_ = {norm_.lower * b.lower, norm_.upper * b.upper, "product over axes: " + b.how};
  }
  if (this->range().extents().count() != between_.back().count())
    throw shape_error(
        fmt::format("a range of {} for {}", to_string(this->range()), to_string(between_.back())));
}

namespace {

// The reference: an element a call, on any device.
template <class T>
void run_plain(queue& q, const around_axis& n, index_t columns, index_t count,
               const kernel::sparse_rows<T>& rows, const T* x, T* y, mode how) {
  if (n.inner == 1)
    parallel_for(
        q, {n.outer, count},
        kernel::rows_along_lines<T>{{x, {n.outer, columns}}, {y, {n.outer, count}}, rows, how});
  else
    parallel_for(q, {n.outer, count, n.inner},
                 kernel::rows_along_axis<T>{
                     {x, {n.outer, columns, n.inner}}, {y, {n.outer, count, n.inner}}, rows, how});
}

constexpr index_t stretch = 1024;  // elements of a line at a time: their sums stay in L1

// sum += w(m) times the line at x(m), for `terms` (up to N) terms m from `first` on.
template <class T, int N, class Line, class Weight>
void add_some(index_t first, index_t terms, const Line& x, const Weight& w, index_t n, T* sum) {
  if constexpr (N > 0) {
    if (terms < N) return add_some<T, N - 1>(first, terms, x, w, n, sum);
    kernel::add_lines<T, N> lines{{}, {}, sum};
    for (int l = 0; l < N; ++l) {
      lines.x[l] = x(first + l);
      lines.w[l] = w(first + l);
    }
    run_row<1>(lines, 0, 0, 0, n);
  }
}

// y = (or +=) sum of w(m) times the line at x(m), `count` elements of each, terms in this order.
template <class T, class Line, class Weight>
void add_up(index_t terms, const Line& x, const Weight& w, index_t count, T* y, mode how) {
  constexpr int together = 8;  // g++ checks no more than ten pointers for overlap
  T sum[stretch];
  for (index_t first = 0; first < count; first += stretch) {
    const index_t n = std::min(stretch, count - first);
    std::fill_n(sum, n, T(0));
    for (index_t m = 0; m < terms; m += together)
      add_some<T, together>(
          m, std::min<index_t>(together, terms - m), [&](index_t l) { return x(l) + first; }, w, n,
          sum);
    for (index_t i = 0; i < n; ++i) put(y[first + i], sum[i], how);
  }
}

// On a CPU, whole lines at a time: a row of the matrix times the lines that it takes.
template <class T>
void run_lines(const around_axis& n, index_t columns, index_t count,
               const kernel::sparse_rows<T>& rows, const T* x, T* y, mode how) {
  run_blocks(n.outer * count, std::max<index_t>(1, 16 * stretch / n.inner),
             [&](index_t begin, index_t end) noexcept {
               for (index_t r = begin; r < end; ++r) {
                 const T* from = x + r / count * columns * n.inner;
                 const index_t first = rows.start[r % count];
                 add_up<T>(
                     rows.start[r % count + 1] - first,
                     [&](index_t m) { return from + rows.column[first + m] * n.inner; },
                     [&](index_t m) { return rows.weight[first + m]; }, n.inner, y + r * n.inner,
                     how);
               }
             });
}

// Along lines themselves: rows that repeat are shifted lines, the others go one by one.
template <class T>
void run_shifts(const around_axis& n, index_t columns, index_t count,
                const kernel::sparse_rows<T>& rows, const repeated_row& same, const T* x, T* y,
                mode how) {
  run_blocks(n.outer, std::max<index_t>(1, 16 * stretch / count),
             [&](index_t begin, index_t end) noexcept {
               const kernel::rows_along_lines<T> plain{
                   {x, {n.outer, columns}}, {y, {n.outer, count}}, rows, how};
               for (index_t k = begin; k < end; ++k) {
                 run_row<2>(plain, 0, k, 0, same.begin);
                 run_row<2>(plain, 0, k, same.end, count);
                 const T* from = x + k * columns + same.begin;
                 add_up<T>(
                     std::ssize(same.offset),
                     [&](index_t m) { return from + same.offset[static_cast<std::size_t>(m)]; },
                     [&](index_t m) { return T(same.weight[static_cast<std::size_t>(m)]); },
                     same.end - same.begin, y + k * count + same.begin, how);
               }
             });
}

}  // namespace

void separable_operator::run_pass(queue& q, const rows& m, int axis, cref from, ref to, mode how) {
  const around_axis n(from, axis);
  const index_t columns = from.extents[axis], count = to.extents[axis];
  const bool single = from.type == dtype::f32 || from.type == dtype::c64;
  with_real(single ? precision::f32 : precision::f64, [&]<class T>() {
    const kernel::sparse_rows<T> table{m.start.data(), m.column.data(), m.weight.as<T>()};
    const auto* x = static_cast<const T*>(from.data);
    auto* y = static_cast<T*>(to.data);
    constexpr index_t long_enough = 16;
    if (q.where().kind == device::cpu && n.inner >= long_enough)
      run_lines<T>(n, columns, count, table, x, y, how);
    else if (q.where().kind == device::cpu && n.inner == 1 &&
             m.middle.end - m.middle.begin >= long_enough)
      run_shifts<T>(n, columns, count, table, m.middle, x, y, how);
    else
      run_plain<T>(q, n, columns, count, table, x, y, how);
  });
}

// `done` passes are behind this call; results between two passes lie in scratch memory.
void separable_operator::run(queue& q, side s, std::size_t done, cref from, ref to,
                             mode how) const {
  const std::size_t i = s == side::forward ? done : passes_.size() - 1 - done;
  const pass& p = passes_[i];
  const rows& m = s == side::forward ? p.forward : p.backward;
  if (done + 1 == passes_.size()) return run_pass(q, m, p.axis, from, to, how);
  const shape& n = between_[s == side::forward ? i + 1 : i];
  const scratch memory(q, bytes_of(n, from.type));
  const ref t(memory.data(), from.type, n, from.where);
  run_pass(q, m, p.axis, from, t, mode::set);
  run(q, s, done + 1, t, to, how);
}

void separable_operator::do_apply(queue& q, cvec x, vec y, mode how) const {
  const ref to = y.block();
  run(q, side::forward, 0, x.block(), ref(to.data, to.type, between_.back(), to.where), how);
}

void separable_operator::do_adjoint(queue& q, cvec y, vec x, mode how) const {
  const cref from = y.block();
  run(q, side::backward, 0, cref(from.data, from.type, between_.back(), from.where), x.block(),
      how);
}

index_t separable_operator::do_scratch(precision p) const {
  index_t bytes = 0;
  for (std::size_t i = 1; i + 1 < between_.size(); ++i)
    bytes += bytes_of(between_[i], type_of_block(domain(), p));
  return bytes;
}

}  // namespace ir
