#include <fmt/format.h>

#include <algorithm>

#include "cli/invocation.hpp"
#include "cli/plan_text.hpp"
#include "core/parallel.hpp"

namespace ir {
namespace {

/// The inputs as the plan needs them; what has to be kept shares the memory.
void supply(const stage_plan& p, sources& inputs, input_options options,
            const std::shared_ptr<const cancellation>& cancel) {
  queue host({}, cancel);
  options.memory /= std::max<index_t>(1, static_cast<index_t>(p.needs.size()));
  for (std::size_t i = 0; i < p.needs.size(); ++i)
    if (p.needs[i].kind == access::random)
      inputs[i] = with_regions(std::move(inputs[i]), options, host);
    else if (p.needs[i].kind == access::parts)
      inputs[i]->deliver(delivery::parts);
}

}  // namespace

exit_code run_action(invocation& call, const action& body) {
  context c;
  c.name = call.what->name;
  c.json = call.common.json;
  c.verbose = call.common.verbose;
  c.available = call.common.available(call.what->light ? memory_share::light : memory_share::files);
  c.type = c.available.type;
  set_threads(c.available.threads);
  input_options options = call.in.resolve(call.common, c.available.host_bytes);
  if (call.common.verbose) options.say = [&call](const std::string& line) { call.say(line); };
  c.available.rank = options.cut.rank;
  c.names = call.in.names;
  c.open = [&](const std::string& name) { return call.open_main({name}, options); };
  if (call.what->input == tool::takes::frames)
    c.inputs.push_back(call.open_main(call.in.names, options));
  for (const option_table::side_input& side : call.table.side_inputs())
    if (!side.path.empty() && !joins_scan(side.what))
      c.inputs.push_back(call.open_main({side.path}, options));

  std::unique_ptr<queue> q;
  c.start = [&](const stage_plan& made) -> queue& {
    stage_plan p = made;
    p.given = c.available;
    if (call.common.dry_run) {
      fmt::print("{}", call.common.json ? plan_json(p) + "\n" : plan_text(p));
      throw dry_run_done{};
    }
    q = std::make_unique<queue>(p.where, call.cancel);
    q->reserve(p.scratch_bytes);
    supply(p, c.inputs, options, call.cancel);
    return *q;
  };
  std::string objects;
  c.answer = [&](const std::string& text, const std::string& object) {
    fmt::print("{}", c.json ? object + "\n" : text);
    objects += object + "\n";
  };
  const exit_code code = body(c);
  call.write_report(objects);
  return code;
}

}  // namespace ir
