#include "io/tiff_pixels.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "io/box_source.hpp"
#include "io/tiff_codec.hpp"

namespace ir::tiff {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw data_error(fmt::format("{}: {}", name, why));
}

std::optional<dtype> type_of(const layout& how) {
  const int bits = how.bits;
  switch (how.format) {
    case sample_format::unsigned_integer:
    case sample_format::untyped:
      if (bits <= 8) return dtype::u8;
      if (bits <= 16) return dtype::u16;
      if (bits == 32) return dtype::u32;
      break;
    case sample_format::signed_integer:
      if (bits == 8) return dtype::i8;
      if (bits == 16) return dtype::i16;
      if (bits == 32) return dtype::i32;
      break;
    case sample_format::floating:
      if (bits == 16) return dtype::f16;
      if (bits == 32) return dtype::f32;
      if (bits == 64) return dtype::f64;
      break;
    case sample_format::complex_floating:
      if (bits == 64) return dtype::c64;
      if (bits == 128) return dtype::c128;
      break;
    case sample_format::complex_integer:
      break;
  }
  return {};
}

bool is_plain_unsigned(const layout& how) {
  return how.format == sample_format::unsigned_integer || how.format == sample_format::untyped;
}

void check_colour(const layout& how, const std::string& name) {
  switch (how.colour) {
    case photometric::min_is_white:
      if (!is_plain_unsigned(how))
        refuse(name,
               "min-is-white pixels that are no unsigned integers: what is white is not said");
      return;
    case photometric::min_is_black:
      return;
    case photometric::rgb:
      if (how.samples < 3) refuse(name, fmt::format("RGB of {} samples", how.samples));
      return;
    case photometric::palette:
      if (how.samples != 1 || how.bits > 16 || !is_plain_unsigned(how))
        refuse(name, fmt::format("palette indices of type {}", to_string(how)));
      return;
    case photometric::ycbcr:
      if (how.compression == 7 && how.samples == 3) return;
      refuse(name, "YCbCr pixels are read from JPEG compression only; convert to RGB");
    case photometric::separated:
      refuse(name, "CMYK pixels are not read; convert to RGB");
    case photometric::mask:
      refuse(name, "a transparency mask, not an image");
  }
  refuse(name, fmt::format("photometric interpretation {} is not read; convert to gray or RGB",
                           int(how.colour)));
}

}  // namespace

std::vector<index_t> read_palette(const byte_source& from, bool big_endian, const page& p,
                                  const layout& how) {
  const index_t colours = how.bits > 16 ? 0 : index_t{1} << how.bits;
  if (p.palette.count != 3 * colours)
    throw data_error(fmt::format("{}: page {}: a colour map of {} numbers for {} colours",
                                 from.name, p.number, p.palette.count, colours));
  return read_numbers(from, big_endian, p.palette, 0, p.palette.count);
}

bool fits_bytes(std::span<const index_t> palette) {
  const auto all = [&](auto&& f) { return std::all_of(palette.begin(), palette.end(), f); };
  return all([](index_t v) { return v < 256; }) ||  // old writers
         all([](index_t v) { return v % 256 == 0; }) || all([](index_t v) { return v % 257 == 0; });
}

pixel_rule rule_of(const layout& how, std::span<const index_t> palette, const std::string& name) {
  if (const std::string why = why_not_decoded(how.compression); !why.empty()) refuse(name, why);
  check_colour(how, name);
  const std::optional<dtype> type = type_of(how);
  if (!type)
    refuse(name, fmt::format("{}: samples of this kind are not read; u1 to u16, u32, i8 i16 i32, "
                             "f16 f32 f64 and c64 c128 are",
                             to_string(how)));
  if (how.orientation > 4)
    refuse(name, fmt::format("orientation {} (turned by 90 degrees) is not read", how.orientation));
  pixel_rule rule;
  rule.type = *type;
  rule.channels = how.samples;
  rule.packed = how.bits % 8 != 0;
  rule.inverted = how.colour == photometric::min_is_white;
  if (how.colour == photometric::palette) {
    rule.palette = true;
    rule.channels = 3;
    rule.type = fits_bytes(palette) ? dtype::u8 : dtype::u16;
  }
  rule.nominal = full_range(rule.type);
  if (rule.packed && !rule.palette) rule.nominal->range = {0, double((index_t{1} << how.bits) - 1)};
  return rule;
}

void unpack(const std::byte* line, int bits, index_t samples, dtype to, std::byte* out) {
  std::uint32_t held = 0;
  int have = 0;
  for (index_t i = 0; i < samples; ++i) {
    while (have < bits) {
      held = held << 8 | std::to_integer<std::uint32_t>(*line++);
      have += 8;
    }
    have -= bits;
    const std::uint32_t value = held >> have & ((1u << bits) - 1);
    if (to == dtype::u8) {
      out[i] = std::byte(value);
    } else {
      const auto wide = std::uint16_t(value);
      std::memcpy(out + 2 * i, &wide, 2);
    }
  }
}

void invert(std::span<std::byte> values, dtype type, int bits) {
  const auto flip = [&]<class T>(T highest) {
    for (std::size_t i = 0; i < values.size(); i += sizeof(T)) {
      T v;
      std::memcpy(&v, &values[i], sizeof v);
      v = T(highest - v);
      std::memcpy(&values[i], &v, sizeof v);
    }
  };
  const std::uint64_t highest = (std::uint64_t{1} << bits) - 1;
  switch (type) {
    case dtype::u8:
      return flip(std::uint8_t(highest));
    case dtype::u16:
      return flip(std::uint16_t(highest));
    case dtype::u32:
      return flip(std::uint32_t(highest));
    default:
      throw bug_error("only unsigned pixels are inverted");
  }
}

void expand(const std::byte* indices, dtype from, index_t count, std::span<const index_t> palette,
            dtype to, std::byte* out, index_t plane_stride) {
  const std::size_t entries = palette.size() / 3;
  const bool bytes = std::all_of(palette.begin(), palette.end(), [](auto v) { return v < 256; });
  for (std::size_t plane = 0; plane < 3; ++plane)
    for (index_t i = 0; i < count; ++i) {
      std::uint16_t index = 0;
      std::memcpy(&index, indices + i * size_of(from), std::size_t(size_of(from)));
      const auto value = std::uint16_t(palette[plane * entries + index]);
      const index_t at = index_t(plane) * plane_stride + i;
      if (to == dtype::u8)
        out[at] = std::byte(bytes ? value : value >> 8);
      else
        std::memcpy(out + 2 * at, &value, 2);
    }
}

void reverse_bits(std::span<std::byte> all) {
  for (std::byte& b : all) {
    auto v = std::to_integer<unsigned>(b);
    v = (v & 0xf0) >> 4 | (v & 0x0f) << 4;
    v = (v & 0xcc) >> 2 | (v & 0x33) << 2;
    v = (v & 0xaa) >> 1 | (v & 0x55) << 1;
    b = std::byte(v);
  }
}

}  // namespace ir::tiff
