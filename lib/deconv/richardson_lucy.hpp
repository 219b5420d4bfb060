#pragma once
#include <memory>
#include <vector>

#include "fft/convolution.hpp"
#include "solver/solver.hpp"

namespace ir {

/// What Richardson-Lucy needs besides the data, the same for all frames of a stack: H and 1 / H'1.
///
///   circular, zero   1 / (sum of the PSF), a number: with zeros beyond the edges, light that
///   leaves
///                    the picture is not made up for
///   reflect, edge    1 / H'1 for each element, 0 where H'1 <= 1e-3 of the PSF's sum
class richardson_lucy_model {
 public:
  /// One adjoint, and one array of the data's size for reflect and edge.
  richardson_lucy_model(queue&, std::shared_ptr<const convolution> H);

  const convolution& H() const { return *H_; }
  /// Null where one number serves all.
  const void* weights() const { return weights_.empty() ? nullptr : weights_.get().data; }
  double weight() const { return weight_; }
  index_t scratch_bytes() const;
  static index_t table_bytes(const convolution_geometry&, precision);

 private:
  std::shared_ptr<const convolution> H_;
  array weights_;
  double weight_;
};

/// Where the iteration begins.
///   data   max(g, 1e-3 of the mean of max(g, 0))
///   flat   the mean of max(g, 0), divided by the PSF's sum
///   given  what the estimate holds
enum class deconvolution_start : std::uint8_t { data, flat, given };

/// Whether each step tells the I-divergence; its logarithms cost as much as the transforms.
enum class tell : std::uint8_t { nothing, divergence };

/// Richardson-Lucy deconvolution: the maximum-likelihood estimate for Poisson data g ~ Poisson(H
/// f),
///
///   f <- f H'(g / H f) / H'1
///
/// with 4 FFTs a step (on a CPU all passes over f and g fused with them).
///
/// g         extents of H; u8, u16 or the precision's type; not below 0 (what is counts as 0)
/// estimate  f, of the precision; iterated in place; both outlive the solver
/// tells     objective = I-divergence per element, mean of g ln(g / H f) + H f - g, of the f that
///           the step starts from: it never rises (where H'1 is a constant or divided by)
/// clamps    H f is not taken below 16 eps mean(g), f is not below 0: rounding of the FFTs
///
/// Sources: W. H. Richardson, J. Opt. Soc. Am. 62 (1972) 55-59; L. B. Lucy, Astron. J. 79 (1974)
/// 745-754.
class richardson_lucy final : public solver {
 public:
  /// shape_error, usage_error: g or the estimate do not fit H.
  richardson_lucy(queue&, std::shared_ptr<const richardson_lucy_model>, cref g, ref estimate,
                  deconvolution_start, tell = tell::nothing);

  cvec solution() const override;

 private:
  void do_step(queue&, iteration&) override;
  void do_state(state_archive&) override;
  template <class T, class G>
  void begin(queue&, deconvolution_start);
  template <class T, class G>
  void step_by_lines(queue&, iteration&);
  template <class T, class G>
  void step_by_arrays(queue&, iteration&);
  template <class Body>
  void with_types(const Body&) const;

  std::shared_ptr<const richardson_lucy_model> model_;
  cref g_;
  ref f_;
  space in_;
  double floor_ = 0;
  std::vector<double> line_sums_;  // of the divergence
  bool tell_;
};

}  // namespace ir
