#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/descriptor.hpp"
#include "io/frame.hpp"
#include "io/irs_order.hpp"

namespace ir::irs {

/// Where the lines of every frame lie in a file that holds a whole frame stream. Opening reads the
/// records' headers and trailers, not what is between them; a payload is checked when it is first
/// touched, JSON of a frame when it is asked for.
class file_index {
 public:
  /// data_error: not a stream, damaged, cut short, not finished, more than one stream.
  explicit file_index(descriptor);

  const stream_header& header() const { return header_; }
  index_t frames(int array_no) const;
  /// Lines of the first part of a frame; how our own writers cut all but the last.
  index_t part_lines(int array_no) const;

  /// Lines [begin, end) of a frame, whole. Any thread.
  void read_lines(int array_no, index_t number, index_t begin, index_t end, std::byte* to) const;
  /// `count` bytes of one line from `offset` on. Any thread.
  void read_piece(int array_no, index_t number, index_t line, index_t offset, index_t count,
                  std::byte* to) const;
  /// JSON of a frame; null where it has none.
  std::shared_ptr<const metadata> meta(int array_no, index_t number) const;

 private:
  struct part {
    index_t at, first, lines;  // offset in the file; lines of the frame
    std::uint64_t sum;
    std::size_t checked;  // position in checked_
  };
  struct note {
    index_t at, length;
    std::uint64_t sum;
  };
  struct array_parts {
    index_t line_bytes = 0;
    std::vector<part> parts;
    std::vector<std::size_t> first_part;  // of each frame
    std::vector<note> notes;              // of each frame
  };

  void read_records();
  void take_record(const record_header&, const note& json, std::uint64_t payload_sum,
                   std::optional<record_order>&);
  std::shared_ptr<const metadata> read_json(const note&) const;
  const part& part_of(int array_no, index_t number, index_t line) const;
  void read_part(const part&, std::byte* to, index_t count) const;
  void check_padding(index_t at, index_t length) const;
  void check_payload(index_t at, index_t length, std::uint64_t expected) const;
  void check(const part&, index_t line_bytes) const;
  void read_exactly(index_t at, std::byte* to, index_t count) const;
  [[noreturn]] void fail(const std::string& why) const;

  descriptor file_;
  index_t size_;
  stream_header header_;
  std::vector<array_parts> arrays_;
  std::size_t parts_ = 0;                         // of all arrays
  std::unique_ptr<std::atomic<bool>[]> checked_;  // one for each
};

}  // namespace ir::irs
