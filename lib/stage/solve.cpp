#include "stage/solve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "expr/load_array.hpp"
#include "stage/element.hpp"
#include "stage/operator_domain.hpp"
#include "stage/solve_run.hpp"

namespace ir {
namespace {

index_t bytes_of(const loaded_array& a) {
  const index_t entry = sizeof(double) + 2 * sizeof(index_t);
  return std::ssize(a.values) * index_t{sizeof(double)} +
         (a.sparse ? std::ssize(a.sparse->values) * entry : 0);
}

class solve_stage final : public stage {
 public:
  explicit solve_stage(const solve_options& o) : o_(o) {
    const auto load = [this](const std::string& name) {
      array_ptr file = expr::load_operand(name);
      files_ += bytes_of(*file);
      return file;
    };
    A_ = expr::read_operator(o_.expression, load);
    if (!o_.init.empty()) {
      init_ = expr::load_array(o_.init, {}, 0);
      files_ += bytes_of(*init_);
    }
    for (const std::string& text : o_.regularisers)
      terms_.all.emplace_back(text, expr::read_functional(text, load));
    if (o_.solver != "auto" && !algorithm_named(o_.solver))
      throw usage_error(fmt::format("--solver: there is none called '{}'", o_.solver));
    if (o_.discrepancy && (o_.sigma.empty() || o_.fidelity.what != fidelity_options::kind::l2 ||
                           !o_.fidelity.weights.empty() || !o_.fidelity.weight_maps.empty()))
      throw usage_error("--weight auto takes the fidelity l2 and the noise's --sigma");
    if (o_.discrepancy && o_.regularisers.empty())
      throw usage_error("--weight auto weighs --reg against the data: there is none");
    if (o_.until_noise && o_.sigma.empty())
      throw usage_error("--until-noise takes the noise's --sigma");
    if (o_.until_noise && o_.discrepancy)
      throw usage_error("--weight auto ends within the noise by itself: without --until-noise");
    if (!o_.history.empty() && o_.history == o_.plot)
      throw usage_error(fmt::format("{}: one file for --history and --plot", o_.plot));
    if (o_.resume && o_.checkpoint.empty())
      throw usage_error("--resume goes on from a --checkpoint FILE");
  }

  bool knows_rows() const override { return true; }
  bool takes_rows(std::size_t inputs) const override {
    const expr::block_counts n = expr::blocks_of(expr::parse(o_.expression));
    return static_cast<index_t>(inputs) == n.range;
  }

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    const solve_layout l = layout_of(in[0], r);
    stage_plan p;
    p.out = header_of(in[0], l, r.type).header;
    p.type = r.type;
    p.needs = {access_to(in[0], l.data)};
    const device asked = r.where.value_or(device{});
    const op_cost A =
        expr::pointing(o_.expression, [&] { return A_->cost(l.domain, r.type, asked); });
    double work = 2 * (A.bytes + A.flops);
    index_t tables = A.table_bytes, scratch = A.scratch_bytes;
    const index_t x = scratch_bytes_of(l.domain, r.type), y = scratch_bytes_of(l.data.of, r.type);
    bool split = false;  // whether a regulariser has an operator
    // The most that an algorithm holds, with its functionals' data and scratch.
    index_t vectors = 8 * x + 6 * y + (o_.init.empty() ? 0 : x) +
                      (o_.fidelity.weight_maps.empty() ? 0 : 3 * y) +
                      (o_.discrepancy || o_.until_noise ? 2 * y : 0);
    for (const auto& [text, terms] : terms_.all)
      for (const term_spec& t : terms) {
        if (!t.A) continue;
        const op_cost K = expr::pointing(text, [&] { return t.A->cost(l.domain, r.type, asked); });
        work += 2 * (K.bytes + K.flops);
        tables += K.table_bytes;
        scratch = std::max(scratch, K.scratch_bytes);
        vectors += 7 * scratch_bytes_of(expr::range_for(text, t.A, l.domain), r.type);
        split = true;
      }
    // Alternating directions: copies of x that a constraint sees, inner solves, their circulant.
    if (split && (o_.solver == "auto" || o_.solver == "admm")) vectors += 12 * x;
    const index_t held = vectors + tables + 2 * scratch;
    choose_device(p, r, work / 16 * static_cast<double>(o_.rule.iterations), held);
    p.host_bytes = files_ + frame_bytes(data_of(p.out)) + (o_.checkpoint.empty() ? 0 : vectors) +
                   (p.where.kind == device::cpu ? held : 0);
    for (const int row : l.data.arrays)
      p.host_bytes += frame_bytes(in[0].arrays[static_cast<std::size_t>(row)]);
    p.device_bytes = p.where.kind == device::cpu ? 0 : held;
    if (r.host_bytes > 0 && p.host_bytes > r.host_bytes)
      throw memory_error(
          fmt::format("the vectors and operators of the problem take {} bytes, there are {}: give "
                      "more with --memory, or less data with --roi",
                      p.host_bytes, r.host_bytes));
    p.seconds = work * static_cast<double>(o_.rule.iterations) * 1e-10 / r.threads;
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    resources r = p.given;
    r.type = p.type;
    solve_layout l = layout_of(in[0]->header(), r);
    std::vector<int> place = header_of(in[0]->header(), l, r.type).place;
    return solve_elements(std::move(in[0]), p,
                          {o_, A_, terms_, init_, std::move(l), std::move(place)}, unconverged_);
  }

  exit_code verdict() const override {
    return o_.fail_unconverged && *unconverged_ ? exit_code::negative : exit_code::ok;
  }

 private:
  static element_header header_of(const stream_header& h, const solve_layout& l, precision type) {
    return with_elements(h, l.data, {solution_info(data_of(h), l.domain, type)});
  }

  solve_layout layout_of(const stream_header& h, const resources& r) const {
    const int rank = r.rank.value_or(2);
    std::optional<space> domain;
    std::string from;
    if (o_.domain) {
      domain = space_of(*o_.domain, std::min(rank, o_.domain->rank()));
      from = " (--domain)";
    } else if (const auto known = recorded_domain(h, o_.expression)) {
      domain = space_of(*known, std::min(rank, known->rank()));
      from = " (the data's header)";
    } else if (init_) {
      domain = space(init_->extents, init_->of, std::min(rank, init_->extents.rank()));
      from = fmt::format(" ({})", o_.init);
    }
    if (!domain) domain = inferred_domain(o_.expression, A_, data_space(h, rank));
    const space range = expr::range_for(o_.expression, A_, *domain);
    const std::string why = fmt::format("{} maps {}{} to {}", o_.expression, to_string(*domain),
                                        from, to_string(range));
    return {*domain, ir::layout_of(h, range, why, r.rows)};
  }

  solve_options o_;
  std::shared_ptr<bool> unconverged_ = std::make_shared<bool>(false);
  index_t files_ = 0;  // bytes of the expressions' arrays
  spec_ptr A_;
  read_terms terms_;
  array_ptr init_;  // null: none
};

}  // namespace

std::unique_ptr<stage> make_solve(const solve_options& o) {
  return std::make_unique<solve_stage>(o);
}

}  // namespace ir
