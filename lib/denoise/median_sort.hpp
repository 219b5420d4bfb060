#pragma once
#include <utility>

#include "core/index.hpp"

namespace ir::detail {

/// Sorts n elements by their member `key`, an unsigned integer, equal ones in the order given: by
/// bytes, the lowest first; those that are all the same cost one reading. Returns `a` or `b`,
/// whichever holds the result; the other one is overwritten.
template <class Element>
[[gnu::always_inline]] inline Element* sort_by_key(Element* a, Element* b, index_t n) {
  for (int shift = 0; shift < static_cast<int>(8 * sizeof(Element::key)); shift += 8) {
    index_t start[256] = {};
    const auto byte = [shift](const Element& p) {
      return static_cast<std::size_t>(p.key >> shift) & 255;
    };
    for (index_t i = 0; i < n; ++i) ++start[byte(a[i])];
    if (n == 0 || start[byte(a[0])] == n) continue;
    index_t sum = 0;
    for (index_t& s : start) sum += std::exchange(s, sum);
    for (index_t i = 0; i < n; ++i) b[start[byte(a[i])]++] = a[i];
    std::swap(a, b);
  }
  return a;
}

}  // namespace ir::detail
