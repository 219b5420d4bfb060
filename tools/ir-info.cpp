// ir-info: what a file or stream holds.
#include <fmt/format.h>

#include <filesystem>

#include "cli/plan_text.hpp"
#include "cli/tool.hpp"
#include "io/format.hpp"
#include "io/input.hpp"
#include "io/metadata.hpp"
#include "stage/statistics.hpp"

namespace {

struct options {
  bool stats = false, history = false;
};

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Prints format, type, shape, axes, spacing and metadata of files, or of the frame stream on "
      "standard input. Of an HDF5 file with several datasets "
      "it lists them. --stats reads the pixels too.");
  t.add("--stats", o.stats,
        "least, greatest, mean, standard deviation, count of NaN; reads all of it");
  t.add("--history", o.history, "only the commands that made it, as a shell could run them");
  t.add_example("ir-info stack.tif", "Type, shape, axes, spacing.");
  t.add_example("ir-info volume.h5", "The datasets of an HDF5 file.");
  t.add_example("ir-read stack.tif --frames 0:2 | ir-info --stats --json",
                "Of a stream, for scripts.");
}

std::string axis_text(const ir::axis& a) {
  std::string text = fmt::format("{:<8} {} samples", a.name, a.size);
  if (a.size == 0) text = fmt::format("{:<8} length not known", a.name);
  if (a.spacing != 1 || !a.unit.empty())
    text += fmt::format(", spacing {:.9g} {}", a.spacing, a.unit.empty() ? "pixel" : a.unit);
  if (a.origin != 0) text += fmt::format(", origin {:.9g}", a.origin);
  return text;
}

std::string axis_json(const ir::axis& a) {
  return fmt::format(R"({{"name":{},"size":{},"spacing":{},"origin":{},"unit":{}}})",
                     ir::json_quoted(a.name), a.size, ir::json_number(a.spacing),
                     ir::json_number(a.origin), ir::json_quoted(a.unit));
}

std::string array_json(const ir::array_info& a) {
  std::string axes;
  for (const ir::axis& x : a.axes) axes += (axes.empty() ? "" : ",") + axis_json(x);
  return fmt::format(R"({{"name":{},"role":"{}","dtype":"{}","frames":{},"axes":[{}]{}}})",
                     ir::json_quoted(a.name), name_of(a.what), name_of(a.type),
                     a.frames ? std::to_string(*a.frames) : "null", axes,
                     a.nominal ? fmt::format(R"(,"nominal":"{}")", name_of(a.nominal->type)) : "");
}

std::string stats_json(const ir::statistics& s) {
  return fmt::format(R"({{"count":{},"min":{},"max":{},"mean":{},"std":{},"nan":{},"inf":{}}})",
                     s.count, ir::json_number(s.least), ir::json_number(s.greatest),
                     ir::json_number(s.mean), ir::json_number(s.deviation), s.nan, s.infinite);
}

/// What a scan is, in one line; empty: it is none. Reads a stream up to its angles.
std::string scan_text(ir::frame_source& from, ir::queue& q) {
  const ir::stream_header& h = from.header();
  const ir::array_info& data = data_of(h);
  std::string angles;
  for (std::size_t i = 0; i < h.arrays.size(); ++i) {
    if (h.arrays[i].what != ir::role::coordinate || h.arrays[i].name != "angle" ||
        is_complex(h.arrays[i].type))
      continue;
    ir::frame f;
    while (from.next(f, q) && f.array_no != static_cast<int>(i)) {
    }
    ir::array values(q, ir::dtype::f64, std::as_const(f.data).get().extents);
    copy(q, std::as_const(f.data).get(), values.get());
    const auto* first = static_cast<const double*>(values.get().data);
    const ir::index_t n = values.get().extents.count();
    angles = fmt::format(", angles {:.9g}..{:.9g} deg", first[0], first[n - 1]);
    break;
  }
  const auto extent = [&](std::string_view axis) -> ir::index_t {
    if (h.along.name == axis) return h.along.size;
    for (const ir::axis& a : data.axes)
      if (a.name == axis) return a.size;
    return 1;
  };
  const auto frames = [&](ir::role what) {
    const auto k = index_of(h, what);
    return k ? h.arrays[static_cast<std::size_t>(*k)].frames.value_or(0) : 0;
  };
  const ir::index_t flats = frames(ir::role::flat), darks = frames(ir::role::dark);
  if (angles.empty() && flats == 0 && darks == 0) return {};
  return fmt::format("scan: {} projections of {}x{}, {} flat{}, {} dark{}{}", extent("angle"),
                     extent("v"), extent("u"), flats, flats == 1 ? "" : "s", darks,
                     darks == 1 ? "" : "s", angles);
}

std::string text_of(const std::string& name, const std::string& format, const ir::stream_header& h,
                    const std::string& scan, const std::optional<ir::statistics>& s) {
  std::string text;
  text += fmt::format("{}: {}\n", name, format);
  if (!scan.empty()) text += "  " + scan + "\n";
  for (const ir::array_info& a : h.arrays) {
    text += fmt::format(
        "  {}{}{}\n", ir::describe(a),
        a.frames ? fmt::format(", {} frame{}", *a.frames, *a.frames == 1 ? "" : "s") : "",
        a.nominal && a.nominal->type != a.type
            ? fmt::format(", values of {}", name_of(a.nominal->type))
            : "");
    if (a.what == ir::role::data && !h.along.name.empty())
      text += fmt::format("    {} (frames)\n", axis_text(h.along));
    for (const ir::axis& x : a.axes) text += fmt::format("    {}\n", axis_text(x));
  }
  if (s)
    text += fmt::format("  min {:.9g}  max {:.9g}  mean {:.9g}  std {:.9g}  values {}{}{}\n",
                        s->least, s->greatest, s->mean, s->deviation, s->count,
                        s->nan ? fmt::format("  NaN {}", s->nan) : "",
                        s->infinite ? fmt::format("  infinite {}", s->infinite) : "");
  if (!h.meta) return text;
  for (const std::string& key : h.meta->keys())
    if (key != "history") text += fmt::format("  {}: {}\n", key, *h.meta->json(key));
  for (const std::string& command : h.meta->texts("history"))
    text += fmt::format("  made by  {}\n", command);
  return text;
}

std::string object_of(const std::string& name, const std::string& format,
                      const ir::stream_header& h, const std::string& scan,
                      const std::optional<ir::statistics>& s) {
  std::string arrays;
  for (const ir::array_info& a : h.arrays) arrays += (arrays.empty() ? "" : ",") + array_json(a);
  return fmt::format(
      R"({{"name":{},"format":{},"arrays":[{}],"along":{}{}{}{}}})", ir::json_quoted(name),
      ir::json_quoted(format), arrays, h.along.name.empty() ? "null" : axis_json(h.along),
      scan.empty() ? "" : ",\"scan\":" + ir::json_quoted(scan),
      s ? ",\"stats\":" + stats_json(*s) : "", h.meta ? ",\"metadata\":" + h.meta->dump() : "");
}

/// A file of several arrays without one that is meant: lists them.
bool list_contents(const std::string& name, const ir::context& c) {
  const ir::format* f = name == "-" ? nullptr : ir::format_of_file(ir::split_name(name).path);
  if (!f || !f->list || !ir::split_name(name).inside.empty()) return false;
  const std::vector<ir::array_info> found = f->list(name);
  if (found.size() < 2) return false;
  std::string arrays, text = fmt::format("{}: {}, {} datasets\n", name, f->name, found.size());
  for (const ir::array_info& a : found) {
    arrays += (arrays.empty() ? "" : ",") + array_json(a);
    text +=
        fmt::format("  {}:{}  {} {}\n", name, a.name, name_of(a.type), to_string(extents_of(a)));
  }
  c.answer(text, fmt::format(R"({{"name":{},"format":{},"arrays":[{}]}})", ir::json_quoted(name),
                             ir::json_quoted(f->name), arrays));
  return true;
}

std::string format_text(const std::string& name) {
  const std::string path = ir::split_name(name).path;
  const ir::format* f = name == "-" ? nullptr : ir::format_of_file(path);
  return f ? f->name : std::filesystem::is_directory(path) ? "folder" : "frame stream";
}

std::string history_text(const ir::stream_header& h) {
  std::string text;
  for (const std::string& command : h.meta ? h.meta->texts("history") : std::vector<std::string>{})
    text += command + "\n";
  return text;
}

ir::exit_code run(const options& o, ir::context& c) {
  const std::vector<std::string> names = c.names.empty() ? std::vector<std::string>{"-"} : c.names;
  for (const std::string& name : names) {
    if (!o.history && !o.stats && list_contents(name, c)) continue;
    const auto source = c.open(name);
    const ir::stream_header& h = source->header();
    std::optional<ir::statistics> s;
    ir::queue host;
    const std::string scan = o.history ? "" : scan_text(*source, host);
    if (o.stats) {
      ir::stage_plan p;
      p.out = h;
      p.why = "reads everything once";
      s = ir::measure(*source, c.start(p));
    }
    const std::string format = format_text(name);
    c.answer(o.history ? history_text(h) : text_of(name, format, h, scan, s),
             object_of(name, format, h, scan, s));
  }
  return ir::exit_code::ok;
}

const ir::registered<ir::tool> entry{[] {
  ir::tool t = ir::report("ir-info", "Tell what a file or stream holds", declare, run,
                          ir::tool::takes::names);
  t.light = true;
  return t;
}()};

}  // namespace
