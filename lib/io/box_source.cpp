#include "io/box_source.hpp"

#include <fmt/core.h>

#include "core/error.hpp"

namespace ir {

void box_source::read(const shape& origin, const shape& extents, ref out) const {
  const shape all = extents_of(info_);
  bool fits = origin.rank() == all.rank() && extents.rank() == all.rank();
  for (int i = 0; fits && i < all.rank(); ++i)
    fits = origin[i] >= 0 && extents[i] <= all[i] && origin[i] <= all[i] - extents[i];
  if (!fits)
    throw shape_error(fmt::format("a box of {} at {} is not inside an array of {}",
                                  to_string(extents), to_string(origin), to_string(all)));
  if (out.type != info_.type || out.extents.count() != extents.count() ||
      out.where.kind != device::cpu)
    throw bug_error(fmt::format("a box of {} {} is read into {} {}", to_string(extents),
                                name_of(info_.type), to_string(out.extents), name_of(out.type)));
  if (extents.count() > 0) do_read(origin, extents, out.data);
}

shape box_source::block() const {
  // The last two axes: right for what lies in C order, and for pages.
  std::vector<index_t> n(info_.axes.size(), 1);
  for (std::size_t i = n.size() - std::min<std::size_t>(n.size(), 2); i < n.size(); ++i)
    n[i] = info_.axes[i].size;
  return shape(n);
}

std::optional<array_info::nominal_range> full_range(dtype type) {
  if (!is_integer(type)) return {};
  const integer_range all = range_of(type);
  return array_info::nominal_range{type, {all.low, all.high}};
}

array_info file_array(dtype type, std::vector<axis> axes) {
  array_info info;
  info.name = "data";
  info.type = type;
  info.axes = std::move(axes);
  info.nominal = full_range(type);
  return info;
}

std::vector<axis> name_axes(std::span<const index_t> extents, std::span<const std::string> names) {
  static constexpr const char* fallback[] = {"x", "y", "z", "t"};
  if (!names.empty() && names.size() != extents.size())
    throw usage_error(fmt::format("--axes names {} axes, the array has {}: {}", names.size(),
                                  extents.size(), to_string(shape(extents))));
  std::vector<axis> axes(extents.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t from_right = axes.size() - 1 - i;
    axes[i].size = extents[i];
    axes[i].name = !names.empty()   ? names[i]
                   : from_right < 4 ? fallback[from_right]
                                    : fmt::format("axis{}", i);
    for (std::size_t j = 0; j < i; ++j)
      if (axes[j].name == axes[i].name)
        throw usage_error(fmt::format("--axes names two axes '{}'", axes[i].name));
  }
  return axes;
}

}  // namespace ir
