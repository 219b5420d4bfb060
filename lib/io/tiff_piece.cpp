#include "io/tiff_piece.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <bit>

#include "core/error.hpp"
#include "io/strided_copy.hpp"

namespace ir::tiff {
namespace {

constexpr index_t near_bytes = 16 << 10;  // lines no longer than this are read whole, at once

/// Bytes of the words whose order the file chooses: of a complex number each part.
index_t word_of(const layout& how) {
  const bool complex = how.format == sample_format::complex_floating;
  return how.bits / 8 / (complex ? 2 : 1);
}

std::span<std::byte> bytes_at(std::byte* first, index_t count) {
  return {first, static_cast<std::size_t>(count)};
}

}  // namespace

byte_source bytes_of(std::shared_ptr<const descriptor> file) {
  return {file->name(), file->size(), [file](index_t at, std::span<std::byte> to) {
            const index_t got = file->read_at(at, to);
            if (got < index_t(to.size()))
              throw data_error(fmt::format("{}: truncated: {} bytes at {} of {}", file->name(),
                                           to.size(), at, file->size()));
          }};
}

piece_reader::piece_reader(std::shared_ptr<const descriptor> file, bool big_endian, pixel_rule rule)
    : file_(file),
      bytes_(bytes_of(file)),
      swapped_(big_endian != (std::endian::native == std::endian::big)),
      big_endian_(big_endian),
      rule_(rule),
      decoder_(file) {}

void piece_reader::read(const piece& p) const {
  if (p.stored >= 0) return read_stored(p);
  decoder_.with_block(*p.from, *p.how, p.block, [&](std::span<const std::byte> block) {
    const index_t stride = p.how->line_bytes();
    deliver(p, block.data() + p.top * stride, stride, p.left);
  });
}

void piece_reader::read_stored(const piece& p) const {
  const layout& how = *p.how;
  const index_t line = how.line_bytes(), pixel = how.samples_a_block() * how.bits / 8;
  const index_t part = rule_.packed ? line : p.columns * pixel;
  const index_t first = p.stored + (rule_.packed ? 0 : p.left * pixel);
  const index_t left = rule_.packed ? p.left : 0;
  const auto prepare = [&](std::span<std::byte> bytes) {
    if (how.fill_order == 2) reverse_bits(bytes);
    if (swapped_ && !rule_.packed && word_of(how) > 1) swap_bytes(bytes, word_of(how));
  };
  const bool as_stored = !rule_.packed && !rule_.palette && how.samples_a_block() == 1 &&
                         p.column_step == size_of(rule_.type);
  if (as_stored && part == line && p.line_step == line) {
    const auto all = bytes_at(p.to, p.lines * line);
    bytes_.read(first, all);
    return prepare(all);
  }
  if (line <= near_bytes || part == line) {
    std::vector<std::byte> lines(static_cast<std::size_t>((p.lines - 1) * line + part));
    bytes_.read(first, lines);
    prepare(lines);
    return deliver(p, lines.data(), line, left);
  }
  std::vector<std::byte> lines(static_cast<std::size_t>(p.lines * part));
  for (index_t j = 0; j < p.lines; ++j)
    bytes_.read(first + j * line, bytes_at(lines.data() + j * part, part));
  prepare(lines);
  deliver(p, lines.data(), part, left);
}

void piece_reader::deliver(const piece& p, const std::byte* lines, index_t stride,
                           index_t left) const {
  if (!rule_.packed) return deliver_typed(p, lines, stride, left);
  const index_t samples = (left + p.columns) * p.how->samples_a_block();
  const dtype type = p.how->bits > 8 ? dtype::u16 : dtype::u8;
  const index_t wide = samples * size_of(type);
  std::vector<std::byte> unpacked(static_cast<std::size_t>(p.lines * wide));
  for (index_t j = 0; j < p.lines; ++j)
    unpack(lines + j * stride, p.how->bits, samples, type, unpacked.data() + j * wide);
  deliver_typed(p, unpacked.data(), wide, left);
}

void piece_reader::deliver_typed(const piece& p, const std::byte* lines, index_t stride,
                                 index_t left) const {
  if (rule_.palette) return deliver_palette(p, lines, stride, left);
  const index_t size = size_of(rule_.type), pixel = size * p.how->samples_a_block();
  const index_t from_strides[] = {size, stride, pixel};
  const index_t to_strides[] = {p.channel_step, p.line_step, p.column_step};
  strided_copy({p.channels, p.lines, p.columns}, size, lines + left * pixel + p.channel * size,
               from_strides, p.to, to_strides);
}

void piece_reader::deliver_palette(const piece& p, const std::byte* lines, index_t stride,
                                   index_t left) const {
  const std::vector<index_t> map = read_palette(bytes_, big_endian_, *p.from, *p.how);
  if (rule_.type == dtype::u8 && !fits_bytes(map))
    throw data_error(
        fmt::format("{}: page {}: a colour map of 16 bits, that of the first page has 8",
                    bytes_.name, p.from->number));
  const dtype index_type = p.how->bits > 8 ? dtype::u16 : dtype::u8;
  const index_t size = size_of(rule_.type), plane = p.columns * size;
  std::vector<std::byte> colours(static_cast<std::size_t>(3 * plane));
  const index_t from_strides[] = {plane, size}, to_strides[] = {p.channel_step, p.column_step};
  for (index_t j = 0; j < p.lines; ++j) {
    expand(lines + j * stride + left * size_of(index_type), index_type, p.columns, map, rule_.type,
           colours.data(), p.columns);
    strided_copy({p.channels, p.columns}, size, colours.data() + p.channel * plane, from_strides,
                 p.to + j * p.line_step, to_strides);
  }
}

}  // namespace ir::tiff
