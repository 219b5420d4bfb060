#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ir {

/// How a datum differs from A x: what its noise is.
struct fidelity_options {
  /// l2 sum of w (A x - y)^2 / 2; l1 sum of |A x - y|; huber (fn/huber.hpp) of A x - y; kl the
  /// Poisson likelihood (fn/poisson.hpp) of counts y.
  enum class kind : std::uint8_t { l2, l1, huber, kl } what = kind::l2;
  std::vector<double> weights{};  // of l2, one or one for each row of the operator; empty: 1
  /// Files with a weight for each datum, instead: one, or one for each row.
  std::vector<std::string> weight_maps{};
  double delta = 0;       // of huber
  double background = 0;  // of kl
};
/// "l2", "wl2:4,1", "wl2:@map.tif", "wl2:@row0.tif,@row1.tif", "l1", "huber:0.1", "kl", "kl:5".
/// usage_error.
fidelity_options parse_fidelity(const std::string&);

}  // namespace ir
