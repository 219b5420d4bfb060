#pragma once
#include <memory>
#include <string>

#include "io/box_source.hpp"
#include "io/hdf5_handle.hpp"
#include "io/metadata.hpp"

namespace ir::hdf5 {

/// One dataset as a source of boxes, and what its attributes say.
struct opened_dataset {
  std::unique_ptr<box_source> boxes;
  metadata_ptr meta;
  std::vector<std::string> sides;  // names of the datasets that go with it
};

/// Axes are named by our own attribute, by dimension labels, else by `names` or from the right; the
/// spacing is ours or `element_size_um`. Uncompressed contiguous data are read from the file
/// itself, by many threads; everything else through the library, with room for the chunks that a
/// cut across the file's order crosses. data_error: numbers that are not held, an empty dataset,
/// more than 8 dimensions.
opened_dataset open_dataset(const std::string& file, std::shared_ptr<const handle>,
                            const std::string& path, std::span<const std::string> names);

}  // namespace ir::hdf5
