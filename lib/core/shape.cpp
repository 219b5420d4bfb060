#include "core/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "core/error.hpp"

namespace ir {

shape::shape(std::initializer_list<index_t> extents)
    : shape(std::span<const index_t>(extents.begin(), extents.size())) {}

shape::shape(std::span<const index_t> extents) {
  if (extents.size() > max_rank)
    throw usage_error(fmt::format("{} axes: at most {} are possible", extents.size(), max_rank));
  rank_ = static_cast<int>(extents.size());
  std::copy(extents.begin(), extents.end(), n_);
  constexpr index_t most = index_t{1} << 62;
  index_t product = 1;
  for (const index_t n : extents) {
    if (n < 0) throw usage_error(fmt::format("shape {}: an extent is negative", to_string(*this)));
    // Zero extents count as 1 here, so that 0 x huge x huge is refused whatever the order.
    if (n > 1 && product > most / n)
      throw usage_error(
          fmt::format("shape {}: more than 2^62 elements are not possible", to_string(*this)));
    product *= std::max<index_t>(n, 1);
  }
}

index_t shape::count() const {
  index_t product = 1;
  for (int i = 0; i < rank_; ++i) product *= n_[i];
  return product;
}

bool operator==(const shape& a, const shape& b) {
  return std::ranges::equal(a.extents(), b.extents());
}

std::string to_string(const shape& s) {
  return s.rank() == 0 ? "scalar" : fmt::format("{}", fmt::join(s.extents(), "x"));
}

std::ostream& operator<<(std::ostream& out, const shape& s) { return out << to_string(s); }

}  // namespace ir
