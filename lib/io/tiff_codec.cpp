#include "io/tiff_codec.hpp"

#include <fmt/core.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>

#include "core/error.hpp"
#include "io/tiff_deflate.hpp"

namespace ir::tiff {
namespace {

/// What libtiff says while it works for us; it never reaches standard error.
struct messages {
  std::string error, warning;
};

int keep(std::string& to, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  if (to.empty()) to = text;  // the first is the cause
  return 1;
}
int on_error(TIFF*, void* to, const char*, const char* format, va_list arguments) {
  return keep(static_cast<messages*>(to)->error, format, arguments);
}
int on_warning(TIFF*, void* to, const char*, const char* format, va_list arguments) {
  return keep(static_cast<messages*>(to)->warning, format, arguments);
}

/// A file position of its own over the shared descriptor.
struct cursor {
  const descriptor* file;
  index_t at;
};
tmsize_t read_bytes(thandle_t h, void* to, tmsize_t n) {
  auto& c = *static_cast<cursor*>(h);
  const index_t got = c.file->read_at(c.at, {static_cast<std::byte*>(to), std::size_t(n)});
  c.at += got;
  return got;
}
tmsize_t refuse_to_write(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t h, toff_t to, int whence) {
  auto& c = *static_cast<cursor*>(h);
  const index_t base = whence == SEEK_CUR ? c.at : whence == SEEK_END ? c.file->size() : 0;
  c.at = base + index_t(to);
  return toff_t(c.at);
}
int leave_open(thandle_t) { return 0; }
toff_t size(thandle_t h) { return toff_t(static_cast<cursor*>(h)->file->size()); }

/// Decoders that tell of damage by a warning and make up the rest.
bool patches_damage(int compression) {
  return compression == COMPRESSION_JPEG ||
         (compression >= COMPRESSION_CCITTRLE && compression <= COMPRESSION_CCITTFAX4) ||
         compression == COMPRESSION_CCITTRLEW;
}

}  // namespace

std::string why_not_decoded(int compression) {
  static constexpr int known[] = {
      COMPRESSION_NONE,          COMPRESSION_CCITTRLE,  COMPRESSION_CCITTRLEW,
      COMPRESSION_CCITTFAX3,     COMPRESSION_CCITTFAX4, COMPRESSION_LZW,
      COMPRESSION_JPEG,          COMPRESSION_PACKBITS,  COMPRESSION_DEFLATE,
      COMPRESSION_ADOBE_DEFLATE, COMPRESSION_LERC,      COMPRESSION_LZMA,
      COMPRESSION_ZSTD,          COMPRESSION_WEBP};
  const bool ours = std::find(std::begin(known), std::end(known), compression) != std::end(known);
  if (ours && TIFFIsCODECConfigured(std::uint16_t(compression)) != 0) return {};
  const TIFFCodec* codec = TIFFFindCODEC(std::uint16_t(compression));
  return fmt::format(
      "compression {}{} is not read; LZW, deflate, zstd, PackBits, LZMA and JPEG are", compression,
      codec ? fmt::format(" ({})", codec->name) : "");
}

struct block_decoder::handle {
  cursor at;
  messages said;
  TIFF* file = nullptr;
  index_t directory = -1, number = -1;  // what `block` holds
  std::unique_ptr<std::byte[]> block;
  index_t capacity = 0;
  std::vector<std::byte> packed;

  explicit handle(const descriptor& from) : at{&from, 0} {
    TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, &said);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, &said);
    // h: no directory yet; m: no mmap; O: positions of strips are read when needed
    file = TIFFClientOpenExt(from.name().c_str(), "rhmO", &at, read_bytes, refuse_to_write, seek,
                             leave_open, size, nullptr, nullptr, options);
    TIFFOpenOptionsFree(options);
    if (!file) throw data_error(fmt::format("{}: {}", from.name(), said.error));
  }
  handle(const handle&) = delete;
  ~handle() { TIFFClose(file); }

  void select(const page& p) {
    if (directory == p.directory) return;
    directory = number = -1;
    if (TIFFSetSubDirectory(file, std::uint64_t(p.directory)) == 0)
      throw data_error(fmt::format("{}: page {}: {}", at.file->name(), p.number, said.error));
    std::uint16_t colour = 0, compression = 0;
    TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &colour);
    TIFFGetField(file, TIFFTAG_COMPRESSION, &compression);
    if (compression == COMPRESSION_JPEG && colour == PHOTOMETRIC_YCBCR)
      TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    directory = p.directory;
  }

  void reserve(index_t bytes) {
    if (capacity >= bytes) return;
    block = std::make_unique_for_overwrite<std::byte[]>(std::size_t(bytes));
    capacity = bytes;
  }

  /// Fills `block`; tells why it cannot.
  std::string decode(const layout& how, std::uint32_t strip, index_t need) {
    prediction p;
    std::uint16_t predictor = 1;
    if (TIFFGetField(file, TIFFTAG_PREDICTOR, &predictor)) p.predictor = predictor;
    p.swapped = TIFFIsByteSwapped(file) != 0;
    const bool deflated =
        how.compression == COMPRESSION_ADOBE_DEFLATE || how.compression == COMPRESSION_DEFLATE;
    if (deflated && can_inflate(how, p)) return decode_deflated(how, strip, need, p);
    const tmsize_t got = how.tiled ? TIFFReadEncodedTile(file, strip, block.get(), need)
                                   : TIFFReadEncodedStrip(file, strip, block.get(), need);
    if (!said.error.empty()) return said.error;
    if (patches_damage(how.compression) && !said.warning.empty()) return said.warning;
    return got == need ? "" : fmt::format("{} of {} bytes", got, need);
  }

  std::string decode_deflated(const layout& how, std::uint32_t strip, index_t need,
                              const prediction& p) {
    const auto bytes = index_t(TIFFGetStrileByteCount(file, strip));
    if (bytes < 1 || bytes > at.file->size())
      return fmt::format("{} bytes in a file of {}: truncated", bytes, at.file->size());
    packed.resize(std::size_t(bytes));
    const tmsize_t got = how.tiled ? TIFFReadRawTile(file, strip, packed.data(), bytes)
                                   : TIFFReadRawStrip(file, strip, packed.data(), bytes);
    if (got != bytes) return said.error.empty() ? "truncated" : said.error;
    return inflate(packed, how, p, need,
                   {block.get(), std::size_t(how.line_bytes() * how.block_height)});
  }
};

block_decoder::lease::lease(const block_decoder* p, std::unique_ptr<handle> h)
    : pool(p), from(std::move(h)) {}

block_decoder::lease::~lease() {
  const std::lock_guard guard(pool->lock_);
  try {
    pool->idle_.push_back(std::move(from));
  } catch (const std::bad_alloc&) {  // then it is closed, and made again when needed
  }
}

block_decoder::block_decoder(std::shared_ptr<const descriptor> file) : file_(std::move(file)) {}
block_decoder::~block_decoder() = default;

block_decoder::lease block_decoder::take(const page& p, index_t number) const {
  {
    const std::lock_guard guard(lock_);
    if (!idle_.empty()) {
      auto found = std::find_if(idle_.begin(), idle_.end(), [&](const auto& h) {
        return h->directory == p.directory && h->number == number;
      });
      if (found == idle_.end()) found = idle_.end() - 1;
      std::unique_ptr<handle> h = std::move(*found);
      idle_.erase(found);
      return {this, std::move(h)};
    }
  }
  return {this, std::make_unique<handle>(*file_)};
}

std::span<const std::byte> block_decoder::decode(handle& h, const page& p, const layout& how,
                                                 index_t number) const {
  const index_t need = how.line_bytes() * how.lines_of_block(number);
  if (h.directory == p.directory && h.number == number) return {h.block.get(), std::size_t(need)};
  h.said = {};
  h.select(p);
  h.number = -1;
  h.reserve(how.line_bytes() * how.block_height);
  h.said = {};
  const std::string why = h.decode(how, std::uint32_t(number), need);
  if (!why.empty())
    throw data_error(fmt::format("{}: page {}: {} {} cannot be decoded: {}", file_->name(),
                                 p.number, how.tiled ? "tile" : "strip", number, why));
  h.number = number;
  return {h.block.get(), std::size_t(need)};
}

}  // namespace ir::tiff
