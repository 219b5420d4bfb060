#pragma once
#include <memory>
#include <vector>

#include "fn/functional.hpp"
#include "solver/solver.hpp"

namespace ir {

/// minimise sum_i w_i/2 ||A_i x - y_i||^2_{W_i} + lambda TV(x), low <= x <= high, where A_i only
/// pick and scale elements of x (masks, samples, crops, the identity; traits: selects) and W_i >= 0
/// weighs each datum: inpainting, and denoising where the noise is not the same everywhere. TV is
/// the isotropic total variation, which couples channels.
///
/// Primal-dual iterations, relaxed by 1.8, with everything between one read of x and p and one
/// write: the quadratics are one W/2 (x - y)^2, whose prox is a division. tau lambda starts at a
/// tenth of y's deviation and follows the movements of x and p, by factors whose product is finite.
/// Starts from y, and between the data from the means of ever coarser grids.
///
/// Planes of the slowest axis go through in bands in parallel; the same bits for any number of
/// threads.
///
/// domain  (channels, spatial) or (spatial), 1 to 3 spatial axes, real; on a CPU
/// tells   change, of x or what that of p can make of it; by `evaluate` the objective
/// memory  6 numbers an element of the domain and one a spatial axis
/// sources Chambolle, Pock, J. Math. Imaging Vis. 40 (2011) 120-145, algorithm 1; relaxation: L.
///         Condat, J. Optim. Theory Appl. 158 (2013) 460; steps: Goldstein et al., arXiv:1305.0546
class tv_pointwise : public solver {
 public:
  struct options {
    std::optional<cvec> start{};  // absent: as said
    double relaxation = 1.8;      // in (0, 2)
    double first = 0.1;           // tau lambda by y's deviation
  };

  /// Whether `make` takes these: quadratics behind operators that select, tv with one spacing for
  /// all axes; `constraint`: null or a box.
  static bool fits(const std::vector<term>& data, const term& variation, const fn_ptr& constraint);
  /// usage_error: they do not fit, or a GPU's queue.
  static std::unique_ptr<tv_pointwise> make(queue&, const std::vector<term>& data,
                                            const term& variation, const fn_ptr& constraint,
                                            precision, const options&);
  static std::unique_ptr<tv_pointwise> make(queue& q, const std::vector<term>& data,
                                            const term& variation, const fn_ptr& constraint,
                                            precision p) {
    return make(q, data, variation, constraint, p, {});
  }
};

}  // namespace ir
