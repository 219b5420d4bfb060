#pragma once
#include <string>
#include <vector>

#include "op/image_layout.hpp"
#include "op/linear_operator.hpp"
#include "op/wavelet_kernel.hpp"

namespace ir {

/// Orthogonal wavelet transform over the spatial axes, periodic: at each level the low-pass box (at
/// first the image) is filtered and halved along each axis; low frequencies go to its first half.
/// Axes of one element are left out.
///
/// domain, range  one real block with 1 to 3 spatial axes, their extents multiples of 2^levels
/// norm           1; unitary
///
/// Source: S. Mallat, IEEE Trans. Pattern Anal. Mach. Intell. 11 (1989) 674-693.
class wavelet_transform final : public linear_operator {
 public:
  /// `name`: wavelet_named; `levels` from 1. usage_error; shape_error: extents that do not halve.
  wavelet_transform(const space& domain, const std::string& name, int levels);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::string do_name() const override { return "wavelet"; }
  index_t do_scratch(precision) const override;

  image_layout n_;
  int levels_;
  std::vector<double> low_, high_;
};

/// The same without halving, filters at level l spread by 2^l and divided by sqrt 2 along each
/// axis, so that A^H A = I: components are the 2^d - 1 details of level 0, those of level 1 ...,
/// and the rest. Any extents; translation commutes with it.
///
/// domain  one real block with 1 to 3 spatial axes, d of them with more than one element
/// range   (1 + levels (2^d - 1), domain)
/// norm    1; isometric
class undecimated_wavelet final : public linear_operator {
 public:
  undecimated_wavelet(const space& domain, const std::string& name, int levels);
  static space range_of(const space& domain, int levels);

 private:
  void do_apply(queue&, cvec x, vec y, mode) const override;
  void do_adjoint(queue&, cvec y, vec x, mode) const override;
  std::string do_name() const override { return "undecimated wavelet"; }
  index_t do_scratch(precision) const override;

  struct band {
    int level, axis, bits;  // axis: the next one to filter, of axes_; bits: highs so far
  };
  void split(queue&, band, cvec from, vec y, vec rest, mode) const;
  void merge(queue&, band, cvec y, cvec rest, vec to, mode) const;
  void filter(queue&, band, bool low, index_t direction, cref from, ref to, mode) const;

  image_layout n_;
  int levels_;
  std::vector<int> axes_;
  std::vector<double> low_, high_;
};

}  // namespace ir
