// Netpbm's grey and colour images (P2 P3 P5 P6), PAM and PFM; several images in a file are frames.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/error.hpp"
#include "io/format.hpp"
#include "io/metadata.hpp"
#include "io/packed.hpp"
#include "io/pnm_header.hpp"
#include "io/pnm_sink.hpp"

namespace ir {
namespace {

using pnm::header;

array_info info_of(const header& h) {
  std::vector<axis> axes{{"y", "", h.height, 1, 0}, {"x", "", h.width, 1, 0}};
  if (h.channels > 1) axes.push_back({"c", "", h.channels, 1, 0});
  const dtype type = h.is_float() ? dtype::f32 : h.maximum > 255 ? dtype::u16 : dtype::u8;
  array_info info = file_array(type, std::move(axes));
  if (info.nominal) info.nominal->range = {0, static_cast<double>(h.maximum)};
  return info;
}

index_t bytes_of(const header& h) { return h.width * h.height * h.channels * h.sample_bytes(); }

bool space(std::byte b) {
  const auto c = static_cast<char>(b);
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/// The numbers of a text image (P2, P3), which ends with the file.
std::unique_ptr<box_source> text_boxes(const descriptor& file, const header& h) {
  const array_info info = info_of(h);
  const index_t count = h.width * h.height * h.channels, rest = file.size() - h.data_offset;
  if (count > rest / 2 + 1)  // a digit and a space for each
    throw data_error(fmt::format("{}: {} bytes cannot hold {} numbers", file.name(), rest, count));
  std::string text(static_cast<std::size_t>(rest), '\0');
  text.resize(static_cast<std::size_t>(
      file.read_at(h.data_offset, std::as_writable_bytes(std::span(text)))));
  const auto values =
      std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(bytes_of(h)));
  const char *at = text.data(), *end = at + text.size();
  const auto skip = [&] {
    while (at < end && space(static_cast<std::byte>(*at))) ++at;
  };
  for (index_t i = 0; i < count; ++i) {
    skip();
    std::uint32_t v = 0;
    const auto [stop, bad] = std::from_chars(at, end, v);
    const bool ends = stop == end || space(static_cast<std::byte>(*stop));
    if (bad != std::errc{} || !ends || v > static_cast<std::uint32_t>(h.maximum))
      throw data_error(fmt::format("{}: number {} of {} is missing or not from 0 to {}",
                                   file.name(), i, count, h.maximum));
    const auto narrow = static_cast<std::uint16_t>(v);  // little-endian: its first byte is a u8
    std::memcpy(values->data() + i * h.sample_bytes(), &narrow,
                static_cast<std::size_t>(h.sample_bytes()));
    at = stop;
  }
  skip();
  if (at != end) throw data_error(fmt::format("{}: more than {} numbers", file.name(), count));
  return std::make_unique<memory_boxes>(info, values->data(), values);
}

std::unique_ptr<box_source> binary_boxes(std::shared_ptr<const descriptor> file, const header& h) {
  const array_info info = info_of(h);
  packed_layout layout = packed_c_order(info, h.data_offset);
  layout.swapped = h.is_float() ? h.scale > 0 : h.maximum > 255;
  if (h.is_float()) {  // bottom row first
    layout.offset += (h.height - 1) * layout.strides[0];
    layout.strides[0] = -layout.strides[0];
  }
  return std::make_unique<packed_boxes>(info, std::move(file), std::move(layout));
}

/// Images of one kind, along a new axis in front.
class image_stack final : public box_source {
 public:
  image_stack(array_info info, std::vector<std::unique_ptr<box_source>> images)
      : box_source(std::move(info)), images_(std::move(images)) {}
  shape block() const override {
    const shape one = images_[0]->block();
    std::vector<index_t> n(one.extents().begin(), one.extents().end());
    n.insert(n.begin(), 1);
    return shape(n);
  }

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override {
    const shape o(origin.extents().subspan(1)), n(extents.extents().subspan(1));
    auto* to = static_cast<std::byte*>(out);
    for (index_t k = 0; k < extents[0]; ++k, to += n.count() * size_of(info().type))
      images_[static_cast<std::size_t>(origin[0] + k)]->read(o, n, {to, info().type, n});
  }
  std::vector<std::unique_ptr<box_source>> images_;
};

/// Whether nothing but white space comes at `offset`: some programs end files with a newline.
bool at_end(const descriptor& file, index_t offset) {
  std::byte tail[16];
  const index_t n = file.read_at(offset, tail);
  return n < 16 && std::all_of(tail, tail + n, space);
}

/// All images of the file, which must be of one kind and whole.
std::vector<header> images_of(const descriptor& file) {
  std::vector<header> all;
  index_t offset = 0;
  do {
    const header h = pnm::read_header(file, offset);
    if (!all.empty() && !h.same_kind(all[0]))
      throw data_error(fmt::format("{}: image {} is not of the kind and size of the first",
                                   file.name(), all.size()));
    all.push_back(h);
    if (h.is_text()) break;
    offset = h.data_offset + bytes_of(h);
    if (offset > file.size())
      throw data_error(fmt::format("{}: image {} of {}x{}x{} needs {} bytes, {} are there",
                                   file.name(), all.size() - 1, h.height, h.width, h.channels,
                                   bytes_of(h), file.size() - h.data_offset));
  } while (!at_end(file, offset));
  return all;
}

file_contents open(const std::string& path, const open_options&) {
  const auto file = std::make_shared<const descriptor>(descriptor::open_read(path));
  const auto headers = images_of(*file);
  std::vector<std::unique_ptr<box_source>> images;
  for (const header& h : headers)
    images.push_back(h.is_text() ? text_boxes(*file, h) : binary_boxes(file, h));
  file_contents contents;
  contents.format = headers[0].is_float() ? "PFM" : "PNM";
  if (headers[0].is_float() && std::abs(headers[0].scale) != 1)
    contents.meta = metadata::with({}, "pfm_scale", json_number(std::abs(headers[0].scale)));
  if (images.size() == 1) {
    contents.arrays.push_back(std::move(images[0]));
    return contents;
  }
  array_info info = images[0]->info();
  info.axes.insert(info.axes.begin(), axis{"z", "", static_cast<index_t>(images.size()), 1, 0});
  contents.along = "z";
  contents.arrays.push_back(std::make_unique<image_stack>(std::move(info), std::move(images)));
  return contents;
}

bool starts(std::span<const std::byte> b, const char* second) {
  return b.size() > 2 && static_cast<char>(b[0]) == 'P' && static_cast<char>(b[1]) != '\0' &&
         std::strchr(second, static_cast<char>(b[1])) && space(b[2]);
}

const registered<format> pnm_entry{{
    .name = "PNM",
    .extensions = {".pgm", ".ppm", ".pnm", ".pam"},
    .aliases = {"pgm", "ppm", "pam"},
    .streams = true,
    .pages = true,
    .sniff = [](std::span<const std::byte> b) { return starts(b, "1234567"); },
    .open = open,
    .create = create_pnm,
}};

const registered<format> pfm_entry{{
    .name = "PFM",
    .extensions = {".pfm"},
    .streams = true,
    .pages = true,
    .sniff = [](std::span<const std::byte> b) { return starts(b, "fF"); },
    .open = open,
    .create = create_pfm,
}};

}  // namespace
}  // namespace ir
