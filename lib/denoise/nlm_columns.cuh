#pragma once
#include "denoise/nlm_kernel.hpp"

namespace ir::cuda {

// Non-local means of a plane with patches of 3, 5 or 7 pixels, one sigma, no mask, f32.
//
// A warp has 32 columns, the outermost R of which only lend their sums to the others, and works on
// K rows of them: values, sums and weights of its pixels p stay in registers. For every shift, each
// lane goes down its column: squared differences, the window's sum over rows as in a queue, over
// columns by shuffles, weight, sum. All q lie in shared memory: the block's pixels and their halo.
//
// A pair of one channel takes 5 shuffles (R = 3) and 1 + 2 R / K loads of shared memory, both one
// warp a clock and multiprocessor, and 22 other instructions (counted in the PTX), four of all
// these together a clock: with 26 of 32 columns useful about 9 clocks for 32 pairs. 132
// multiprocessors at 1.7 GHz make 800e9 pairs a second, 1800 MP/s at 440 pairs a pixel; that is a
// bound by arithmetic, not a measurement. Symmetric shifts would halve the weights but send half of
// the sums through memory. Global memory is read 3.3 times a pixel, which is nothing beside that.
inline constexpr int nlm_warps = 4;
template <int C>
inline constexpr int nlm_rows = C == 1 ? 16 : 8;  // K
template <int R>
inline constexpr int nlm_useful = 32 - 2 * R;  // columns of a warp
inline constexpr unsigned nlm_all = 0xffffffffU;

// Sums of the last 3, 5 values: the orders of nlm_vector.hpp.
struct nlm_queue_of_3 {
  float last = 0, two = 0;
  __device__ float enter(float now) {
    const float sum = two + now;
    two = last + now;
    last = now;
    return sum;
  }
};
struct nlm_queue_of_5 {
  float last = 0, two = 0, two_before = 0, two_first = 0;
  __device__ float enter(float now) {
    const float sum = (two_first + two) + now;
    two_first = two_before;
    two_before = two;
    two = last + now;
    last = now;
    return sum;
  }
};

// Sums of 3, 5 neighbouring lanes; lanes at the end of the warp get something else.
__device__ inline float nlm_lanes_of_3(float x) {
  return (__shfl_up_sync(nlm_all, x, 1) + x) + __shfl_down_sync(nlm_all, x, 1);
}
__device__ inline float nlm_lanes_of_5(float x) {
  const float two = x + __shfl_down_sync(nlm_all, x, 1);
  return (__shfl_up_sync(nlm_all, two, 2) + two) + __shfl_down_sync(nlm_all, x, 2);
}

// The block's part of the image with its halo, (C, rows, columns), reflected at the borders.
__device__ inline void nlm_fill(const kernel::nlm_pixel<float>& k, index_t top, index_t left,
                                int rows, int columns, float* to) {
  for (int at = threadIdx.x; at < rows * columns; at += blockDim.x) {
    const index_t from = k.at(0, top + at / columns, left + at % columns);
    for (int c = 0; c < k.channels; ++c) to[c * rows * columns + at] = k.in[c * k.size() + from];
  }
}

/// 2^(offset - scale * sum) is the weight of a sum of squares over the window and channels.
template <int R, int C>
__global__ void __launch_bounds__(32 * nlm_warps)
    nlm_columns(const __grid_constant__ kernel::nlm_pixel<float> k, float offset, float scale) {
  extern __shared__ float tile[];
  constexpr int K = nlm_rows<C>, tall = K + 2 * R;
  const int reach = static_cast<int>(k.search[1]), lane = threadIdx.x % 32;
  const int rows = tall + 2 * reach, columns = nlm_warps * nlm_useful<R> + 2 * (R + reach);
  const index_t y0 = index_t{blockIdx.y} * K;
  const index_t x0 = index_t{blockIdx.x} * (nlm_warps * nlm_useful<R>);
  nlm_fill(k, k.first + y0 - R - reach, x0 - R - reach, rows, columns, tile);
  __syncthreads();

  const int column = threadIdx.x / 32 * nlm_useful<R> + lane;  // of the block's, R to the left
  const float* const mine = tile + reach * columns + reach + column;
  float p[C][tall], sum[C][K], total[K];
#pragma unroll
  for (int c = 0; c < C; ++c)
#pragma unroll
    for (int j = 0; j < tall; ++j) {
      p[c][j] = mine[(c * rows + j) * columns];
      if (j >= R && j < K + R) sum[c][j - R] = p[c][j];
    }
#pragma unroll
  for (int i = 0; i < K; ++i) total[i] = 1;  // the pixel itself

  for (int dy = -reach; dy <= reach; ++dy)
    for (int dx = -reach; dx <= reach; ++dx) {
      if (dy == 0 && dx == 0) continue;
      const float* const theirs = mine + dy * columns + dx;
      float q[C][tall];
      nlm_queue_of_3 three;
      nlm_queue_of_5 five;
#pragma unroll
      for (int j = 0; j < tall; ++j) {
        float square = 0;
#pragma unroll
        for (int c = 0; c < C; ++c) {
          q[c][j] = theirs[(c * rows + j) * columns];
          const float difference = p[c][j] - q[c][j];
          square = __fmaf_rn(difference, difference, square);
        }
        if constexpr (R != 2) square = three.enter(square);
        if constexpr (R != 1) square = five.enter(square);
        if (j < 2 * R) continue;
        if constexpr (R != 2) square = nlm_lanes_of_3(square);
        if constexpr (R != 1) square = nlm_lanes_of_5(square);
        const float w = exp2f(fmaxf(fminf(__fmaf_rn(-scale, square, offset), 0.0F), -100.0F));
        const int i = j - 2 * R;
        total[i] += w;
#pragma unroll
        for (int c = 0; c < C; ++c) sum[c][i] = __fmaf_rn(w, q[c][j - R], sum[c][i]);
      }
    }

  const index_t x = x0 + column - R;
  if (lane < R || lane >= 32 - R || x >= k.n[2]) return;
#pragma unroll
  for (int i = 0; i < K; ++i)
    if (y0 + i < k.kept)
#pragma unroll
      for (int c = 0; c < C; ++c) k.out[(c * k.kept + y0 + i) * k.n[2] + x] = sum[c][i] / total[i];
}

}  // namespace ir::cuda
