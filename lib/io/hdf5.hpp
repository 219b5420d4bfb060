#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/dtype.hpp"
#include "io/format.hpp"

namespace ir {

/// One dataset of an HDF5 file, as ir-info lists them.
struct hdf5_dataset {
  std::string path;  // "/entry/data"
  std::vector<index_t> extents;
  std::optional<dtype> type;   // absent: not numbers, or none that are read
  std::vector<index_t> chunk;  // empty: contiguous
  bool scale = false;          // the coordinates of an axis
  bool side = false;           // belongs to another dataset: its flats, psf, ...
};

/// Every dataset of a file, by path. data_error: no HDF5 file.
std::vector<hdf5_dataset> hdf5_contents(const std::string& path);

/// The same dataset that the frame sink of the format writes, for boxes in any order: frame k is
/// index k of its first axis. The number of frames must be known; nothing is converted.
/// usage_error: it is not known, or options ask for a conversion.
std::unique_ptr<region_sink> create_hdf5_regions(const std::string& path, const stream_header&,
                                                 const create_options&);

}  // namespace ir
