#pragma once
#include "fn/tv_dual.hpp"
#include "fn/tv_layout.hpp"

namespace ir::detail {

/// The differences from the plane of `before` to the next one, `next`, (c, plane), f64.
tv_energy tv_seam_energy(const tv_layout&, bool isotropic, const tv_seam& before,
                         const std::vector<double>& next);

}  // namespace ir::detail
