#include "stage/apply.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "expr/evaluate.hpp"
#include "expr/load_array.hpp"
#include "io/metadata.hpp"
#include "stage/element.hpp"
#include "stage/frames.hpp"

namespace ir {
namespace {

using how = apply_options::how;

struct mapping {
  space domain, range;  // of A
  const space& from(how what) const { return what == how::adjoint ? range : domain; }
  const space& to(how what) const { return what == how::forward ? range : domain; }
};

class applied final : public frame_source {
 public:
  applied(std::unique_ptr<frame_source> from, const stage_plan& p, const apply_options& o,
          spec_ptr A, mapping m)
      : from_(std::move(from)),
        header_(p.out),
        type_(p.type),
        o_(o),
        spec_(std::move(A)),
        map_(std::move(m)),
        data_(data_index(header_)) {}

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    if (!from_->next(in_, q)) return false;
    if (in_.array_no != data_) {
      std::swap(f, in_);
      return true;
    }
    if (!op_)
      op_ = expr::pointing(o_.expression, [&] { return spec_->build(map_.domain, type_, q); });
    take_place(f, in_);
    const array_info& info = data_of(header_);
    f.data.reset(q, info.type, extents_of(info));
    f.begin = 0;
    f.end = line_count(info);
    if (!x_) x_.emplace(q, map_.from(o_.what), type_);
    if (!y_) y_.emplace(q, map_.to(o_.what), type_);
    load_element(q, std::as_const(in_.data).get(), *x_);
    refuse<data_error>(q, *x_, "the data");
    switch (o_.what) {
      case how::forward:
        op_->apply(q, *x_, *y_);
        break;
      case how::adjoint:
        op_->adjoint(q, *x_, *y_);
        break;
      case how::normal:
        op_->normal(q, *x_, *y_);
        break;
    }
    refuse<numeric_error>(q, *y_, "the result");
    store_element(q, *y_, f.data.get());
    return true;
  }

  template <class Error>
  void refuse(queue& q, cvec x, const char* what) const {
    if (const index_t bad = count_not_finite(q, x); bad > 0)
      throw Error(
          fmt::format("frame {}: {} values of {} are NaN or infinite", in_.number, bad, what));
  }

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  precision type_;
  apply_options o_;
  spec_ptr spec_;
  mapping map_;
  int data_;
  op_ptr op_;
  frame in_;
  std::optional<owned_vec> x_, y_;
};

class apply_stage final : public stage {
 public:
  explicit apply_stage(const apply_options& o) : o_(o) {
    A_ = expr::read_operator(o_.expression, expr::load_operand);
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const array_info& data = data_of(in[0]);
    const mapping m = mapping_of(in[0], r);
    stage_plan p;
    p.out = in[0];
    p.type = r.type;
    data_of(p.out) = element_info(data, m.to(o_.what), r.type);
    note_domain(p.out, m.domain);
    p.needs = {{access::frames, 0}};
    const op_cost one = expr::pointing(
        o_.expression, [&] { return A_->cost(m.domain, r.type, r.where.value_or(device{})); });
    const index_t elements =
        scratch_bytes_of(m.from(o_.what), r.type) + scratch_bytes_of(m.to(o_.what), r.type);
    const double work = (o_.what == how::normal ? 2 : 1) * (one.bytes + one.flops);
    const index_t held = elements + one.table_bytes + 2 * one.scratch_bytes;
    choose_device(p, r, work / 16, held);
    p.host_bytes =
        frame_bytes(data) + frame_bytes(data_of(p.out)) + (p.where.kind == device::cpu ? held : 0);
    p.device_bytes = p.where.kind == device::cpu ? 0 : held;
    if (r.host_bytes > 0 && p.host_bytes > r.host_bytes)
      throw memory_error(fmt::format(
          "a frame, its result and the operator take {} bytes, there are {}: give more with "
          "--memory, or less with --roi",
          p.host_bytes, r.host_bytes));
    p.seconds = work * 1e-10 / r.threads;
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    resources r = p.given;
    r.type = p.type;
    mapping m = mapping_of(in[0]->header(), r);
    return std::make_unique<applied>(std::move(in[0]), p, o_, A_, std::move(m));
  }

 private:
  mapping mapping_of(const stream_header& h, const resources& r) const {
    const array_info& data = data_of(h);
    const int rank = r.rank.value_or(2);
    const space frame = space_of(data, rank);
    std::optional<space> domain;
    if (o_.domain)
      domain = space_of(*o_.domain, std::min(rank, o_.domain->rank()));
    else if (const auto known = recorded_domain(h, o_.expression); known && o_.what == how::adjoint)
      domain = space_of(*known, std::min(rank, known->rank()));
    if (o_.what != how::adjoint) {
      if (!domain) domain = frame;
      if (!holds(extents_of(data), frame.blocks()[0].of, *domain))
        throw shape_error(fmt::format("the domain is {}, frames of the data are {}",
                                      to_string(*domain), to_string(frame)));
      return {*domain, expr::range_for(o_.expression, A_, *domain)};
    }
    if (!domain) domain = expr::domain_for(o_.expression, A_, {}, frame);
    space range = expr::range_for(o_.expression, A_, *domain);
    if (!holds(extents_of(data), frame.blocks()[0].of, range))
      throw shape_error(fmt::format("the range is {}, frames of the data are {}", to_string(range),
                                    to_string(frame)));
    return {*domain, std::move(range)};
  }

  void note_domain(stream_header& h, const space& domain) const {
    if (domain.blocks().size() != 1) return;
    std::string extents;
    for (const index_t n : domain.extents().extents())
      extents += fmt::format("{}{}", extents.empty() ? "" : ",", n);
    h.meta = metadata::with(
        h.meta, "operator",
        fmt::format(R"({{"expression":{},"domain":[{}]}})", json_quoted(o_.expression), extents));
  }

  apply_options o_;
  spec_ptr A_;
};

}  // namespace

std::optional<shape> recorded_domain(const stream_header& h, const std::string& expression) {
  const metadata_ptr known = h.meta ? h.meta->object("operator") : nullptr;
  if (!known || known->text("expression") != expression) return {};
  const auto extents = known->numbers("domain");
  if (!extents || extents->empty() || extents->size() > 8) return {};
  std::vector<index_t> n;
  for (const double v : *extents) {
    if (!(v >= 1) || v != std::floor(v)) return {};
    n.push_back(static_cast<index_t>(v));
  }
  return shape(n);
}

std::unique_ptr<stage> make_apply(const apply_options& o) {
  return std::make_unique<apply_stage>(o);
}

}  // namespace ir
