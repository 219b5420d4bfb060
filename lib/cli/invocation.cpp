#include "cli/invocation.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "io/input.hpp"
#include "io/text_file.hpp"

namespace ir {

void invocation::say(const std::string& line) const {
  const std::string text = fmt::format("{}: {}\n", what->name, line);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void invocation::write_report(const std::string& json_lines) const {
  if (common.report.empty()) return;
  write_text_file(common.report, json_lines,
                  common.force ? pending_file::existing::replace : pending_file::existing::refuse);
}

bool joins_scan(role what) {
  return what == role::flat || what == role::dark || what == role::coordinate;
}

std::unique_ptr<frame_source> invocation::open_main(const std::vector<std::string>& names,
                                                    const input_options& options) const {
  input_options all = options;
  for (const option_table::side_input& side : table.side_inputs()) {
    if (side.what == role::flat) all.scan.flat = side.path;
    if (side.what == role::dark) all.scan.dark = side.path;
    if (side.what == role::coordinate) all.scan.angles = side.path;
  }
  return open_input(names, all, cancel);
}

std::vector<side_source> invocation::open_sides(const input_options& main) const {
  std::vector<side_source> sides;
  for (const option_table::side_input& side : table.side_inputs()) {
    if (side.path.empty() || joins_scan(side.what)) continue;
    input_options options;
    options.memory = main.memory;
    options.tmpdir = main.tmpdir;
    options.cut.whole = side.what == role::psf;
    options.stream.memory = main.memory;
    sides.push_back(
        {std::string(name_of(side.what)), side.what, open_input({side.path}, options, cancel)});
  }
  return sides;
}

}  // namespace ir
