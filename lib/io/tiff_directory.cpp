#include "io/tiff_directory.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <iterator>

#include "core/error.hpp"

namespace ir::tiff {
namespace {

constexpr index_t least_step = 1 << 10, most_step = 256 << 10;
constexpr index_t most_text = 16 << 20;  // a longer description is damage

enum type : int { byte = 1, ascii, u16, u32, rational, f32 = 11, f64 = 12, u64 = 16 };

/// Bytes of a value of a field type; 0 if unknown.
int bytes_of(int type) {
  static constexpr int bytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
  return type >= 0 && type < int(std::size(bytes)) ? bytes[type] : 0;
}

bool is_unsigned(int type) { return type == byte || type == u16 || type == u32 || type == u64; }

}  // namespace

std::uint64_t number_of(const std::byte* from, int bytes, bool big_endian) {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i)
    value = value << 8 | std::to_integer<std::uint64_t>(from[big_endian ? i : bytes - 1 - i]);
  return value;
}

std::vector<index_t> read_numbers(const byte_source& from, bool big_endian, const number_list& list,
                                  index_t first, index_t count) {
  const index_t begin = list.at + first * list.bytes;
  if (first < 0 || first + count > list.count || begin > from.size - count * list.bytes)
    throw data_error(fmt::format("{}: truncated or damaged TIFF: a table of {} numbers at {} of {}",
                                 from.name, list.count, list.at, from.size));
  std::vector<std::byte> raw(std::size_t(count * list.bytes));
  from.read(begin, raw);
  std::vector<index_t> numbers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::uint64_t n = number_of(&raw[i * std::size_t(list.bytes)], list.bytes, big_endian);
    numbers[i] = index_t(std::min(n, std::uint64_t{1} << 62));  // beyond any file: refused later
  }
  return numbers;
}

directory_reader::directory_reader(const byte_source& from) : from_(from), step_(least_step) {
  const auto head = at(0, 8);
  big_endian_ = head[0] == std::byte{'M'};
  const bool marked = (big_endian_ || head[0] == std::byte{'I'}) && head[0] == head[1];
  const auto version = number_of(&head[2], 2, big_endian_);
  if (!marked || (version != 42 && version != 43)) fail("no TIFF signature");
  big_tiff_ = version == 43;
  if (big_tiff_ && number_of(&head[4], 2, big_endian_) != 8)
    fail("a BigTIFF without 8-byte offsets");
  const std::uint64_t first =
      big_tiff_ ? number_of(&at(8, 8)[0], 8, big_endian_) : number_of(&head[4], 4, big_endian_);
  if (first == 0 || first >= std::uint64_t(from.size))
    fail(fmt::format("the first directory is at {} of {} bytes: truncated", first, from.size));
  next_ = index_t(first);
}

void directory_reader::fail(const std::string& what) const {
  throw data_error(number_ < 0 ? fmt::format("{}: {}", from_.name, what)
                               : fmt::format("{}: page {}: {}", from_.name, number_, what));
}

std::span<const std::byte> directory_reader::at(index_t position, index_t bytes) {
  if (position < 0 || position > from_.size - bytes)
    fail(fmt::format("truncated or damaged TIFF: {} bytes at {} of {}", bytes, position,
                     from_.size));
  const index_t end = window_start_ + index_t(window_.size());
  if (position < window_start_ || position + bytes > end) {
    const bool near = position >= window_start_ && position <= end + step_;
    step_ = near ? std::min(2 * step_, most_step) : least_step;
    window_.resize(std::size_t(std::min(std::max(bytes, step_), from_.size - position)));
    from_.read(position, window_);
    window_start_ = position;
  }
  return std::span(window_).subspan(std::size_t(position - window_start_), std::size_t(bytes));
}

std::vector<entry> directory_reader::next() {
  ++number_;
  if (!seen_.insert(next_).second) fail("the chain of directories runs in a circle");
  const int head = big_tiff_ ? 8 : 2, size = big_tiff_ ? 20 : 12, word = big_tiff_ ? 8 : 4;
  const std::uint64_t count = number_of(&at(next_, head)[0], head, big_endian_);
  if (count == 0 || count > 65535) fail(fmt::format("a directory of {} tags", count));
  const index_t body = next_ + head;
  const auto raw = at(body, index_t(count) * size + word);

  std::vector<entry> entries(count);
  const std::byte* tag = raw.data();
  for (entry& e : entries) {
    e.id = int(number_of(tag, 2, big_endian_));
    e.type = int(number_of(tag + 2, 2, big_endian_));
    e.count = index_t(std::min(number_of(tag + 4, word, big_endian_), std::uint64_t{1} << 56));
    const bool inside = e.count * bytes_of(e.type) <= word;
    const std::uint64_t far =
        std::min(number_of(tag + 4 + word, word, big_endian_), std::uint64_t{1} << 62);
    e.at = inside ? body + (tag - raw.data()) + 4 + word : index_t(far);
    tag += size;
  }
  const std::uint64_t link = number_of(tag, word, big_endian_);
  if (link >= std::uint64_t(from_.size))
    fail(fmt::format("the next directory is at {} of {} bytes: truncated", link, from_.size));
  next_ = index_t(link);
  return entries;
}

std::vector<std::uint64_t> directory_reader::numbers(const entry& e, index_t most) {
  if (!is_unsigned(e.type) || e.count < 1)
    fail(fmt::format("tag {} has {} values of field type {}, not unsigned integers", e.id, e.count,
                     e.type));
  const int bytes = bytes_of(e.type);
  const index_t count = std::min(e.count, most);
  const auto raw = at(e.at, count * bytes);
  std::vector<std::uint64_t> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = number_of(&raw[i * std::size_t(bytes)], bytes, big_endian_);
  return values;
}

std::uint64_t directory_reader::number(const entry& e) { return numbers(e, 1).front(); }

std::string directory_reader::text(const entry& e) {
  if (e.type != ascii && e.type != byte) fail(fmt::format("tag {} is no text", e.id));
  if (e.count > most_text) fail(fmt::format("tag {} is a text of {} bytes", e.id, e.count));
  if (e.count == 0) return {};
  const auto raw = at(e.at, e.count);
  const std::string text(reinterpret_cast<const char*>(raw.data()), raw.size());
  return text.substr(0, text.find('\0'));
}

double directory_reader::fraction(const entry& e) {
  if (e.count < 1) fail(fmt::format("tag {} has no value", e.id));
  if (e.type == rational) {
    const auto raw = at(e.at, 8);
    const auto below = number_of(&raw[4], 4, big_endian_);
    return below == 0 ? 0 : double(number_of(&raw[0], 4, big_endian_)) / double(below);
  }
  if (e.type == f32)
    return double(std::bit_cast<float>(std::uint32_t(number_of(&at(e.at, 4)[0], 4, big_endian_))));
  if (e.type == f64) return std::bit_cast<double>(number_of(&at(e.at, 8)[0], 8, big_endian_));
  fail(fmt::format("tag {} of field type {} is no fraction", e.id, e.type));
}

number_list directory_reader::list(const entry& e) const {
  if (!is_unsigned(e.type))
    fail(fmt::format("tag {} of field type {} is no list of positions", e.id, e.type));
  return {e.at, e.count, bytes_of(e.type)};
}

}  // namespace ir::tiff
