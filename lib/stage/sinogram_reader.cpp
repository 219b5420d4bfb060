#include "stage/sinogram_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/space.hpp"
#include "io/strided_copy.hpp"
#include "stage/frames.hpp"

namespace ir {
namespace {

constexpr index_t block_bytes = index_t{32} << 20;  // read at once, as far as a view or row allows

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

}  // namespace

sinogram_reader::sinogram_reader(const frame_source& from, const scan_layout& s, precision p,
                                 dark_is dark)
    : from_(from), scan_(s), data_(data_of(from.header())), type_(p), raw_(s.raw()) {
  if (!raw_) return;
  match_references(from.header(), dark);
  one_line_ = extents_of(from.header().arrays[at(*s.flat)]).rank() == 1;
}

std::vector<double> degrees_of(cref stored) {
  queue host;
  std::vector<double> degrees(at(stored.extents.count()));
  copy(host, stored, ref(degrees.data(), dtype::f64, stored.extents));
  for (std::size_t i = 0; i < degrees.size(); ++i)
    if (!std::isfinite(degrees[i]))
      throw data_error(fmt::format("the angle of view {} is {}", i, degrees[i]));
  return degrees;
}

std::vector<double> sinogram_reader::angles(queue& host) const {
  const array_info& info = from_.header().arrays[at(scan_.angles)];
  const shape n = extents_of(info);
  array stored(host, info.type, n);
  const std::vector<index_t> zero(at(n.rank()), 0);
  boxes().read({scan_.angles, 0, shape(zero), n}, stored.get(), host);
  return degrees_of(std::as_const(stored).get());
}

const region_source& sinogram_reader::boxes() const {
  if (from_.regions() == nullptr) throw bug_error("rows of a scan without regions are read");
  return *from_.regions();
}

void sinogram_reader::fetch(queue& host, const index_range& rows, stored_sinograms& to) const {
  const index_t views = scan_.views(), pixels = scan_.u.size, size = size_of(data_.type);
  to.rows = rows;
  to.values.reset(host, data_.type, {rows.count, views, pixels});
  const std::vector<index_t> steps{views * pixels * size, pixels * size, size};
  auto* const out = static_cast<std::byte*>(to.values.get().data);
  array block;
  // Rows that lie side by side are read together, in blocks along the slower of row and view.
  const index_t together = rows.step == 1 ? rows.count : 1;
  const bool views_first = scan_.v_at == scan_layout::absent || scan_.angle_at < scan_.v_at;
  const index_t line = pixels * size;
  for (index_t i = 0; i < rows.count; i += together) {
    const index_t most_views =
        views_first ? std::clamp<index_t>(block_bytes / (together * line), 1, views) : views;
    const index_t most_rows =
        views_first ? together : std::clamp<index_t>(block_bytes / (views * line), 1, together);
    for (index_t j = 0; j < together; j += most_rows)
      for (index_t view = 0; view < views; view += most_views) {
        const box b{rows.begin + i * rows.step + j, std::min(most_rows, together - j), view,
                    std::min(most_views, views - view)};
        read_box(host, b, out + (i + j) * steps[0] + view * steps[1], steps, block);
      }
  }
  if (!raw_) return;
  to.flat = combined(host, *scan_.flat, rows);
  to.dark =
      scan_.dark ? combined(host, *scan_.dark, rows) : std::vector<double>(to.flat.size(), 0.0);
}

void sinogram_reader::read_box(queue& q, const box& b, std::byte* to,
                               const std::vector<index_t>& steps, array& block) const {
  const shape all = extents_of(data_);
  region r{scan_.data, 0, {}, {}, 1};
  std::vector<index_t> origin(at(all.rank()), 0);
  std::vector<index_t> extents(all.extents().begin(), all.extents().end());
  std::vector<index_t> order;  // extents of the block, and which of v, angle, u they are
  std::array<int, 3> place{-1, -1, -1};
  const auto set = [&](int axis_at, int which, index_t first, index_t n) {
    if (axis_at == scan_layout::absent) return;
    if (axis_at == scan_layout::along) {
      r.number = first;
      r.frames = n;
    } else {
      origin[at(axis_at)] = first;
      extents[at(axis_at)] = n;
    }
    place[at(which)] = axis_at + 1;
  };
  set(scan_.v_at, 0, b.row, b.rows);
  set(scan_.angle_at, 1, b.view, b.views);
  set(scan_.u_at, 2, 0, scan_.u.size);
  r.origin = shape(origin);
  r.extents = shape(extents);
  order.push_back(r.frames);
  order.insert(order.end(), extents.begin(), extents.end());
  const auto dense = dense_strides(order, size_of(data_.type));
  std::vector<index_t> from;
  for (const int p : place) from.push_back(p < 0 ? 0 : dense[at(p)]);

  block.reset(q, data_.type, r.frames == 1 ? r.extents : shape(order));
  boxes().read(r, block.get(), q);
  strided_copy({b.rows, b.views, scan_.u.size}, size_of(data_.type),
               static_cast<const std::byte*>(std::as_const(block).get().data), from, to, steps);
}

std::vector<double> sinogram_reader::combined(queue& q, int array_no,
                                              const index_range& rows) const {
  const array_info& info = from_.header().arrays[at(array_no)];
  const shape all = extents_of(info);
  const index_t last = (rows.count - 1) * rows.step, pixels = scan_.u.size;
  const shape origin = one_line_ ? shape{0} : shape{rows.begin, 0};
  const shape extents = one_line_ ? all : shape{last + 1, pixels};
  const index_t lines = one_line_ ? 1 : rows.count, step = one_line_ ? 1 : rows.step;
  array stored(q, info.type, extents);
  std::vector<double> values(at(extents.count()));
  combined_image image(lines * pixels, combined_image::how::mean);
  for (index_t k = 0; k < info.frames.value_or(1); ++k) {
    boxes().read({array_no, k, origin, extents}, stored.get(), q);
    copy(q, std::as_const(stored).get(), ref(values.data(), dtype::f64, extents));
    for (index_t j = 0; j < lines; ++j) {
      const auto begin = values.begin() + j * step * pixels;
      image.add(k, j * pixels, std::vector<double>(begin, begin + pixels));
    }
  }
  return image.result();
}

void sinogram_reader::convert(queue& q, const stored_sinograms& s, index_t first, ref out) {
  const cref all = s.values.get();
  const index_t rows = out.extents[0], row = scan_.views() * scan_.u.size;
  cref from(static_cast<const std::byte*>(all.data) + first * row * size_of(all.type), all.type,
            {rows, scan_.views(), scan_.u.size});
  if (!raw_) {
    copy(q, from, out);
    q.synchronize();
    if (const index_t bad = count_not_finite(q, out); bad > 0) refuse_not_finite(s, bad);
    return;
  }
  const index_t lines = one_line_ ? 1 : rows, begin = one_line_ ? 0 : first * scan_.u.size;
  const auto part = [&](const std::vector<double>& image) {
    return std::vector<double>(image.begin() + begin, image.begin() + begin + lines * scan_.u.size);
  };
  const flatfield correct(q, part(s.dark), part(s.flat), lines, scan_.u.size, type_, {});
  if (q.where().kind != device::cpu) {  // to the device in the type that it has
    moved_.reset(q, from.type, from.extents);
    copy(q, from, moved_.get());
    from = std::as_const(moved_).get();
  }
  try {
    const auto n = correct.run(q, from, out, {0, scan_.views(), -1});
    counted_.repaired += n.unusable;
    counted_.clipped += n.low;
    counted_.dead = (one_line_ ? 0 : counted_.dead) + correct.dead();
  } catch (const data_error& e) {
    const index_t begin_row = s.rows.begin + first * s.rows.step;
    throw data_error(
        fmt::format("rows {} to {}: {}", begin_row, begin_row + (rows - 1) * s.rows.step, e.what()),
        e.at);
  }
}

void sinogram_reader::refuse_not_finite(const stored_sinograms& s, index_t bad) const {
  queue host;
  const cref all = s.values.get();
  const shape line{scan_.u.size};
  std::vector<double> values(at(line.count()));
  for (index_t j = 0; j < s.rows.count * scan_.views(); ++j) {
    const auto* from =
        static_cast<const std::byte*>(all.data) + j * line.count() * size_of(all.type);
    copy(host, cref(from, all.type, line), ref(values.data(), dtype::f64, line));
    const auto u = std::ranges::find_if(values, [](double v) { return !std::isfinite(v); });
    if (u == values.end()) continue;
    throw data_error(
        fmt::format("view {}, row {}, pixel {} is {} ({} of {} values are NaN or infinite)",
                    j % scan_.views(), s.rows.begin + j / scan_.views() * s.rows.step,
                    u - values.begin(), *u, bad, all.extents.count()));
  }
  throw data_error(fmt::format("{} values are too large for {}", bad, name_of(real_type(type_))));
}

index_t sinogram_reader::host_bytes(const scan_layout& s, dtype type, index_t rows) {
  const index_t line = s.u.size * size_of(type), row = s.views() * line;
  const index_t references = s.raw() ? rows * s.u.size * 6 * index_t{sizeof(double)} : 0;
  const index_t block = std::max(std::min(rows * row, block_bytes), std::min(row, rows * line));
  return rows * row + block + references;
}

}  // namespace ir
