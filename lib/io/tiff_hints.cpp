#include "io/tiff_hints.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>

#include "core/error.hpp"
#include "io/array_note.hpp"

namespace ir::tiff {
namespace {

/// What hints agree on.
struct hint {
  std::vector<axis> leading;  // their product is the number of images
  index_t images = 0;         // 0: not said
  bool imagej = false;
  std::string unit, note;
};

constexpr index_t most_images = index_t{1} << 28;  // what a description may say

index_t product(const std::vector<axis>& axes) {
  return std::accumulate(axes.begin(), axes.end(), index_t{1}, [](index_t n, const axis& a) {
    return std::min(n * a.size, most_images);
  });
}

double number(const std::map<std::string, std::string>& said, const std::string& key) {
  const auto found = said.find(key);
  double value = 0;
  if (found != said.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return std::isfinite(value) ? std::abs(value) : 0;
}

index_t whole(const std::map<std::string, std::string>& said, const std::string& key) {
  return index_t(std::min(number(said, key), 1e6));
}

/// ImageJ writes the micrometre in several ways.
std::string unit_name(const std::string& unit) {
  for (const char* name :
       {"micron", "microns", "um", "\\u00B5m", "\xB5m", "\xC2\xB5m", "\xCE\xBCm"})
    if (unit == name) return "um";
  const bool ascii = std::all_of(unit.begin(), unit.end(), [](char c) { return c >= ' '; });
  return ascii && unit != "pixel" && unit != "pixels" ? unit : "";
}

hint imagej_hint(const std::string& text) {
  std::map<std::string, std::string> said;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (const std::size_t sign = line.find('='); sign != std::string::npos)
      said.emplace(line.substr(0, sign), line.substr(sign + 1));
    at = end + 1;
  }
  hint h;
  h.imagej = true;
  h.note = said["ir"];
  h.unit = unit_name(said["unit"]);
  h.images = std::max<index_t>(1, whole(said, "images"));
  const double spacing = h.unit.empty() ? 0 : number(said, "spacing");
  const double interval = number(said, "finterval");
  const auto add = [&](const char* name, const char* key, double step, const std::string& unit) {
    const index_t n = whole(said, key);
    if (n > 1) h.leading.push_back({name, step > 0 ? unit : "", n, step > 0 ? step : 1, 0});
  };
  add("t", "frames", interval, "s");
  add("z", "slices", spacing, h.unit);
  add("c", "channels", 0, "");
  if (product(h.leading) != h.images) {
    h.leading.clear();
    if (h.images > 1)
      h.leading = {{"z", spacing > 0 ? h.unit : "", h.images, spacing > 0 ? spacing : 1, 0}};
  }
  return h;
}

std::string axis_name(char letter) {
  return letter == 'S' ? "c" : letter == 'A' ? "angle" : std::string(1, char(letter | 0x20));
}

/// `page` are the extents of one page, as the file has them: the last two or three of the shape.
hint shaped_hint(const metadata& said, std::span<const index_t> page) {
  hint h;
  h.unit = unit_name(said.text("unit").value_or(""));
  if (const auto ours = said.json("ir")) h.note = *ours;
  const std::vector<double> extents = numbers_of(said.json("shape").value_or(""));
  const std::string letters = said.text("axes").value_or("");
  if (extents.size() < page.size()) return h;
  const std::size_t leading = extents.size() - page.size();
  for (std::size_t i = 0; i < page.size(); ++i)
    if (extents[leading + i] != double(page[i])) return h;
  if (leading > shape::max_rank ||
      std::any_of(extents.begin(), extents.end() - index_t(page.size()),
                  [](double n) { return !(n >= 1 && n <= 1e6); }))
    return h;
  for (std::size_t i = 0; i < leading; ++i) {
    const bool named = letters.size() == extents.size();
    const double z_step = named && letters[i] == 'Z' ? said.number("spacing").value_or(1) : 1;
    h.leading.push_back({named ? axis_name(letters[i]) : "", z_step != 1 ? h.unit : "",
                         index_t(extents[i]), z_step > 0 ? z_step : 1, 0});
  }
  h.images = product(h.leading);
  return h;
}

hint read_hint(const std::string& text, const layout& how) {
  if (text.starts_with("ImageJ=")) return imagej_hint(text);
  if (!text.starts_with('{')) return {};
  std::vector<index_t> page{how.height, how.width};
  if (how.samples > 1) page.insert(how.planar ? page.begin() : page.end(), how.samples);
  try {
    return shaped_hint(*metadata::parse(text), page);
  } catch (const data_error&) {
    return {};  // a description that only looks like JSON
  }
}

/// Whether `images` follow the only page, uncompressed and without gap.
bool follow_the_first(const page_index& index, const byte_source& bytes, index_t images) {
  const layout& how = index.layouts[0];
  const bool plain = how.compression == 1 && !how.tiled && index.pages.size() == 1;
  if (!plain || images <= 1) return false;
  const index_t strips = how.block_count(), strip = how.line_bytes() * how.block_height;
  const auto at = read_numbers(bytes, index.big_endian, index.pages[0].offsets, 0, strips);
  for (std::size_t i = 1; i < at.size(); ++i)
    if (at[i] != at[0] + index_t(i) * strip) return false;
  const index_t one = how.line_bytes() * how.height * (how.planar ? how.samples : 1);
  const index_t room = (bytes.size - at[0]) / one;
  if (room == 1) return false;  // a page taken out of a stack together with its description
  if (room < images)
    throw data_error(fmt::format("{}: truncated: the description says {} images, there are {}",
                                 bytes.name, images, room));
  return true;
}

void set_pixel_size(const page_index& index, const hint& h, axis& y, axis& x) {
  const bool in_cm = !h.imagej && index.unit == 3;
  if (!in_cm && h.unit.empty()) return;
  const double scale = in_cm ? 1e4 : 1;
  const auto set = [&](axis& a, double per_unit) {
    if (!(per_unit > 0) || !std::isfinite(1 / per_unit)) return;
    a.spacing = scale / per_unit;
    a.unit = in_cm ? "um" : h.unit;
  };
  set(x, index.per_unit[0]);
  set(y, index.per_unit[1]);
}

/// Unnamed leading axes are, from the right, z and t.
void name_leading(std::vector<axis>& axes, int channels) {
  const char* names[] = {"z", "t"};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    axis& a = axes[i];
    const std::size_t from_right = axes.size() - 1 - i;
    if (a.name.empty()) a.name = from_right < 2 ? names[from_right] : fmt::format("axis{}", i);
    if (a.name == "c" && channels > 1) a.name = "channel";
    const bool taken = a.name == "y" || a.name == "x" ||
                       std::any_of(axes.begin(), axes.begin() + index_t(i),
                                   [&](const axis& b) { return b.name == a.name; });
    if (taken) a.name = fmt::format("axis{}", i);
  }
}

/// Our own description knows of axes with one element, too.
void follow_note(const std::string& note, int page_rank, stack& s) {
  const std::vector<index_t> said = extents_of_note(note);
  std::vector<axis>& axes = s.info.axes;
  const auto page = axes.end() - page_rank;
  const index_t leading = index_t(said.size()) - page_rank;
  if (leading < 0 || said.size() > shape::max_rank) return;
  index_t images = 1;
  for (index_t i = 0; i < leading; ++i)
    images = std::min(images * std::min(said[std::size_t(i)], most_images), most_images);
  const bool same = std::equal(page, axes.end(), said.begin() + leading,
                               [](const axis& a, index_t n) { return a.size == n; });
  if (!same || images != s.images) return;
  array_info noted = s.info;
  noted.axes.erase(noted.axes.begin(), noted.axes.end() - page_rank);
  for (index_t i = 0; i < leading; ++i)
    noted.axes.insert(noted.axes.begin() + i, {"", "", said[std::size_t(i)]});
  if (apply_note(note, noted, s.meta)) s.info = std::move(noted);
}

}  // namespace

stack stack_of(const page_index& index, const pixel_rule& rule, const byte_source& bytes,
               const open_options& options) {
  const layout& how = index.layouts[0];
  hint h = read_hint(index.description, how);
  stack s;
  s.images = index_t(index.pages.size());
  if (h.images > s.images && follow_the_first(index, bytes, h.images)) s.images = h.images;
  const bool fits = h.images == s.images && h.leading.size() + 3 <= shape::max_rank;
  if (!fits) h.leading.clear();
  if (!fits && s.images > 1) h.leading = {{"z", "", s.images}};
  name_leading(h.leading, rule.channels);

  s.info.name = "data";
  s.info.type = rule.type;
  s.info.nominal = rule.nominal;
  s.info.axes = h.leading;
  if (rule.channels > 1) s.info.axes.push_back({"c", "", rule.channels});
  s.info.axes.push_back({"y", "", how.height});
  s.info.axes.push_back({"x", "", how.width});
  set_pixel_size(index, h, s.info.axes.end()[-2], s.info.axes.end()[-1]);
  if (!h.note.empty()) follow_note(h.note, rule.channels > 1 ? 3 : 2, s);
  if (!options.axis_names.empty()) {
    const auto named = name_axes(extents_of(s.info).extents(), options.axis_names);
    for (std::size_t i = 0; i < named.size(); ++i) s.info.axes[i].name = named[i].name;
  }
  return s;
}

}  // namespace ir::tiff
