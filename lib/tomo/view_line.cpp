#include "tomo/view_line.hpp"

#include <cmath>

namespace ir::detail {

std::vector<view_line> view_lines(const parallel_geometry& g) {
  std::vector<view_line> lines;
  for (const double a : g.angles) {
    const double c = std::cos(a), s = std::sin(a);
    lines.push_back({g.center + g.x_first * c + g.y_first * s, s * g.spacing, c * g.spacing});
  }
  return lines;
}

}  // namespace ir::detail
