#pragma once
#include <algorithm>
#include <memory>

#include "core/device_runtime.hpp"
#include "core/nd_view.hpp"
#include "core/queue.hpp"

// What parallel_for and sum_for do on a GPU. A kernel's .cu includes this file and instantiates.
namespace ir::cuda {

template <int R, class Kernel>
__global__ void run(index_t nz, index_t ny, index_t nx, const __grid_constant__ Kernel kernel) {
  // Grid-stride on every axis: any extent is right.
  for (index_t k = blockIdx.z; k < nz; k += gridDim.z)
    for (index_t j = index_t{blockIdx.y} * blockDim.y + threadIdx.y; j < ny;
         j += index_t{gridDim.y} * blockDim.y)
      for (index_t i = index_t{blockIdx.x} * blockDim.x + threadIdx.x; i < nx;
           i += index_t{gridDim.x} * blockDim.x)
        detail::call<R>(kernel, k, j, i);
}

/// Enough blocks for every element, at most 2^31 - 1 by 65535 by 65535.
inline dim3 grid_for(index_t nz, index_t ny, index_t nx, dim3 block) {
  const auto blocks = [](index_t n, unsigned size, index_t most) {
    return static_cast<unsigned>(std::min<index_t>((n + size - 1) / size, most));
  };
  return dim3(blocks(nx, block.x, 2147483647), blocks(ny, block.y, 65535), blocks(nz, 1, 65535));
}

template <class Kernel, std::size_t R>
void launch(queue& q, const index_t (&n)[R], const Kernel& kernel) {
  const index_t nz = R > 2 ? n[0] : 1, ny = R > 1 ? n[R - 2] : 1, nx = n[R - 1];
  if (nz * ny * nx == 0) return;  // an empty grid is an error to CUDA, not to us
  const dim3 block = ny * nz == 1 ? dim3(256) : dim3(32, 8);  // flat data would idle 7 of 8
  make_current(q.where().ordinal);
  run<int(R)><<<grid_for(nz, ny, nx, block), block, 0, static_cast<cudaStream_t>(q.stream())>>>(
      nz, ny, nx, kernel);
  check(cudaGetLastError(), "starting a kernel");
}

inline constexpr int sum_threads = 256, most_sum_blocks = 1024;

/// The sum of `mine` over the threads of the block, for thread 0: always in the same order.
__device__ inline double sum_of_block(double mine) {
  __shared__ double sums[sum_threads];
  sums[threadIdx.x] = mine;
  for (int half = sum_threads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  return sums[0];
}

template <class Kernel>
__global__ void sum_terms(index_t n, const __grid_constant__ Kernel kernel, double* partial) {
  double mine = 0;
  for (index_t i = index_t{blockIdx.x} * sum_threads + threadIdx.x; i < n;
       i += index_t{gridDim.x} * sum_threads)
    mine += kernel(i);
  const double sum = sum_of_block(mine);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

static __global__ void sum_partial(int n, const double* partial, double* result) {
  double mine = 0;
  for (int i = threadIdx.x; i < n; i += sum_threads) mine += partial[i];
  const double sum = sum_of_block(mine);
  if (threadIdx.x == 0) *result = sum;
}

/// The sum of kernel(i) over i < n. The grid depends on n alone: the same bits on every call.
template <class Kernel>
double sum(queue& q, index_t n, const Kernel& kernel) {
  if (n == 0) return 0;
  const auto stream = static_cast<cudaStream_t>(q.stream());
  const auto blocks =
      static_cast<int>(std::min<index_t>((n + sum_threads - 1) / sum_threads, most_sum_blocks));
  const scratch memory(q, (most_sum_blocks + 1) * index_t{sizeof(double)});
  auto* partial = static_cast<double*>(memory.data());
  make_current(q.where().ordinal);
  sum_terms<<<blocks, sum_threads, 0, stream>>>(n, kernel, partial);
  check(cudaGetLastError(), "starting a sum");
  sum_partial<<<1, sum_threads, 0, stream>>>(blocks, partial, partial + most_sum_blocks);
  check(cudaGetLastError(), "starting a sum");
  double result = 0;
  download(q, partial + most_sum_blocks, &result, sizeof result);
  return result;
}

}  // namespace ir::cuda
