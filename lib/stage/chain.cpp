#include "stage/chain.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace ir {
namespace {

class chained final : public stage {
 public:
  explicit chained(std::vector<std::unique_ptr<stage>> stages) : stages_(std::move(stages)) {}

  stage_plan plan(std::span<const stream_header> in, const resources& r) const override {
    stage_plan p = plan_on(in, r);
    const auto on_gpu = [](const stage_plan& s) { return s.where.kind == device::cuda; };
    const auto gpu = std::ranges::find_if(p.chained, on_gpu);
    if (gpu != p.chained.end() && !std::ranges::all_of(p.chained, on_gpu)) {
      resources there = r;
      there.where = gpu->where;
      p = plan_on(in, there);
    }
    return p;
  }

  std::unique_ptr<frame_source> open(sources in, const stage_plan& p) const override {
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      sources next;
      next.push_back(stages_[i]->open(std::move(in), p.chained[i]));
      in = std::move(next);
    }
    return std::move(in[0]);
  }

 private:
  stage_plan plan_on(std::span<const stream_header> in, const resources& r) const {
    stage_plan all;
    for (const auto& s : stages_) {
      const stream_header& before = all.chained.empty() ? in[0] : all.chained.back().out;
      stage_plan p = s->plan(all.chained.empty() ? in : std::span(&before, 1), r);
      p.given = r;
      if (!all.chained.empty() && p.needs[0].kind == access::random)
        throw usage_error(
            "a stage that needs random access cannot follow another in one process: "
            "run it as a program of its own");
      all.seconds += p.seconds;
      all.host_bytes += p.host_bytes;
      all.device_bytes += p.device_bytes;
      all.spool_bytes += p.spool_bytes;
      all.scratch_bytes = std::max(all.scratch_bytes, p.scratch_bytes);
      all.why += (all.why.empty() ? "" : "; ") + p.why;
      all.chained.push_back(std::move(p));
    }
    const stage_plan& last = all.chained.back();
    all.out = last.out;
    all.needs = all.chained.front().needs;
    all.where = last.where;
    all.type = last.type;
    all.given = r;
    return all;
  }

  std::vector<std::unique_ptr<stage>> stages_;
};

}  // namespace

std::unique_ptr<stage> chain(std::vector<std::unique_ptr<stage>> stages) {
  if (stages.empty()) throw usage_error("a chain needs at least one stage");
  return std::make_unique<chained>(std::move(stages));
}

}  // namespace ir
