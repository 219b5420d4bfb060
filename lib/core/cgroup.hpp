#pragma once
#include <optional>
#include <string>

#include "core/shape.hpp"

namespace ir {

/// What the control groups of this process (version 2, 1 or both) leave it; absent: no limit.
struct cgroup_limits {
  std::optional<double> processors;  // quota / period
  std::optional<index_t> memory;     // bytes
};

/// The tightest limits of the process's groups and all groups above that are visible. `root`
/// replaces "/" in tests.
cgroup_limits read_cgroup_limits(const std::string& root = "");

}  // namespace ir
