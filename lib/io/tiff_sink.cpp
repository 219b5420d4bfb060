#include "io/tiff_sink.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "io/array_note.hpp"
#include "io/strided_copy.hpp"
#include "io/tiff_file.hpp"
#include "io/value_writer.hpp"

namespace ir::tiff {
namespace {

/// The axes of a frame, sorted by what they are to a TIFF file.
struct frame_shape {
  index_t channels = 1, planes = 1, height = 1, width = 1;
  bool has_channels = false;
  bool colour() const { return channels == 3 || channels == 4; }

  explicit frame_shape(const array_info& of) {
    const std::size_t rank = of.axes.size();
    for (std::size_t i = 0; i < rank; ++i) {
      const axis& a = of.axes[i];
      const bool is_channel = i == 0 && a.name == "c";
      (is_channel ? channels : i + 1 == rank ? width : i + 2 == rank ? height : planes) *= a.size;
      has_channels |= is_channel;
    }
  }
};

class sink final : public frame_sink {
 public:
  sink(const std::string& path, const stream_header& header, const create_options& options)
      : values_(data_of(header), options, storable{"TIFF", {}}),
        order_(header),
        along_(header.along),
        meta_(header.meta),
        allow_empty_(options.allow_empty),
        compressed_(options.compression > 0),
        shape_(values_.stored()),
        file_(path, format_of(options)) {}

  bool takes_parts() const override { return !shape_.has_channels; }
  void put(frame& f, queue& q) override {
    if (!order_.accept(f)) return;
    const cref values = values_.convert(f.data.get(), q);
    const auto* from = static_cast<const std::byte*>(values.data);
    if (shape_.has_channels)
      put_channels(from);
    else
      file_.put(from, values.bytes() / file_.line_bytes());
  }
  void finish() override {
    order_.finish(allow_empty_);
    if (order_.frames() == 0) throw data_error("no frames: a TIFF file cannot be empty");
    along_.size = order_.frames();
    file_.finish(description());
    values_.finish();
  }
  void commit() override {}

 private:
  page_format format_of(const create_options& options) const {
    const array_info& stored = values_.stored();
    page_format how;
    how.width = shape_.width;
    how.height = shape_.height;
    how.samples = shape_.colour() ? int(shape_.channels) : 1;
    how.type = values_.type();
    how.deflate = options.compression;
    const std::size_t rank = stored.axes.size();
    for (std::size_t i = 0; i < std::min<std::size_t>(rank, 2); ++i)
      if (const axis& a = stored.axes[rank - 1 - i]; !a.unit.empty())
        how.per_unit[i] = 1 / std::abs(a.spacing);
    return how;
  }

  /// (c, z, y, x) to pages: interleaved colours, or planes of each channel in turn.
  void put_channels(const std::byte* from) {
    const index_t size = size_of(values_.type()), plane = shape_.height * shape_.width * size;
    const index_t channel = shape_.planes * plane;
    if (shape_.colour()) page_.resize(std::size_t(shape_.channels * plane));
    for (index_t z = 0; z < shape_.planes; ++z) {
      const std::byte* first = from + z * plane;
      if (shape_.colour()) {
        const index_t in[] = {size, channel}, out[] = {shape_.channels * size, size};
        strided_copy({shape_.height * shape_.width, shape_.channels}, size, first, in, page_.data(),
                     out);
        file_.put(page_.data(), shape_.height);
      } else {
        for (index_t c = 0; c < shape_.channels; ++c) file_.put(first + c * channel, shape_.height);
      }
    }
  }

  /// Axes of the array in the order of the file: frames, then z, then channels.
  std::vector<axis> file_axes() const {
    std::vector<axis> all;
    if (!along_.name.empty()) all.push_back(along_);
    for (const axis& a : values_.stored().axes) all.push_back(a);
    if (!shape_.has_channels) return all;
    const auto c = all.begin() + (along_.name.empty() ? 0 : 1);
    if (all.end() - c > 2) std::rotate(c, c + 1, all.end() - 2);  // c before y, x
    return all;
  }

  bool known_to_imagej() const {
    const dtype t = values_.type();
    if (compressed_) return false;  // ImageJ expects pages of a stack without gaps
    if (shape_.colour()) return t == dtype::u8 && shape_.channels == 3;
    return t == dtype::u8 || t == dtype::u16 || t == dtype::f32;
  }

  std::string description() const {
    const std::vector<axis> all = file_axes();
    const std::string note = note_of(values_.stored(), all, meta_);
    return known_to_imagej() ? for_imagej(all, note) : for_tifffile(all, note);
  }

  std::string for_imagej(const std::vector<axis>& all, const std::string& note) const {
    index_t frames = 1, channels = 1, images = 1;
    double spacing = 0;
    for (std::size_t i = 0; i + 2 < all.size(); ++i) {
      if (all[i].name == "c" && shape_.colour()) continue;
      images *= all[i].size;
      if (all[i].name == "t") frames *= all[i].size;
      if (all[i].name == "c") channels *= all[i].size;
      if (all[i].name == "z" && !all[i].unit.empty()) spacing = std::abs(all[i].spacing);
    }
    const index_t slices = images / frames / channels;
    std::string text = fmt::format("ImageJ=1.53t\nimages={}\n", images);
    if (channels > 1) text += fmt::format("channels={}\n", channels);
    if (slices > 1) text += fmt::format("slices={}\n", slices);
    if (frames > 1) text += fmt::format("frames={}\n", frames);
    if ((channels > 1) + (slices > 1) + (frames > 1) > 1) text += "hyperstack=true\n";
    if (channels > 1) text += "mode=grayscale\n";
    if (const std::string& unit = all.back().unit; !all.empty() && is_plain(unit))
      text += fmt::format("unit={}\n", unit);
    if (spacing > 0) text += fmt::format("spacing={}\n", json_number(spacing));
    return text + "loop=false\nir=" + note + "\n";
  }

  std::string for_tifffile(std::vector<axis> all, const std::string& note) const {
    if (shape_.colour()) {  // samples lie fastest
      const auto c =
          std::find_if(all.begin(), all.end(), [](const axis& a) { return a.name == "c"; });
      std::rotate(c, c + 1, all.end());
    }
    std::string extents, letters;
    for (std::size_t i = 0; i < all.size(); ++i) {
      extents += fmt::format("{}{}", i ? "," : "", all[i].size);
      letters += letter(all, i);
    }
    return fmt::format(R"({{"shape":[{}],"axes":"{}","ir":{}}})", extents, letters, note);
  }

  /// tifffile's letters: known names, Y and X for the axes of the page, Q for others.
  char letter(const std::vector<axis>& all, std::size_t i) const {
    const std::string& name = all[i].name;
    const std::size_t samples = shape_.colour() ? 1 : 0, from_right = all.size() - 1 - i;
    if (name == "c") return samples ? 'S' : 'C';
    if (from_right == samples) return 'X';
    if (from_right == samples + 1) return 'Y';
    return name == "t" ? 'T' : name == "z" ? 'Z' : name == "angle" ? 'A' : 'Q';
  }

  static bool is_plain(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' '; });
  }

  value_writer values_;
  frame_order order_;
  axis along_;
  metadata_ptr meta_;
  bool allow_empty_, compressed_;
  frame_shape shape_;
  file_writer file_;
  std::vector<std::byte> page_;
};

}  // namespace

std::unique_ptr<frame_sink> create(const std::string& path, const stream_header& header,
                                   const create_options& options) {
  return std::make_unique<sink>(path, header, options);
}

}  // namespace ir::tiff
