#pragma once
#include "io/cut.hpp"
#include "stage/references.hpp"
#include "stage/scan_layout.hpp"
#include "tomo/rotation_center.hpp"

namespace ir {

/// The rotation centre of a scan, from `rows` of its rows or all there are, evenly spaced, as line
/// integrals in f32: the same value wherever the scan comes from.
struct scan_center_options {
  index_t rows = 8;
  dark_is dark = dark_is::given;
  center_options how;
};

/// Memory that finding it takes on the host; of the input's header.
index_t scan_center_bytes(const stream_header&, const scan_layout&, const scan_center_options&);

/// Zero-based pixel of u as it arrives. `from` has regions; only those rows are read. The errors of
/// sinogram_reader and find_rotation_center.
rotation_center find_scan_center(queue&, const frame_source& from, const scan_layout&,
                                 const scan_center_options&);

}  // namespace ir
