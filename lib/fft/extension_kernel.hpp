#pragma once
#include "core/nd_view.hpp"

namespace ir {

/// What lies beyond the edges of the data.
///   circular  the data again                 ...b c d | a b c d | a b c...
///   zero      nothing                        ...0 0 0 | a b c d | 0 0 0...
///   reflect   the data mirrored at the edge  ...c b a | a b c d | d c b...
///   edge      the outermost element          ...a a a | a b c d | d d d...
enum class boundary : std::uint8_t { circular, zero, reflect, edge };

/// One axis of data on the longer axis of an FFT: element p < n is the data, the next `after` are
/// the extension beyond its end, the last `before` are the one before its beginning (where an FFT
/// has the negative positions), the rest is 0.
struct line_extension {
  index_t n = 1, length = 1, before = 0, after = 0;
  boundary rule = boundary::zero;

  /// Element of the data that position p of the FFT's axis takes, or -1 for 0.
  IR_HD index_t source(index_t p) const {
    if (p < n) return p;
    if (rule == boundary::zero) return -1;
    if (p >= n + after) {
      if (p < length - before) return -1;
      p -= length;
    }
    if (rule == boundary::edge) return p < 0 ? 0 : n - 1;
    const index_t period = rule == boundary::reflect ? 2 * n : n;
    index_t q = p % period;
    if (q < 0) q += period;
    return q < n ? q : 2 * n - 1 - q;
  }
};

namespace kernel {

/// Data on the FFT's grid: out = E x. Reads 1, writes 1.
template <class T>
struct extend {
  nd_view<const T, 3> x;
  nd_view<T, 3> out;
  line_extension z, y, on_x;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t a = z.source(k), b = y.source(j), c = on_x.source(i);
    out(k, j, i) = a < 0 || b < 0 || c < 0 ? T(0) : x(a, b, c);
  }
};

/// Adjoint of the extension along the axis AXIS, in place: the elements of the data collect what
/// was copied from them. Run over the data's extent on this axis; each element reads `before` +
/// `after` at most.
template <class T, int AXIS>
struct fold {
  nd_view<T, 3> grid;
  line_extension e;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t own = AXIS == 0 ? k : AXIS == 1 ? j : i;
    T sum = grid(k, j, i);
    if (e.rule == boundary::edge && own != 0 && own != e.n - 1) return;
    for (index_t p = e.n; p < e.length; ++p)
      if (e.source(p) == own)
        sum += AXIS == 0 ? grid(p, j, i) : AXIS == 1 ? grid(k, p, i) : grid(k, j, p);
    grid(k, j, i) = sum;
  }
};

/// The data's corner of the grid. Reads 1 (2), writes 1.
template <class T>
struct crop {
  nd_view<const T, 3> grid;
  nd_view<T, 3> x;
  mode how;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    put(x(k, j, i), grid(k, j, i), how);
  }
};

}  // namespace kernel
}  // namespace ir
