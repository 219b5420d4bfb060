#pragma once
#include <span>

#include "core/array.hpp"

namespace ir {

/// Type of the mean of values of this type: f32, where they have no more than that; f64, c64 and
/// c128 stay.
dtype mean_type(dtype);

/// Means over boxes of `bins` samples: out[k] = mean of in[k b ... k b + b - 1] along every axis.
///
/// in    extents out.extents * bins, C order, any type
/// out   extents, of mean_type(in.type); sums are f64
/// Both in host memory.
void bin_mean(cref in, std::span<const index_t> bins, ref out);

}  // namespace ir
