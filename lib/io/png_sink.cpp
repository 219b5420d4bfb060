#include "io/png_sink.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"
#include "io/array_note.hpp"
#include "io/descriptor.hpp"
#include "io/picture.hpp"
#include "io/run_each.hpp"
#include "io/strided_copy.hpp"
#include "io/value_writer.hpp"

namespace ir {
namespace {

constexpr index_t block_bytes = 1 << 20;  // of lines that are deflated together

void append_u32(std::string& to, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8) to += char(v >> shift & 255);
}

/// Predicts each byte from the one `pixel` bytes before (filter 1) or above (2), whichever leaves
/// less, and puts the filter's number in front.
void filter_line(const std::uint8_t* line, const std::uint8_t* above, index_t bytes, index_t pixel,
                 std::uint8_t* out, std::uint8_t* other) {
  const auto left_over = [bytes](const std::uint8_t* v) {
    index_t sum = 0;
    for (index_t i = 0; i < bytes; ++i) sum += std::abs(int(std::int8_t(v[i])));
    return sum;
  };
  out[0] = 1;
  std::memcpy(out + 1, line, std::size_t(std::min(pixel, bytes)));
  for (index_t i = pixel; i < bytes; ++i) out[1 + i] = std::uint8_t(line[i] - line[i - pixel]);
  if (!above) return;
  for (index_t i = 0; i < bytes; ++i) other[i] = std::uint8_t(line[i] - above[i]);
  if (left_over(other) >= left_over(out + 1)) return;
  out[0] = 2;
  std::memcpy(out + 1, other, std::size_t(bytes));
}

struct packed_block {
  std::string bytes;  // raw deflate, ending at a whole byte
  uLong adler = 0;
  index_t length = 0;  // of the filtered lines
};

/// Lines [begin, end) of an image of `lines` lines.
packed_block pack(const std::uint8_t* image, index_t begin, index_t end, bool last, index_t line,
                  index_t pixel, int level) {
  std::vector<std::uint8_t> filtered(std::size_t((end - begin) * (line + 1)));
  std::vector<std::uint8_t> other(static_cast<std::size_t>(line));
  for (index_t j = begin; j < end; ++j)
    filter_line(image + j * line, j > 0 ? image + (j - 1) * line : nullptr, line, pixel,
                filtered.data() + (j - begin) * (line + 1), other.data());
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw memory_error("no memory to compress a PNG file");
  packed_block block;
  block.length = index_t(filtered.size());
  block.adler = adler32_z(1, filtered.data(), filtered.size());
  block.bytes.resize(deflateBound(&z, uLong(filtered.size())) + 16);
  z.next_in = filtered.data();
  z.avail_in = uInt(filtered.size());
  z.next_out = reinterpret_cast<Bytef*>(block.bytes.data());
  z.avail_out = uInt(block.bytes.size());
  const int status = deflate(&z, last ? Z_FINISH : Z_SYNC_FLUSH);
  block.bytes.resize(z.total_out);
  deflateEnd(&z);
  if (status != (last ? Z_STREAM_END : Z_OK)) throw bug_error("a PNG block did not fit its buffer");
  return block;
}

class png_sink final : public frame_sink {
 public:
  png_sink(const std::string& path, const stream_header& header, const create_options& options)
      : values_(data_of(header), options, storable{"PNG", {dtype::u8, dtype::u16}, true}),
        order_(header),
        kind_(picture_of(values_.stored(), "PNG")),
        meta_(header.meta),
        level_(options.compression > 0 ? options.compression : 1),
        file_(descriptor::create(path)) {
    if (kind_.height > 0x7fffffff || kind_.width > 0x7fffffff)
      throw usage_error(
          fmt::format("a PNG file cannot hold {}x{} pixels", kind_.height, kind_.width));
  }

  void put(frame& f, queue& q) override {
    if (!order_.accept(f)) return;
    if (f.number > 0)
      throw usage_error(
          "a PNG file holds one image, the stream has more; name files as in a%05d.png");
    const cref values = values_.convert(f.data.get(), q);
    std::vector<std::byte> lines(static_cast<std::size_t>(values.bytes()));
    interleave(kind_, static_cast<const std::byte*>(values.data), lines.data());
    if (kind_.type == dtype::u16) swap_bytes(lines, 2);
    write_start();
    write_lines(reinterpret_cast<const std::uint8_t*>(lines.data()));
    write_chunk("IEND", {});
  }
  void finish() override {
    order_.finish(false);
    values_.finish();
    file_.close();
  }
  void commit() override {}

 private:
  void write_chunk(const char* type, const std::string& data) {
    std::string chunk;
    chunk.reserve(data.size() + 12);
    append_u32(chunk, std::uint32_t(data.size()));
    chunk += type;
    chunk += data;
    const auto* from = reinterpret_cast<const Bytef*>(chunk.data()) + 4;
    append_u32(chunk, std::uint32_t(crc32_z(0, from, chunk.size() - 4)));
    file_.write(std::as_bytes(std::span(chunk)));
  }

  void write_start() {
    static constexpr char signature[] = "\x89PNG\r\n\x1a\n";
    file_.write(std::as_bytes(std::span(signature, 8)));
    std::string head;
    append_u32(head, std::uint32_t(kind_.width));
    append_u32(head, std::uint32_t(kind_.height));
    head += char(8 * size_of(kind_.type));
    head += "\0\4\2\6"[kind_.channels - 1];  // gray, with alpha; RGB, with alpha
    head.append(3, '\0');                    // deflate, filters a line, not interlaced
    write_chunk("IHDR", head);
    const array_info& stored = values_.stored();
    const std::string no_compression_language_translation(4, '\0');
    write_chunk("iTXt", std::string(png_note) + '\0' + no_compression_language_translation +
                            note_of(stored, stored.axes, meta_));
  }

  void write_lines(const std::uint8_t* image) {
    const index_t pixel = kind_.channels * size_of(kind_.type), line = kind_.width * pixel;
    const index_t rows = std::max<index_t>(1, block_bytes / (line + 1));
    const index_t blocks = (kind_.height + rows - 1) / rows;
    constexpr index_t at_once = 64;
    uLong adler = 1;
    for (index_t first = 0; first < blocks; first += at_once) {
      std::vector<packed_block> packed(std::size_t(std::min(at_once, blocks - first)));
      run_each(index_t(packed.size()), [&](index_t i) {
        const index_t begin = (first + i) * rows, end = std::min(begin + rows, kind_.height);
        packed[std::size_t(i)] = pack(image, begin, end, end == kind_.height, line, pixel, level_);
      });
      for (std::size_t i = 0; i < packed.size(); ++i) {
        packed_block& b = packed[i];
        adler = adler32_combine(adler, b.adler, z_off_t(b.length));
        if (first + index_t(i) == 0) b.bytes.insert(0, "\x78\x01");
        if (first + index_t(i) + 1 == blocks) append_u32(b.bytes, std::uint32_t(adler));
        write_chunk("IDAT", b.bytes);
      }
    }
  }

  value_writer values_;
  frame_order order_;
  picture_kind kind_;
  metadata_ptr meta_;
  int level_;
  descriptor file_;
};

}  // namespace

std::unique_ptr<frame_sink> create_png(const std::string& path, const stream_header& header,
                                       const create_options& options) {
  return std::make_unique<png_sink>(path, header, options);
}

}  // namespace ir
