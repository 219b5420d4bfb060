#pragma once
#include <memory>
#include <vector>

#include "io/box_source.hpp"
#include "io/tiff_piece.hpp"

namespace ir::tiff {

/// Boxes of a stack of pages with axes (leading..., [c], y, x); the leading ones number the images
/// in C order. Reads only strips and tiles that the box touches; of uncompressed ones only the
/// lines and, where lines are long, only the columns.
class boxes final : public box_source {
 public:
  /// `images`: as many as there are pages, or more: uncompressed images that follow that of the
  /// only page without directories of their own.
  boxes(array_info, std::shared_ptr<const descriptor>, page_index, const pixel_rule&,
        index_t images);
  shape block() const override;

 private:
  struct window;  // what is asked for of an image
  void do_read(const shape& origin, const shape& extents, void* out) const override;
  void plan(index_t image, const window&, std::byte* out, std::vector<piece>&) const;
  void plan_row(index_t row, int plane, index_t shift, piece, const window&,
                std::vector<piece>&) const;

  page_index index_;
  pixel_rule rule_;
  piece_reader reader_;
  int leading_;              // axes that number the images
  index_t image_bytes_ = 0;  // from one image to the next that has no page; 0: all have
};

}  // namespace ir::tiff
