#pragma once
#include "core/isa.hpp"
#include "fft/butterfly.hpp"
#include "fft/column_functions.hpp"

// Included by one file for each precision (column_f32.cpp, column_f64.cpp): much code for a
// compiler.
namespace ir::detail {
namespace {

using butterfly::pair;
using butterfly::way;

// The loops below are compiled once for each instruction-set level: they are inlined into
// functions that carry the level as an attribute. Each innermost loop runs over `width` columns.

template <class T, int R, way W>
[[gnu::always_inline]] inline void run_radix(T* block, index_t n, index_t span, const T* twiddle) {
  constexpr index_t width = column_width<T>;
  const index_t apart = span / R;
  for (index_t group = 0; group < n; group += span)
    for (index_t j = 0; j < apart; ++j) {
      T* const first = block + (group + j) * 2 * width;
      const index_t step = apart * 2 * width;
      pair<T> turn[R];
      for (int q = 1; q < R; ++q) {
        const T* t = twiddle + 2 * (j * (R - 1) + q - 1);
        turn[q] = {t[0], W == way::inverse ? -t[1] : t[1]};
      }
#pragma GCC ivdep
      for (index_t i = 0; i < width; ++i) {
        pair<T> x[R];
        for (int q = 0; q < R; ++q) x[q] = {first[q * step + i], first[q * step + width + i]};
        if constexpr (W == way::inverse)
          for (int q = 1; q < R; ++q) x[q] = x[q] * turn[q];
        butterfly::dft<W>(x);
        if constexpr (W == way::forward)
          for (int q = 1; q < R; ++q) x[q] = x[q] * turn[q];
        for (int q = 0; q < R; ++q) {
          first[q * step + i] = x[q].re;
          first[q * step + width + i] = x[q].im;
        }
      }
    }
}

template <class T, way W>
[[gnu::always_inline]] inline void run_stage(T* block, index_t n, const column_stage<T>& s) {
  const T* t = s.twiddle.data();
  switch (s.radix) {
    case 2:
      return run_radix<T, 2, W>(block, n, s.span, t);
    case 3:
      return run_radix<T, 3, W>(block, n, s.span, t);
    case 4:
      return run_radix<T, 4, W>(block, n, s.span, t);
    case 5:
      return run_radix<T, 5, W>(block, n, s.span, t);
    case 6:
      return run_radix<T, 6, W>(block, n, s.span, t);
    case 7:
      return run_radix<T, 7, W>(block, n, s.span, t);
    default:
      return run_radix<T, 8, W>(block, n, s.span, t);
  }
}

template <class T>
[[gnu::always_inline]] inline void run_forward(T* block, index_t n, const column_stage<T>* s,
                                               std::size_t stages) {
  for (std::size_t i = 0; i < stages; ++i) run_stage<T, way::forward>(block, n, s[i]);
}

template <class T>
[[gnu::always_inline]] inline void run_inverse(T* block, index_t n, const column_stage<T>* s,
                                               std::size_t stages) {
  for (std::size_t i = stages; i-- > 0;) run_stage<T, way::inverse>(block, n, s[i]);
}

template <class T>
[[gnu::always_inline]] inline void run_load(const T* from, index_t stride, index_t rows, T* block) {
  constexpr index_t width = column_width<T>;
  for (index_t r = 0; r < rows; ++r, from += 2 * stride, block += 2 * width)
#pragma GCC ivdep
    for (index_t i = 0; i < width; ++i) {
      block[i] = from[2 * i];
      block[width + i] = from[2 * i + 1];
    }
}

template <class T>
[[gnu::always_inline]] inline void run_store(const T* block, index_t rows, T* to, index_t stride) {
  constexpr index_t width = column_width<T>;
  for (index_t r = 0; r < rows; ++r, to += 2 * stride, block += 2 * width)
#pragma GCC ivdep
    for (index_t i = 0; i < width; ++i) {
      to[2 * i] = block[i];
      to[2 * i + 1] = block[width + i];
    }
}

// sign -1: the conjugate of the table.
template <class T>
[[gnu::always_inline]] inline void run_multiply(T* block, const T* table, index_t rows, T sign) {
  constexpr index_t width = column_width<T>;
  for (index_t r = 0; r < rows; ++r, block += 2 * width, table += 2 * width)
#pragma GCC ivdep
    for (index_t i = 0; i < width; ++i) {
      const pair<T> x{block[i], block[width + i]}, h{table[i], sign * table[width + i]};
      const pair<T> y = x * h;
      block[i] = y.re;
      block[width + i] = y.im;
    }
}

template <class T>
struct base_level {
  using stage = column_stage<T>;
  [[gnu::flatten]] static void forward(T* b, index_t n, const stage* s, std::size_t k) {
    run_forward(b, n, s, k);
  }
  [[gnu::flatten]] static void inverse(T* b, index_t n, const stage* s, std::size_t k) {
    run_inverse(b, n, s, k);
  }
  [[gnu::flatten]] static void load(const T* f, index_t d, index_t r, T* b) {
    run_load(f, d, r, b);
  }
  [[gnu::flatten]] static void store(const T* b, index_t r, T* t, index_t d) {
    run_store(b, r, t, d);
  }
  [[gnu::flatten]] static void multiply(T* b, const T* t, index_t r, T sign) {
    run_multiply(b, t, r, sign);
  }
};

// With sanitizers the base level alone: each takes a minute to compile, and all give the same bits.
#if IR_ISA_LEVELS > 1 && !defined(__SANITIZE_ADDRESS__)
template <class T>
struct v3_level {
  using stage = column_stage<T>;
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void forward(T* b, index_t n,
                                                                      const stage* s,
                                                                      std::size_t k) {
    run_forward(b, n, s, k);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void inverse(T* b, index_t n,
                                                                      const stage* s,
                                                                      std::size_t k) {
    run_inverse(b, n, s, k);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void load(const T* f, index_t d, index_t r,
                                                                   T* b) {
    run_load(f, d, r, b);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void store(const T* b, index_t r, T* t,
                                                                    index_t d) {
    run_store(b, r, t, d);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void multiply(T* b, const T* t, index_t r,
                                                                       T sign) {
    run_multiply(b, t, r, sign);
  }
};

template <class T>
struct v4_level {
  using stage = column_stage<T>;
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void forward(
      T* b, index_t n, const stage* s, std::size_t k) {
    run_forward(b, n, s, k);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void inverse(
      T* b, index_t n, const stage* s, std::size_t k) {
    run_inverse(b, n, s, k);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void load(
      const T* f, index_t d, index_t r, T* b) {
    run_load(f, d, r, b);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void store(
      const T* b, index_t r, T* t, index_t d) {
    run_store(b, r, t, d);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void multiply(
      T* b, const T* t, index_t r, T sign) {
    run_multiply(b, t, r, sign);
  }
};
#endif

template <class T, template <class> class Level>
const column_functions<T>* table_of() {
  using L = Level<T>;
  static constexpr column_functions<T> table{&L::forward, &L::inverse, &L::load, &L::store,
                                             &L::multiply};
  return &table;
}

template <class T>
const column_functions<T>* table_in_use() {
#if IR_ISA_LEVELS > 1 && !defined(__SANITIZE_ADDRESS__)
  if (isa_level() == isa::v4) return table_of<T, v4_level>();
  if (isa_level() == isa::v3) return table_of<T, v3_level>();
#endif
  return table_of<T, base_level>();
}

}  // namespace
}  // namespace ir::detail
