#include "io/strided_copy.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "core/error.hpp"

namespace ir {
namespace {

struct line {
  index_t n, from, to;  // elements, byte strides
};

/// Axes with one element dropped, axes that are contiguous in both layouts joined; slowest first.
std::vector<line> simplify(const shape& extents, std::span<const index_t> from,
                           std::span<const index_t> to) {
  std::vector<line> lines;
  for (int i = 0; i < extents.rank(); ++i) {
    const line l{extents[i], from[static_cast<std::size_t>(i)], to[static_cast<std::size_t>(i)]};
    if (l.n == 1) continue;
    if (!lines.empty() && lines.back().from == l.n * l.from && lines.back().to == l.n * l.to)
      lines.back() = {lines.back().n * l.n, l.from, l.to};
    else
      lines.push_back(l);
  }
  return lines;
}

template <class T>
void copy_line(line l, const std::byte* from, std::byte* to) {
  constexpr index_t size = sizeof(T);
  if (l.from == size && l.to == size) {
    std::memcpy(to, from, static_cast<std::size_t>(l.n * size));
    return;
  }
  for (index_t i = 0; i < l.n; ++i) {
    T value;
    std::memcpy(&value, from + i * l.from, sizeof value);
    std::memcpy(to + i * l.to, &value, sizeof value);
  }
}

/// Two axes in tiles, so that a transposition finds both its lines in the cache.
template <class T>
void copy_plane(line slow, line fast, const std::byte* from, std::byte* to) {
  const index_t tile = fast.from == sizeof(T) ? fast.n : 64;
  for (index_t begin = 0; begin < fast.n; begin += tile) {
    const line part{std::min(tile, fast.n - begin), fast.from, fast.to};
    for (index_t j = 0; j < slow.n; ++j)
      copy_line<T>(part, from + j * slow.from + begin * fast.from,
                   to + j * slow.to + begin * fast.to);
  }
}

template <class T>
void copy_lines(std::span<const line> lines, const std::byte* from, std::byte* to) {
  if (lines.size() == 2) return copy_plane<T>(lines[0], lines[1], from, to);
  for (index_t i = 0; i < lines[0].n; ++i)
    copy_lines<T>(lines.subspan(1), from + i * lines[0].from, to + i * lines[0].to);
}

template <class T>
void copy_all(std::vector<line> lines, const std::byte* from, std::byte* to) {
  while (lines.size() < 2) lines.insert(lines.begin(), line{1, 0, 0});
  // The axis that is dense in the source goes next to the innermost: its cache lines are used up.
  const auto dense = std::min_element(lines.begin(), lines.end() - 1, [](line a, line b) {
    return std::abs(a.from) < std::abs(b.from);
  });
  if (dense->n > 1) std::rotate(dense, dense + 1, lines.end() - 1);
  copy_lines<T>(lines, from, to);
}

template <class Word, class Swap>
void swap_words(std::span<std::byte> words, Swap swap) {
  for (std::size_t i = 0; i + sizeof(Word) <= words.size(); i += sizeof(Word)) {
    Word w;
    std::memcpy(&w, words.data() + i, sizeof w);
    w = swap(w);
    std::memcpy(words.data() + i, &w, sizeof w);
  }
}

}  // namespace

void strided_copy(const shape& extents, index_t size, const std::byte* from,
                  std::span<const index_t> from_strides, std::byte* to,
                  std::span<const index_t> to_strides) {
  if (extents.count() == 0) return;
  auto lines = simplify(extents, from_strides, to_strides);
  switch (size) {
    case 1:
      return copy_all<std::uint8_t>(std::move(lines), from, to);
    case 2:
      return copy_all<std::uint16_t>(std::move(lines), from, to);
    case 4:
      return copy_all<std::uint32_t>(std::move(lines), from, to);
    case 8:
      return copy_all<std::uint64_t>(std::move(lines), from, to);
    case 16:
      return copy_all<std::array<std::uint64_t, 2>>(std::move(lines), from, to);
    default:
      throw bug_error("strided_copy: elements of " + std::to_string(size) + " bytes");
  }
}

std::vector<index_t> dense_strides(std::span<const index_t> extents, index_t size) {
  std::vector<index_t> strides(extents.size());
  for (std::size_t i = extents.size(); i-- > 0; size *= extents[i]) strides[i] = size;
  return strides;
}

void swap_bytes(std::span<std::byte> words, index_t size) {
  if (size == 2)
    swap_words<std::uint16_t>(words, [](std::uint16_t w) { return __builtin_bswap16(w); });
  else if (size == 4)
    swap_words<std::uint32_t>(words, [](std::uint32_t w) { return __builtin_bswap32(w); });
  else if (size == 8)
    swap_words<std::uint64_t>(words, [](std::uint64_t w) { return __builtin_bswap64(w); });
}

}  // namespace ir
