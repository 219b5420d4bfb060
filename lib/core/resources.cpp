#include "core/resources.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/cgroup.hpp"
#include "core/device_runtime.hpp"
#include "core/error.hpp"

namespace ir {
namespace {

std::optional<std::string_view> variable(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return {};
  return text;
}

int parse_threads(std::string_view name, std::string_view text) {
  int n = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failed != std::errc{} || end != text.data() + text.size() || n < 1)
    throw usage_error(
        fmt::format("{}={}: a number of threads, at least 1, is expected", name, text));
  return n;
}

int processors_in_affinity_mask() {
  for (int most = 1024; most <= 1 << 20; most *= 2) {  // a machine may have more than 1024
    std::vector<cpu_set_t> set(CPU_ALLOC_SIZE(most) / sizeof(cpu_set_t));
    const std::size_t bytes = set.size() * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, set.data()) == 0) return CPU_COUNT_S(bytes, set.data());
  }
  return 1;
}

index_t total_memory() {
  std::ifstream in("/proc/meminfo");
  std::string key;
  for (index_t kib = 0; in >> key >> kib; in.ignore(64, '\n'))
    if (key == "MemTotal:") return kib << 10;
  throw io_error("/proc/meminfo: no MemTotal");
}

}  // namespace

int thread_count(std::optional<int> asked) {
  if (asked) {
    if (*asked < 1) throw usage_error(fmt::format("{} threads: at least 1 is expected", *asked));
    return *asked;
  }
  if (const auto text = variable("IR_THREADS")) return parse_threads("IR_THREADS", *text);
  if (const auto text = variable("OMP_NUM_THREADS"))  // a list has one number for each level
    return parse_threads("OMP_NUM_THREADS", text->substr(0, text->find(',')));

  static const int usable = [] {
    const double quota = read_cgroup_limits().processors.value_or(1 << 20);
    return std::max(1, std::min(processors_in_affinity_mask(), static_cast<int>(std::ceil(quota))));
  }();
  return usable;
}

index_t installed_memory() {
  static const index_t bytes =
      std::min(total_memory(), read_cgroup_limits().memory.value_or(index_t{1} << 62));
  return bytes;
}

index_t memory_budget(std::optional<index_t> asked, memory_share share) {
  if (asked) return *asked;
  if (const auto text = variable("IR_MEMORY")) return parse_bytes(*text);
  switch (share) {
    case memory_share::files:
      return installed_memory() / 2;
    case memory_share::pipe:
      return installed_memory() / 4;
    case memory_share::light:
      break;
  }
  return std::min(index_t{1} << 30, installed_memory() / 4);
}

index_t parse_bytes(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [unit_begin, failed] = std::from_chars(text.data(), end, number);
  std::string unit(unit_begin, end);
  std::ranges::transform(unit, unit.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });

  double factor = -1;
  if (unit.empty() || unit == "b") factor = 1;
  if (unit == "%") factor = static_cast<double>(installed_memory()) / 100;
  constexpr std::string_view letters = "kmgtp";
  if (const auto power = letters.find(unit.empty() ? '?' : unit[0]); power != letters.npos)
    if (const std::string rest = unit.substr(1); rest.empty() || rest == "b" || rest == "ib")
      factor = std::ldexp(1.0, 10 * (static_cast<int>(power) + 1));

  const double bytes = number * factor;
  if (failed != std::errc{} || factor < 0 || !(bytes >= 1) || bytes > 0x1p62)
    throw usage_error(fmt::format(
        "{}: a size is expected, for example 8G, 512M, 1.5GiB or 50% (of installed memory)", text));
  return static_cast<index_t>(bytes);
}

int cuda_device_count() { return cuda::device_count(); }

index_t cuda_memory_budget(int ordinal) { return cuda::installed_memory(ordinal) / 10 * 9; }

}  // namespace ir
