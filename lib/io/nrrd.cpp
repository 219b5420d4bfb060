// NRRD with an attached header: raw and gzip, read in both byte orders, written little-endian.
#include <fmt/core.h>

#include <cstring>
#include <mutex>

#include "core/error.hpp"
#include "io/format.hpp"
#include "io/frame_file.hpp"
#include "io/gzip.hpp"
#include "io/nrrd_header.hpp"
#include "io/packed.hpp"
#include "io/spool.hpp"

namespace ir {
namespace {

constexpr std::string_view magic = "NRRD000";

packed_layout layout_of(const nrrd::header& h, index_t offset) {
  packed_layout layout = packed_c_order(h.info, offset);
  layout.swapped = h.big_endian;
  return layout;
}

/// Compressed data cannot be read from the middle: the first read decompresses all of them, into
/// memory or a scratch file.
class inflated_boxes final : public box_source {
 public:
  inflated_boxes(const nrrd::header& h, std::shared_ptr<const descriptor> file)
      : box_source(h.info), header_(h), file_(std::move(file)) {}

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override {
    std::call_once(once_, [this] { inflate(); });
    boxes_->read(origin, extents, {out, info().type, extents});
  }

  void inflate() const {
    constexpr index_t in_memory = index_t{256} << 20;
    const index_t bytes = extents_of(info()).count() * size_of(info().type);
    if (bytes > in_memory) require_space(spool_folder(""), bytes);
    spool store = bytes > in_memory ? spool::on_disk(spool_folder("")) : spool::in_memory();
    gzip_reader from(*file_, header_.data_offset);
    std::vector<std::byte> piece(std::size_t{1} << 20);
    while (const index_t n = from.read(piece)) {
      if (store.size() + n > bytes) break;
      store.append(std::span(piece).first(static_cast<std::size_t>(n)));
      if (n < static_cast<index_t>(piece.size())) break;
    }
    if (std::byte more[1]; store.size() != bytes || from.read(more) != 0)
      throw data_error(
          fmt::format("{}: its compressed data are not the {} bytes that the header "
                      "says",
                      file_->name(), bytes));
    boxes_ = std::make_unique<packed_boxes>(info(), store.file(), layout_of(header_, 0));
  }

  nrrd::header header_;
  std::shared_ptr<const descriptor> file_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<packed_boxes> boxes_;
};

std::unique_ptr<box_source> boxes_of(const nrrd::header& h,
                                     std::shared_ptr<const descriptor> file) {
  const index_t bytes = extents_of(h.info).count() * size_of(h.info.type);
  const index_t rest = file->size() - h.data_offset;
  if (h.how == nrrd::encoding::gzip) {
    if (bytes > most_inflated(rest))
      throw data_error(fmt::format("{}: {} compressed bytes cannot hold an array of {} {}",
                                   file->name(), rest, to_string(extents_of(h.info)),
                                   name_of(h.info.type)));
    return std::make_unique<inflated_boxes>(h, std::move(file));
  }
  if (h.at_end ? rest < bytes : rest != bytes)
    throw data_error(fmt::format("{}: {} bytes of data, an array of {} {} needs {}", file->name(),
                                 rest, to_string(extents_of(h.info)), name_of(h.info.type), bytes));
  const index_t offset = h.at_end ? file->size() - bytes : h.data_offset;
  return std::make_unique<packed_boxes>(h.info, std::move(file), layout_of(h, offset));
}

file_contents open(const std::string& path, const open_options&) {
  const auto file = std::make_shared<const descriptor>(descriptor::open_read(path));
  const nrrd::header h = nrrd::read_header(*file);
  file_contents contents;
  contents.arrays.push_back(boxes_of(h, file));
  contents.meta = h.meta;
  contents.along = h.along;
  contents.format = "NRRD";
  return contents;
}

std::unique_ptr<frame_sink> create(const std::string& path, const stream_header& header,
                                   const create_options& options) {
  const auto how = options.compression > 0 ? nrrd::encoding::gzip : nrrd::encoding::raw;
  frame_file::layout layout;
  layout.gzip_level = options.compression;
  layout.header = [how, along = header.along, meta = header.meta](const array_info& stored,
                                                                  bool stack, index_t frames) {
    return nrrd::header_text(stored, stack ? &along : nullptr, frames, how, meta);
  };
  const storable can{"NRRD",
                     {dtype::u8, dtype::i8, dtype::u16, dtype::i16, dtype::u32, dtype::i32,
                      dtype::f32, dtype::f64, dtype::c64, dtype::c128}};
  return std::make_unique<frame_file>(path, header, options, can, std::move(layout));
}

const registered<format> entry{{
    .name = "NRRD",
    .extensions = {".nrrd"},
    .pages = true,
    .sniff =
        [](std::span<const std::byte> b) {
          return b.size() > magic.size() && std::memcmp(b.data(), magic.data(), magic.size()) == 0;
        },
    .open = open,
    .create = create,
}};

}  // namespace
}  // namespace ir
