#pragma once
#include "fft/extension_kernel.hpp"

namespace ir {

/// Differences of neighbours along one axis of n elements, `scale` times (1 / spacing). Beyond the
/// edges: edge and reflect repeat the outermost element (difference 0), zero is 0, circular goes
/// round.
struct difference_axis {
  index_t n = 1;
  double scale = 0;
  boundary rule = boundary::edge;

  /// The element after (before) k: -1 stands for 0.
  IR_HD index_t next(index_t k) const {
    if (k + 1 < n) return k + 1;
    return rule == boundary::circular ? 0 : rule == boundary::zero ? -1 : k;
  }
  IR_HD index_t previous(index_t k) const {
    if (k > 0) return k - 1;
    return rule == boundary::circular ? n - 1 : rule == boundary::zero ? -1 : k;
  }
  /// Of D^T: the difference that element k enters with a plus sign is that of `before`, -1: none;
  /// with a minus sign its own, unless that is always 0.
  IR_HD index_t before(index_t k) const {
    return k > 0 ? k - 1 : rule == boundary::circular ? n - 1 : -1;
  }
  IR_HD bool counts(index_t k) const {
    return k + 1 < n || rule == boundary::zero || rule == boundary::circular;
  }
};

/// Three axes, slowest first; `used` of them, from the fastest on, are differentiated.
struct difference_grid {
  difference_axis axis[3];
  int used = 3;
};

namespace kernel {

/// Element `at` along `axis` of the point (k, j, i), 0 for at < 0; k counts planes of all images,
/// `plane` is that within the image.
template <class T>
IR_HD T along(const nd_view<const T, 3>& x, int axis, index_t at, index_t plane, index_t k,
              index_t j, index_t i) {
  if (at < 0) return T(0);
  return axis == 0 ? x(k - plane + at, j, i) : axis == 1 ? x(k, at, i) : x(k, j, at);
}
IR_HD inline index_t index_along(int axis, index_t plane, index_t j, index_t i) {
  return axis == 0 ? plane : axis == 1 ? j : i;
}

/// g_c = scale_c (x[next along c] - x). Reads 1 (and neighbours), writes one a component.
template <class T>
struct gradient_forward {
  nd_view<const T, 3> x;  // (images * nz, ny, nx)
  nd_view<T, 4> g;        // (components, images * nz, ny, nx)
  difference_grid grid;
  mode how;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t plane = k % grid.axis[0].n;
    const T here = x(k, j, i);
    for (int c = 0; c < grid.used; ++c) {
      const int a = c + 3 - grid.used;
      const difference_axis& d = grid.axis[a];
      const index_t next = d.next(index_along(a, plane, j, i));
      put(g(c, k, j, i), T(d.scale) * (along(x, a, next, plane, k, j, i) - here), how);
    }
  }
};

/// Adjoint of the gradient as a gather, minus a divergence. Reads two a component, writes 1.
template <class T>
struct gradient_adjoint {
  nd_view<const T, 4> g;
  nd_view<T, 3> x;
  difference_grid grid;
  mode how;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t plane = k % grid.axis[0].n;
    T sum = 0;
    for (int c = 0; c < grid.used; ++c) {
      const int a = c + 3 - grid.used;
      const difference_axis& d = grid.axis[a];
      const nd_view<const T, 3> part{&g(c, 0, 0, 0), {x.extent(0), x.extent(1), x.extent(2)}};
      const index_t at = index_along(a, plane, j, i);
      T s = along(part, a, d.before(at), plane, k, j, i);
      if (d.counts(at)) s -= part(k, j, i);
      sum += T(d.scale) * s;
    }
    put(x(k, j, i), sum, how);
  }
};

/// y = sum over axes of scale^2 (x[next] - 2 x + x[previous]). Self-adjoint. Reads 1 (and
/// neighbours), writes 1.
template <class T>
struct laplacian {
  nd_view<const T, 3> x;
  nd_view<T, 3> y;
  difference_grid grid;
  mode how;

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t plane = k % grid.axis[0].n;
    const T here = x(k, j, i);
    T sum = 0;
    for (int a = 3 - grid.used; a < 3; ++a) {
      const difference_axis& d = grid.axis[a];
      const index_t at = index_along(a, plane, j, i);
      sum += T(d.scale * d.scale) * ((along(x, a, d.next(at), plane, k, j, i) - here) -
                                     (here - along(x, a, d.previous(at), plane, k, j, i)));
    }
    put(y(k, j, i), sum, how);
  }
};

/// Second derivatives, axis by axis and then pairs a < b times sqrt 2, each pair the forward
/// difference of forward differences. Boundaries edge, reflect and circular.
template <class T>
struct hessian_forward {
  nd_view<const T, 3> x;
  nd_view<T, 4> h;  // (components, images * nz, ny, nx)
  difference_grid grid;
  mode how;

  IR_HD T at(index_t plane, index_t k, index_t p, index_t j, index_t i) const {
    return x(k - plane + p, j, i);
  }
  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t plane = k % grid.axis[0].n, here[3] = {plane, j, i};
    const T value = x(k, j, i);
    int c = 0;
    for (int a = 3 - grid.used; a < 3; ++a, ++c) {
      const difference_axis& d = grid.axis[a];
      put(h(c, k, j, i),
          T(d.scale * d.scale) * ((along(x, a, d.next(here[a]), plane, k, j, i) - value) -
                                  (value - along(x, a, d.previous(here[a]), plane, k, j, i))),
          how);
    }
    for (int a = 3 - grid.used; a < 3; ++a)
      for (int b = a + 1; b < 3; ++b, ++c) {
        index_t u[3] = {plane, j, i}, v[3] = {plane, j, i}, w[3] = {plane, j, i};
        u[a] = w[a] = grid.axis[a].next(here[a]);
        v[b] = w[b] = grid.axis[b].next(here[b]);
        const T mixed = (at(plane, k, w[0], w[1], w[2]) - at(plane, k, v[0], v[1], v[2])) -
                        (at(plane, k, u[0], u[1], u[2]) - value);
        put(h(c, k, j, i), T(1.4142135623730951 * grid.axis[a].scale * grid.axis[b].scale) * mixed,
            how);
      }
  }
};

/// Adjoint of the second derivatives as a gather.
template <class T>
struct hessian_adjoint {
  nd_view<const T, 4> h;
  nd_view<T, 3> x;
  difference_grid grid;
  mode how;

  // D_b^T of component c at the place p along the axes: 0 where that difference does not exist.
  IR_HD T transposed(int c, int b, const index_t* p, index_t first) const {
    const difference_axis& d = grid.axis[b];
    T s = 0;
    index_t v[3] = {p[0], p[1], p[2]};
    if (d.counts(p[b])) s -= h(c, first + v[0], v[1], v[2]);
    v[b] = d.before(p[b]);
    if (v[b] >= 0) s += h(c, first + v[0], v[1], v[2]);
    return s;
  }
  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t plane = k % grid.axis[0].n, first = k - plane, here[3] = {plane, j, i};
    T sum = 0;
    int c = 0;
    for (int a = 3 - grid.used; a < 3; ++a, ++c) {
      const difference_axis& d = grid.axis[a];
      const nd_view<const T, 3> part{&h(c, 0, 0, 0), {x.extent(0), x.extent(1), x.extent(2)}};
      const T value = part(k, j, i);
      sum += T(d.scale * d.scale) * ((along(part, a, d.next(here[a]), plane, k, j, i) - value) -
                                     (value - along(part, a, d.previous(here[a]), plane, k, j, i)));
    }
    for (int a = 3 - grid.used; a < 3; ++a)
      for (int b = a + 1; b < 3; ++b, ++c) {
        const difference_axis& d = grid.axis[a];
        T s = 0;
        index_t p[3] = {plane, j, i};
        if (d.counts(here[a])) s -= transposed(c, b, p, first);
        p[a] = d.before(here[a]);
        if (p[a] >= 0) s += transposed(c, b, p, first);
        sum += T(1.4142135623730951 * d.scale * grid.axis[b].scale) * s;
      }
    put(x(k, j, i), sum, how);
  }
};

}  // namespace kernel
}  // namespace ir
