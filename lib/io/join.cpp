#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "io/input.hpp"

namespace ir {
namespace {

/// Where an array of the joined stream comes from.
struct origin {
  frame_source* from;
  int array_no;
};

class joined_regions final : public region_source {
 public:
  joined_regions(const stream_header& header, const std::vector<origin>& origins)
      : header_(header), origins_(origins) {}

  std::vector<region> tiles() const override {
    const int data = data_index(header_);
    auto tiles = origins_[static_cast<std::size_t>(data)].from->regions()->tiles();
    for (region& r : tiles) r.array_no = data;
    return tiles;
  }

 private:
  const stream_header& shape_of() const override { return header_; }
  void do_read(const region& r, ref out, queue& q) const override {
    const origin& o = origins_[static_cast<std::size_t>(r.array_no)];
    const region_source* regions = o.from->regions();
    if (!regions)
      throw bug_error(fmt::format("array {} has no regions",
                                  header_.arrays[static_cast<std::size_t>(r.array_no)].name));
    region there = r;
    there.array_no = o.array_no;
    regions->read(there, out, q);
  }

  const stream_header& header_;
  const std::vector<origin>& origins_;
};

class joined final : public frame_source {
 public:
  joined(std::vector<side_source> sides, std::unique_ptr<frame_source> main)
      : main_(std::move(main)) {
    for (side_source& s : sides) {
      const int data = data_index(s.from->header());
      array_info info = data_of(s.from->header());
      info.what = s.what;
      info.name = unused_name(s.name);
      header_.arrays.push_back(std::move(info));
      origins_.push_back({s.from.get(), data});
      sides_.push_back(std::move(s.from));
    }
    const stream_header& h = main_->header();
    for (std::size_t i = 0; i < h.arrays.size(); ++i) {
      array_info info = h.arrays[i];
      if (info.what != role::data) info.name = unused_name(info.name);
      header_.arrays.push_back(std::move(info));
      origins_.push_back({main_.get(), static_cast<int>(i)});
    }
    header_.along = h.along;
    header_.meta = h.meta;
  }

  const stream_header& header() const override { return header_; }
  const region_source* regions() const override { return main_->regions() ? &regions_ : nullptr; }

 private:
  /// The main data keep their name, whatever the sides are called.
  std::string unused_name(const std::string& wanted) const {
    const auto used = [&](const std::string& name) {
      return name == data_of(main_->header()).name ||
             std::any_of(header_.arrays.begin(), header_.arrays.end(),
                         [&](const array_info& a) { return a.name == name; });
    };
    std::string name = wanted;
    for (int k = 2; used(name); ++k) name = fmt::format("{}{}", wanted, k);
    return name;
  }

  void do_deliver(delivery d) override {
    for (const auto& s : sides_) s->deliver(d);
    main_->deliver(d);
  }

  bool do_next(frame& f, queue& q) override {
    for (; side_ < sides_.size(); ++side_) {
      const origin& o = origins_[side_];
      while (o.from->next(f, q)) {
        if (f.array_no != o.array_no) continue;  // a side's own side arrays are not asked for
        f.array_no = static_cast<int>(side_);
        return true;
      }
    }
    if (!main_->next(f, q)) return false;
    f.array_no += static_cast<int>(sides_.size());
    return true;
  }

  std::vector<std::unique_ptr<frame_source>> sides_;
  std::unique_ptr<frame_source> main_;
  stream_header header_;
  std::vector<origin> origins_;  // of each array
  joined_regions regions_{header_, origins_};
  std::size_t side_ = 0;
};

}  // namespace

std::unique_ptr<frame_source> join(std::vector<side_source> sides,
                                   std::unique_ptr<frame_source> main) {
  if (sides.empty()) return main;
  return std::make_unique<joined>(std::move(sides), std::move(main));
}

}  // namespace ir
