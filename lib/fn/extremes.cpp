#include "fn/extremes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace ir {

extremes extremes_of(queue& q, cvec x) {
  extremes all{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  for (const space::block& b : x.in().blocks()) {
    const index_t n = b.extents.count() * (b.of == field::complex ? 2 : 1);
    const auto* first =
        static_cast<const std::byte*>(x.data()) + b.offset * size_of(real_type(x.type()));
    std::vector<double> v(static_cast<std::size_t>(n));
    copy(q, cref(first, real_type(x.type()), shape{n}, x.where()),
         ref(v.data(), dtype::f64, shape{n}));
    q.synchronize();
    for (const double value : v) {
      if (std::isnan(value)) return {value, value};
      all.least = std::min(all.least, value);
      all.most = std::max(all.most, value);
    }
  }
  return all;
}

}  // namespace ir
