#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/source.hpp"

namespace ir::test {

inline std::vector<ir::axis> axes_of(const shape& n, const std::string& names) {
  std::vector<ir::axis> a;
  for (int i = 0; i < n.rank(); ++i)
    a.push_back({std::string(1, names[static_cast<std::size_t>(i)]), "", n[i], 1, 0});
  return a;
}

/// Frames of some arrays, in their order, from memory; all of it also as regions.
class pictures final : public ir::frame_source, public ir::region_source {
 public:
  ir::stream_header head;
  std::vector<std::vector<std::vector<double>>> content;  // of each array, each frame

  const ir::stream_header& header() const override { return head; }
  const ir::region_source* regions() const override { return this; }
  std::vector<ir::region> tiles() const override { return {}; }

  /// The array `data`, last, and the axis that its frames lie along.
  void add_data(ir::dtype type, const ir::shape& n, const std::string& names,
                const ir::array_info::nominal_range& nominal, const std::string& along,
                std::vector<std::vector<double>> frames) {
    const auto count = static_cast<ir::index_t>(frames.size());
    head.arrays.push_back({"data", ir::role::data, type, axes_of(n, names), nominal, count});
    head.along = {along, "", count, 1, 0};
    content.push_back(std::move(frames));
  }

 private:
  const ir::stream_header& shape_of() const override { return head; }

  bool do_next(ir::frame& f, ir::queue&) override {
    while (array_ < content.size() && frame_ == content[array_].size()) {
      ++array_;
      frame_ = 0;
    }
    if (array_ == content.size()) return false;
    const ir::array_info& info = head.arrays[array_];
    f.array_no = static_cast<int>(array_);
    f.number = static_cast<index_t>(frame_);
    f.begin = 0;
    f.end = ir::line_count(info);
    f.data.reset(host_, info.type, ir::extents_of(info));
    const std::vector<double>& v = content[array_][frame_++];
    ir::copy(host_, ir::cref(v.data(), ir::dtype::f64, ir::extents_of(info)), f.data.get());
    return true;
  }

  void do_read(const ir::region& r, ir::ref out, ir::queue& q) const override {
    const ir::array_info& info = head.arrays[static_cast<std::size_t>(r.array_no)];
    const std::vector<double>& v =
        content[static_cast<std::size_t>(r.array_no)][static_cast<std::size_t>(r.number)];
    const shape n = ir::extents_of(info);
    std::vector<double> box;
    for (index_t i = 0; i < r.extents.count(); ++i) {
      index_t rest = i, at = 0, step = 1;
      for (int axis = n.rank() - 1; axis >= 0; --axis) {
        at += (r.origin[axis] + rest % r.extents[axis]) * step;
        rest /= r.extents[axis];
        step *= n[axis];
      }
      box.push_back(v[static_cast<std::size_t>(at)]);
    }
    ir::copy(q, ir::cref(box.data(), ir::dtype::f64, r.extents), out);
  }

  ir::queue host_;
  std::size_t array_ = 0, frame_ = 0;
};

}  // namespace ir::test
