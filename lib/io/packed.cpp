#include "io/packed.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "core/error.hpp"
#include "io/strided_copy.hpp"

namespace ir {
namespace {

constexpr index_t sieve_bytes = index_t{1}
                                << 20;  // rows close together are read at once up to this
constexpr index_t sieve_gap = 4096;     // and where no more than this lies between them

void read_exactly(const descriptor& file, index_t offset, std::span<std::byte> to) {
  const index_t got = file.read_at(offset, to);
  if (got < static_cast<index_t>(to.size()))
    throw data_error(fmt::format("{}: ends at byte {}, {} are missing", file.name(), offset + got,
                                 static_cast<index_t>(to.size()) - got));
}

struct line {
  index_t n, stride;
};

/// Reads the elements that `lines` (slowest first) and a dense run of `run` bytes cover, one after
/// the other, to `to`; returns the end of what it wrote.
std::byte* read_lines(const descriptor& file, index_t offset, std::span<const line> lines,
                      index_t run, std::byte* to) {
  if (lines.empty()) {
    read_exactly(file, offset, {to, static_cast<std::size_t>(run)});
    return to + run;
  }
  const line l = lines.front();
  const bool close = lines.size() == 1 && l.stride >= run && l.stride - run <= sieve_gap;
  if (!close) {
    for (index_t i = 0; i < l.n; ++i)
      to = read_lines(file, offset + i * l.stride, lines.subspan(1), run, to);
    return to;
  }
  const index_t rows = std::max<index_t>(1, sieve_bytes / l.stride);
  std::vector<std::byte> sieve(
      static_cast<std::size_t>((std::min(rows, l.n) - 1) * l.stride + run));
  for (index_t begin = 0; begin < l.n; begin += rows) {
    const index_t n = std::min(rows, l.n - begin);
    const auto bytes = static_cast<std::size_t>((n - 1) * l.stride + run);
    read_exactly(file, offset + begin * l.stride, {sieve.data(), bytes});
    for (index_t i = 0; i < n; ++i, to += run)
      std::memcpy(to, sieve.data() + i * l.stride, static_cast<std::size_t>(run));
  }
  return to;
}

/// Bytes of the word that byte order is about: the parts of a complex number are swapped each.
index_t word_of(dtype t) { return is_complex(t) ? size_of(t) / 2 : size_of(t); }

}  // namespace

packed_layout packed_c_order(const array_info& info, index_t offset) {
  return {offset, dense_strides(extents_of(info).extents(), size_of(info.type)), false};
}

packed_boxes::packed_boxes(array_info info, std::shared_ptr<const descriptor> file,
                           packed_layout layout)
    : box_source(std::move(info)), file_(std::move(file)), layout_(std::move(layout)) {
  by_stride_.resize(layout_.strides.size());
  std::iota(by_stride_.begin(), by_stride_.end(), 0);
  std::stable_sort(by_stride_.begin(), by_stride_.end(), [this](int a, int b) {
    return std::abs(layout_.strides[static_cast<std::size_t>(a)]) >
           std::abs(layout_.strides[static_cast<std::size_t>(b)]);
  });
}

shape packed_boxes::block() const {
  // Whole runs of the axis that is dense in the file, about a page of them at least.
  constexpr index_t enough = 4096;
  std::vector<index_t> n(by_stride_.size(), 1);
  index_t bytes = size_of(info().type);
  for (auto i = by_stride_.rbegin(); i != by_stride_.rend() && bytes < enough; ++i) {
    const auto a = static_cast<std::size_t>(*i);
    bytes *= n[a] = info().axes[a].size;
  }
  return shape(n);
}

void packed_boxes::do_read(const shape& origin, const shape& extents, void* out) const {
  const index_t size = size_of(info().type);
  index_t offset = layout_.offset;
  for (int i = 0; i < origin.rank(); ++i)
    offset += origin[i] * layout_.strides[static_cast<std::size_t>(i)];

  std::vector<line> lines;  // of the box, in the file's order
  std::vector<index_t> file_order;
  for (const int a : by_stride_) {
    lines.push_back({extents[a], layout_.strides[static_cast<std::size_t>(a)]});
    file_order.push_back(extents[a]);
  }
  index_t run = size;  // joins the fastest axes while they lie without gap
  while (!lines.empty() && (lines.back().n == 1 || lines.back().stride == run)) {
    run *= lines.back().n;
    lines.pop_back();
  }
  std::erase_if(lines, [](const line& l) { return l.n == 1; });

  auto* to = static_cast<std::byte*>(out);
  const index_t bytes = extents.count() * size;
  if (std::is_sorted(by_stride_.begin(), by_stride_.end())) {
    read_lines(*file_, offset, lines, run, to);
  } else {
    const auto raw = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(bytes));
    read_lines(*file_, offset, lines, run, raw.get());
    const auto file_strides = dense_strides(file_order, size);
    std::vector<index_t> from(by_stride_.size());
    for (std::size_t i = 0; i < from.size(); ++i)
      from[static_cast<std::size_t>(by_stride_[i])] = file_strides[i];
    strided_copy(extents, size, raw.get(), from, to, dense_strides(extents.extents(), size));
  }
  if (layout_.swapped) swap_bytes({to, static_cast<std::size_t>(bytes)}, word_of(info().type));
}

memory_boxes::memory_boxes(array_info info, const void* data, std::shared_ptr<const void> keep)
    : box_source(std::move(info)),
      data_(static_cast<const std::byte*>(data)),
      keep_(std::move(keep)) {}

void memory_boxes::do_read(const shape& origin, const shape& extents, void* out) const {
  const index_t size = size_of(info().type);
  const auto strides = dense_strides(extents_of(info()).extents(), size);
  const std::byte* from = data_;
  for (int i = 0; i < origin.rank(); ++i) from += origin[i] * strides[static_cast<std::size_t>(i)];
  strided_copy(extents, size, from, strides, static_cast<std::byte*>(out),
               dense_strides(extents.extents(), size));
}

std::string joined(std::span<const index_t> extents, std::string_view between) {
  std::string out;
  for (const index_t n : extents) {
    if (!out.empty()) out += between;
    out += std::to_string(n);
  }
  return out;
}

index_t checked_bytes(std::span<const index_t> extents, index_t element_bytes,
                      const std::string& file) {
  if (extents.size() > static_cast<std::size_t>(shape::max_rank))
    throw data_error(
        fmt::format("{}: {} axes; at most {} are read", file, extents.size(), shape::max_rank));
  index_t bytes = element_bytes;
  for (const index_t n : extents) {
    if (n < 1)
      throw data_error(fmt::format("{}: an array of {} has no elements", file, joined(extents)));
    if (bytes > (index_t{1} << 62) / n)
      throw data_error(
          fmt::format("{}: an array of {} is too large to be true", file, joined(extents)));
    bytes *= n;
  }
  return bytes;
}

}  // namespace ir
