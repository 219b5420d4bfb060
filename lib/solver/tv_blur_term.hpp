#pragma once
#include <optional>
#include <vector>

#include "fn/functional.hpp"
#include "op/blur_kernel.hpp"

namespace ir::detail {

/// A quadratic term w/2 ||S B x - y||^2_W, B a blur of an image with two spatial axes, S picking
/// and scaling elements of it.
struct blurred_data {
  const blur_kernel* kernel;  // of B, of two axes at most
  op_ptr B, S;                // S null: the identity
};
/// nullopt: the term is not of this kind.
std::optional<blurred_data> blurred_data_of(const term&);

/// Rows (columns) of an image on a torus that has room for what a blur reaches: where each position
/// comes from.
struct torus_axis {
  index_t n = 1, length = 1;
  std::vector<index_t> source;  // an element of the image, `zero`, or `free`: no datum looks there
  static constexpr index_t zero = -1, free = -2;
  index_t copies_of(index_t element) const;
};
/// `taps` of the PSF along the axis.
torus_axis torus_axis_of(index_t n, index_t taps, boundary);

}  // namespace ir::detail
