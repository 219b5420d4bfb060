#pragma once
#include <vector>

#include "core/index.hpp"

namespace ir {

/// A = U diag(sigma) V^T of a small dense matrix, by one-sided Jacobi rotations in f64: accurate to
/// rounding for every singular value, O(rows columns^2) a sweep, about 8 sweeps.
/// Source: M. R. Hestenes, J. SIAM 6 (1958) 51-90.
class jacobi_svd {
 public:
  /// `matrix`: (rows, columns), C order.
  jacobi_svd(const double* matrix, index_t rows, index_t columns);
  /// min(rows, columns) values, in no order.
  const std::vector<double>& values() const { return sigma_; }
  /// U diag(replaced) V^T, (rows, columns) in C order.
  void compose(const std::vector<double>& replaced, double* matrix) const;

 private:
  index_t long_, short_;               // the larger and the smaller extent
  bool turned_;                        // the transpose was decomposed
  std::vector<double> a_, v_, sigma_;  // columns of U diag(sigma): (short, long); of V
};

}  // namespace ir
