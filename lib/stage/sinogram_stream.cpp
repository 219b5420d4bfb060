#include "stage/sinogram_stream.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "io/strided_copy.hpp"

namespace ir {

sinogram_stream::sinogram_stream(frame_source& from, const scan_layout& s, dark_is dark)
    : from_(from), scan_(s), data_(data_of(from.header())) {
  if (!s.raw()) return;
  match_references(from.header(), dark);
  const auto& flat = from.header().arrays[static_cast<std::size_t>(*s.flat)];
  one_line_ = extents_of(flat).rank() == 1;
}

std::vector<double> sinogram_stream::angles(queue& host) {
  const index_t rows = one_line_ || !scan_.raw() ? 1 : scan_.v.size;
  const index_t pixels = scan_.raw() ? rows * scan_.u.size : 0;
  combined_image dark(pixels, combined_image::how::mean), flat(pixels, combined_image::how::mean);
  std::vector<double> degrees;
  while ((more_ = from_.next(frame_, host)) && frame_.array_no != scan_.data) {
    if (frame_.array_no == scan_.angles) degrees = degrees_of(std::as_const(frame_.data).get());
    if (frame_.array_no == scan_.dark) keep(host, dark);
    if (frame_.array_no == scan_.flat) keep(host, flat);
  }
  if (std::ssize(degrees) != scan_.views()) throw data_error("the stream brought no angles");
  if (!scan_.raw()) return degrees;
  if (flat.images() == 0) throw data_error("the stream brought no frame of the flat");
  flat_ = flat.result();
  dark_ = dark.images() > 0 ? dark.result() : std::vector<double>(flat_.size(), 0.0);
  return degrees;
}

void sinogram_stream::keep(queue& host, combined_image& image) const {
  const cref some = std::as_const(frame_.data).get();
  std::vector<double> values(static_cast<std::size_t>(some.extents.count()));
  copy(host, some, ref(values.data(), dtype::f64, some.extents));
  image.add(frame_.number, frame_.begin * scan_.u.size, values);
}

void sinogram_stream::fetch(queue& host, const index_range& rows, stored_sinograms& to) {
  const index_t size = size_of(data_.type), line = scan_.u.size * size;
  const shape sinogram{scan_.views(), scan_.u.size};
  to.rows = rows;
  to.values.reset(host, data_.type, {rows.count, scan_.views(), scan_.u.size});
  auto* out = static_cast<std::byte*>(to.values.get().data);
  // A frame is (angle, u) or (u, angle).
  const auto dense = dense_strides(extents_of(data_).extents(), size);
  const std::vector<index_t> from{dense[static_cast<std::size_t>(scan_.angle_at)],
                                  dense[static_cast<std::size_t>(scan_.u_at)]};
  const std::vector<index_t> steps{line, size};
  for (index_t i = 0; i < rows.count; ++i, out += sinogram.count() * size) {
    const index_t wanted = rows.begin + i * rows.step;
    while (more_ && (frame_.array_no != scan_.data || frame_.number < wanted))
      more_ = from_.next(frame_, host);
    if (!more_)
      throw data_error(fmt::format("the stream ends before row {} of {}", wanted, scan_.v.size));
    const cref values = std::as_const(frame_.data).get();
    strided_copy(sinogram, size, static_cast<const std::byte*>(values.data), from, out, steps);
  }
  if (!scan_.raw()) return;
  to.dark = lines_of(dark_, rows);
  to.flat = lines_of(flat_, rows);
}

void sinogram_stream::finish(queue& host) {
  while (more_) more_ = from_.next(frame_, host);
}

std::vector<double> sinogram_stream::lines_of(const std::vector<double>& image,
                                              const index_range& rows) const {
  if (one_line_) return image;
  std::vector<double> out;
  for (index_t i = 0; i < rows.count; ++i) {
    const auto begin = image.begin() + (rows.begin + i * rows.step) * scan_.u.size;
    out.insert(out.end(), begin, begin + scan_.u.size);
  }
  return out;
}

index_t sinogram_stream::host_bytes(const scan_layout& s) {
  const index_t frame = s.views() * s.u.size * index_t{sizeof(double)};
  return 4 * frame + (s.raw() ? 6 * s.v.size * s.u.size * index_t{sizeof(double)} : 0);
}

}  // namespace ir
