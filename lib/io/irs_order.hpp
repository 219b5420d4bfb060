#pragma once
#include <string>
#include <vector>

#include "io/frame.hpp"
#include "io/irs_layout.hpp"

namespace ir::irs {

/// The order of a stream's frame records, for whoever reads, writes or indexes one: frames of every
/// array count from 0 without gap, their lines follow each other, other arrays are complete before
/// the first frame of data, and sizes are what the header says. All errors are data_error.
class record_order {
 public:
  record_order(const stream_header&, std::string where);

  void accept(const record_header&);
  /// At TAIL: no frame is open, the counts are those of TAIL and of the header.
  void finish(const std::vector<index_t>& counts) const;

  bool inside_frame() const { return open_ >= 0; }
  const std::vector<index_t>& frames() const { return frames_; }  // complete ones of each array
  index_t data_frames() const { return frames_[data_]; }

 private:
  void check_place(const record_header&) const;
  void check_size(const record_header&) const;
  [[noreturn]] void refuse(const std::string& why) const;
  std::string called(std::size_t array_no) const;

  struct expected {
    std::string name;
    index_t lines, line_bytes;
    index_t frames;  // -1: the header does not say
  };
  std::vector<expected> arrays_;
  std::string where_;
  std::size_t data_;
  std::vector<index_t> frames_;
  int open_ = -1;     // array of the frame whose lines are not complete
  index_t line_ = 0;  // the next of it
  bool data_begun_ = false;
};

}  // namespace ir::irs
