#pragma once
#include <functional>
#include <memory>
#include <string>

#include "io/box_source.hpp"
#include "io/source.hpp"

namespace ir {

struct keep_options {
  std::string tmpdir;  // as --tmpdir; empty: spool_folder's
  index_t memory = 0;  // up to this is kept in memory, more in an unlinked file
  std::function<void(const std::string&)> say = {};
};

/// Reads a source to its end and keeps it, in the types received: every array with the axis its
/// frames came along as the slowest one. Errors of the source; memory_error: no room for the spool,
/// told before anything is read where the header gives the size.
file_contents keep(frame_source&, const keep_options&, queue&);

}  // namespace ir
