#pragma once
#include <memory>
#include <string>

#include "io/format.hpp"
#include "io/hdf5_handle.hpp"

namespace ir::hdf5 {

/// One dataset of a file that is written. Contiguous where the number of frames is known and
/// nothing is compressed, else in chunks of a frame, or of about 1 MiB of a large one.
class dataset_writer {
 public:
  /// `stack`: frames are the first axis, `frames` of them (none: it grows). Groups on the way to
  /// `path` are made. io_error; output_error: the path is taken.
  dataset_writer(id file, const std::string& path, const array_info& frame, bool stack,
                 std::optional<index_t> frames, int deflate);

  /// A box of frame `number`, in host memory.
  void write(index_t number, const shape& origin, const shape& extents, const void* values);
  /// Lines [begin, end) of a frame.
  void write_lines(index_t number, index_t begin, index_t end, const void* values);
  id dataset() const { return data_; }
  void close();

 private:
  void grow(index_t frames);

  shape frame_;
  bool stack_, grows_;
  index_t frames_ = 0, element_bytes_;
  std::string path_;
  handle data_, memory_;
};

/// Sink of the format: arrays other than data become datasets beside it, named after both.
std::unique_ptr<frame_sink> create(const std::string& path, const stream_header&,
                                   const create_options&);

}  // namespace ir::hdf5
