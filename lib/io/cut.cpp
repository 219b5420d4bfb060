#include "io/cut.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "core/error.hpp"
#include "io/cut_reader.hpp"
#include "io/frame_parts.hpp"

namespace ir {
namespace {

using readers = std::vector<std::unique_ptr<cut_reader>>;

frame_box one_frame(index_t number, const shape& origin, const shape& extents) {
  return {number, 1, origin, extents};
}

/// Reads into `out` on any device.
void read_to(const cut_reader& reader, const frame_box& box, ref out, queue& q) {
  if (out.where.kind == device::cpu) return reader.read(box, out.data);
  queue cpu;
  array host(cpu, out.type, out.extents);
  reader.read(box, host.get().data);
  copy(q, host.get(), out);
  q.synchronize();  // `host` ends here
}

class cut_regions final : public region_source {
 public:
  cut_regions(const stream_header& header, const readers& arrays)
      : header_(header), arrays_(arrays) {}

  std::vector<region> tiles() const override {
    std::vector<region> out;
    const int data = data_index(header_);
    const array_info& info = data_of(header_);
    for (index_t k = 0; k < info.frames.value_or(0); ++k)
      for (const frame_part& p :
           parts_of(info, arrays_[static_cast<std::size_t>(data)]->block().extents))
        out.push_back({data, k, p.origin, p.extents});
    return out;
  }

 private:
  const stream_header& shape_of() const override { return header_; }
  void do_read(const region& r, ref out, queue& q) const override {
    read_to(*arrays_[static_cast<std::size_t>(r.array_no)],
            {r.number, r.frames, r.origin, r.extents}, out, q);
  }

  const stream_header& header_;
  const readers& arrays_;
};

/// Reads ahead in whole blocks where frames cut through them, so that each block is decoded once.
class block_cache {
 public:
  explicit block_cache(index_t budget) : budget_(budget) {}

  void read(const cut_reader& reader, index_t number, const frame_part& part, ref out) {
    const array_info& info = reader.info();
    const index_t bytes = frame_bytes(info);
    const index_t together = std::min(reader.block().count, std::max<index_t>(1, budget_ / bytes));
    if (together == 1) return reader.read(one_frame(number, part.origin, part.extents), out.data);
    if (&reader != of_ || number < first_ || number >= end_) {
      of_ = nullptr;
      first_ = number;
      end_ = std::min(number - number % together + together, reader.plan().frames());
      const shape all = extents_of(info);
      const std::vector<index_t> zero(static_cast<std::size_t>(all.rank()), 0);
      values_.resize(static_cast<std::size_t>((end_ - first_) * bytes));
      reader.read({first_, end_ - first_, shape(zero), all}, values_.data());
      of_ = &reader;
    }
    const std::byte* from =
        values_.data() + (number - first_) * bytes + part.begin * (bytes / line_count(info));
    std::memcpy(out.data, from, static_cast<std::size_t>(out.bytes()));
  }

 private:
  index_t budget_;
  const cut_reader* of_ = nullptr;
  index_t first_ = 0, end_ = 0;
  std::vector<std::byte> values_;
};

class cut_source final : public frame_source {
 public:
  cut_source(file_contents contents, const selection& s, index_t cache_bytes)
      : cache_(cache_bytes), frame_meta_(std::move(contents.frame_meta)) {
    auto& arrays = contents.arrays;
    const array_info& data_info = arrays.back()->info();
    for (std::size_t i = 0; i < data_info.axes.size(); ++i)
      if (data_info.axes[i].name == contents.along) frame_axis_ = static_cast<int>(i);
    const index_t staged = std::min(cache_bytes, largest_part_bytes);
    const auto sides = contents.kept ? side_frames::named_frame : side_frames::surplus;
    cut_array data = plan_data(data_info, contents.along, s);
    for (std::size_t i = 0; i + 1 < arrays.size(); ++i) {
      cut_array side = plan_side(arrays[i]->info(), data, sides, s);
      arrays_.push_back(
          std::make_unique<cut_reader>(std::move(arrays[i]), std::move(side), staged));
    }
    if (data.along) header_.along = data.along->out;
    arrays_.push_back(
        std::make_unique<cut_reader>(std::move(arrays.back()), std::move(data), staged));
    for (const auto& a : arrays_) header_.arrays.push_back(a->info());
    header_.meta = contents.meta;
  }

  const stream_header& header() const override { return header_; }
  const region_source* regions() const override { return &regions_; }

 private:
  void do_deliver(delivery d) override { how_ = d; }

  bool do_next(frame& f, queue&) override {
    while (array_ < arrays_.size() && number_ == arrays_[array_]->plan().frames()) {
      ++array_;
      number_ = 0;
      parts_.clear();
    }
    if (array_ == arrays_.size()) return false;
    const cut_reader& reader = *arrays_[array_];
    const array_info& info = reader.info();
    if (parts_.empty())
      parts_ = how_ == delivery::whole ? whole_frame(info) : parts_of(info, reader.block().extents);
    const frame_part& part = parts_[part_];
    const bool whole = parts_.size() == 1;
    f.array_no = static_cast<int>(array_);
    f.number = number_;
    f.begin = part.begin;
    f.end = part.end;
    f.meta = meta_of(reader);
    f.data.reset(host_, info.type, whole ? extents_of(info) : part_shape(info, part));
    cache_.read(reader, number_, part, f.data.get());
    if (++part_ == parts_.size()) {
      part_ = 0;
      ++number_;
    }
    return true;
  }

  std::shared_ptr<const metadata> meta_of(const cut_reader& reader) const {
    const auto& along = reader.plan().along;
    const bool data = array_ + 1 == arrays_.size();
    const int cut_axis = along ? along->file_axis : -1;
    if (!frame_meta_ || (data && cut_axis != frame_axis_)) return {};  // cut otherwise than it was
    return frame_meta_(static_cast<int>(array_), along ? along->first(number_) : 0);
  }

  queue host_;  // frames lie in host memory, whatever the device of the caller
  readers arrays_;
  stream_header header_;
  cut_regions regions_{header_, arrays_};
  block_cache cache_;
  std::function<std::shared_ptr<const metadata>(int, index_t)> frame_meta_;
  int frame_axis_ = -1;  // of the data in the file: the one that frame_meta_ counts along
  delivery how_ = delivery::whole;
  std::size_t array_ = 0, part_ = 0;
  index_t number_ = 0;
  std::vector<frame_part> parts_;  // of a frame of the current array
};

}  // namespace

std::unique_ptr<frame_source> cut(file_contents contents, const selection& s, index_t cache_bytes) {
  if (contents.arrays.empty()) throw bug_error("a file without arrays is cut");
  const std::string name = contents.name;
  try {
    return std::make_unique<cut_source>(std::move(contents), s, cache_bytes);
  } catch (const usage_error& e) {
    if (name.empty()) throw;
    throw usage_error(name + ": " + e.what(), e.at);
  }
}

}  // namespace ir
