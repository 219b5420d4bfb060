#include "stage/element.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"

namespace ir {
namespace {

/// Extents of the one array of a space; nullopt: blocks differ.
std::optional<shape> array_extents(const space& s) {
  const auto blocks = s.blocks();
  if (blocks.size() == 1) return blocks[0].extents;
  std::vector<index_t> n{static_cast<index_t>(blocks.size())};
  for (const space::block& b : blocks)
    if (!(b.extents == blocks[0].extents) || b.of != blocks[0].of) return {};
  const auto inner = blocks[0].extents.extents();
  n.insert(n.end(), inner.begin(), inner.end());
  return shape(n);
}

template <class V>
basic_ref<V> block_of(const basic_ref<V>& all, const shape& extents, index_t index) {
  using byte = std::conditional_t<std::is_const_v<V>, const std::byte, std::byte>;
  return {static_cast<byte*>(all.data) + index * extents.count() * size_of(all.type), all.type,
          extents, all.where};
}

template <class V, class W>
void match(const basic_ref<V>& frame, const basic_vec<W>& element) {
  const field f = is_complex(frame.type) ? field::complex : field::real;
  if (!holds(frame.extents, f, element.in()))
    throw shape_error(fmt::format("a frame {}{} is no element of {}", to_string(frame.extents),
                                  f == field::complex ? " complex" : "", to_string(element.in())));
}

}  // namespace

space space_of(const array_info& a, int rank) {
  if (a.axes.empty()) throw data_error(fmt::format("'{}' has no axes", a.name));
  return space(extents_of(a), is_complex(a.type) ? field::complex : field::real,
               spatial_rank(a, rank));
}

space space_of(const shape& extents, std::optional<int> rank) {
  return space(extents, field::real, std::min(rank.value_or(extents.rank()), extents.rank()));
}

bool holds(const shape& extents, field f, const space& s) {
  const auto all = array_extents(s);
  return all && *all == extents && s.blocks()[0].of == f;
}

array_info element_info(const array_info& from, const space& to, precision type) {
  const auto n = array_extents(to);
  if (!n)
    throw usage_error(
        fmt::format("{} is no one array: its parts have different extents", to_string(to)));
  array_info out = from;
  out.nominal.reset();
  out.type = to.blocks()[0].of == field::complex ? complex_type(type) : real_type(type);
  out.axes.assign(static_cast<std::size_t>(n->rank()), {});
  const int rows = to.blocks().size() > 1 ? 1 : 0;
  for (int i = 0; i < n->rank(); ++i) {
    axis& a = out.axes[static_cast<std::size_t>(i)];
    const int of = static_cast<int>(from.axes.size()) - n->rank() + i;  // aligned on the right
    if (i < rows) {
      a.name = "row";
    } else if (of >= 0) {
      const axis& was = from.axes[static_cast<std::size_t>(of)];
      a = was.size == (*n)[i] ? was : axis{was.name, "", (*n)[i], 1, 0};
    } else {
      a.name = i == rows ? "component" : fmt::format("component{}", i - rows + 1);
    }
    a.size = (*n)[i];
  }
  return out;
}

std::vector<array_info> element_infos(const array_info& from, const space& to, precision type) {
  if (array_extents(to)) return {element_info(from, to, type)};
  std::vector<array_info> all;
  for (const space::block& b : to.blocks())
    all.push_back(element_info(from, space(b.extents, b.of, b.spatial), type));
  return all;
}

array_info solution_info(const array_info& from, const space& domain, precision type) {
  array_info out = element_info(from, domain, type);
  constexpr std::string_view kept = "tczyx", names = "xyzt";
  for (std::size_t i = 0; i < out.axes.size(); ++i) {
    axis& a = out.axes[i];
    if (a.name.size() == 1 && kept.find(a.name) != std::string_view::npos) continue;
    const std::size_t from_right = out.axes.size() - 1 - i;
    a.name =
        from_right < names.size() ? std::string(1, names[from_right]) : fmt::format("axis{}", i);
    a.unit.clear(), a.spacing = 1, a.origin = 0;
  }
  return out;
}

void load_element(queue& q, cref frame, vec to) {
  match(frame, to);
  for (int b = 0; b < static_cast<int>(to.in().blocks().size()); ++b)
    copy(q, block_of(frame, to.block(b).extents, b), to.block(b));
}

void store_element(queue& q, cvec from, ref frame) {
  match(frame, from);
  for (int b = 0; b < static_cast<int>(from.in().blocks().size()); ++b)
    copy(q, from.block(b), block_of(frame, from.block(b).extents, b));
}

}  // namespace ir
