#include "io/frame.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"

namespace ir {
namespace {

constexpr std::string_view role_names[] = {"data",   "flat", "dark",       "mask",
                                           "weight", "psf",  "coordinate", "other"};

}  // namespace

std::string_view name_of(role r) { return role_names[static_cast<int>(r)]; }

std::optional<role> role_named(std::string_view name) {
  const auto* const at = std::find(std::begin(role_names), std::end(role_names), name);
  if (at == std::end(role_names)) return {};
  return static_cast<role>(at - std::begin(role_names));
}

shape extents_of(const array_info& info) {
  std::vector<index_t> n;
  for (const axis& a : info.axes) n.push_back(a.size);
  return shape(n);
}

index_t frame_bytes(const array_info& info) {
  index_t bytes = 0;
  if (__builtin_mul_overflow(extents_of(info).count(), size_of(info.type), &bytes))
    throw data_error(fmt::format("array '{}': a frame of {} {} is larger than any memory",
                                 info.name, to_string(extents_of(info)), name_of(info.type)));
  return bytes;
}

index_t line_count(const array_info& info) {
  index_t lines = 1;
  for (std::size_t i = 0; i + 1 < info.axes.size(); ++i) lines *= info.axes[i].size;
  return lines;
}

int spatial_rank(const array_info& info, int rank) {
  const auto colours = std::count_if(info.axes.begin(), info.axes.end(),
                                     [](const axis& a) { return a.name == "c"; });
  return std::min(rank, static_cast<int>(info.axes.size()) - static_cast<int>(colours));
}

int data_index(const stream_header& h) {
  const auto at = index_of(h, role::data);
  if (!at) throw data_error("the stream has no array with role 'data'");
  return *at;
}

const array_info& data_of(const stream_header& h) { return h.arrays[data_index(h)]; }

array_info& data_of(stream_header& h) { return h.arrays[data_index(h)]; }

std::optional<int> index_of(const stream_header& h, role what) {
  for (std::size_t i = 0; i < h.arrays.size(); ++i)
    if (h.arrays[i].what == what) return static_cast<int>(i);
  return {};
}

}  // namespace ir
