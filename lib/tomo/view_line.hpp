#pragma once
#include <vector>

#include "tomo/parallel_geometry.hpp"

namespace ir::detail {

/// A view on the grid: pixel (j, i) is projected to s + j dy + i dx, zero-based detector pixel.
struct view_line {
  double s, dy, dx;
};
std::vector<view_line> view_lines(const parallel_geometry&);

}  // namespace ir::detail
