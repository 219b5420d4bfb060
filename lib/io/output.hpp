#pragma once
#include <memory>
#include <string>

#include "core/cancellation.hpp"
#include "io/format.hpp"
#include "io/irs.hpp"

namespace ir {

struct output_options {
  create_options file;
  std::string to;  // --to: irs, raw, npy, h5, tiff, png, nrrd, pnm; empty: by name, or irs on -
  std::string
      tmpdir;  // for what must be written twice: --range auto, a file format on standard output
};

/// Creates what a user names: a file by its extension, file.h5:/path, a %05d pattern, "{row}" for
/// one file a row (io/rows.hpp), "-" for standard output. Atomic: nothing under the final name
/// before commit(). usage_error: standard output is a terminal; output_error: it exists and neither
/// force nor append was given.
std::unique_ptr<frame_sink> create_output(const std::string& target, const stream_header&,
                                          const output_options&,
                                          std::shared_ptr<const cancellation> = {});

}  // namespace ir
