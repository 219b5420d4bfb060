#pragma once
#include "core/index.hpp"

namespace ir {
class queue;
}

/// What a launch needs of the host, without the headers of the core: nvcc reads each header once
/// for each architecture.
namespace ir::cuda {

/// A cudaError_t: nothing if it is success, else device_error or busy_error with `what` was tried.
void check(int error, const char* what);

/// Makes the queue's device the calling thread's; its cudaStream_t.
void* enter(queue&);

/// Starts a sum whose result comes last in `memory`.
using sum_starter = void (*)(const void* self, void* stream, double* memory);
/// The last of `count` numbers of scratch memory after `start` has run.
double sum_in_scratch(queue&, index_t count, const void* self, sum_starter start);

}  // namespace ir::cuda
