// Frame streams in files: boxes for reading, a sink for writing.
#include <fmt/core.h>

#include <cstring>

#include "io/format.hpp"
#include "io/irs.hpp"
#include "io/irs_index.hpp"
#include "io/irs_layout.hpp"
#include "io/metadata.hpp"
#include "io/value_writer.hpp"

namespace ir {
namespace {

using irs::file_index;

// An array with its frames as the first axis, where there can be several.
array_info stacked(const stream_header& h, int array_no, index_t frames) {
  array_info info = h.arrays[array_no];
  const bool data = info.what == role::data;
  info.frames = frames;
  if (data ? h.along.name.empty() : frames == 1) return info;
  axis along = data ? h.along : axis{kept_frame_axis(info), "", frames, 1, 0};
  along.size = frames;
  info.axes.insert(info.axes.begin(), along);
  return info;
}

// An array of a stream.
class irs_boxes final : public box_source {
 public:
  irs_boxes(array_info whole, std::shared_ptr<const file_index> file, int array_no, bool stacked)
      : box_source(std::move(whole)),
        file_(std::move(file)),
        array_no_(array_no),
        stacked_(stacked) {}

  shape block() const override {
    std::vector<index_t> n;
    for (const axis& a : info().axes) n.push_back(a.size);
    const std::size_t first = stacked_ ? 1 : 0;
    if (stacked_) n[0] = 1;
    if (n.size() > first + 1) {  // the slabs that a part has
      index_t lines = 1;
      for (std::size_t i = first + 1; i + 1 < n.size(); ++i) lines *= n[i];
      n[first] = std::max<index_t>(1, file_->part_lines(array_no_) / lines);
    }
    return shape(n);
  }

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override {
    auto* to = static_cast<std::byte*>(out);
    if (!stacked_) return read_frame(0, origin.extents(), extents.extents(), to);
    const auto from = origin.extents().subspan(1), size = extents.extents().subspan(1);
    const index_t bytes = shape(size).count() * size_of(info().type);
    for (index_t k = 0; k < extents[0]; ++k, to += bytes) read_frame(origin[0] + k, from, size, to);
  }

  void read_frame(index_t number, std::span<const index_t> origin, std::span<const index_t> extents,
                  std::byte* to) const {
    const std::size_t rank = origin.size();
    if (rank == 0) return file_->read_lines(array_no_, number, 0, 1, to);
    const auto axes = std::span(info().axes).last(rank);
    const index_t element = size_of(info().type), width = extents[rank - 1] * element;
    const bool whole_lines = extents[rank - 1] == axes[rank - 1].size;
    // Lines that follow each other in the file: a run of the slowest axes, all of those after.
    std::size_t run_axis = rank - 1;
    index_t run = 1;
    while (whole_lines && run_axis > 0) {
      run *= extents[--run_axis];
      if (extents[run_axis] != axes[run_axis].size) break;
    }
    std::vector<index_t> at(run_axis, 0);  // position in the box, of the axes before the run
    for (bool more = true; more; to += run * width) {
      index_t line = 0;
      for (std::size_t i = 0; i + 1 < rank; ++i)
        line = line * axes[i].size + origin[i] + (i < run_axis ? at[i] : 0);
      if (whole_lines)
        file_->read_lines(array_no_, number, line, line + run, to);
      else
        file_->read_piece(array_no_, number, line, origin[rank - 1] * element, width, to);
      more = false;
      for (std::size_t i = run_axis; i-- > 0 && !more;) {
        more = ++at[i] < extents[i];
        if (!more) at[i] = 0;
      }
    }
  }

  std::shared_ptr<const file_index> file_;
  int array_no_;
  bool stacked_;
};

file_contents open(const std::string& path, const open_options&) {
  const auto file = std::make_shared<const file_index>(descriptor::open_read(path));
  const stream_header& h = file->header();
  file_contents c;
  std::vector<int> order;  // in the file; the data come last here
  for (int i = 0; i < static_cast<int>(h.arrays.size()); ++i)
    if (i != data_index(h) && file->frames(i) > 0) order.push_back(i);
  order.push_back(data_index(h));
  if (file->frames(order.back()) == 0)
    throw data_error(fmt::format("{}: a frame stream without frames", path));
  for (const int i : order) {
    array_info info = stacked(h, i, file->frames(i));
    const bool several = info.axes.size() > h.arrays[i].axes.size();
    c.arrays.push_back(std::make_unique<irs_boxes>(std::move(info), file, i, several));
  }
  c.meta = h.meta;
  c.along = h.along.name;
  c.kept = true;
  c.format = "IRS";
  c.frame_meta = [file, order](int array_no, index_t index) {
    return file->meta(order[array_no], index);
  };
  return c;
}

// Data in another type than the stream's.
class converting_sink final : public frame_sink {
 public:
  converting_sink(descriptor out, stream_header h, const create_options& o)
      : data_(data_index(h)), values_(data_of(h), o, {.format = "IRS", .types = {}}) {
    data_of(h) = values_.stored();
    to_ = std::make_unique<irs_sink>(std::move(out), h, irs_write_options{o.allow_empty});
  }
  void put(frame& f, queue& q) override {
    if (f.array_no != data_) return to_->put(f, q);
    to_->put(f, values_.convert(std::as_const(f.data).get(), q), q);
  }
  bool takes_parts() const override { return true; }
  void finish() override {
    to_->finish();
    values_.finish();
  }
  void commit() override {}
  void abort(const std::string& tool, exit_code code, const std::string& why) noexcept override {
    to_->abort(tool, code, why);
  }
  void note(const progress_note& n) override { to_->note(n); }

 private:
  int data_;
  value_writer values_;
  std::unique_ptr<irs_sink> to_;
};

const registered<format> entry{{
    .name = "IRS",
    .extensions = {".irs"},
    .sides = true,
    .pages = true,
    .sniff =
        [](std::span<const std::byte> b) {
          return b.size() >= irs_signature_bytes &&
                 std::memcmp(b.data(), irs::signature.data(), irs_signature_bytes) == 0;
        },
    .open = open,
    .create = [](const std::string& path, const stream_header& h,
                 const create_options& o) { return create_irs(descriptor::create(path), h, o); },
}};

}  // namespace

std::unique_ptr<frame_sink> create_irs(descriptor out, const stream_header& h,
                                       const create_options& o) {
  if (o.type || o.range) return std::make_unique<converting_sink>(std::move(out), h, o);
  return std::make_unique<irs_sink>(std::move(out), h, irs_write_options{o.allow_empty});
}

}  // namespace ir
