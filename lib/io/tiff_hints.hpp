#pragma once
#include "io/format.hpp"
#include "io/metadata.hpp"
#include "io/tiff_pages.hpp"
#include "io/tiff_pixels.hpp"

namespace ir::tiff {

/// What a file says about its pages as one array.
struct stack {
  array_info info;     // axes (leading..., [c], y, x)
  index_t images = 1;  // more than pages: they follow the only page without directories
  metadata_ptr meta;
};

/// From the description of the first page:
///
///   ImageJ    channels, slices, frames, spacing, finterval, unit; hyperstacks lie as t z c;
///             `images` of which only the first has a directory (its files above 4 GiB)
///   tifffile  {"shape": [..], "axes": ".."}, "truncated" for the same
///   ours      axes, spacing, origin, units, nominal, history, behind `ir`
///
/// A hint that contradicts the pages is not followed: pages are a stack along z then. XResolution
/// gives a spacing in ImageJ's unit, or in um where its unit is the centimetre; in inches it is
/// what printers and cameras write, and no pixel size. data_error: images without directories that
/// the file is too short for. usage_error: --axes.
stack stack_of(const page_index&, const pixel_rule&, const byte_source&, const open_options&);

}  // namespace ir::tiff
