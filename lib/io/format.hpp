#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/registry.hpp"
#include "io/box_source.hpp"
#include "io/sink.hpp"

namespace ir {

/// What the input options say that a reader may need.
struct open_options {
  std::string path_inside;              // after the colon of file.h5:/path
  std::vector<std::string> axis_names;  // --axes, for files that do not say
  std::optional<shape> raw_shape;       // --raw-shape, --raw-dtype
  std::optional<dtype> raw_type;
  index_t raw_skip = 0;
};

/// What the output options say that a writer may need.
struct create_options {
  std::string path_inside;
  int compression = 0;  // 0: none; deflate level else
  bool force = false, append = false, allow_empty = false;
  std::optional<dtype> type;  // --out-dtype
  std::optional<std::array<double, 2>>
      range;  // --range a:b; values are mapped to the whole integer type
  bool range_auto = false;
  /// Told at finish(): how many values were clamped.
  std::function<void(index_t clamped, index_t of)> on_clamped;
};

/// A file format. One .cpp each, registered by itself: `const registered<format> entry{...};`
struct format {
  std::string name;                       // "TIFF"; --to takes it in lower case
  std::vector<std::string> extensions;    // ".tif", ".tiff"
  std::vector<std::string> aliases = {};  // other names that --to takes: "h5"
  bool reads = true, writes = true;
  bool streams = false;  // `create` writes front to back: its path may be a pipe
  bool appends = false;  // create_options::append adds to what `path` holds
  bool sides = false;    // holds the arrays of a stream beside its data, too
  bool pages = false;    // several frames in one file; else one frame a file (%05d needed)
  /// Whether these first bytes (up to 64) are such a file.
  std::function<bool(std::span<const std::byte>)> sniff;
  /// `path` is a readable, seekable file: a user's, or the spool of a pipe. data_error: not
  /// understood.
  std::function<file_contents(const std::string& path, const open_options&)> open;
  /// Arrays inside, for a format that may hold several; their names are paths inside. Else empty.
  std::function<std::vector<array_info>(const std::string& path)> list = {};
  /// Creates `path` (already a temporary's name: nothing here cares for atomicity) for frames of
  /// `header`.
  std::function<std::unique_ptr<frame_sink>(const std::string& path, const stream_header& header,
                                            const create_options&)>
      create;
};

/// By sniffing; nullptr if no format knows these bytes.
const format* format_of(std::span<const std::byte> first_bytes);
/// The same by the first bytes of this file; no_input_error, io_error. nullptr for what is no
/// regular file.
const format* format_of_file(const std::string& path);
/// By `--to` name or by extension; nullptr if unknown.
const format* format_named(std::string_view);
const format* format_for_path(std::string_view path);

}  // namespace ir
