#pragma once
#include <memory>
#include <vector>

#include "core/blas1.hpp"
#include "op/linear_operator.hpp"
#include "op/tridiagonal.hpp"

namespace ir {

/// Random numbers with standard normal distribution in every real, the same for the same seed on
/// any device and number of threads.
void fill_gaussian(queue&, std::uint64_t seed, vec);

/// 1 in every real.
void fill_ones(queue&, vec);

/// Golub-Kahan-Lanczos bidiagonalisation: unit vectors v_1, v_2, ... with A v_j = alpha_j u_j +
/// beta_{j-1} u_{j-1}, so that B^T B is Lanczos' matrix of A^H A. A step reads A once forwards and
/// once adjoint.
///
/// Source: G. Golub, W. Kahan, SIAM J. Numer. Anal. 2 (1965) 205-224; H. D. Simon, H. Zha, SIAM J.
/// Sci. Comput. 21 (2000) 2257-2274, on one-sided orthogonality.
class bidiagonalisation {
 public:
  using vectors = std::vector<std::unique_ptr<owned_vec>>;
  /// `recurrence`: 2 vectors of the domain and 2 of the range, orthogonal as far as rounding leaves
  /// them so. `full`: each new v is made orthogonal to those before it and to `locked` orthonormal
  /// vectors, in whose complement all then happens; a domain vector for each step.
  enum class orthogonality : std::uint8_t { recurrence, full };
  /// A and `locked` must outlive it. `start`: any vector of the domain that is not 0.
  bidiagonalisation(queue&, const linear_operator& A, cvec start, orthogonality,
                    const vectors* locked = nullptr);

  /// One more column. False: there is none, the Krylov space is complete.
  bool step(queue&);
  index_t steps() const { return lanczos_.size(); }
  const tridiagonal& lanczos() const { return lanczos_; }
  /// sum_j s_j v_j, of full orthogonality.
  void combine(queue&, const std::vector<double>& s, vec x) const;

 private:
  void orthogonalise(queue&, vec w) const;

  const linear_operator& A_;
  precision type_;
  const vectors* locked_;
  orthogonality kept_;
  vectors v_;
  owned_vec w_, u_, Av_;
  double alpha_ = 0, beta_ = 0;
  bool complete_ = false;
  tridiagonal lanczos_;
  inner_product product_;
};

}  // namespace ir
