#include "tomo/rotation_center.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "tomo/opposite_views.hpp"
#include "tomo/slice_variation.hpp"

namespace ir {
namespace {

constexpr double systematic = 0.1;  // pixels, of each method on phantoms
constexpr double reach = 4;         // pixels around the first answer

void check(cref sinograms, const std::vector<double>& angles) {
  const shape& n = sinograms.extents;
  if (n.rank() != 3 || n[1] != std::ssize(angles) || sinograms.type != dtype::f32 ||
      sinograms.where.kind != device::cpu)
    throw shape_error(
        fmt::format("sinograms of {} {} with {} angles: (row, view, u) f32 on the "
                    "host with an angle a view is needed",
                    to_string(n), name_of(sinograms.type), angles.size()));
  if (n[0] < 1 || n[1] < 3 || n[2] < 32)
    throw data_error(fmt::format(
        "a rotation centre is not found from {} views of {} pixels: at least 3 of 32", n[1], n[2]));
  const auto* values = static_cast<const float*>(sinograms.data);
  for (index_t i = 0; i < n.count(); ++i)
    if (!std::isfinite(values[i]))
      throw data_error(fmt::format("row {}, view {}, pixel {} of the sinograms is {}",
                                   i / (n[1] * n[2]), i / n[2] % n[1], i % n[2], values[i]));
  const auto [least, most] = std::minmax_element(values, values + n.count());
  if (*least == *most)
    throw data_error(fmt::format("every value is {}: nothing tells the rotation centre", *least));
}

std::array<double, 2> range_of(const center_options& o, index_t n, bool all_round) {
  const auto last = static_cast<double>(n - 1);
  if (!o.range && all_round) return {0.05 * last, 0.95 * last};
  if (!o.range) return {0.25 * last, 0.75 * last};
  const auto [a, b] = *o.range;
  if (!(a >= 0 && b <= last && a < b))
    throw usage_error(
        fmt::format("a centre between pixels {:.9g} and {:.9g}: the detector has "
                    "pixels 0 to {}",
                    a, b, n - 1));
  return {a, b};
}

center_answer answer_of(const curve_minimum& m) { return {m.at, m.error}; }

const char* why_none(const center_options& o, const rotation_center& r) {
  if (r.pairs == 0)
    return o.slices ? "no opposite views (half a turn apart), and the total variation of slices "
                      "has no dip there"
                    : "the scan has no opposite views (half a turn apart)";
  return o.opposite ? "opposite views match nowhere"
                    : "the total variation of slices has no dip there";
}

void combine(rotation_center& r) {
  double weights = 0, sum = 0;
  for (const auto& a : {r.opposite, r.slices})
    if (a) {
      const double w = 1 / (std::min(a->error * a->error, 1e6) + systematic * systematic);
      weights += w;
      sum += w * a->center;
    }
  r.center = std::round(1000 * sum / weights) / 1000;
  r.uncertainty = 1 / std::sqrt(weights);
  if (!r.opposite || !r.slices) {
    r.agree = r.agree && r.uncertainty < rotation_center::tolerance;
    return;
  }
  const double apart = std::abs(r.opposite->center - r.slices->center);
  r.uncertainty = std::max(r.uncertainty, 0.5 * apart);
  const double joint = std::hypot(r.opposite->error, r.slices->error);
  r.agree = r.agree && apart <= rotation_center::tolerance * std::clamp(4 * joint, 1.0, 2.0);
}

}  // namespace

rotation_center find_rotation_center(queue& caller, cref sinograms,
                                     const std::vector<double>& angles, const center_options& o) {
  check(sinograms, angles);
  queue q({}, caller.cancel());  // the host's; progress through slices is no progress here
  const std::vector<opposite_views> pairs = opposite_views_of(angles);
  const bool all_round = o.opposite && 4 * pairs.size() > angles.size();
  const auto range = range_of(o, sinograms.extents[2], all_round);
  rotation_center r;
  r.pairs = std::ssize(pairs);
  r.agree = true;
  if (o.opposite && !pairs.empty()) {
    if (const auto found = register_opposite_views(q, sinograms, pairs, range))
      r.opposite = answer_of(*found);
    r.agree = r.opposite.has_value();
  }
  if (o.slices) {
    const double start =
        r.opposite ? r.opposite->center : search_by_variation(q, sinograms, angles, range);
    if (const auto found = refine_by_variation(q, sinograms, angles, start, reach))
      r.slices = answer_of(*found);
    r.agree = r.agree && r.slices;
  }
  if (!r.opposite && !r.slices)
    throw data_error(fmt::format("no rotation centre between pixels {:.9g} and {:.9g}: {}",
                                 range[0], range[1], why_none(o, r)));
  combine(r);
  return r;
}

// A copy of the sinograms by half turns, a smaller one, slices and what filtering takes of each
// row.
index_t rotation_center_bytes(index_t rows, index_t views, index_t detector) {
  const index_t copies = 2 * rows * views * detector * index_t{sizeof(float)};
  return copies + rows * 256 * 256 * index_t{sizeof(float)} + (index_t{32} << 20);
}

row_choice center_rows(index_t rows, index_t most) {
  const index_t count = std::max<index_t>(1, std::min(rows, most)), step = rows / count;
  return {(rows - 1 - (count - 1) * step) / 2, count, step};
}

}  // namespace ir
