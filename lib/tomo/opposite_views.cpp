#include "tomo/opposite_views.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/parallel.hpp"

namespace ir {
namespace {

constexpr double turn = 2 * std::numbers::pi;
constexpr index_t blocks = 16;  // of pairs of rows: groups of the curve, tasks of the loops

// ---- which views

struct neighbour {
  double distance;
  index_t view;
};

double from_first(double angle, double first) {
  const double a = std::fmod(angle - first, turn);
  return a < 0 ? a + turn : a;
}

double median_gap(std::vector<double> angles) {
  std::sort(angles.begin(), angles.end());
  std::vector<double> gaps;
  for (std::size_t i = 1; i < angles.size(); ++i) gaps.push_back(angles[i] - angles[i - 1]);
  const auto middle = gaps.begin() + std::ssize(gaps) / 2;
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

// What lies `target` way round: its neighbours before and behind, nearest first.
std::optional<opposite_views> opposite(index_t view, double target,
                                       const std::vector<neighbour>& sorted, double gap) {
  const double same = 1e-3 * gap;
  std::vector<neighbour> before, behind;
  const auto n = std::ssize(sorted);
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), target - same,
                                   [](const neighbour& a, double t) { return a.distance < t; }) -
                  sorted.begin();
  for (index_t k = 0; k < std::min<index_t>(2, n); ++k) {
    const auto put = [&](std::vector<neighbour>& to, index_t i, double sign) {
      const neighbour& v = sorted[static_cast<std::size_t>((i % n + n) % n)];
      double d = std::fmod(sign * (v.distance - target), turn);
      if (d < -same) d += turn;
      to.push_back({d, v.view});
    };
    put(behind, at + k, 1);
    put(before, at - 1 - k, -1);
  }
  if (behind[0].distance <= same) return opposite_views{view, behind[0].view, behind[0].view, 0};
  const double between = before[0].distance + behind[0].distance;
  if (between <= 2.5 * gap)
    return opposite_views{view, before[0].view, behind[0].view, before[0].distance / between};
  const auto& side = before[0].distance < behind[0].distance ? before : behind;
  if (side.size() < 2 || side[0].distance > 1.5 * gap) return {};
  const double step = side[1].distance - side[0].distance;
  if (!(step > 0.5 * gap && step < 2.5 * gap)) return {};
  return opposite_views{view, side[0].view, side[1].view, -side[0].distance / step};
}

// ---- rows of both sides

struct side_rows {
  std::vector<double> a, b;
};

void smooth(std::vector<double>& x) {
  const std::size_t last = x.size() - 1;
  for (int pass = 0; pass < 2; ++pass) {
    double before = x[0];
    for (std::size_t i = 0; i <= last; ++i) {
      const double here = x[i];
      x[i] = 0.25 * (before + 2 * here + x[std::min(i + 1, last)]);
      before = here;
    }
  }
}

std::vector<double> binned(const std::vector<double>& x, index_t by) {
  std::vector<double> y(x.size() / static_cast<std::size_t>(by));
  for (std::size_t i = 0; i < y.size() * static_cast<std::size_t>(by); ++i)
    y[i / static_cast<std::size_t>(by)] += x[i] / static_cast<double>(by);
  return y;
}

/// Pairs of rows: unit k is pair k % pairs of row k / pairs, every `stride`-th of them.
struct rows_of_pairs {
  const float* data;
  index_t rows, views, n;
  std::span<const opposite_views> pairs;
  index_t stride;

  rows_of_pairs(cref s, std::span<const opposite_views> p, index_t most)
      : data(static_cast<const float*>(s.data)),
        rows(s.extents[0]),
        views(s.extents[1]),
        n(s.extents[2]),
        pairs(p),
        stride((rows * std::ssize(p) + most - 1) / most) {}

  index_t units() const { return (rows * std::ssize(pairs) + stride - 1) / stride; }
  /// Units [first, last) of a block.
  std::array<index_t, 2> part(index_t block) const {
    return {units() * block / blocks, units() * (block + 1) / blocks};
  }
  side_rows get(index_t unit) const {
    const index_t k = unit * stride, row = k / std::ssize(pairs);
    const opposite_views& p = pairs[static_cast<std::size_t>(k % std::ssize(pairs))];
    const auto line = [&](index_t view) { return data + (row * views + view) * n; };
    const float *one = line(p.view), *other = line(p.other), *next = line(p.next);
    side_rows r;
    for (index_t u = 0; u < n; ++u) {
      r.a.push_back(one[u]);
      r.b.push_back((1 - p.share) * other[u] + p.share * next[u]);
    }
    smooth(r.a);
    smooth(r.b);
    return r;
  }
};

// Pixels of `a` that have a partner in b(m - u).
std::array<index_t, 2> overlap(index_t m, index_t n) {
  return {std::max<index_t>(0, m - n + 1), std::min(n - 1, m) + 1};
}

// ---- the two searches

struct coarse_sums {
  std::vector<double> difference, variance;
  double whole = 0;  // variance of whole rows
};

void add_unit(const side_rows& r, index_t first, coarse_sums& to) {
  const auto n = std::ssize(r.a);
  const auto measure = [&](index_t m) {
    const auto [begin, end] = overlap(m, n);
    double a = 0, b = 0, squares = 0, product = 0;
    for (index_t u = begin; u < end; ++u) {
      const double x = r.a[static_cast<std::size_t>(u)], y = r.b[static_cast<std::size_t>(m - u)];
      a += x;
      b += y;
      squares += x * x + y * y;
      product += x * y;
    }
    const auto count = static_cast<double>(end - begin);
    return std::array{squares - 2 * product - (a - b) * (a - b) / count,
                      squares - (a * a + b * b) / count};
  };
  for (std::size_t i = 0; i < to.difference.size(); ++i) {
    const auto [d, v] = measure(first + static_cast<index_t>(i));
    to.difference[i] += d;
    to.variance[i] += v;
  }
  to.whole += measure(n - 1)[1];
}

// m = 2 c at full resolution, nearly.
index_t coarse_search(queue& q, const rows_of_pairs& all, std::array<double, 2> range) {
  const index_t by = (all.n + 255) / 256, n = all.n / by;
  const auto m_at = [&](double c) { return (2 * c - static_cast<double>(by - 1)) / double(by); };
  const auto first = std::clamp<index_t>(std::llround(m_at(range[0])), 0, 2 * n - 2);
  const auto last = std::clamp<index_t>(std::llround(m_at(range[1])), first, 2 * n - 2);
  const auto count = static_cast<std::size_t>(last - first + 1);
  std::vector<coarse_sums> sums(
      blocks, {std::vector<double>(count, 0.0), std::vector<double>(count, 0.0), 0});
  q.poll();
  run_blocks(blocks, 1, [&](index_t block, index_t) noexcept {
    const auto [begin, end] = all.part(block);
    for (index_t k = begin; k < end; ++k) {
      const side_rows r = all.get(k);
      add_unit({binned(r.a, by), binned(r.b, by)}, first, sums[static_cast<std::size_t>(block)]);
    }
  });
  q.poll();
  double whole = 0;
  for (const coarse_sums& s : sums) whole += s.whole;
  double least = 2;
  index_t best = first;
  for (std::size_t i = 0; i < count; ++i) {
    double d = 0.02 * whole, v = 0.02 * whole;  // where both see nothing, that is no match
    for (const coarse_sums& s : sums) {
      d += s.difference[i];
      v += s.variance[i];
    }
    if (v > 0 && d / v < least) {
      least = d / v;
      best = first + static_cast<index_t>(i);
    }
  }
  return best * by + by - 1;
}

// D / overlap for m = first .. first + count - 1, a group for each block and quarter of the
// detector.
grouped_curve fine_curve(queue& q, const rows_of_pairs& all, index_t middle, index_t first,
                         index_t count) {
  constexpr index_t quarters = 4;
  grouped_curve c{0.5 * static_cast<double>(first), 0.5, count,
                  std::vector<double>(static_cast<std::size_t>(blocks * quarters * count), 0.0)};
  q.poll();
  run_blocks(blocks, 1, [&](index_t block, index_t) noexcept {
    const auto [from, to] = all.part(block);
    for (index_t k = from; k < to; ++k) {
      const side_rows r = all.get(k);
      const auto at = [&](index_t u, index_t m) {
        return r.a[static_cast<std::size_t>(u)] - r.b[static_cast<std::size_t>(m - u)];
      };
      const auto [begin, end] = overlap(middle, all.n);
      double offset = 0;
      for (index_t u = begin; u < end; ++u) offset += at(u, middle);
      offset /= static_cast<double>(end - begin);
      for (index_t i = 0; i < count; ++i) {
        const auto [b, e] = overlap(first + i, all.n);
        for (index_t u = b; u < e; ++u) {
          const double d = at(u, first + i) - offset;
          const index_t group = block * quarters + u * quarters / all.n;
          c.cost[static_cast<std::size_t>(group * count + i)] += d * d / static_cast<double>(e - b);
        }
      }
    }
  });
  q.poll();
  return c;
}

}  // namespace

std::vector<opposite_views> opposite_views_of(const std::vector<double>& angles) {
  std::vector<opposite_views> pairs;
  if (angles.size() < 2) return pairs;
  std::vector<neighbour> sorted;
  std::vector<double> places;
  for (std::size_t i = 0; i < angles.size(); ++i) {
    places.push_back(from_first(angles[i], angles[0]));
    sorted.push_back({places[i], static_cast<index_t>(i)});
  }
  std::sort(sorted.begin(), sorted.end(), [](const neighbour& a, const neighbour& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.view < b.view;
  });
  const double gap = median_gap(places);
  for (std::size_t i = 0; i < angles.size(); ++i)
    if (places[i] < turn / 2 - 1e-3 * gap)
      if (const auto p = opposite(static_cast<index_t>(i),
                                  from_first(angles[i] + turn / 2, angles[0]), sorted, gap))
        pairs.push_back(*p);
  return pairs;
}

std::optional<curve_minimum> register_opposite_views(queue& q, cref sinograms,
                                                     std::span<const opposite_views> pairs,
                                                     std::array<double, 2> range) {
  const index_t n = sinograms.extents[2];
  const rows_of_pairs some(sinograms, pairs, 512), all(sinograms, pairs, 4096);
  const index_t around = 2 * ((n + 255) / 256) + 4;
  const index_t middle = coarse_search(q, some, range);
  const auto last = std::min(middle + around, 2 * n - 2);
  const index_t first = std::max<index_t>(0, middle - around);
  const auto found = fine_curve(q, all, middle, first, last - first + 1).minimum();
  if (!found || found->at < range[0] || found->at > range[1]) return {};
  return found;
}

}  // namespace ir
