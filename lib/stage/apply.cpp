#include "stage/apply.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"
#include "expr/evaluate.hpp"
#include "expr/load_array.hpp"
#include "stage/element.hpp"
#include "stage/element_stream.hpp"
#include "stage/frames.hpp"
#include "stage/operator_domain.hpp"

namespace ir {
namespace {

using how = apply_options::how;

struct mapping {
  space domain, range;  // of A
  const space& from(how what) const { return what == how::adjoint ? range : domain; }
  const space& to(how what) const { return what == how::forward ? range : domain; }
};

/// A part of A that gives some rows of the result, from row `first` on.
struct row_part {
  op_ptr A;
  int first;
};

/// The parts of a stack, each with its rows; else A itself.
std::vector<row_part> parts_of(const op_ptr& A) {
  if (A->name() != "stack") return {{A, 0}};
  std::vector<row_part> all;
  int row = 0;
  for (const op_ptr& part : A->parts()) {
    all.push_back({part, row});
    row += static_cast<int>(part->range().blocks().size());
  }
  return all;
}

class applied final : public frame_source {
 public:
  applied(std::unique_ptr<frame_source> from, const stage_plan& p, const apply_options& o,
          spec_ptr A, mapping m, const element_layout& l, element_header h)
      : in_(std::move(from), l, p.type),
        out_(std::move(h)),
        type_(p.type),
        o_(o),
        spec_(std::move(A)),
        map_(std::move(m)) {
    elements_ = data_of(out_.header).frames.value_or(1);
    out_.header = p.out;
  }

  const stream_header& header() const override { return out_.header; }

 private:
  /// Of elements that are several arrays, all of the first array come first: the element is applied
  /// to again for each, part by part.
  bool do_next(frame& f, queue& q) override {
    if (row_ > 0 || (several() && in_.count() > 0)) return next_row(f, q);
    switch (in_.next(f, q)) {
      case element_reader::found::end:
        return false;
      case element_reader::found::other:
        f.array_no = out_.place[static_cast<std::size_t>(f.array_no)];
        return true;
      case element_reader::found::element:
        break;
    }
    prepare(q);
    emit(f, q);
    return true;
  }

  bool several() const { return out_.arrays.size() > 1; }

  bool next_row(frame& f, queue& q) {
    if (++number_ == elements_) {
      number_ = 0;
      ++row_;
    }
    if (row_ == static_cast<int>(out_.arrays.size())) {
      --row_, number_ = elements_ - 1;  // stays at the end
      if (elements_ == 1 && in_.next(f, q) != element_reader::found::end)
        throw bug_error("more frames than the header says");
      return false;
    }
    in_.again(number_, q);
    emit(f, q);
    return true;
  }

  void prepare(queue& q) {
    if (op_) return;
    op_ = expr::pointing(o_.expression, [&] { return spec_->build(map_.domain, type_, q); });
    if (several() && o_.what == how::forward)
      parts_ = parts_of(op_);
    else
      parts_ = {{op_, 0}};
  }

  void emit(frame& f, queue& q) {
    if (several())
      apply_row(q);
    else
      apply_part(q, parts_[0]);
    in_.place(f);
    f.array_no = out_.arrays[static_cast<std::size_t>(row_)];
    const array_info& info = out_.header.arrays[static_cast<std::size_t>(f.array_no)];
    f.data.reset(q, info.type, extents_of(info));
    f.begin = 0;
    f.end = line_count(info);
    if (several())
      copy(q, cvec(*y_).block(row_ - first_), f.data.get());
    else
      store_element(q, *y_, f.data.get());
  }

  void apply_row(queue& q) {
    const row_part* part = &parts_[0];
    for (const row_part& p : parts_)
      if (p.first <= row_) part = &p;
    if (y_ && first_ == part->first && applied_ == number_) return;  // another row of the same part
    first_ = part->first;
    applied_ = number_;
    y_.reset();
    apply_part(q, *part);
  }

  void apply_part(queue& q, const row_part& part) {
    const cvec x = in_.element();
    refuse<data_error>(q, x, "the data");
    if (!y_) y_.emplace(q, o_.what == how::forward ? part.A->range() : map_.domain, type_);
    switch (o_.what) {
      case how::forward:
        part.A->apply(q, x, *y_);
        break;
      case how::adjoint:
        part.A->adjoint(q, x, *y_);
        break;
      case how::normal:
        part.A->normal(q, x, *y_);
        break;
    }
    refuse<numeric_error>(q, *y_, "the result");
  }

  template <class Error>
  void refuse(queue& q, cvec x, const char* what) const {
    frame at;
    in_.place(at);
    if (const index_t bad = count_not_finite(q, x); bad > 0)
      throw Error(
          fmt::format("frame {}: {} values of {} are NaN or infinite", at.number, bad, what));
  }

  element_reader in_;
  element_header out_;
  precision type_;
  apply_options o_;
  spec_ptr spec_;
  mapping map_;
  op_ptr op_;
  std::vector<row_part> parts_;
  std::optional<owned_vec> y_;
  index_t elements_ = 1, number_ = 0, applied_ = -1;
  int row_ = 0, first_ = 0;
};

class apply_stage final : public stage {
 public:
  explicit apply_stage(const apply_options& o) : o_(o) {
    A_ = expr::read_operator(o_.expression, expr::load_operand);
  }

  bool knows_rows() const override { return true; }
  bool takes_rows(std::size_t inputs) const override {
    const expr::block_counts n = expr::blocks_of(expr::parse(o_.expression));
    return static_cast<index_t>(inputs) == (o_.what == how::adjoint ? n.range : n.domain);
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const job j = job_of(in[0], r);
    const mapping& m = j.map;
    stage_plan p;
    p.out = j.out.header;
    p.type = r.type;
    note_domain(p.out, o_.expression, m.domain);
    p.needs = {access_to(in[0], j.layout, j.out.arrays.size() > 1)};
    const op_cost one = expr::pointing(
        o_.expression, [&] { return A_->cost(m.domain, r.type, r.where.value_or(device{})); });
    const index_t elements =
        scratch_bytes_of(m.from(o_.what), r.type) + scratch_bytes_of(m.to(o_.what), r.type);
    const double work = (o_.what == how::normal ? 2 : 1) * (one.bytes + one.flops);
    const index_t held = elements + one.table_bytes + 2 * one.scratch_bytes;
    choose_device(p, r, work / 16, held);
    p.host_bytes = frame_bytes(data_of(in[0])) + frame_bytes(data_of(p.out)) +
                   (p.where.kind == device::cpu ? held : 0);
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
    job j = job_of(in[0]->header(), r);
    return std::make_unique<applied>(std::move(in[0]), p, o_, A_, std::move(j.map), j.layout,
                                     std::move(j.out));
  }

 private:
  struct job {
    mapping map;
    element_layout layout;
    element_header out;
  };

  job job_of(const stream_header& h, const resources& r) const {
    mapping m = mapping_of(h, r);
    const bool adjoint = o_.what == how::adjoint;
    const std::string why =
        fmt::format("the {} is {}", adjoint ? "range" : "domain", to_string(m.from(o_.what)));
    element_layout l = ir::layout_of(h, m.from(o_.what), why, r.rows);
    element_header out = with_elements(h, l, element_infos(data_of(h), m.to(o_.what), r.type));
    return {std::move(m), std::move(l), std::move(out)};
  }

  mapping mapping_of(const stream_header& h, const resources& r) const {
    const int rank = r.rank.value_or(2);
    const space data = data_space(h, rank);
    std::optional<space> domain;
    if (o_.domain)
      domain = space_of(*o_.domain, std::min(rank, o_.domain->rank()));
    else if (const auto known = recorded_domain(h, o_.expression); known && o_.what == how::adjoint)
      domain = space_of(*known, std::min(rank, known->rank()));
    if (!domain && o_.what != how::adjoint) domain = data;
    if (!domain) domain = inferred_domain(o_.expression, A_, data);
    return {*domain, expr::range_for(o_.expression, A_, *domain)};
  }

  apply_options o_;
  spec_ptr A_;
};

}  // namespace

std::unique_ptr<stage> make_apply(const apply_options& o) {
  return std::make_unique<apply_stage>(o);
}

}  // namespace ir
