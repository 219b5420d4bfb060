#include "stage/flatfield.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/resources.hpp"
#include "stage/frames.hpp"
#include "stage/references.hpp"

namespace ir {
namespace {

class corrected final : public frame_source {
 public:
  corrected(std::unique_ptr<frame_source> from, const flatfield_stage_options& o,
            const stage_plan& p, const reference_match& m)
      : from_(std::move(from)),
        header_(p.out),
        o_(o),
        type_(p.type),
        match_(m),
        dark_(m.rows * m.nx, o.combine),
        flat_(m.rows * m.nx, o.combine) {
    int out = 0;
    for (const array_info& a : from_->header().arrays) {
      const bool consumed = a.what == role::flat || a.what == role::dark;
      number_of_.push_back(consumed ? -1 : out++);
    }
  }

  const stream_header& header() const override { return header_; }

 private:
  void do_deliver(delivery d) override { from_->deliver(d); }

  bool do_next(frame& f, queue& q) override {
    for (;;) {
      if (!from_->next(in_, q)) return tell(q), false;
      const array_info& info = from_->header().arrays[static_cast<std::size_t>(in_.array_no)];
      if (info.what == role::flat || info.what == role::dark) {
        keep(info.what == role::flat ? flat_ : dark_);
        continue;
      }
      if (info.what != role::data) {
        std::swap(f, in_);
        f.array_no = number_of_[static_cast<std::size_t>(f.array_no)];
        return true;
      }
      correct(f, q);
      return true;
    }
  }

  void keep(combined_image& image) {
    const cref values = std::as_const(in_.data).get();
    std::vector<double> some(static_cast<std::size_t>(values.extents.count()));
    queue host;
    copy(host, values, ref(some.data(), dtype::f64, values.extents));
    image.add(in_.number, in_.begin * match_.nx, some);
  }

  void prepare(queue& q) {
    std::vector<double> dark(static_cast<std::size_t>(match_.rows * match_.nx), 0.0);
    if (dark_.images() > 0) dark = dark_.result();
    if (flat_.images() == 0) throw data_error("the stream brought no frame of the flat");
    engine_.emplace(q, dark, flat_.result(), match_.rows, match_.nx, type_, o_.correct);
    flat_ = dark_ = combined_image(0, o_.combine);
  }

  void correct(frame& f, queue& q) {
    if (!engine_) prepare(q);
    take_place(f, in_);
    f.array_no = number_of_[static_cast<std::size_t>(in_.array_no)];
    cref from = std::as_const(in_.data).get();
    f.data.reset(q, real_type(type_), from.extents);
    if (q.where().kind != from.where.kind) {  // to the device in the type that it has
      moved_.reset(q, from.type, from.extents);
      copy(q, from, moved_.get());
      from = std::as_const(moved_).get();
    }
    const flatfield::placement at{in_.begin, match_.inner, match_.row_is_frame ? in_.number : -1};
    try {
      const auto counted = engine_->run(q, from, f.data.get(), at);
      repaired_ += counted.unusable;
      clipped_ += counted.low;
    } catch (const data_error& e) {
      throw data_error(fmt::format("frame {}, from line {}: {}", in_.number, in_.begin, e.what()),
                       e.at);
    }
  }

  void tell(queue& q) const {
    q.fact("dead_pixels", engine_ ? static_cast<double>(engine_->dead()) : 0);
    q.fact("repaired", static_cast<double>(repaired_));
    q.fact("clipped", static_cast<double>(clipped_));
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  flatfield_stage_options o_;
  precision type_;
  reference_match match_;
  combined_image dark_, flat_;
  std::vector<int> number_of_;  // of the arrays that come, among those that leave; -1: consumed
  std::optional<flatfield> engine_;
  frame in_;
  array moved_;
  index_t repaired_ = 0, clipped_ = 0;
};

class flatfield_stage final : public stage {
 public:
  explicit flatfield_stage(const flatfield_stage_options& o) : o_(o) {
    if (!(o.correct.least > 1e-30 && o.correct.least <= 1))
      throw usage_error(fmt::format("--min-transmission {:.9g}: a number in (1e-30, 1] is needed",
                                    o.correct.least));
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const reference_match m = match_of(in[0]);
    stage_plan p;
    p.out = in[0];
    std::erase_if(p.out.arrays,
                  [](const array_info& a) { return a.what == role::flat || a.what == role::dark; });
    array_info& data = data_of(p.out);
    if (is_complex(data.type))
      throw data_error(
          fmt::format("transmissions are real: '{}' is {}", data.name, name_of(data.type)));
    data.type = real_type(r.type);
    data.nominal.reset();
    p.needs = {{access::parts, 0}};
    p.type = r.type;
    p.where = r.where.value_or(device{});
    p.why = r.where ? "asked for" : "too little work for a GPU";
    p.host_bytes = m.rows * m.nx * 4 * index_t{sizeof(double)} + kept_bytes(in[0]) + part_bytes;
    if (p.host_bytes > r.host_bytes && r.host_bytes > 0)
      throw memory_error(
          fmt::format("combining darks and flats takes {} bytes, there are {}; the mean takes less "
                      "than the median",
                      p.host_bytes, r.host_bytes));
    p.seconds = static_cast<double>(extents_of(data).count()) * 1e-9;
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    const reference_match m = match_of(in[0]->header());
    return std::make_unique<corrected>(std::move(in[0]), o_, p, m);
  }

 private:
  reference_match match_of(const stream_header& h) const {
    return match_references(h, o_.no_dark ? dark_is::zero : dark_is::given);
  }

  index_t kept_bytes(const stream_header& h) const {
    if (o_.combine == combined_image::how::mean) return 0;
    index_t bytes = 0;
    for (const array_info& a : h.arrays)
      if (a.what == role::flat || a.what == role::dark)
        bytes += a.frames.value_or(1) * extents_of(a).count() * index_t{sizeof(float)};
    return bytes;
  }

  flatfield_stage_options o_;
};

}  // namespace

std::unique_ptr<stage> make_flatfield(const flatfield_stage_options& o) {
  return std::make_unique<flatfield_stage>(o);
}

}  // namespace ir
