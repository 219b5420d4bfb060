#pragma once
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>

#include "core/index.hpp"

namespace ir {

/// Extents of an array, slowest axis first; rank 0 (a scalar) to 8, stored inline.
class shape {
 public:
  static constexpr int max_rank = 8;

  shape() = default;
  /// Throws usage_error: rank above 8, a negative extent, or a product beyond 2^62.
  shape(std::initializer_list<index_t> extents);
  explicit shape(std::span<const index_t> extents);

  int rank() const { return rank_; }
  index_t operator[](int axis) const { return n_[axis]; }
  /// Number of elements; 1 for rank 0.
  index_t count() const;
  std::span<const index_t> extents() const { return {n_, static_cast<std::size_t>(rank_)}; }

  friend bool operator==(const shape& a, const shape& b);

 private:
  index_t n_[max_rank] = {};
  int rank_ = 0;
};

/// "64x128x128", slowest first; "scalar" for rank 0.
std::string to_string(const shape&);
std::ostream& operator<<(std::ostream&, const shape&);

}  // namespace ir
