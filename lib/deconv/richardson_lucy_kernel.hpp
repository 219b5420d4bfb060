#pragma once
#include <cmath>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// g as it is compared with a model: counts below 0 are 0.
template <class T, class G>
IR_HD T counts(G g) {
  const T v = static_cast<T>(g);
  return v > T(0) ? v : T(0);
}

/// m <- max(g, 0) / max(m, floor). Reads 2, writes 1, 1 division.
template <class T, class G>
struct poisson_ratio {
  nd_view<const G, 1> g;
  nd_view<T, 1> m;  // H f in, the ratio out
  T floor;

  IR_HD void operator()(index_t i) const noexcept {
    const T model = m(i);
    m(i) = counts<T>(g(i)) / (model > floor ? model : floor);
  }
};

/// One term of the I-divergence: g ln(g / m) + m - g, with the same floor.
template <class T, class G>
struct divergence_term {
  nd_view<const G, 1> g;
  nd_view<const T, 1> m;
  T floor;

  IR_HD double operator()(index_t i) const noexcept {
    const T model = m(i);
    const double have = counts<double>(g(i)), expect = model > floor ? model : floor;
    return (have > 0 ? have * std::log(have / expect) : 0) + expect - have;
  }
};

/// f <- max(f back weight, 0), one weight for all or one each. Reads 2 or 3, writes 1.
template <class T>
struct multiplicative_update {
  nd_view<T, 1> f;
  nd_view<const T, 1> back;
  nd_view<const T, 1> weights;  // data null: `weight` for all
  T weight;

  IR_HD void operator()(index_t i) const noexcept {
    const T v = f(i) * back(i) * (weights.data != nullptr ? weights(i) : weight);
    f(i) = v > T(0) ? v : T(0);
  }
};

/// f <- max(g, least)
template <class T, class G>
struct start_at_data {
  nd_view<const G, 1> g;
  nd_view<T, 1> f;
  T least;

  IR_HD void operator()(index_t i) const noexcept {
    const T v = static_cast<T>(g(i));
    f(i) = v > least ? v : least;
  }
};

/// f <- value
template <class T>
struct start_flat {
  nd_view<T, 1> f;
  T value;

  IR_HD void operator()(index_t i) const noexcept { f(i) = value; }
};

/// max(g, 0), to be summed up.
template <class G>
struct positive_part {
  nd_view<const G, 1> g;

  IR_HD double operator()(index_t i) const noexcept { return counts<double>(g(i)); }
};

/// x <- 1 / x where x > least, else 0: what no data see is not updated.
template <class T>
struct invert_above {
  nd_view<T, 1> x;
  T least;

  IR_HD void operator()(index_t i) const noexcept {
    const T v = x(i);
    x(i) = v > least ? T(1) / v : T(0);
  }
};

}  // namespace ir::kernel
