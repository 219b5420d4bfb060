#pragma once
#include <memory>
#include <span>

#include "io/descriptor.hpp"

namespace ir {

/// Compresses to a gzip stream in a file, front to back, without time stamp: same bytes, same file.
class gzip_writer {
 public:
  gzip_writer(descriptor& to, int level);
  ~gzip_writer();
  void write(std::span<const std::byte>);
  void finish();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Decompresses the gzip (or zlib) stream that begins at `offset` of a file and runs to its end.
class gzip_reader {
 public:
  gzip_reader(const descriptor& from, index_t offset);
  ~gzip_reader();
  /// Less than asked only at the proper end. data_error: damaged, or the file ends before.
  index_t read(std::span<std::byte>);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// No gzip stream of this length holds more.
index_t most_inflated(index_t compressed_bytes);

}  // namespace ir
