#include "stage/metric_compare.hpp"

#include "core/error.hpp"
#include "stage/metric_input.hpp"

namespace ir {
namespace {

metric_peak peak_of(const array_info& reference, const metric_sums& s,
                    const std::optional<double>& given) {
  if (given) return {*given, "--peak"};
  if (reference.nominal)
    return {reference.nominal->range[1] - reference.nominal->range[0],
            "nominal range of the reference"};
  return {s.high - s.low, "max - min of the reference"};
}

comparison result_of(const metric_sums& s, double factor, index_t frames, metric_peak peak) {
  comparison c{factor, std::move(peak), frames, s.count, {}};
  for (const metric_entry& m : metrics()) c.values.push_back(m.of(s, c.peak));
  return c;
}

}  // namespace

stage_plan plan_comparison(const stream_header& x, const stream_header& reference,
                           const compare_options& o, const resources&) {
  stage_plan p;
  p.out = x;
  const bool twice = o.scale != metric_scale::none;
  p.needs.assign(2, {twice ? access::random : access::parts, 0});
  p.type = precision::f64;
  p.why = twice ? "sums in f64 on the CPU; read twice, for the factor and for the errors"
                : "sums in f64 on the CPU";
  p.host_bytes = 2 * (part_bytes + (index_t{1} << 21));
  p.seconds = 1e-8 * static_cast<double>(extents_of(data_of(reference)).count());
  return p;
}

std::vector<comparison> compare(frame_source& x, frame_source& reference, const compare_options& o,
                                std::optional<int> rank, queue& q) {
  frame_pairs pairs(x, reference, o.border, rank, q);
  const array_info& info = data_of(reference.header());
  std::vector<comparison> results;
  metric_sums all;
  double factor = 1;
  index_t frames = 0;
  if (o.scale != metric_scale::none && !o.each_frame) {
    for (index_t k = 0; pairs.has(k); ++k) all.add(pairs.sums(k, 1));
    factor = factor_of(all, o.scale);
    all = {};
  }
  for (; pairs.has(frames); ++frames) {
    if (o.scale != metric_scale::none && o.each_frame)
      factor = factor_of(pairs.sums(frames, 1), o.scale);
    const metric_sums one = pairs.sums(frames, factor);
    if (o.each_frame)
      results.push_back(result_of(one, factor, 1, peak_of(info, one, o.peak)));
    else
      all.add(one);
    q.progress("frame", frames + 1, info.frames.value_or(0));
  }
  if (frames == 0) throw data_error("there is no frame to compare");
  if (!o.each_frame) results.push_back(result_of(all, factor, frames, peak_of(info, all, o.peak)));
  return results;
}

}  // namespace ir
