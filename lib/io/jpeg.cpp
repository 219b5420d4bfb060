// JPEG: 8-bit gray and RGB, read only. What the decoder would patch up is refused.
#include <fmt/core.h>

#include <cstddef>
#include <cstdio>
// jpeglib.h needs the two above
#include <jpeglib.h>

#include <csetjmp>
#include <cstring>

#include "core/error.hpp"
#include "io/descriptor.hpp"
#include "io/format.hpp"
#include "io/picture.hpp"

namespace ir {
namespace {

/// One pass over a file in memory. libjpeg reports errors by longjmp: between the jump and its
/// target there are no destructors to skip.
class jpeg_reader {
 public:
  explicit jpeg_reader(const descriptor& file)
      : name_(file.name()), bytes_(std::size_t(file.size())) {
    bytes_.resize(std::size_t(file.read_at(0, bytes_)));
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    jpeg_.client_data = this;
    jpeg_create_decompress(&jpeg_);
  }
  jpeg_reader(const jpeg_reader&) = delete;
  ~jpeg_reader() { jpeg_destroy_decompress(&jpeg_); }

  picture_kind header() {
    check(start());
    if (jpeg_.num_components != 1 && jpeg_.num_components != 3)
      throw data_error(
          fmt::format("{}: a JPEG of {} colour components (CMYK) is not read; gray and "
                      "RGB are",
                      name_, jpeg_.num_components));
    picture_kind k;
    k.height = jpeg_.image_height;
    k.width = jpeg_.image_width;
    k.channels = jpeg_.num_components;
    return k;
  }
  picture_boxes::pixels pixels() {
    const std::size_t line = std::size_t(jpeg_.image_width) * std::size_t(jpeg_.num_components);
    auto out = std::make_unique_for_overwrite<std::byte[]>(line * jpeg_.image_height);
    check(finish(reinterpret_cast<JSAMPROW>(out.get()), line));
    return out;
  }

 private:
  bool start() noexcept {
    if (setjmp(jump_)) return false;
    jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_read_header(&jpeg_, TRUE);
    return true;
  }
  bool finish(JSAMPROW out, std::size_t line) noexcept {
    if (setjmp(jump_)) return false;
    jpeg_.out_color_space = jpeg_.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&jpeg_);
    while (jpeg_.output_scanline < jpeg_.output_height) {
      JSAMPROW row = out + line * jpeg_.output_scanline;
      jpeg_read_scanlines(&jpeg_, &row, 1);
    }
    jpeg_finish_decompress(&jpeg_);
    return true;
  }
  void check(bool well) const {
    if (!well) throw data_error(fmt::format("{}: damaged JPEG: {}", name_, message_));
  }
  static void on_error(j_common_ptr jpeg) {
    auto* self = static_cast<jpeg_reader*>(jpeg->client_data);
    char text[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, text);
    std::snprintf(self->message_, sizeof self->message_, "%s", text);
    std::longjmp(self->jump_, 1);
  }
  static void on_message(j_common_ptr jpeg, int level) {
    if (level < 0) on_error(jpeg);  // corrupt data that it would make up
  }

  std::string name_;
  std::vector<std::byte> bytes_;
  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf jump_{};
  char message_[256] = {};
};

file_contents open(const std::string& path, const open_options&) {
  const auto file = std::make_shared<const descriptor>(descriptor::open_read(path));
  const picture_kind kind = jpeg_reader(*file).header();
  file_contents contents;
  contents.format = "JPEG";
  contents.arrays.push_back(std::make_unique<picture_boxes>(picture_array(kind), kind, [file] {
    jpeg_reader again(*file);
    again.header();
    return again.pixels();
  }));
  return contents;
}

const registered<format> entry{{
    .name = "JPEG",
    .extensions = {".jpg", ".jpeg"},
    .writes = false,
    .sniff =
        [](std::span<const std::byte> b) {
          return b.size() >= 3 && b[0] == std::byte{0xff} && b[1] == std::byte{0xd8} &&
                 b[2] == std::byte{0xff};
        },
    .open = open,
    .create = {},
}};

}  // namespace
}  // namespace ir
