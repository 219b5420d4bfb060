// Headerless raw: little-endian, C order; the shape and type are told by --raw-shape, --raw-dtype.
#include <fmt/core.h>

#include "core/error.hpp"
#include "io/format.hpp"
#include "io/frame_file.hpp"
#include "io/packed.hpp"

namespace ir {
namespace {

/// The frames that a file of `bytes` holds where `n` are the extents of one: a longer file is a
/// stack.
std::vector<index_t> stack_of(std::vector<index_t> n, index_t frame, index_t bytes,
                              const std::string& name) {
  if (bytes == 0 || bytes % frame != 0)
    throw data_error(fmt::format("{}: {} bytes are not a whole number of frames of {} bytes", name,
                                 bytes, frame));
  if (bytes > frame) n.insert(n.begin(), bytes / frame);
  return n;
}

file_contents open(const std::string& path, const open_options& options) {
  if (!options.raw_shape || !options.raw_type)
    throw usage_error("headerless raw needs --raw-shape and --raw-dtype");
  const auto file = std::make_shared<const descriptor>(descriptor::open_read(path));
  const auto given = options.raw_shape->extents();
  const index_t frame = checked_bytes(given, size_of(*options.raw_type), file->name());
  if (options.raw_skip < 0 || options.raw_skip > file->size())
    throw usage_error(fmt::format("{}: cannot skip {} of {} bytes", file->name(), options.raw_skip,
                                  file->size()));
  const auto extents =
      stack_of({given.begin(), given.end()}, frame, file->size() - options.raw_skip, file->name());
  checked_bytes(extents, size_of(*options.raw_type), file->name());

  array_info info = file_array(*options.raw_type, name_axes(extents, options.axis_names));
  packed_layout layout = packed_c_order(info, options.raw_skip);
  file_contents contents;
  contents.along = extents.size() > given.size() ? info.axes[0].name : "";
  contents.arrays.push_back(
      std::make_unique<packed_boxes>(std::move(info), file, std::move(layout)));
  contents.format = "raw";
  return contents;
}

const registered<format> entry{{
    .name = "raw",
    .extensions = {".raw", ".bin"},
    .streams = true,
    .pages = true,
    .sniff = {},
    .open = open,
    .create = [](const std::string& path, const stream_header& header,
                 const create_options& options) -> std::unique_ptr<frame_sink> {
      return std::make_unique<frame_file>(path, header, options, storable{"raw", {}},
                                          frame_file::layout{});
    },
}};

}  // namespace
}  // namespace ir
