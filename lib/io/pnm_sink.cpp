#include "io/pnm_sink.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "io/descriptor.hpp"
#include "io/pnm_header.hpp"
#include "io/strided_copy.hpp"
#include "io/value_writer.hpp"

namespace ir {
namespace {

/// The extents of a frame that is an image; `c` before y and x.
struct image_shape {
  index_t height = 1, width = 1, channels = 1;
};

image_shape image_of(const array_info& a, const std::string& format) {
  std::vector<index_t> space;
  image_shape s;
  for (std::size_t i = 0; i < a.axes.size(); ++i) {
    if (a.axes[i].name == "c" && i == 0)
      s.channels = a.axes[i].size;
    else
      space.push_back(a.axes[i].size);
  }
  if (space.empty() || space.size() > 2)
    throw usage_error(fmt::format("{} holds images; a frame is {}: --rank 2, or another format",
                                  format, to_string(extents_of(a))));
  s.width = space.back();
  if (space.size() == 2) s.height = space[0];
  return s;
}

class image_sink final : public frame_sink {
 public:
  image_sink(const std::string& path, const stream_header& h, const create_options& o,
             const storable& can, bool floats)
      : image_(image_of(data_of(h), can.format)),
        floats_(floats),
        allow_empty_(o.allow_empty),
        values_(data_of(h), o, can),
        order_(h),
        file_(descriptor::create(path)) {
    if (floats && image_.channels != 1 && image_.channels != 3)
      throw usage_error(fmt::format("PFM holds 1 or 3 channels, a frame has {}", image_.channels));
    header_ = floats ? fmt::format("P{}\n{} {}\n-1.0\n", image_.channels == 3 ? 'F' : 'f',
                                   image_.width, image_.height)
                     : pnm::header_text(image_.width, image_.height, image_.channels, maximum());
  }

  // Rows of grey images can be written as they come.
  bool takes_parts() const override { return !floats_ && image_.channels == 1; }

  void put(frame& f, queue& q) override {
    if (!order_.accept(f)) return;
    if (order_.begins(f)) file_.write(std::as_bytes(std::span(header_)));
    const cref out = values_.convert(std::as_const(f.data).get(), q);
    const std::span from(static_cast<const std::byte*>(out.data),
                         static_cast<std::size_t>(out.bytes()));
    const index_t size = size_of(out.type);
    if (takes_parts() && size == 1) return file_.write(from);
    file_order_.resize(from.size());
    if (takes_parts()) {
      std::copy(from.begin(), from.end(), file_order_.begin());
    } else {
      const auto [height, width, channels] = image_;
      const index_t row = width * channels * size;
      const index_t planar[] = {width * size, size, height * width * size};  // y, x, c
      const index_t stored[] = {floats_ ? -row : row, channels * size, size};
      std::byte* first = file_order_.data() + (floats_ ? (height - 1) * row : 0);
      strided_copy({height, width, channels}, size, from.data(), planar, first, stored);
    }
    if (!floats_) swap_bytes(file_order_, size);
    file_.write(file_order_);
  }

  void finish() override {
    order_.finish(allow_empty_);
    values_.finish();
    file_.close();
  }
  void commit() override {}

 private:
  /// What says how many bytes a sample has, so it must agree with the type.
  index_t maximum() const {
    const auto high = static_cast<index_t>(values_.stored().nominal->range[1]);
    return values_.type() == dtype::u8 ? std::max<index_t>(1, high) : std::max<index_t>(256, high);
  }

  image_shape image_;
  bool floats_, allow_empty_;
  value_writer values_;
  frame_order order_;
  descriptor file_;
  std::string header_;
  std::vector<std::byte> file_order_;
};

}  // namespace

std::unique_ptr<frame_sink> create_pnm(const std::string& path, const stream_header& header,
                                       const create_options& options) {
  return std::make_unique<image_sink>(path, header, options,
                                      storable{"PNM", {dtype::u8, dtype::u16}, true}, false);
}

std::unique_ptr<frame_sink> create_pfm(const std::string& path, const stream_header& header,
                                       const create_options& given) {
  create_options options = given;
  if (!options.type && !is_complex(data_of(header).type)) options.type = dtype::f32;
  return std::make_unique<image_sink>(path, header, options, storable{"PFM", {dtype::f32}}, true);
}

}  // namespace ir
