#pragma once
#include <vector>

#include "op/separable.hpp"

namespace ir {

/// Operators that take samples to samples along each spatial axis. Lists are in axis order, slowest
/// first: one number, or one for each spatial axis (usage_error). The channels and batch axes
/// before them are kept. domain: one block, real or complex, any unit.

/// The box of `size` elements that begins at `begin`; -1: in the middle. shape_error: outside.
op_ptr make_crop(queue&, const space& domain, const std::vector<double>& size,
                 const std::vector<double>& begin, precision);

/// `before` and `after` more elements at the ends, which the boundary says; the norm is exact from
/// how often an element is repeated.
op_ptr make_pad(queue&, const space& domain, const std::vector<double>& before,
                const std::vector<double>& after, boundary, precision);

/// What goes before keeping every k-th element, the first included: nothing; the mean over the k
/// elements from there on; a Gaussian of standard deviation (k - 1) / 2, elements beyond the edges
/// like the outermost.
enum class antialias : std::uint8_t { none, mean, gaussian };
/// range  ceil(n / k) along each spatial axis
op_ptr make_downsample(queue&, const space& domain, const std::vector<double>& factor, antialias,
                       precision);

/// How k elements come from one: zeros after it (the adjoint of plain downsampling), itself, or
/// linear interpolation between the centres of neighbours.
enum class interpolation : std::uint8_t { none, repeat, linear };
/// range  n k along each spatial axis
op_ptr make_upsample(queue&, const space& domain, const std::vector<double>& factor, interpolation,
                     precision);

/// Sum over one axis, which the range lacks; `axis` from 0, the slowest, or from the end: -1.
op_ptr make_sum(queue&, const space& domain, int axis, precision);

/// The boundary of a name, "edge"; usage_error naming those that are.
boundary boundary_named(const std::string&);

}  // namespace ir
