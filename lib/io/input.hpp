#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/cancellation.hpp"
#include "io/cut.hpp"
#include "io/file_name.hpp"
#include "io/format.hpp"
#include "io/irs.hpp"
#include "io/scan.hpp"

namespace ir {

struct input_options {
  open_options file;
  scan_files scan;  // flats, darks and angles that go with the input
  selection cut;
  irs_read_options stream;
  std::string tmpdir;  // empty: $TMPDIR, else /var/tmp
  index_t memory = 0;  // budget: a pipe's frames are kept in memory where they fit, else spooled
  std::function<void(const std::string&)> say;  // "spooling 3.2 GiB to /var/tmp"
};

/// Opens what a user names: a file of any format (by its first bytes), file.h5:/path, several
/// files, a glob or folder in natural order, a %05d pattern, a FIFO; none or "-" is standard input:
/// a frame stream, or any format by one spool. no_input_error, data_error, usage_error.
std::unique_ptr<frame_source> open_input(const std::vector<std::string>& names,
                                         const input_options&,
                                         std::shared_ptr<const cancellation> = {});

/// Puts the frames of side inputs (as arrays with these roles) before those of the main input.
struct side_source {
  std::string name;  // of the array in the header: "psf"
  role what;
  std::unique_ptr<frame_source> from;
};
std::unique_ptr<frame_source> join(std::vector<side_source>, std::unique_ptr<frame_source> main);

/// The same source with regions(): itself, or by memory or a spool. memory_error: no room for the
/// spool.
std::unique_ptr<frame_source> with_regions(std::unique_ptr<frame_source>, const input_options&,
                                           queue&);
/// Bytes that `with_regions` would have to keep; 0 for a file, nullopt where the stream does not
/// tell.
std::optional<index_t> bytes_to_keep(const frame_source&);

}  // namespace ir
