#pragma once
#include "core/nd_view.hpp"

namespace ir::detail {

/// A patch weighs its offsets by a window, separable, along each axis two boxes one after the
/// other: of nlm_ramp(r) pixels and of 2r + 2 - nlm_ramp(r). Patches up to 5 pixels are flat; wider
/// ones rise over r pixels: 1 2 3 3 3 2 1 for 7.
IR_HD constexpr index_t nlm_ramp(index_t radius) { return radius < 3 ? 1 : radius; }

/// The window's weight at an offset from the centre along one axis, |offset| <= radius.
IR_HD constexpr index_t nlm_weight_at(index_t offset, index_t radius) {
  const index_t from_edge = radius + 1 - (offset < 0 ? -offset : offset);
  return from_edge < nlm_ramp(radius) ? from_edge : nlm_ramp(radius);
}

/// The sum of the weights along one axis.
IR_HD constexpr index_t nlm_mass(index_t radius) {
  return nlm_ramp(radius) * (2 * radius + 2 - nlm_ramp(radius));
}

}  // namespace ir::detail
