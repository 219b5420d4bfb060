#include "op/axis_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ir {
namespace {

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

template <class Push>
axis_matrix rows_of(index_t rows, index_t columns, const Push& push) {
  axis_matrix m;
  m.rows = rows;
  m.columns = columns;
  for (index_t r = 0; r < rows; ++r) {
    push(m, r);
    m.end_row();
  }
  return m;
}

void add(axis_matrix& m, index_t column, double weight) {
  if (column < 0) return;
  m.column.push_back(column);
  m.weight.push_back(weight);
}

template <class Weight>
std::vector<double> times(const axis_matrix& m, const std::vector<double>& x, const Weight& w) {
  std::vector<double> y(at(m.rows));
  for (std::size_t r = 0; r < y.size(); ++r)
    for (index_t e = m.start[r]; e < m.start[r + 1]; ++e)
      y[r] += w(m.weight[at(e)]) * x[at(m.column[at(e)])];
  return y;
}

double square(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return sum;
}

double longest_row(const axis_matrix& m) {
  double longest = 0;
  for (std::size_t r = 0; r < at(m.rows); ++r) {
    double sum = 0;
    for (index_t e = m.start[r]; e < m.start[r + 1]; ++e) sum += m.weight[at(e)] * m.weight[at(e)];
    longest = std::max(longest, sum);
  }
  return std::sqrt(longest);
}

}  // namespace

void axis_matrix::end_row() { start.push_back(std::ssize(column)); }

index_t folded(index_t p, index_t n, boundary rule) {
  if (p >= 0 && p < n) return p;
  if (rule == boundary::zero) return -1;
  if (rule == boundary::edge) return p < 0 ? 0 : n - 1;
  const index_t period = rule == boundary::reflect ? 2 * n : n;
  const index_t q = ((p % period) + period) % period;
  return q < n ? q : 2 * n - 1 - q;
}

axis_matrix crop_axis(index_t n, index_t begin, index_t end) {
  return rows_of(end - begin, n, [&](axis_matrix& m, index_t r) { add(m, begin + r, 1); });
}

axis_matrix pad_axis(index_t n, index_t before, index_t after, boundary rule) {
  return rows_of(before + n + after, n,
                 [&](axis_matrix& m, index_t r) { add(m, folded(r - before, n, rule), 1); });
}

axis_matrix keep_every(index_t n, index_t step) {
  return rows_of((n + step - 1) / step, n, [&](axis_matrix& m, index_t r) { add(m, r * step, 1); });
}

axis_matrix mean_of_every(index_t n, index_t step) {
  return rows_of((n + step - 1) / step, n, [&](axis_matrix& m, index_t r) {
    const index_t end = std::min(n, (r + 1) * step);
    for (index_t c = r * step; c < end; ++c) add(m, c, 1.0 / static_cast<double>(end - r * step));
  });
}

axis_matrix repeat_each(index_t n, index_t repeats) {
  return rows_of(n * repeats, n, [&](axis_matrix& m, index_t r) { add(m, r / repeats, 1); });
}

axis_matrix interpolate(index_t n, index_t finer) {
  return rows_of(n * finer, n, [&](axis_matrix& m, index_t r) {
    const double step = static_cast<double>(finer);
    const double p = (static_cast<double>(r) + 0.5) / step - 0.5;  // in pixels of x
    const auto left = static_cast<index_t>(std::floor(p));
    const double share = p - static_cast<double>(left);
    const index_t a = std::clamp<index_t>(left, 0, n - 1),
                  b = std::clamp<index_t>(left + 1, 0, n - 1);
    if (a == b || share == 0) return add(m, a, 1);
    add(m, a, 1 - share);
    add(m, b, share);
  });
}

axis_matrix sum_axis(index_t n) {
  return rows_of(1, n, [&](axis_matrix& m, index_t) {
    for (index_t c = 0; c < n; ++c) add(m, c, 1);
  });
}

axis_matrix convolve_axis(index_t n, const std::vector<double>& h, boundary rule) {
  const index_t size = std::ssize(h), centre = size / 2;
  return rows_of(n, n, [&](axis_matrix& m, index_t r) {
    for (index_t j = 0; j < size; ++j) add(m, folded(r - j + centre, n, rule), h[at(j)]);
  });
}

axis_matrix transposed(const axis_matrix& m) {
  std::vector<std::vector<std::pair<index_t, double>>> columns(at(m.columns));
  for (index_t r = 0; r < m.rows; ++r)
    for (index_t e = m.start[at(r)]; e < m.start[at(r) + 1]; ++e)
      columns[at(m.column[at(e)])].emplace_back(r, m.weight[at(e)]);
  return rows_of(m.columns, m.rows, [&](axis_matrix& t, index_t r) {
    for (const auto& [column, weight] : columns[at(r)]) add(t, column, weight);
  });
}

axis_matrix product(const axis_matrix& A, const axis_matrix& B) {
  std::vector<double> row(at(B.columns));
  std::vector<index_t> touched;
  return rows_of(A.rows, B.columns, [&](axis_matrix& m, index_t r) {
    touched.clear();
    for (index_t e = A.start[at(r)]; e < A.start[at(r) + 1]; ++e) {
      const index_t k = A.column[at(e)];
      for (index_t f = B.start[at(k)]; f < B.start[at(k) + 1]; ++f) {
        touched.push_back(B.column[at(f)]);
        row[at(B.column[at(f)])] += A.weight[at(e)] * B.weight[at(f)];
      }
    }
    std::ranges::sort(touched);
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (const index_t c : touched) add(m, c, std::exchange(row[at(c)], 0));
  });
}

repeated_row repeated_row_of(const axis_matrix& m) {
  if (m.rows == 0) return {};
  const index_t middle = m.rows / 2;
  repeated_row same{middle, middle + 1, {}, {}};
  for (index_t e = m.start[at(middle)]; e < m.start[at(middle) + 1]; ++e) {
    same.offset.push_back(m.column[at(e)] - middle);
    same.weight.push_back(m.weight[at(e)]);
  }
  const auto alike = [&](index_t r) {
    const index_t first = m.start[at(r)];
    if (m.start[at(r) + 1] - first != std::ssize(same.offset)) return false;
    for (std::size_t i = 0; i < same.offset.size(); ++i)
      if (m.column[at(first) + i] - r != same.offset[i] ||
          m.weight[at(first) + i] != same.weight[i])
        return false;
    return true;
  };
  while (same.begin > 0 && alike(same.begin - 1)) --same.begin;
  while (same.end < m.rows && alike(same.end)) ++same.end;
  return same;
}

bool has_single_entries(const axis_matrix& m) {
  for (std::size_t r = 0; r + 1 < m.start.size(); ++r)
    if (m.start[r + 1] - m.start[r] > 1) return false;
  return true;
}

bool is_nonnegative(const axis_matrix& m) {
  return std::ranges::all_of(m.weight, [](double w) { return w >= 0; });
}

std::optional<double> row_sum(const axis_matrix& m) {
  const std::vector<double> sums =
      times(m, std::vector<double>(at(m.columns), 1.0), [](double w) { return w; });
  const auto [least, most] = std::ranges::minmax(sums);
  if (!(most - least <= 1e-13 * std::abs(most))) return {};
  return least;
}

std::optional<double> rows_orthogonal(const axis_matrix& m) {
  std::vector<char> taken(at(m.columns));
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (index_t r = 0; r < m.rows; ++r) {
    double sum = 0;
    for (index_t e = m.start[at(r)]; e < m.start[at(r) + 1]; ++e) {
      const double w = m.weight[at(e)];
      if (w != 0 && std::exchange(taken[at(m.column[at(e)])], 1) != 0) return {};
      sum += w * w;
    }
    least = std::min(least, sum);
    most = std::max(most, sum);
  }
  if (!(most - least <= 1e-15 * most)) return {};
  return most;
}

bound norm_of(const axis_matrix& m) {
  constexpr int rounds = 200;
  constexpr double enough = 1e-10, floor = 1e-3;  // any positive x will do: small ones are lifted
  const axis_matrix t = transposed(m);
  const auto plain = [](double w) { return w; };
  const auto absolute = [](double w) { return std::abs(w); };
  double lower = std::max(longest_row(m), longest_row(t));
  double upper = std::numeric_limits<double>::infinity();
  std::vector<double> x(at(m.columns), 1.0);
  for (int round = 0; round < rounds; ++round) {
    lower = std::max(lower, std::sqrt(square(times(m, x, plain)) / square(x)));
    std::vector<double> next = times(t, times(m, x, absolute), absolute);
    double ratio = 0, most = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      ratio = std::max(ratio, next[i] / x[i]);
      most = std::max(most, next[i]);
    }
    upper = std::min(upper, std::sqrt(ratio));
    if (most == 0 || upper - lower <= enough * upper) break;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::max(next[i] / most, floor);
  }
  const double margin = 1e-12;
  return {lower * (1 - margin), upper * (1 + margin), "matrix along an axis, power iteration"};
}

}  // namespace ir
