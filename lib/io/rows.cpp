#include "io/rows.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "io/input.hpp"

namespace ir {
namespace {

constexpr std::string_view placeholder = "{row}";
constexpr std::string_view row_axis = "row";

std::string with_row(std::string target, std::size_t row) {
  const std::string number = std::to_string(row);
  for (auto at = target.find(placeholder); at != target.npos;
       at = target.find(placeholder, at + number.size()))
    target.replace(at, placeholder.size(), number);
  return target;
}

/// Frames of several arrays, or slices of one array's frames, to a file each.
class row_sinks final : public frame_sink {
 public:
  row_sinks(const std::string& target, const stream_header& h, const output_options& o,
            const std::shared_ptr<const cancellation>& cancel)
      : rows_(row_arrays(h)), data_(data_index(h)) {
    const array_info& data = data_of(h);
    sliced_ = rows_.size() == 1 && !data.axes.empty() && data.axes[0].name == row_axis;
    if (rows_.size() == 1 && !sliced_)
      throw usage_error(fmt::format("{}: the data have no rows to name files by", target));
    const std::size_t files = sliced_ ? static_cast<std::size_t>(data.axes[0].size) : rows_.size();
    for (std::size_t r = 0; r < files; ++r)
      sinks_.push_back(create_output(with_row(target, r), header_of(h, r, files), o, cancel));
  }

  void put(frame& f, queue& q) override {
    if (sliced_ && f.array_no == data_) return put_slices(f, q);
    const auto row = std::ranges::find(rows_, f.array_no);
    const std::size_t file = row == rows_.end() ? sinks_.size() - 1 : row - rows_.begin();
    const int number = std::exchange(f.array_no, place_[static_cast<std::size_t>(f.array_no)]);
    sinks_[file]->put(f, q);
    f.array_no = number;
  }
  void finish() override {
    for (auto& s : sinks_) s->finish();
  }
  void commit() override {
    for (auto& s : sinks_) s->commit();
  }

 private:
  /// The row as the data of a file of its own; the last has the arrays that are no rows too.
  stream_header header_of(const stream_header& h, std::size_t row, std::size_t files) {
    place_.resize(h.arrays.size(), 0);
    stream_header out;
    out.along = h.along;
    out.meta = h.meta;
    if (row + 1 == files)
      for (std::size_t i = 0; i < h.arrays.size(); ++i)
        if (std::ranges::find(rows_, static_cast<int>(i)) == rows_.end()) {
          place_[i] = static_cast<int>(out.arrays.size());
          out.arrays.push_back(h.arrays[i]);
        }
    const auto from = static_cast<std::size_t>(sliced_ ? data_ : rows_[row]);
    array_info info = h.arrays[from];
    info.what = role::data;
    info.name = data_of(h).name;
    info.frames = data_of(h).frames;
    if (sliced_) info.axes.erase(info.axes.begin());
    place_[from] = static_cast<int>(out.arrays.size());
    out.arrays.push_back(std::move(info));
    return out;
  }

  void put_slices(frame& f, queue& q) {
    const cref all = std::as_const(f.data).get();
    const shape n(all.extents.extents().subspan(1));
    for (std::size_t r = 0; r < sinks_.size(); ++r) {
      const auto* from = static_cast<const std::byte*>(all.data) +
                         static_cast<index_t>(r) * n.count() * size_of(all.type);
      slice_.data.reset(q, all.type, n);
      copy(q, cref(from, all.type, n, all.where), slice_.data.get());
      slice_.array_no = r + 1 == sinks_.size() ? place_[static_cast<std::size_t>(data_)] : 0;
      slice_.number = f.number;
      slice_.begin = 0;
      slice_.end = n.count() / std::max<index_t>(1, n.rank() > 0 ? n[n.rank() - 1] : 1);
      slice_.meta = f.meta;
      sinks_[r]->put(slice_, q);
    }
  }

  std::vector<int> rows_;
  int data_;
  bool sliced_ = false;
  std::vector<int> place_;  // of each array in its file
  std::vector<std::unique_ptr<frame_sink>> sinks_;
  frame slice_;
};

}  // namespace

std::string row_name(std::size_t row) { return fmt::format("row{}", row); }

bool is_row(const array_info& a) {
  const std::string_view name = a.name, before = "row";
  return a.what == role::other && name.size() > before.size() && name.starts_with(before) &&
         name.find_first_not_of("0123456789", before.size()) == name.npos;
}

std::vector<int> row_arrays(const stream_header& h) {
  std::vector<int> rows;
  for (;;) {
    const auto at = std::ranges::find_if(h.arrays, [&](const array_info& a) {
      return a.what == role::other && a.name == row_name(rows.size());
    });
    if (at == h.arrays.end()) break;
    rows.push_back(static_cast<int>(at - h.arrays.begin()));
  }
  rows.push_back(data_index(h));
  return rows;
}

std::unique_ptr<frame_source> join_rows(std::vector<std::unique_ptr<frame_source>> all,
                                        const std::vector<std::string>& names) {
  const auto frames = [&](std::size_t i) { return data_of(all[i]->header()).frames; };
  const std::size_t last = all.size() - 1;
  std::vector<side_source> sides;
  for (std::size_t i = 0; i < last; ++i) {
    if (frames(i) && frames(last) && *frames(i) != *frames(last))
      throw shape_error(fmt::format(
          "{} has {} frame{}, {} has {}: rows of one operator go together frame by frame", names[i],
          *frames(i), *frames(i) == 1 ? "" : "s", names[last], *frames(last)));
  }
  for (std::size_t i = 0; i < last; ++i)
    sides.push_back({row_name(i), role::other, std::move(all[i])});
  return join(std::move(sides), std::move(all[last]));
}

bool names_rows(const std::string& target) { return target.find(placeholder) != std::string::npos; }

std::unique_ptr<frame_sink> row_files(const std::string& target, const stream_header& h,
                                      const output_options& o,
                                      std::shared_ptr<const cancellation> cancel) {
  return std::make_unique<row_sinks>(target, h, o, cancel);
}

}  // namespace ir
