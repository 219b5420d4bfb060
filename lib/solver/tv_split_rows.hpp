#pragma once
#include "core/index.hpp"

namespace ir::detail {

/// One row of all channels: from x and the split state s to the next s and to t, whose adjoint
/// differences are the right side of the next quadratic.
///
///   v = alpha D x + s;  f = 1 - threshold / max(|v|, threshold), |.| over channels and axes
///   t = ((1 + turn) f - turn) v;  s+ = (turn + (1 - alpha - turn) f) v
///
/// v is z + u of the splitting before it is shrunk to z = f v, u = (1 - f) v; turn = rho / (the
/// next rho). A difference across the border, or beyond it, has f = 1 and does not count in |v|.
template <class T>
struct tv_split_row {
  const T *x, *below;            // below: the next row, of the last row the first one
  const T *s_down, *s_right;     // of this row
  T *next_down, *next_right;     // the next s
  T *t_down, *t_right, *square;  // rows of memory: channels of t, one of square
  index_t n, channels;
  index_t x_channel, s_channel, next_channel, t_channel;  // from a channel to the next
  T alpha, threshold, turn;
  bool last;       // no difference downwards
  index_t inside;  // columns of the image: differences from the last one on do not count
  bool outside;    // a row of padding: none counts
};

/// w = t_down of the row above - t_down + t_right of the left - t_right.
template <class T>
struct tv_adjoint_row {
  const T *above, *t_down, *t_right;
  T* w;
  index_t n;
};

/// A block of columns of a spectrum (fft/column_fft.hpp) becomes
/// scale (b + rho block) / (power + rho (ly + lx + own)), 0 where that is 0 / 0; own: 1 where x
/// itself is split off, else 0.
template <class T>
struct tv_filter_block {
  T* block;
  const T *b, *power;  // (rows, 2 width), (rows, width)
  const T *ly, *lx;    // (rows), (width): the symbol of D^T D
  index_t rows;
  T rho, own, scale;
};

/// The same where the data are split off too: block of D^T t and, in `other`, of what stands for
/// A x become x and A x.
///   x = scale (rho block + mu conj(H) other) / (rho (ly + lx + own) + mu |H|^2)
template <class T>
struct tv_data_block {
  T *block, *other;
  const T* H;  // (rows, 2 width): the spectrum of the blur
  const T *ly, *lx;
  index_t rows;
  T rho, mu, own, scale;  // own: 1 where x itself is split off, else 0
};

/// A row of the next x: how much it moved and its size, as sums of squares.
template <class T>
struct tv_store_row {
  const T* from;
  T* x;
  index_t n;
};
struct tv_moved {
  double change = 0, size = 0;
};

/// The loops at one instruction-set level.
template <class T>
struct tv_split_functions {
  void (*split)(const tv_split_row<T>&);
  void (*adjoint)(const tv_adjoint_row<T>&);
  void (*filter)(const tv_filter_block<T>&);
  void (*filter_data)(const tv_data_block<T>&);
  tv_moved (*store)(const tv_store_row<T>&);
};
template <class T>
const tv_split_functions<T>& tv_split_functions_in_use();
template <>
const tv_split_functions<float>& tv_split_functions_in_use<float>();
template <>
const tv_split_functions<double>& tv_split_functions_in_use<double>();

}  // namespace ir::detail
