#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/shape.hpp"

namespace ir::tiff {

/// Where the bytes of a file come from: a descriptor, or memory in tests.
struct byte_source {
  std::string name;  // what messages call it
  index_t size = 0;
  std::function<void(index_t at, std::span<std::byte> to)> read;  // all of `to`, or throws
};

/// One tag of a directory; its values are read when asked for.
struct entry {
  int id = 0, type = 0;  // TIFF tag and field type
  index_t count = 0;     // values
  index_t at = 0;        // position of the first in the file
};

/// Numbers that a tag points to, unsigned, of `bytes` each.
struct number_list {
  index_t at = 0, count = 0;
  int bytes = 0;
};

/// Follows the chain of directories of a TIFF or BigTIFF file of either byte order. Reads forward
/// in growing steps where directories lie together, in short ones where it has to jump: opening
/// costs one read a page at worst.
///
/// Every member throws data_error, naming the file and the directory: damaged, truncated or
/// endless. Source: TIFF 6.0 (Adobe, 1992); BigTIFF as libtiff defines it.
class directory_reader {
 public:
  explicit directory_reader(const byte_source&);

  bool big_endian() const { return big_endian_; }
  /// Position of the directory that `next` will read; 0 after the last.
  index_t position() const { return next_; }
  /// Number of the directory read last, from 0.
  index_t number() const { return number_; }
  std::vector<entry> next();

  /// First value of an unsigned integer type.
  std::uint64_t number(const entry&);
  /// All values; at most `most` of them.
  std::vector<std::uint64_t> numbers(const entry&, index_t most);
  std::string text(const entry&);
  double fraction(const entry&);  // RATIONAL, FLOAT or DOUBLE
  /// Where the values of an unsigned integer type lie, unread.
  number_list list(const entry&) const;

  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::span<const std::byte> at(index_t position, index_t bytes);

  const byte_source& from_;
  bool big_endian_ = false, big_tiff_ = false;
  index_t next_ = 0, number_ = -1;
  std::unordered_set<index_t> seen_;  // positions of directories: a chain must not return
  index_t window_start_ = 0, step_ = 0;
  std::vector<std::byte> window_;
};

/// Unsigned number of 1, 2, 4 or 8 bytes.
std::uint64_t number_of(const std::byte* from, int bytes, bool big_endian);

/// Numbers [first, first + count) of a list. data_error: the file ends before.
std::vector<index_t> read_numbers(const byte_source&, bool big_endian, const number_list&,
                                  index_t first, index_t count);

}  // namespace ir::tiff
