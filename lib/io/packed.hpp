#pragma once
#include <memory>
#include <vector>

#include "io/box_source.hpp"
#include "io/descriptor.hpp"

namespace ir {

/// Where the elements of an array lie in a file that stores them one after the other: NPY, raw,
/// NRRD, PNM, a spool.
struct packed_layout {
  index_t offset = 0;            // of the element with all indices 0, bytes
  std::vector<index_t> strides;  // bytes, one for each axis; any order, negative where flipped
  bool swapped = false;          // big-endian
};

/// C order from `offset` on.
packed_layout packed_c_order(const array_info&, index_t offset);

/// Boxes of such a file by positioned reads of what the box covers: rows that lie close together
/// are read at once.
class packed_boxes final : public box_source {
 public:
  packed_boxes(array_info, std::shared_ptr<const descriptor>, packed_layout);
  shape block() const override;

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override;

  std::shared_ptr<const descriptor> file_;
  packed_layout layout_;
  std::vector<int> by_stride_;  // axes, slowest in the file first
};

/// The same in memory, C order; `keep` owns what `data` points to.
class memory_boxes final : public box_source {
 public:
  memory_boxes(array_info, const void* data, std::shared_ptr<const void> keep = {});
  /// From now on the same array elsewhere: the next frame.
  void look_at(const void* data) { data_ = static_cast<const std::byte*>(data); }

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override;

  const std::byte* data_;
  std::shared_ptr<const void> keep_;
};

/// "3x4x5", for extents that may be no shape.
std::string joined(std::span<const index_t> extents, std::string_view between = "x");

/// Bytes of an array whose extents a header tells, before anything is allocated. data_error: an
/// extent below 1, more axes than shape::max_rank, a product beyond 2^62.
index_t checked_bytes(std::span<const index_t> extents, index_t element_bytes,
                      const std::string& file);

}  // namespace ir
