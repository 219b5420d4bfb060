#pragma once
#include "core/launch_host.hpp"
#include "core/nd_view.hpp"

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
    const index_t whole = (n + size - 1) / size;
    return static_cast<unsigned>(whole < most ? whole : most);
  };
  return dim3(blocks(nx, block.x, 2147483647), blocks(ny, block.y, 65535), blocks(nz, 1, 65535));
}

template <class Kernel, decltype(sizeof(0)) R>
void launch(queue& q, const index_t (&n)[R], const Kernel& kernel) {
  const index_t nz = R > 2 ? n[0] : 1, ny = R > 1 ? n[R - 2] : 1, nx = n[R - 1];
  if (nz * ny * nx == 0) return;  // an empty grid is an error to CUDA, not to us
  const dim3 block = ny * nz == 1 ? dim3(256) : dim3(32, 8);  // flat data would idle 7 of 8
  const auto stream = static_cast<cudaStream_t>(enter(q));
  run<int(R)><<<grid_for(nz, ny, nx, block), block, 0, stream>>>(nz, ny, nx, kernel);
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

template <class Kernel>
struct sum_of {
  index_t n;
  const Kernel& kernel;

  /// `memory`: a number for each block, and the result behind the most of them.
  static void start(const void* self, void* stream, double* memory) {
    const sum_of& s = *static_cast<const sum_of*>(self);
    const index_t needed = (s.n + sum_threads - 1) / sum_threads;
    const int blocks = needed < most_sum_blocks ? static_cast<int>(needed) : most_sum_blocks;
    const auto on = static_cast<cudaStream_t>(stream);
    sum_terms<<<blocks, sum_threads, 0, on>>>(s.n, s.kernel, memory);
    check(cudaGetLastError(), "starting a sum");
    sum_partial<<<1, sum_threads, 0, on>>>(blocks, memory, memory + most_sum_blocks);
    check(cudaGetLastError(), "starting a sum");
  }
};

/// The sum of kernel(i) over i < n. The grid depends on n alone: the same bits on every call.
template <class Kernel>
double sum(queue& q, index_t n, const Kernel& kernel) {
  if (n == 0) return 0;
  const sum_of<Kernel> all{n, kernel};
  return sum_in_scratch(q, most_sum_blocks + 1, &all, sum_of<Kernel>::start);
}

}  // namespace ir::cuda
