#include "io/gzip.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "core/error.hpp"

namespace ir {
namespace {

constexpr std::size_t piece = std::size_t{256} << 10;
constexpr int gzip_window = 15 + 16;    // a gzip header
constexpr int either_window = 15 + 32;  // a gzip or zlib header, whichever comes

uInt part_of(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::size_t{1} << 30));
}

}  // namespace

struct gzip_writer::impl {
  descriptor& to;
  z_stream z{};
  std::vector<std::byte> out = std::vector<std::byte>(piece);

  explicit impl(descriptor& d) : to(d) {}
  void run(int flush) {
    do {
      z.next_out = reinterpret_cast<Bytef*>(out.data());
      z.avail_out = static_cast<uInt>(out.size());
      if (deflate(&z, flush) == Z_STREAM_ERROR) throw bug_error("deflate");
      to.write(std::span(out).first(out.size() - z.avail_out));
    } while (z.avail_out == 0);
  }
};

gzip_writer::gzip_writer(descriptor& to, int level) : impl_(std::make_unique<impl>(to)) {
  if (deflateInit2(&impl_->z, std::clamp(level, 1, 9), Z_DEFLATED, gzip_window, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw memory_error("no memory for compression");
}

gzip_writer::~gzip_writer() { deflateEnd(&impl_->z); }

void gzip_writer::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const uInt n = part_of(bytes.size());
    impl_->z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    impl_->z.avail_in = n;
    impl_->run(Z_NO_FLUSH);
    bytes = bytes.subspan(n);
  }
}

void gzip_writer::finish() { impl_->run(Z_FINISH); }

struct gzip_reader::impl {
  const descriptor& from;
  index_t at;
  z_stream z{};
  bool ended = false;  // a member is complete
  std::vector<std::byte> in = std::vector<std::byte>(piece);

  /// False at the end of the file.
  bool fill() {
    if (z.avail_in > 0) return true;
    const index_t n = from.read_at(at, in);
    at += n;
    z.next_in = reinterpret_cast<Bytef*>(in.data());
    z.avail_in = static_cast<uInt>(n);
    return n > 0;
  }
};

gzip_reader::gzip_reader(const descriptor& from, index_t offset)
    : impl_(new impl{from, offset}) {
  if (inflateInit2(&impl_->z, either_window) != Z_OK)
    throw memory_error("no memory for decompression");
}

gzip_reader::~gzip_reader() { inflateEnd(&impl_->z); }

index_t gzip_reader::read(std::span<std::byte> to) {
  impl& g = *impl_;
  index_t got = 0;
  while (!to.empty()) {
    if (!g.fill()) {
      if (g.ended) return got;
      throw data_error(fmt::format("{}: ends inside its compressed data", g.from.name()));
    }
    if (g.ended) {  // another member follows
      inflateReset(&g.z);
      g.ended = false;
    }
    const uInt room = part_of(to.size());
    g.z.next_out = reinterpret_cast<Bytef*>(to.data());
    g.z.avail_out = room;
    const int result = inflate(&g.z, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      throw data_error(fmt::format("{}: damaged compressed data{}{}", g.from.name(),
                                   g.z.msg ? ": " : "", g.z.msg ? g.z.msg : ""));
    g.ended = result == Z_STREAM_END;
    got += room - g.z.avail_out;
    to = to.subspan(room - g.z.avail_out);
  }
  return got;
}

index_t most_inflated(index_t compressed_bytes) {
  constexpr index_t ratio = 1032;  // of deflate, at most
  index_t bytes = 0;
  if (__builtin_mul_overflow(compressed_bytes, ratio, &bytes))
    return std::numeric_limits<index_t>::max();
  return bytes;
}

}  // namespace ir
