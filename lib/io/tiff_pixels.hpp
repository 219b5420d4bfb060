#pragma once
#include <span>
#include <vector>

#include "core/dtype.hpp"
#include "io/frame.hpp"
#include "io/tiff_pages.hpp"

namespace ir::tiff {

/// What the samples of a page become.
///
/// unsigned      1 to 8 bits u8, 9 to 16 u16, 32 u32: the numbers as stored; nominal is the range
///               that the bits can hold, so 12-bit data keep 0..4095
/// min-is-white  low + high - v, so that more is brighter; for unsigned integers only
/// palette       three channels, u8 where the colour map holds nothing finer, else u16
/// signed, float, complex   i8 i16 i32, f16 f32 f64, c64 c128
struct pixel_rule {
  dtype type = dtype::u8;
  int channels = 1;  // 1: no axis c
  bool palette = false, inverted = false,
       packed = false;  // packed: samples of other than whole bytes
  std::optional<array_info::nominal_range> nominal;
};

/// `palette`: the colour map of the first page, empty without one. data_error, prefixed with
/// `name`: pixels of a kind that is not read, and why.
pixel_rule rule_of(const layout&, std::span<const index_t> palette, const std::string& name);

/// Colour map of a page. data_error: not three times as long as there are colours.
std::vector<index_t> read_palette(const byte_source&, bool big_endian, const page&, const layout&);

/// Whether a colour map holds no more than 8 bits.
bool fits_bytes(std::span<const index_t> palette);

/// One line of packed samples, most significant bit first, to u8 or u16.
void unpack(const std::byte* line, int bits, index_t samples, dtype to, std::byte* out);

/// In place: v -> highest - v.
void invert(std::span<std::byte> values, dtype, int bits);

/// Indices (u8 or u16) to three planes of `count` values of `to` each, `plane_stride` values apart.
/// Indices beyond the map cannot be: it has 2^bits entries.
void expand(const std::byte* indices, dtype from, index_t count, std::span<const index_t> palette,
            dtype to, std::byte* out, index_t plane_stride);

/// Reverses the bits of each byte (FillOrder 2).
void reverse_bits(std::span<std::byte>);

}  // namespace ir::tiff
