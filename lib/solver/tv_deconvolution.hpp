#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>

#include "solver/composite.hpp"
#include "solver/solver.hpp"

namespace ir {

/// minimise sum_i w_i/2 ||A_i x - y_i||^2 + lambda TV(x), low <= x <= high, A_i blurs, TV the
/// isotropic total variation with one spacing, which couples channels and has no difference across
/// the border: alternating directions with D x split off, in few passes over memory. Blurs that are
/// not circular, masks and weights before them, and bounds: solver/tv_padded.hpp; else:
///
/// The x-step is exact in the Fourier domain, where A_i and D with differences across the border
/// are diagonal: those differences are variables of the splitting that cost nothing. The state is x
/// and one field s of two components; a step is two real transforms, the filter applied while a
/// block of columns lies in the cache, the shrinkage while a row does.
///
/// rho rises from lambda / (0.7 deviation of y_1) to lambda / (0.06 deviation) by 1.1 in each step:
/// large edges settle first. Relaxed by 1.8.
///
/// domain  (channels, ny, nx) or (ny, nx), real; on a CPU
/// tells   change; by `evaluate` the objective
/// sources Goldstein, Osher, SIAM J. Imaging Sci. 2 (2009) 323-343; Eckstein, Bertsekas, Math.
///         Program. 55 (1992) 293-318
class tv_deconvolution : public solver {
 public:
  struct options {
    std::optional<cvec> start{};                  // absent: y_1
    double relaxation = 1.8;                      // in (0, 2)
    double first = 0.7, last = 0.06, rise = 1.1;  // thresholds by y_1's deviation; factor of rho
    fn_ptr constraint{};                          // null, or a box

    /// Of step k = 1, 2 ..., by the deviation: lambda / rho.
    double threshold(index_t k) const {
      return std::max(last, first * std::pow(rise, 1.0 - static_cast<double>(k)));
    }
  };

  /// Whether `make` takes these terms: unweighted quadratics behind circular convolutions, the
  /// first with data, or one quadratic behind any blur, of which data may be picked and weighted;
  /// and l21 behind a gradient; all on one real image with two spatial axes.
  static bool fits(const std::vector<term>& data, const term& variation,
                   const fn_ptr& constraint = {});
  /// What of them it does not take, in few words; empty: it fits.
  static std::string_view obstacle(const std::vector<term>& data, const term& variation,
                                   const fn_ptr& constraint);
  /// Why it is the one to take, for those who ask.
  static std::string reason(const std::vector<term>& data, const fn_ptr& constraint);
  /// usage_error: they do not fit, or a GPU's queue.
  static std::unique_ptr<tv_deconvolution> make(queue&, const std::vector<term>& data,
                                                const term& variation, precision, const options&);
  static std::unique_ptr<tv_deconvolution> make(queue& q, const std::vector<term>& data,
                                                const term& variation, precision p) {
    return make(q, data, variation, p, {});
  }
};

}  // namespace ir
