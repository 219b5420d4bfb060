#include "io/tiff_file.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.hpp"
#include "io/run_each.hpp"

namespace ir::tiff {
namespace {

constexpr index_t header_bytes = 16;  // of a BigTIFF; a classic one needs 8
constexpr index_t strip_bytes = 256 << 10;
constexpr index_t most_in_a_strip = 1 << 30;  // some readers keep sizes of strips in 32 bits

template <class T>
void append(std::string& to, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) to += char(std::uint64_t(value) >> 8 * i & 0xff);
}

/// v[i] -= v[i - samples] along a line, from its end.
template <class T>
void difference(std::byte* line, index_t values, int samples) {
  for (index_t i = values - 1; i >= samples; --i) {
    T a, b;
    std::memcpy(&a, line + i * index_t(sizeof(T)), sizeof a);
    std::memcpy(&b, line + (i - samples) * index_t(sizeof(T)), sizeof b);
    a = T(a - b);
    std::memcpy(line + i * index_t(sizeof(T)), &a, sizeof a);
  }
}

void predict(std::byte* line, const page_format& how) {
  const index_t values = how.width * how.samples;
  switch (size_of(how.type)) {
    case 1:
      return difference<std::uint8_t>(line, values, how.samples);
    case 2:
      return difference<std::uint16_t>(line, values, how.samples);
    default:
      return difference<std::uint32_t>(line, values, how.samples);
  }
}

std::vector<std::byte> deflated(const std::vector<std::byte>& raw, int level) {
  uLongf bytes = compressBound(uLong(raw.size()));
  std::vector<std::byte> out(bytes);
  const int status =
      compress2(reinterpret_cast<Bytef*>(out.data()), &bytes,
                reinterpret_cast<const Bytef*>(raw.data()), uLong(raw.size()), level);
  if (status != Z_OK) throw memory_error("no memory to compress a strip of a TIFF file");
  out.resize(bytes);
  return out;
}

int sample_format_of(dtype t) {
  if (is_complex(t)) return 6;
  if (!is_integer(t)) return 3;
  return t == dtype::i8 || t == dtype::i16 || t == dtype::i32 ? 2 : 1;
}

/// A fraction of two 32-bit numbers near `value`.
std::array<std::uint32_t, 2> rational(double value) {
  double below = 1;
  while (below < 1e6 && value * below * 10 < 4e9 && value * below != std::floor(value * below))
    below *= 10;
  return {std::uint32_t(std::clamp(std::round(value * below), 0.0, 4294967295.0)),
          std::uint32_t(below)};
}

}  // namespace

/// One entry of a directory; values longer than its slot lie at the end of the directory.
struct file_writer::tag {
  enum type : std::uint16_t { ascii = 2, u16 = 3, u32 = 4, rational = 5, offset = 13 };
  std::uint16_t id;
  type kind;  // offset: u32, or u64 in a BigTIFF
  std::vector<std::uint64_t> values;
  std::string text = {};

  std::string bytes(bool big) const {
    std::string out = text;
    for (const std::uint64_t v : values) {
      if (kind == u16)
        append(out, std::uint16_t(v));
      else if (kind == u32 || kind == rational || !big)
        append(out, std::uint32_t(v));
      else
        append(out, v);
    }
    return out;
  }
  std::uint64_t count() const {
    return kind == ascii ? text.size() : kind == rational ? values.size() / 2 : values.size();
  }
  std::uint16_t type_in(bool big) const { return kind == offset ? (big ? 16 : 4) : kind; }
};

file_writer::file_writer(const std::string& path, const page_format& how)
    : format_(how), file_(descriptor::create(path)) {
  const index_t line = line_bytes();
  rows_a_strip_ = how.deflate > 0 ? strip_bytes / line : most_in_a_strip / line;
  rows_a_strip_ = std::clamp<index_t>(rows_a_strip_, 1, how.height);
  strips_a_page_ = (how.height + rows_a_strip_ - 1) / rows_a_strip_;
  const std::byte room[header_bytes] = {};
  write(room);
}

index_t file_writer::line_bytes() const {
  return format_.width * format_.samples * size_of(format_.type);
}

index_t file_writer::strip_lines(index_t strip) const {
  return std::min(rows_a_strip_, format_.height - strip % strips_a_page_ * rows_a_strip_);
}

void file_writer::write(std::span<const std::byte> bytes) {
  file_.write(bytes);
  end_ += index_t(bytes.size());
}

void file_writer::put(const std::byte* lines, index_t count) {
  const index_t line = line_bytes();
  if (format_.deflate == 0) {
    write({lines, std::size_t(count * line)});
    written_lines_ += count;
    return;
  }
  while (count > 0) {
    index_t whole = 0, strips = 0;  // complete strips among the lines at hand
    const index_t first = index_t(offsets_.size());
    while (pending_lines_ == 0 && whole + strip_lines(first + strips) <= count)
      whole += strip_lines(first + strips++);
    if (strips > 0) {
      deflate_strips(lines, strips);
    } else {
      whole = std::min(count, strip_lines(first) - pending_lines_);
      pending_.insert(pending_.end(), lines, lines + whole * line);
      pending_lines_ += whole;
      if (pending_lines_ == strip_lines(first)) {
        deflate_strips(pending_.data(), 1);
        pending_.clear();
        pending_lines_ = 0;
      }
    }
    lines += whole * line;
    count -= whole;
    written_lines_ += whole;
  }
}

void file_writer::deflate_strips(const std::byte* lines, index_t strips) {
  const index_t line = line_bytes(), first = index_t(offsets_.size());
  constexpr index_t at_once = 64;  // strips in memory
  for (index_t begin = 0; begin < strips; begin += at_once) {
    const index_t n = std::min(at_once, strips - begin);
    std::vector<std::vector<std::byte>> packed(static_cast<std::size_t>(n));
    std::vector<const std::byte*> from;
    for (index_t i = 0; i < n; ++i) {
      from.push_back(lines);
      lines += strip_lines(first + begin + i) * line;
    }
    run_each(n, [&](index_t k) {
      const index_t rows = strip_lines(first + begin + k);
      std::vector<std::byte> raw(from[std::size_t(k)], from[std::size_t(k)] + rows * line);
      if (is_integer(format_.type))
        for (index_t j = 0; j < rows; ++j) predict(raw.data() + j * line, format_);
      packed[std::size_t(k)] = deflated(raw, format_.deflate);
    });
    for (const auto& strip : packed) {
      offsets_.push_back(end_);
      counts_.push_back(index_t(strip.size()));
      write(strip);
    }
  }
}

std::vector<file_writer::tag> file_writer::tags(index_t page, const std::string& text) const {
  const auto n = std::size_t(format_.samples);
  const bool packed = format_.deflate > 0, colour = format_.samples > 1;
  const auto same = [&](int value) { return std::vector<std::uint64_t>(n, std::uint64_t(value)); };
  std::vector<std::uint64_t> at, bytes;
  index_t position = header_bytes + page * format_.height * line_bytes();
  for (index_t s = page * strips_a_page_; s < (page + 1) * strips_a_page_; ++s) {
    const index_t stored = packed ? counts_[std::size_t(s)] : strip_lines(s) * line_bytes();
    at.push_back(std::uint64_t(packed ? offsets_[std::size_t(s)] : position));
    bytes.push_back(std::uint64_t(stored));
    position += stored;
  }
  std::vector<tag> all{{256, tag::u32, {std::uint64_t(format_.width)}},
                       {257, tag::u32, {std::uint64_t(format_.height)}},
                       {258, tag::u16, same(int(size_of(format_.type)) * 8)},
                       {259, tag::u16, {packed ? 8u : 1u}},
                       {262, tag::u16, {colour ? 2u : 1u}}};
  if (page == 0 && !text.empty()) all.push_back({270, tag::ascii, {}, text + '\0'});
  all.push_back({273, tag::offset, std::move(at)});
  all.push_back({277, tag::u16, {n}});
  all.push_back({278, tag::u32, {std::uint64_t(rows_a_strip_)}});
  all.push_back({279, tag::offset, std::move(bytes)});
  for (std::uint16_t i = 0; i < 2; ++i)
    if (format_.per_unit[i] > 0) {
      const auto [above, below] = rational(format_.per_unit[i]);
      all.push_back({std::uint16_t(282 + i), tag::rational, {above, below}});
    }
  if (colour) all.push_back({284, tag::u16, {1}});
  if (format_.per_unit[0] > 0 || format_.per_unit[1] > 0) all.push_back({296, tag::u16, {1}});
  if (packed && is_integer(format_.type)) all.push_back({317, tag::u16, {2}});
  if (format_.samples == 4) all.push_back({338, tag::u16, {2}});  // unassociated alpha
  all.push_back({339, tag::u16, same(sample_format_of(format_.type))});
  return all;
}

void file_writer::write_directories(const std::string& description, bool big) {
  const std::size_t word = big ? 8 : 4;
  const auto append_word = [&](std::string& to, std::uint64_t v) {
    big ? append(to, v) : append(to, std::uint32_t(v));
  };
  const auto flush = [&](std::string& out) {
    write(std::as_bytes(std::span(out)));
    out.clear();
  };
  std::string out;
  for (index_t p = 0; p < pages(); ++p) {
    const std::vector<tag> all = tags(p, description);
    const std::size_t start = std::size_t(end_) + out.size();
    const std::size_t size = (big ? 8 : 2) + all.size() * (4 + 2 * word) + word;
    std::string tail;
    big ? append(out, std::uint64_t(all.size())) : append(out, std::uint16_t(all.size()));
    for (const tag& t : all) {
      append(out, t.id);
      append(out, t.type_in(big));
      append_word(out, t.count());
      std::string value = t.bytes(big);
      if (value.size() > word) {
        append_word(out, start + size + tail.size());
        tail += value;
        if (tail.size() % 2) tail += '\0';
      } else {
        value.resize(word);
        out += value;
      }
    }
    append_word(out, p + 1 < pages() ? start + size + tail.size() : 0);
    out += tail;
    if (out.size() > std::size_t(strip_bytes)) flush(out);
  }
  flush(out);
}

void file_writer::finish(const std::string& description) {
  if (end_ % 2) write(std::as_bytes(std::span("", 1)));  // directories start at even positions
  const index_t first = end_;
  const index_t each = 400 + 16 * strips_a_page_;  // more than a directory needs
  const bool big = first + pages() * each + index_t(description.size()) > 0xffffffffLL;
  std::string header;
  append(header, std::uint16_t('I' | 'I' << 8));
  append(header, std::uint16_t(big ? 43 : 42));
  if (big) append(header, std::uint32_t(8));
  big ? append(header, std::uint64_t(first)) : append(header, std::uint32_t(first));
  if (pages() == 0) return file_.close();
  write_directories(description, big);
  file_.write_at(0, std::as_bytes(std::span(header)));
  file_.close();
}

}  // namespace ir::tiff
