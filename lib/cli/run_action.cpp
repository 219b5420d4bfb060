#include <fmt/format.h>

#include "cli/invocation.hpp"
#include "cli/plan_text.hpp"
#include "core/parallel.hpp"

namespace ir {

exit_code run_action(invocation& call, const action& body) {
  context c;
  c.name = call.what->name;
  c.json = call.common.json;
  c.verbose = call.common.verbose;
  c.available = call.common.available(call.what->light ? memory_share::light : memory_share::files);
  c.type = c.available.type;
  set_threads(c.available.threads);
  const input_options options = call.in.resolve(call.common, c.available.host_bytes);
  c.names = call.in.names;
  c.open = [&](const std::string& name) { return call.open_main({name}, options); };
  if (call.what->input == tool::takes::frames)
    c.inputs.push_back(call.open_main(call.in.names, options));
  for (const option_table::side_input& side : call.table.side_inputs())
    if (!side.path.empty()) c.inputs.push_back(call.open_main({side.path}, options));

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
    return *q;
  };
  return body(c);
}

}  // namespace ir
