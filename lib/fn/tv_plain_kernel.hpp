#pragma once
#include <cmath>

#include "core/nd_view.hpp"

namespace ir::kernel {

/// What the kernels of one total variation problem share: an image of c channels and up to three
/// spatial axes (slowest first, 1 where missing) in planar memory, its dual values, its maps.
template <class T>
struct tv_image {
  index_t n[3], stride[3], all;  // all: pixels of a channel
  index_t channels, axes;        // axes: the last ones of n
  const T *f, *x, *p;            // p: (axis, c, pixel), the fastest axis first
  T weight;
  const T *weights, *trust, *relief;  // of each pixel; null: one weight, all of them data
  T scale;                            // of `weights`
  T low, high;
  const T* p_before;  // (c, plane): the slowest axis' dual values before `first_plane`; null: own
  index_t first_plane;
  bool isotropic;

  IR_HD index_t pixel(index_t k, index_t j, index_t i) const {
    return k * stride[0] + j * stride[1] + i;
  }
  IR_HD T w(index_t at) const { return weights != nullptr ? scale * weights[at] : weight; }
  IR_HD bool has_data(index_t at) const { return trust == nullptr || trust[at] > 0; }
  IR_HD T clipped(T v) const { return v < low ? low : v > high ? high : v; }

  /// D'p of channel c at (k, j, i).
  IR_HD T adjoint(index_t c, const index_t (&e)[3]) const {
    const index_t at = pixel(e[0], e[1], e[2]);
    T sum = 0;
    for (index_t a = 0; a < axes; ++a) {
      const T* const pa = p + (a * channels + c) * all + at;
      const index_t d = 2 - a;
      if (p_before != nullptr && a == axes - 1 && e[d] == first_plane)
        sum += p_before[(c - first_plane) * stride[d] + at];
      else if (e[d] > 0)
        sum += pa[-stride[d]];
      sum -= pa[0];
    }
    return sum;
  }
};

/// One iteration at a pixel: x+ = argmin of the data term near x - tau w D'p, bar = x+ + theta (x+
/// - x), p+ = the projection of p + sigma / w D bar. bar is made anew for the pixel's neighbours
/// ahead, so that one pass does all and nothing but x and p is stored.
///
/// Memory a value and iteration, neighbours from the cache: reads f, x and p, writes x and p, 4 + 3
/// numbers of an image in two dimensions, 28 bytes in f32: at 4.8 TB/s (H200) at most 170,000 MP/s;
/// about 60 flop a value, 2.1 flop a byte, far below what the processor could do in that time. The
/// goal of 5000 MP/s leaves room for launches of small images.
template <class T>
struct tv_iteration {
  tv_image<T> image;
  T *x_new, *p_new;
  T tau, ascent, theta;  // ascent: sigma / w

  IR_HD T moved(index_t c, const index_t (&e)[3], T old) const {
    const index_t at = image.pixel(e[0], e[1], e[2]);
    const T step = old - tau * image.w(at) * image.adjoint(c, e);
    if (!image.has_data(at)) return image.clipped(step);
    return (step + tau * image.f[c * image.all + at]) / (1 + tau);
  }
  IR_HD T bar(index_t c, const index_t (&e)[3]) const {
    const T old = image.x[c * image.all + image.pixel(e[0], e[1], e[2])];
    const T now = moved(c, e, old);
    return now + theta * (now - old);
  }

  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t e[3] = {k, j, i}, at = image.pixel(k, j, i);
    T square[3] = {0, 0, 0};
    const T step = image.relief != nullptr ? ascent * image.relief[at] : ascent;
    for (index_t c = 0; c < image.channels; ++c) {
      const T old = image.x[c * image.all + at], now = moved(c, e, old);
      const T here = now + theta * (now - old);
      x_new[c * image.all + at] = now;
      for (index_t a = 0; a < image.axes; ++a) {
        const index_t d = 2 - a, place = (a * image.channels + c) * image.all + at;
        T v = image.p[place];
        if (e[d] + 1 < image.n[d]) {
          index_t ahead[3] = {k, j, i};
          ++ahead[d];
          v += step * (bar(c, ahead) - here);
        }
        p_new[place] = v;
        square[image.isotropic ? 0 : a] += v * v;
      }
    }
    for (index_t a = 0; a < image.axes; ++a) {
      const T length = square[image.isotropic ? 0 : a];
      if (!(length > 1)) continue;
      const T scale = 1 / std::sqrt(length);
      for (index_t c = 0; c < image.channels; ++c)
        p_new[(a * image.channels + c) * image.all + at] *= scale;
    }
  }
};

/// x = f - w D'p at a pixel; without a data term x itself, clipped.
template <class T>
struct tv_result {
  tv_image<T> image;
  T* to;
  IR_HD void operator()(index_t k, index_t j, index_t i) const noexcept {
    const index_t e[3] = {k, j, i}, at = image.pixel(k, j, i);
    for (index_t c = 0; c < image.channels; ++c) {
      const index_t place = c * image.all + at;
      to[place] = image.has_data(at) ? image.f[place] - image.w(at) * image.adjoint(c, e)
                                     : image.clipped(image.x[place]);
    }
  }
};

/// The term of a pixel in sum |Dx| or sum |Dx| - p.Dx, x the result; pixels from `first` on. Where
/// nothing is known of x, u x + max over [low, high] of -u x belongs to the gap, u = D'p.
template <class T>
struct tv_variation {
  tv_image<T> image;          // its x: the result
  index_t first, open_plane;  // open_plane: the differences of this plane ahead are not counted
  bool gap;
  IR_HD double operator()(index_t pixel) const noexcept {
    const index_t at = first + pixel;
    const index_t e[3] = {at / image.stride[0], at / image.stride[1] % image.n[1], at % image.n[2]};
    double square[3] = {0, 0, 0}, dot = 0, sum = 0;
    for (index_t c = 0; c < image.channels; ++c) {
      const T* const x = image.x + c * image.all + at;
      for (index_t a = 0; a < image.axes; ++a) {
        const index_t d = 2 - a;
        if (e[d] + 1 >= image.n[d]) continue;
        const double v = double(x[image.stride[d]] - x[0]);
        square[image.isotropic ? 0 : a] += v * v;
        dot += v * double(image.p[(a * image.channels + c) * image.all + at]);
      }
      if (gap && !image.has_data(at)) {
        const double u = double(image.adjoint(c, e));
        sum += u * double(x[0] - (u > 0 ? image.low : image.high));
      }
    }
    if (e[3 - image.axes] == open_plane) return sum;
    for (index_t a = 0; a < (image.isotropic ? 1 : image.axes); ++a) sum += std::sqrt(square[a]);
    return gap ? sum - dot : sum;
  }
};

/// The term of a pixel in sum (x - f)^2 / (2 w), x the result; pixels from `first` on.
template <class T>
struct tv_misfit {
  tv_image<T> image;
  index_t first;
  IR_HD double operator()(index_t pixel) const noexcept {
    const index_t at = first + pixel;
    double sum = 0;
    for (index_t c = 0; c < image.channels && image.has_data(at); ++c) {
      const double d = double(image.x[c * image.all + at] - image.f[c * image.all + at]);
      sum += d * d / (2 * double(image.w(at)));
    }
    return sum;
  }
};

/// Element i where `valid` counts it (null: everywhere), else 0; of `channel` pixels a channel.
template <class T>
struct tv_valid_value {
  const T* f;
  const std::uint8_t* valid;
  index_t channel;
  IR_HD double operator()(index_t i) const noexcept {
    return valid == nullptr || valid[i % channel] != 0 ? double(f[i]) : 0;
  }
};

/// 1 where a mask of valid pixels counts one.
struct tv_valid_count {
  const std::uint8_t* valid;
  IR_HD double operator()(index_t i) const noexcept { return valid[i] != 0 ? 1 : 0; }
};

/// y = x + a, or `other` where the mask does not count it.
template <class T>
struct tv_offset {
  const T* x;
  T* y;
  T a, other;
  const std::uint8_t* valid;  // null: all count
  index_t channel;
  IR_HD void operator()(index_t i) const noexcept {
    y[i] = valid == nullptr || valid[i % channel] != 0 ? x[i] + a : other;
  }
};

}  // namespace ir::kernel
