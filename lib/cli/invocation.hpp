#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cli/common_options.hpp"
#include "cli/run_report.hpp"

namespace ir {

/// One parsed command line: what the stage runner and the report tools work from.
struct invocation {
  const tool* what = nullptr;
  std::string command;  // for provenance: without folders
  common_options common;
  input_group in;
  output_group out;
  option_table table;
  std::shared_ptr<cancellation> cancel = std::make_shared<cancellation>();

  void say(const std::string& line) const;  // one line on standard error, with the tool's name
  /// Writes the file of --report, if one was asked for.
  void write_report(const std::string& json_lines) const;
  /// Opens the main input (`names`), of a scan with its flats, darks and angles, and, with their
  /// roles, the files of the tool's other input options.
  std::unique_ptr<frame_source> open_main(const std::vector<std::string>& names,
                                          const input_options&) const;
  std::vector<side_source> open_sides(const input_options&) const;
};

/// Whether a side input with this role is a part of a scan: it is opened with the main input.
bool joins_scan(role);

/// Runs a stage from its inputs to its output. The commit comes last: report, then output.
exit_code run_stage(invocation&, const stage_factory&);
/// Runs a tool that prints an answer.
exit_code run_action(invocation&, const action&);

/// Thrown when --dry-run has printed its plan.
struct dry_run_done {};

}  // namespace ir
