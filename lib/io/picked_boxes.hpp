#pragma once
#include <memory>
#include <vector>

#include "io/box_source.hpp"

namespace ir {

/// Some indices of the slowest axis of an array, in the order given: the projections of a scan
/// whose frames are flats and darks too. Runs of consecutive indices are read at once.
class picked_boxes final : public box_source {
 public:
  /// `info` is that of `from` but for names, geometry and the extent of the first axis, which is
  /// that of `indices`.
  picked_boxes(array_info info, std::shared_ptr<const box_source> from,
               std::vector<index_t> indices);
  shape block() const override { return from_->block(); }

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override;

  std::shared_ptr<const box_source> from_;
  std::vector<index_t> indices_;
};

/// The same array under another description: names, role and geometry of `info`, which may have one
/// more axis of extent 1 in front.
class relabelled_boxes final : public box_source {
 public:
  relabelled_boxes(array_info info, std::shared_ptr<const box_source> from);
  shape block() const override;

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override;

  std::shared_ptr<const box_source> from_;
  bool new_axis_;
};

}  // namespace ir
