#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/space.hpp"
#include "io/frame.hpp"

namespace ir {

/// Frames as elements of spaces. A space of several blocks that have the same extents and field is
/// one array with the blocks along a leading axis "row".

/// Frames of this array. Complex where the array is; the last `rank` axes are spatial, fewer where
/// there are channels (`c`) or less axes. data_error: no axes.
space space_of(const array_info&, int rank);

/// `extents` with the last `rank` axes spatial, or all.
space space_of(const shape& extents, std::optional<int> rank);

/// Whether a frame of `extents` and field holds an element of the space.
bool holds(const shape& extents, field, const space&);

/// The array that elements of `to` make from frames of `from`: an axis keeps its name, and where
/// its size stays, its spacing and origin; axes that come are "row" and "component", or unnamed.
/// usage_error: blocks of different extents have no common array.
array_info element_info(const array_info& from, const space& to, precision);

/// The arrays that elements of `to` make: that one, or one for each block where blocks differ.
std::vector<array_info> element_infos(const array_info& from, const space& to, precision);

/// The array of solutions in `domain` to data in `from`: axes that are space, channels or time keep
/// their names, others (angle, u, row) become x, y, z from the right.
array_info solution_info(const array_info& from, const space& domain, precision);

/// Copies a frame into an element of that space, and back; types are converted, the gaps of `to`
/// are left. shape_error: it does not hold it.
void load_element(queue&, cref frame, vec to);
void store_element(queue&, cvec from, ref frame);

}  // namespace ir
