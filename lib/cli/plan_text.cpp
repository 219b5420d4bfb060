#include "cli/plan_text.hpp"

#include <fmt/format.h>

#include "io/metadata.hpp"
#include "io/spool.hpp"

namespace ir {

std::string device_text(const device& d) {
  return d.kind == device::cpu ? "cpu" : fmt::format("gpu:{}", d.ordinal);
}

std::string describe(const array_info& a) {
  std::string names;
  for (const axis& x : a.axes) names += (names.empty() ? "" : ",") + x.name;
  return fmt::format("{} {} ({}) {}", a.name, name_of(a.type), names, to_string(extents_of(a)));
}

std::string plan_text(const stage_plan& p) {
  std::string text;
  const auto line = [&](std::string_view what, const std::string& says) {
    text += fmt::format("{:<8} {}\n", what, says);
  };
  for (const array_info& a : p.out.arrays) {
    std::string along =
        a.frames ? fmt::format(", {} frame{}", *a.frames, *a.frames == 1 ? "" : "s") : "";
    if (a.what == role::data && !p.out.along.name.empty()) along += " along " + p.out.along.name;
    line(&a == &p.out.arrays.front() ? "output" : "", describe(a) + along);
  }
  line("device", fmt::format("{}, {}", device_text(p.where), name_of(p.type)));
  line("memory",
       fmt::format("{} of {}{}{}", bytes_text(p.host_bytes), bytes_text(p.given.host_bytes),
                   p.device_bytes ? ", on the device " + bytes_text(p.device_bytes) : "",
                   p.spool_bytes ? ", spooled to disk " + bytes_text(p.spool_bytes) : ""));
  if (p.seconds > 0) line("time", fmt::format("about {:.2g} s a frame", p.seconds));
  line("why", p.why);
  return text;
}

std::string plan_json(const stage_plan& p) {
  std::string arrays;
  for (const array_info& a : p.out.arrays) {
    std::string axes, extents;
    for (const axis& x : a.axes) {
      axes += (axes.empty() ? "" : ",") + json_quoted(x.name);
      extents += (extents.empty() ? "" : ",") + std::to_string(x.size);
    }
    arrays += fmt::format(R"({}{{"name":{},"dtype":"{}","axes":[{}],"extents":[{}],"frames":{}}})",
                          arrays.empty() ? "" : ",", json_quoted(a.name), name_of(a.type), axes,
                          extents, a.frames ? std::to_string(*a.frames) : "null");
  }
  return fmt::format(
      R"({{"output":[{}],"device":"{}","precision":"{}","host_bytes":{},"device_bytes":{},"spool_bytes":{},"seconds":{},"why":{}}})",
      arrays, device_text(p.where), name_of(p.type), p.host_bytes, p.device_bytes, p.spool_bytes,
      json_number(p.seconds), json_quoted(p.why));
}

}  // namespace ir
