#pragma once
#include <optional>
#include <string_view>

#include "core/device.hpp"
#include "core/shape.hpp"

namespace ir {

/// Threads to compute with: `asked` (-j), else IR_THREADS, else OMP_NUM_THREADS, else the affinity
/// mask and the cgroup quota. usage_error: not a number, or below 1.
int thread_count(std::optional<int> asked = {});

/// Bytes of installed memory or of the cgroup's limit, whichever is less: the same on the same
/// machine at any load, so that a plan (and its bits) repeat.
index_t installed_memory();

/// What one tool may use: `asked` or IR_MEMORY ("8G", "512M", "50%"), else a share of installed
/// memory: a half with files at both ends, a quarter with a pipe at one, 1 GiB for a light tool
/// (never more than those).
enum class memory_share { files, pipe, light };
index_t memory_budget(std::optional<index_t> asked, memory_share);

/// "8G", "512M", "64k", "1.5GiB", "50%" (of installed memory), plain bytes; powers of 1024.
/// usage_error.
index_t parse_bytes(std::string_view);

/// CUDA devices that this process sees; 0 without CUDA, without a driver, without a device. Never
/// throws.
int cuda_device_count();

/// What a plan may use of a CUDA device: nine tenths of the memory that it has, whatever is free at
/// the moment; 0 if there is no such device. Never throws.
index_t cuda_memory_budget(int ordinal);

}  // namespace ir
