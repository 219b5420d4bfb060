// PNG: gray, RGB, alpha, palettes, 1 to 16 bits, interlaced. Values are never gamma-converted.
#include <fmt/core.h>
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "core/error.hpp"
#include "io/array_note.hpp"
#include "io/descriptor.hpp"
#include "io/format.hpp"
#include "io/picture.hpp"
#include "io/png_sink.hpp"

namespace ir {
namespace {

/// One pass over a file. libpng reports errors by longjmp: between the jump and its target there
/// are no destructors to skip, so everything that owns lives here, outside.
class png_reader {
 public:
  explicit png_reader(std::shared_ptr<const descriptor> file) : file_(std::move(file)) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, auto) {});
    info_ = png_ ? png_create_info_struct(png_) : nullptr;
    if (!info_) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw memory_error("no memory to read a PNG file");
    }
    png_set_read_fn(png_, this, read);
  }
  png_reader(const png_reader&) = delete;
  ~png_reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  picture_kind header() {
    if (!start()) fail();
    picture_kind k;
    k.height = png_get_image_height(png_, info_);
    k.width = png_get_image_width(png_, info_);
    k.channels = png_get_channels(png_, info_);
    k.type = png_get_bit_depth(png_, info_) == 16 ? dtype::u16 : dtype::u8;
    return k;
  }
  /// The text under a keyword of the header; empty if there is none.
  std::string text(const char* keyword) const {
    png_textp all = nullptr;
    const int n = png_get_text(png_, info_, &all, nullptr);
    for (int i = 0; i < n; ++i)
      if (std::strcmp(all[i].key, keyword) == 0 && all[i].text) return all[i].text;
    return {};
  }
  /// After header(): all lines.
  picture_boxes::pixels pixels() {
    const std::size_t line = png_get_rowbytes(png_, info_), n = png_get_image_height(png_, info_);
    auto out = std::make_unique_for_overwrite<std::byte[]>(line * n);
    std::vector<png_bytep> lines(n);
    for (std::size_t i = 0; i < n; ++i)
      lines[i] = reinterpret_cast<png_bytep>(out.get() + i * line);
    if (!finish(lines.data())) fail();
    return out;
  }

 private:
  bool start() noexcept {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_read_info(png_, info_);
    png_set_expand(png_);  // palettes, fewer than 8 bits, transparent colours
    png_set_swap(png_);    // 16-bit values are big-endian in the file
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  bool finish(png_bytepp lines) noexcept {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_read_image(png_, lines);
    png_read_end(png_, nullptr);
    return true;
  }
  [[noreturn]] void fail() const {
    if (thrown_) std::rethrow_exception(thrown_);
    throw data_error(fmt::format("{}: damaged PNG: {}", file_->name(), message_));
  }
  static void on_error(png_structp png, png_const_charp text) {
    auto* self = static_cast<png_reader*>(png_get_error_ptr(png));
    std::snprintf(self->message_, sizeof self->message_, "%s", text);
    png_longjmp(png, 1);
  }
  static void read(png_structp png, png_bytep to, std::size_t n) {
    auto* self = static_cast<png_reader*>(png_get_io_ptr(png));
    if (!self->fill(reinterpret_cast<std::byte*>(to), n)) png_error(png, "it ends too early");
  }
  bool fill(std::byte* to, std::size_t n) noexcept try {
    while (n > 0) {
      if (at_ == held_.size()) {
        held_.resize(1 << 16);
        held_.resize(std::size_t(file_->read_at(position_, held_)));
        position_ += index_t(held_.size());
        at_ = 0;
        if (held_.empty()) return false;
      }
      const std::size_t some = std::min(n, held_.size() - at_);
      std::memcpy(to, held_.data() + at_, some);
      to += some;
      n -= some;
      at_ += some;
    }
    return true;
  } catch (...) {
    thrown_ = std::current_exception();
    return false;
  }

  std::shared_ptr<const descriptor> file_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  char message_[256] = {};
  std::exception_ptr thrown_;
  std::vector<std::byte> held_;
  std::size_t at_ = 0;
  index_t position_ = 0;
};

file_contents open(const std::string& path, const open_options&) {
  const auto file = std::make_shared<const descriptor>(descriptor::open_read(path));
  png_reader reader(file);
  const picture_kind kind = reader.header();
  array_info info = picture_array(kind);
  file_contents contents;
  contents.format = "PNG";
  if (const std::string note = reader.text(png_note); !note.empty())
    apply_note(note, info, contents.meta);
  contents.arrays.push_back(std::make_unique<picture_boxes>(std::move(info), kind, [file] {
    png_reader again(file);
    again.header();
    return again.pixels();
  }));
  return contents;
}

const registered<format> entry{{
    .name = "PNG",
    .extensions = {".png"},
    .sniff =
        [](std::span<const std::byte> b) {
          return b.size() >= 8 &&
                 png_sig_cmp(reinterpret_cast<png_const_bytep>(b.data()), 0, 8) == 0;
        },
    .open = open,
    .create = create_png,
}};

}  // namespace
}  // namespace ir
