#include "core/space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <ostream>

#include "core/device_runtime.hpp"
#include "core/error.hpp"

namespace ir {
namespace {

// 64 bytes in f32, 128 in f64: one offset serves both precisions.
constexpr index_t alignment = 16;

// So that bytes of several elements can be added up.
constexpr index_t most_reals = index_t{1} << 56;

index_t reals_of(const space::block& b) {
  return b.extents.count() * (b.of == field::complex ? 2 : 1);
}

bool alike(const space::block& a, const space::block& b) {
  return a.extents == b.extents && a.of == b.of;
}

index_t end_of(const space::block& b) {
  return (b.offset + reals_of(b) + alignment - 1) / alignment * alignment;
}

std::string to_string(const space::block& b) {
  return to_string(b.extents) + (b.of == field::complex ? " complex" : "");
}

void fill_zero(queue& q, void* data, index_t bytes) {
  if (q.where().kind == device::cuda)
    cuda::set_zero(q.stream(), data, bytes);
  else
    std::memset(data, 0, static_cast<std::size_t>(bytes));
}

}  // namespace

space::space(const shape& extents, field of, std::optional<int> spatial) {
  const int rank = spatial.value_or(extents.rank());
  if (rank < 0 || rank > extents.rank())
    throw usage_error(fmt::format("{} spatial axes of a space {}: 0 to {} are possible", rank,
                                  ir::to_string(extents), extents.rank()));
  if (extents.count() > most_reals / 2)
    throw usage_error(fmt::format("a space {}: more than 2^55 elements are not possible",
                                  ir::to_string(extents)));
  blocks_.push_back({extents, of, rank, 0});
  size_ = end_of(blocks_[0]);
}

const shape& space::extents() const {
  if (blocks_.size() != 1)
    throw shape_error(
        fmt::format("a single array is asked for, the space is {}", ir::to_string(*this)));
  return blocks_[0].extents;
}

bool same_blocks(const space& a, const space& b) {
  return std::ranges::equal(a.blocks(), b.blocks(), alike);
}

space operator|(const space& a, const space& b) {
  space both = a;
  for (space::block block : b.blocks_) {
    block.offset += a.size_;
    both.blocks_.push_back(block);
  }
  both.size_ += b.size_;
  if (both.size_ > most_reals)
    throw usage_error(fmt::format("a product of spaces of {} elements: too large", both.size_));
  return both;
}

std::string to_string(const space& s) {
  std::string text;
  for (const space::block& b : s.blocks()) text += (text.empty() ? "" : " | ") + to_string(b);
  return text;
}

std::ostream& operator<<(std::ostream& out, const space& s) { return out << to_string(s); }

template <class V>
basic_vec<V> basic_vec<V>::slice(int first, const space& part) const {
  const auto all = in_->blocks();
  const auto wanted = part.blocks();
  const auto begin = static_cast<std::size_t>(first);
  if (begin + wanted.size() > all.size() ||
      !std::ranges::equal(wanted, all.subspan(begin, wanted.size()), alike))
    throw shape_error(fmt::format("blocks {} and following of {} are not {}", first,
                                  to_string(*in_), to_string(part)));
  return {at(all[begin].offset), type_, part, where_};
}

template class basic_vec<void>;
template class basic_vec<const void>;

owned_vec::owned_vec(queue& q, const space& in, precision type)
    : in_(in), type_(type), data_(q, real_type(type), shape{in.size()}) {
  fill_zero(q, data_.get().data, data_.get().bytes());
}

owned_vec::operator vec() { return {data_.get().data, type_, in_, data_.get().where}; }
owned_vec::operator cvec() const { return {data_.get().data, type_, in_, data_.get().where}; }

scratch_vec::scratch_vec(queue& q, const space& in, precision type)
    : in_(&in), type_(type), where_(q.where()), memory_(q, scratch_bytes_of(in, type)) {
  const index_t real = size_of(real_type(type));
  for (const space::block& b : in.blocks()) {
    const index_t end = b.offset + reals_of(b), gap = end_of(b) - end;
    if (gap > 0) fill_zero(q, static_cast<std::byte*>(memory_.data()) + end * real, gap * real);
  }
}

index_t real_count(const space& in) {
  index_t n = 0;
  for (const space::block& b : in.blocks()) n += reals_of(b);
  return n;
}

index_t scratch_bytes_of(const space& in, precision type) {
  return in.size() * size_of(real_type(type));  // a multiple of 64 already
}

}  // namespace ir
