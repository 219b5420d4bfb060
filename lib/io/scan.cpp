#include "io/scan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

#include "core/error.hpp"
#include "core/queue.hpp"
#include "io/file_name.hpp"
#include "io/file_names.hpp"
#include "io/packed.hpp"
#include "io/picked_boxes.hpp"
#include "io/stack.hpp"

namespace ir {
namespace {

bool has_axis(const array_info& a, std::string_view name) {
  return std::any_of(a.axes.begin(), a.axes.end(), [&](const axis& x) { return x.name == name; });
}

std::optional<double> number(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  double value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out(1);
  for (const char c : text)
    if (c == at)
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

/// One number a line; empty lines and what follows a # are passed over.
std::vector<double> angles_of_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw no_input_error(fmt::format("{}: cannot be read", path));
  std::vector<double> out;
  index_t line_no = 0;
  for (std::string line; std::getline(file, line);) {
    ++line_no;
    line.resize(std::min(line.find('#'), line.size()));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto value = number(line);
    if (!value) throw data_error(fmt::format("{}: line {}: '{}' is no angle", path, line_no, line));
    out.push_back(*value);
  }
  return out;
}

std::vector<double> angles_of_array(const file_name& name, const open_options& options) {
  open_options plain;
  plain.raw_skip = options.raw_skip;
  const file_contents contents = open_file(name, plain);
  const box_source& from = *contents.arrays.back();
  const shape n = extents_of(from.info());
  if (is_complex(from.info().type))
    throw data_error(fmt::format("{}: angles are real numbers", contents.name));
  queue q;
  array stored(q, from.info().type, n), out(q, dtype::f64, n);
  from.read(shape(std::vector<index_t>(static_cast<std::size_t>(n.rank()), 0)), n, stored.get());
  copy(q, std::as_const(stored).get(), out.get());
  const auto* values = static_cast<const double*>(out.get().data);
  return {values, values + n.count()};
}

/// Names of the axes of data that have angles.
void name_views(array_info& data, const open_options& o) {
  if (!o.axis_names.empty())
    for (std::size_t i = 0; i < data.axes.size() && i < o.axis_names.size(); ++i)
      data.axes[i].name = o.axis_names[i];
  if (has_axis(data, scan::angle_name)) return;
  const std::size_t rank = data.axes.size();
  if (!o.axis_names.empty() || rank < 2 || rank > 3)
    throw usage_error(
        fmt::format("--angles: which axis of {} is that of the views? Name it 'angle' with --axes, "
                    "as in --axes angle,v,u",
                    to_string(extents_of(data))));
  data.axes[0].name = scan::angle_name;
  if (rank == 3) data.axes[1].name = "v";
  data.axes[rank - 1].name = "u";
}

std::unique_ptr<box_source> open_references(const std::string& file, role what,
                                            const array_info& data, const open_options& given) {
  open_options options = given;
  options.axis_names.clear();
  options.path_inside.clear();
  const auto names = expand_names({file});
  file_contents contents =
      names.size() == 1 ? open_file(names[0], options) : open_stack(names, options);
  return scan::references(std::move(contents.arrays.back()), what, data, file);
}

void remove_role(file_contents& c, role what) {
  std::erase_if(c.arrays, [&](const auto& a) { return a->info().what == what; });
}

}  // namespace

namespace scan {

std::unique_ptr<box_source> angles(std::vector<double> degrees) {
  array_info info;
  info.name = angle_name;
  info.what = role::coordinate;
  info.type = dtype::f64;
  info.axes = {{angle_name, "", static_cast<index_t>(degrees.size()), 1, 0}};
  const auto keep = std::make_shared<const std::vector<double>>(std::move(degrees));
  return std::make_unique<memory_boxes>(std::move(info), keep->data(), keep);
}

std::unique_ptr<box_source> references(std::shared_ptr<const box_source> from, role what,
                                       const array_info& data, const std::string& name) {
  std::vector<axis> image;
  for (const axis& a : data.axes)
    if (a.name == "v" || a.name == "u") image.push_back(a);
  if (image.size() < 2 && !has_axis(data, angle_name))
    image.assign(data.axes.end() - std::min<std::ptrdiff_t>(2, std::ssize(data.axes)),
                 data.axes.end());
  array_info info = from->info();
  info.name = name_of(what);
  info.what = what;
  info.frames.reset();
  const std::size_t rank = info.axes.size(), least = image.size();
  bool fits = rank == least || rank == least + 1;
  for (std::size_t i = 0; fits && i < least; ++i)
    fits = info.axes[rank - least + i].size == image[i].size;
  if (!fits) {
    std::vector<index_t> n;
    for (const axis& a : image) n.push_back(a.size);
    throw data_error(fmt::format("{}: {} of {}, but the projections are {}", name, name_of(what),
                                 to_string(extents_of(info)), to_string(shape(n))));
  }
  const index_t frames = rank == least ? 1 : info.axes[0].size;
  info.axes.assign(1, {info.name + "_frame", "", frames, 1, 0});
  info.axes.insert(info.axes.end(), image.begin(), image.end());
  return std::make_unique<relabelled_boxes>(std::move(info), std::move(from));
}

std::vector<double> angles_of(const std::string& asked, std::optional<index_t> views,
                              const open_options& options) {
  const auto ends = split(asked, ':');
  if (ends.size() == 2)
    if (const auto a = number(ends[0]), b = number(ends[1]); a && b) {
      if (!views)
        throw usage_error(fmt::format("--angles {}: how many, that is --views, is missing", asked));
      std::vector<double> out(static_cast<std::size_t>(*views));
      for (index_t k = 0; k < *views; ++k)
        out[static_cast<std::size_t>(k)] =
            *a + static_cast<double>(k) * (*b - *a) / static_cast<double>(*views);
      return out;
    }
  std::vector<double> out;
  bool list = true;
  for (const std::string& one : split(asked, ',')) {
    const auto value = number(one);
    list = list && value;
    if (value) out.push_back(*value);
  }
  if (list) {
    if (views && static_cast<index_t>(out.size()) != *views)
      throw usage_error(
          fmt::format("--angles lists {} angles, the scan has {} views", out.size(), *views));
    return out;
  }
  const file_name name = expand_names({asked}).front();
  const bool array = format_of_file(name.path) != nullptr;
  out = array ? angles_of_array(name, options) : angles_of_text(name.path);
  if (views && static_cast<index_t>(out.size()) != *views)
    throw data_error(
        fmt::format("{}: {} angles, the scan has {} views", asked, out.size(), *views));
  if (out.empty()) throw data_error(fmt::format("{}: there is no angle in it", asked));
  if (!std::all_of(out.begin(), out.end(), [](double a) { return std::isfinite(a); }))
    throw data_error(fmt::format("{}: an angle is NaN or infinite", asked));
  return out;
}

}  // namespace scan

void add_scan_files(file_contents& c, const scan_files& files, const open_options& options) {
  if (files.empty()) return;
  array_info data = c.arrays.back()->info();
  data.what = role::data;
  const array_info before = data;
  if (!files.angles.empty()) name_views(data, options);
  std::vector<std::unique_ptr<box_source>> added;
  if (!files.dark.empty()) {
    remove_role(c, role::dark);
    added.push_back(open_references(files.dark, role::dark, data, options));
  }
  if (!files.flat.empty()) {
    remove_role(c, role::flat);
    added.push_back(open_references(files.flat, role::flat, data, options));
  }
  if (!files.angles.empty()) {
    std::erase_if(c.arrays, [](const auto& a) {
      return a->info().what == role::coordinate && a->info().name == scan::angle_name;
    });
    const auto views = std::find_if(data.axes.begin(), data.axes.end(),
                                    [](const axis& a) { return a.name == scan::angle_name; });
    added.push_back(scan::angles(scan::angles_of(files.angles, views->size, options)));
    if (c.along.empty() || !has_axis(data, c.along))
      c.along = data.axes.size() > 2 ? scan::angle_name : "";
  }
  if (!(data == before)) {
    const std::shared_ptr<const box_source> from = std::move(c.arrays.back());
    c.arrays.back() = std::make_unique<relabelled_boxes>(std::move(data), from);
  }
  c.arrays.insert(c.arrays.end() - 1, std::make_move_iterator(added.begin()),
                  std::make_move_iterator(added.end()));
}

}  // namespace ir
