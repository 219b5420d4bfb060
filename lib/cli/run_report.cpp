#include "cli/run_report.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "io/metadata.hpp"

namespace ir {
namespace {

/// Most memory that this program had resident. getrusage also counts what the process was before
/// it became this program, which is a whole interpreter where a script started it.
index_t peak_bytes(const rusage& use) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  return static_cast<index_t>(use.ru_maxrss) * 1024;
}

}  // namespace

run_report::run_report(const std::string& tool) : tool_(tool) {}

void run_report::progress(std::string_view unit, index_t done, index_t total) {
  if (on_progress) on_progress({tool_, done, total, std::string(unit)});
}

void run_report::fact(std::string_view name, double value) {
  set(name, std::isfinite(value) ? json_number(value) : json_quoted(fmt::format("{}", value)));
}

void run_report::text(std::string_view name, std::string_view value) {
  set(name, json_quoted(value));
}

void run_report::set(std::string_view name, std::string json_value) {
  const auto known =
      std::ranges::find(facts_, name, [](const auto& f) { return std::string_view(f.first); });
  if (known != facts_.end())
    known->second = std::move(json_value);
  else
    facts_.emplace_back(name, std::move(json_value));
}

std::string run_report::json() const {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
  std::string out =
      fmt::format(R"({{"tool":{},"version":"{}","seconds":{},"cpu_seconds":{},"peak_bytes":{})",
                  json_quoted(tool_), IR_VERSION, json_number(seconds_now() - begin_),
                  json_number(seconds(use.ru_utime) + seconds(use.ru_stime)), peak_bytes(use));
  for (const auto& [name, value] : facts_) out += fmt::format(",{}:{}", json_quoted(name), value);
  return out + "}";
}

std::string run_report::summary() const {
  std::string out;
  for (const auto& [name, value] : facts_)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, value);
  return out;
}

}  // namespace ir
