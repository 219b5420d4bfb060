#pragma once
#include "core/array.hpp"
#include "stage/phantom.hpp"
#include "tomo/parallel_geometry.hpp"

namespace ir {

/// Means over each detector pixel of the line integrals of the 2-D Shepp-Logan phantom that
/// make_phantom draws on (ny, nx) of the geometry: exact to rounding, (angle, u) f64 on the host,
/// times pixel_size.
void project_phantom(const phantom_options&, const parallel_geometry&, ref sinogram);

}  // namespace ir
