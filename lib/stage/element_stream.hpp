#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/space.hpp"
#include "stage/stage.hpp"

namespace ir {

/// Elements of spaces in streams. An element is a frame of the data (stage/element.hpp); as many
/// frames in a row as the space has blocks, all alike; or a frame of each row (io/rows.hpp), one
/// for each block, whatever their extents.

/// How the frames of a stream make elements of a space.
struct element_layout {
  space of;
  std::vector<int> arrays;  // of the stream: the data, or one for each block
  index_t frames = 1;       // of the data in an element
};

/// The space that the data show: of a frame, or of the rows together. `rank` as in space_of.
space data_space(const stream_header&, int rank);

/// shape_error: the data make no element of the space; `why` says where the space comes from ("the
/// domain is 4x4"), `names` what the rows are called (empty: their arrays' names).
element_layout layout_of(const stream_header&, const space&, const std::string& why,
                         const std::vector<std::string>& names = {});

/// How a stage must see a stream to gather such elements, several times over if `again`.
access access_to(const stream_header&, const element_layout&, bool again = false);

/// Gathers elements.
class element_reader {
 public:
  element_reader(std::unique_ptr<frame_source>, element_layout, precision);

  enum class found { other, element, end };
  /// `other`: a frame of an array that is no data, in `f`; `element`: the next one is complete.
  /// data_error: the stream ends within one.
  found next(frame& f, queue&);
  /// Element k once more: of a source of regions.
  void again(index_t k, queue&);

  cvec element() const { return *element_; }
  /// Number and metadata of the element.
  void place(frame& to) const;
  index_t count() const { return count_; }  // that came so far

 private:
  bool is_row(int array_no) const;
  void take(cref values, std::size_t block, queue&);
  void read(index_t number, std::size_t block, int array_no, queue&);

  std::unique_ptr<frame_source> from_;
  element_layout layout_;
  precision type_;
  std::vector<array_info> infos_;  // of the stream
  std::optional<owned_vec> element_;
  frame in_;
  queue host_;
  array read_;  // on the host
  index_t count_ = 0, now_ = 0;
  index_t have_ = 0;  // frames in a row of the element that is not complete
};

/// The stream without the arrays of its elements, with the arrays that elements of other spaces
/// take instead, the data last.
struct element_header {
  stream_header header;
  std::vector<int> place;   // of each array of the input that stays; -1: it does not
  std::vector<int> arrays;  // of the new elements: one, or one for each block
};
/// `blocks`: the new arrays, one or one for each block. shape_error: a number of frames that is no
/// multiple of the layout's.
element_header with_elements(const stream_header&, const element_layout&,
                             std::vector<array_info> blocks);

}  // namespace ir
