#pragma once
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/queue.hpp"
#include "io/cut.hpp"
#include "io/packed.hpp"
#include "io/scan.hpp"

namespace ir::test {

/// What a computation told, by name.
struct facts final : listener {
  std::map<std::string, double> all;
  std::vector<std::pair<index_t, index_t>> slices;  // done, of
  void progress(std::string_view unit, index_t done, index_t total) override {
    if (unit == "slice") slices.emplace_back(done, total);
  }
  void fact(std::string_view name, double value) override { all[std::string(name)] = value; }
};

/// All frames of the data one after the other.
inline std::vector<double> data_values(frame_source& from, queue& q) {
  const int data = data_index(from.header());
  std::vector<double> out;
  frame f;
  while (from.next(f, q)) {
    if (f.array_no != data) continue;
    const cref part = std::as_const(f.data).get();
    const std::size_t have = out.size();
    out.resize(have + static_cast<std::size_t>(part.extents.count()));
    copy(q, part, ref(out.data() + have, dtype::f64, part.extents));
    q.synchronize();
  }
  return out;
}

/// A scan as an opened file: data f64 (counts: u16) in memory, angles, flats and darks if there are
/// any.
struct scan_file {
  std::vector<std::string> names;
  std::vector<index_t> extents;
  std::vector<double> data = {}, angles = {};
  std::vector<std::vector<double>> flats = {}, darks = {};  // (v, u)
  dtype type = dtype::f64;
  double spacing = 1;
  std::string unit = {};

  index_t extent(const std::string& name) const {
    return extents[static_cast<std::size_t>(std::ranges::find(names, name) - names.begin())];
  }

  std::unique_ptr<frame_source> open(const selection& s = {}) const {
    file_contents c;
    std::vector<axis> axes;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool length = names[i] != scan::angle_name;
      axes.push_back({names[i], length ? unit : "", extents[i], length ? spacing : 1, 0});
    }
    const array_info info = file_array(type, axes);
    for (const auto& [images, what] : {std::pair(&darks, role::dark), {&flats, role::flat}})
      if (!images->empty())
        c.arrays.push_back(
            scan::references(stack_of(*images), what, info, std::string(name_of(what))));
    if (!angles.empty()) c.arrays.push_back(scan::angles(angles));
    c.arrays.push_back(boxes(info, data));
    c.along = names.size() == 3 ? names[0] : "";
    return cut(std::move(c), s);
  }

  /// The same scan with its axes in another order.
  scan_file with_axes(const std::vector<std::string>& order) const {
    scan_file out = *this;
    out.names = order;
    std::vector<std::size_t> from;
    for (std::size_t i = 0; i < order.size(); ++i) {
      from.push_back(static_cast<std::size_t>(std::ranges::find(names, order[i]) - names.begin()));
      out.extents[i] = extents[from[i]];
    }
    for (std::size_t k = 0; k < data.size(); ++k) {
      std::vector<index_t> at(order.size());
      auto rest = static_cast<index_t>(k);
      for (std::size_t i = order.size(); i-- > 0; rest /= out.extents[i])
        at[from[i]] = rest % out.extents[i];
      index_t source = 0;
      for (std::size_t i = 0; i < order.size(); ++i) source = source * extents[i] + at[i];
      out.data[k] = data[static_cast<std::size_t>(source)];
    }
    return out;
  }

  /// Counts whose absorption is the data: `n` flats, a dark, and one dead pixel at (v 1, u 3).
  scan_file counts(int n) const {
    scan_file out = *this;
    out.type = dtype::u16;
    const index_t rows = extent("v"), pixels = extent("u");
    const auto image = static_cast<std::size_t>(rows * pixels);
    std::vector<double> dark(image), beam(image);
    for (std::size_t i = 0; i < image; ++i) {
      dark[i] = 100 + static_cast<double>(i % 7);
      beam[i] = i == static_cast<std::size_t>(pixels + 3) ? 0 : 40000 + 50 * static_cast<double>(i);
    }
    out.darks = {dark};
    for (int k = 0; k < n; ++k) {
      out.flats.push_back(beam);
      for (std::size_t i = 0; i < image; ++i) out.flats.back()[i] += dark[i];
    }
    for (std::size_t k = 0; k < data.size(); ++k)
      out.data[k] = std::round(dark[k % image] + beam[k % image] * std::exp(-data[k]));
    return out;
  }

 private:
  std::unique_ptr<box_source> boxes(const array_info& info, const std::vector<double>& v) const {
    const auto kept = std::make_shared<std::vector<std::byte>>(
        v.size() * static_cast<std::size_t>(size_of(info.type)));
    queue host;
    const shape n{static_cast<index_t>(v.size())};
    copy(host, cref(v.data(), dtype::f64, n), ref(kept->data(), info.type, n));
    return std::make_unique<memory_boxes>(info, kept->data(), kept);
  }

  std::unique_ptr<box_source> stack_of(const std::vector<std::vector<double>>& images) const {
    std::vector<double> all;
    for (const auto& image : images) all.insert(all.end(), image.begin(), image.end());
    const array_info info =
        file_array(type, {{"frame", "", static_cast<index_t>(images.size()), 1, 0},
                          {"v", "", extent("v"), 1, 0},
                          {"u", "", extent("u"), 1, 0}});
    return boxes(info, all);
  }
};

}  // namespace ir::test
