#include "tomo/half_acquisition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "tomo/half_acquisition_kernel.hpp"

namespace ir {
namespace {

constexpr double pi = std::numbers::pi;

double smooth_step(double x) {
  const double t = std::clamp(x, 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

}  // namespace

bool is_full_turn(const std::vector<double>& angles) {
  std::vector<double> at;
  for (const double a : angles) at.push_back(a - 2 * pi * std::floor(a / (2 * pi)));
  std::ranges::sort(at);
  std::vector<double> gaps;
  for (std::size_t i = 0; i < at.size(); ++i)
    gaps.push_back(i + 1 < at.size() ? at[i + 1] - at[i] : at[0] + 2 * pi - at[i]);
  std::ranges::sort(gaps);
  return !gaps.empty() &&
         gaps.back() < std::clamp(4 * gaps[gaps.size() / 2], pi / 8, pi / 2);
}

std::optional<half_acquisition> half_acquisition::of(const std::vector<double>& angles,
                                                     index_t detector, double center) {
  const double right = static_cast<double>(detector - 1) - center;
  const auto missing = static_cast<index_t>(std::ceil(std::abs(right - center) - 1e-9));
  if (std::abs(right - center) < 1 || !is_full_turn(angles)) return {};
  half_acquisition h;
  (right > center ? h.before : h.after) = missing;
  const double near = std::min(center, right) + 0.5, far_side = right > center ? 1 : -1;
  for (index_t u = 0; u < detector; ++u) {
    const double s = (static_cast<double>(u) - center) * far_side;
    const double more = smooth_step((std::abs(s) - near / 2) / std::max(near / 2, 1e-9));
    h.weights.push_back(s > 0 ? 1 + more : 1 - more);
  }
  return h;
}

void half_acquisition::complete(queue& q, cref rows, ref wide) const {
  const index_t n = std::ssize(weights), lines = rows.extents.count() / n;
  if (rows.extents.rank() == 0 || rows.extents[rows.extents.rank() - 1] != n ||
      wide.extents.count() != lines * width() || rows.type != wide.type)
    throw shape_error(fmt::format("rows of {} pixels become {} wide: {} {} and {} {} do not fit", n,
                                  width(), to_string(rows.extents), name_of(rows.type),
                                  to_string(wide.extents), name_of(wide.type)));
  const scratch table(q, n * size_of(rows.type));
  const ref on_device(table.data(), rows.type, {n}, q.where());
  copy(q, cref(weights.data(), dtype::f64, {n}), on_device);
  q.synchronize();  // the host's table may end
  with_real(rows.type == dtype::f32 ? precision::f32 : precision::f64, [&]<class T>() {
    parallel_for(q, {lines, width()},
                 kernel::complete_row<T>{view<T>(rows, {lines, n}), view<T>(wide, {lines, width()}),
                                         static_cast<const T*>(table.data()), before});
  });
}

}  // namespace ir
