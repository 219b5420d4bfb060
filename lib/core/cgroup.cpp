#include "core/cgroup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

namespace ir {
namespace {

bool has_item(const std::string& commas, std::string_view item) {
  std::istringstream in(commas);
  for (std::string one; std::getline(in, one, ',');)
    if (one == item) return true;
  return false;
}

/// Path of the process in the hierarchy of `controller`, or in version 2 (empty controller).
std::optional<std::string> group_path(const std::string& root, std::string_view controller) {
  std::ifstream in(root + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {  // 4:memory:/some/group, 0::/some/group
    const auto a = line.find(':'), b = line.find(':', a + 1);
    if (a == line.npos || b == line.npos) continue;
    const std::string controllers = line.substr(a + 1, b - a - 1);
    if (controller.empty() ? controllers.empty() : has_item(controllers, controller))
      return line.substr(b + 1);
  }
  return {};
}

struct mount {
  std::string root, point;  // the folder of the hierarchy that is seen at `point`
};

std::optional<mount> find_mount(const std::string& root, std::string_view controller) {
  std::ifstream in(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    // id parent major:minor ROOT POINT options [tags] - TYPE source SUPER-OPTIONS
    std::istringstream fields(line);
    std::string skip, type, source, options;
    mount m;
    fields >> skip >> skip >> skip >> m.root >> m.point;
    while (fields >> skip && skip != "-") {
    }
    fields >> type >> source >> options;
    if (controller.empty() ? type == "cgroup2" : type == "cgroup" && has_item(options, controller))
      return m;
  }
  return {};
}

/// Calls f(folder) for the group of the process and those above it.
template <class F>
void each_group(const std::string& root, std::string_view controller, const F& f) {
  const auto m = find_mount(root, controller);
  auto path = group_path(root, controller);
  if (!m || !path) return;
  if (m->root != "/" && path->starts_with(m->root)) path->erase(0, m->root.size());
  for (std::string group = *path; !group.empty() && group != "/";
       group.erase(std::min(group.rfind('/'), group.size())))
    f((std::string(root) += m->point) += group);
  f(root + m->point);
}

template <class T>
void tighten(std::optional<T>& limit, T value) {
  limit = limit ? std::min(*limit, value) : value;
}

}  // namespace

cgroup_limits read_cgroup_limits(const std::string& root) {
  cgroup_limits limits;
  each_group(root, "", [&](const std::string& folder) {
    double quota = 0, period = 0;
    index_t bytes = 0;
    // "max" is no number: the extraction fails and there is no limit.
    if (std::ifstream(folder + "/cpu.max") >> quota >> period && quota > 0 && period > 0)
      tighten(limits.processors, quota / period);
    if (std::ifstream(folder + "/memory.max") >> bytes && bytes > 0) tighten(limits.memory, bytes);
  });
  each_group(root, "cpu", [&](const std::string& folder) {
    double quota = 0, period = 0;  // a quota of -1 is none
    if (std::ifstream(folder + "/cpu.cfs_quota_us") >> quota &&
        std::ifstream(folder + "/cpu.cfs_period_us") >> period && quota > 0 && period > 0)
      tighten(limits.processors, quota / period);
  });
  each_group(root, "memory", [&](const std::string& folder) {
    index_t bytes = 0;  // without a limit: near 2^63
    if (std::ifstream(folder + "/memory.limit_in_bytes") >> bytes && bytes > 0 &&
        bytes < (index_t{1} << 60))
      tighten(limits.memory, bytes);
  });
  return limits;
}

}  // namespace ir
