#pragma once
#include <vector>

#include "core/shape.hpp"
#include "fft/extension_kernel.hpp"

namespace ir {

/// What a blur convolves with, for those who undo it in the Fourier domain.
struct blur_kernel {
  shape extents;               // 1 to 3 axes, the last ones of an image
  std::vector<double> values;  // as they are applied; centre at floor(n/2)
  boundary rule;
};

/// A base of operators that may be blurs.
class known_blur {
 public:
  virtual ~known_blur() = default;
  /// null: it is none.
  virtual const blur_kernel* kernel() const = 0;
};

}  // namespace ir
