#include "io/nrrd_header.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "io/array_note.hpp"
#include "io/box_source.hpp"
#include "io/packed.hpp"

namespace ir::nrrd {
namespace {

constexpr index_t longest_header = 1 << 20;

struct fields {
  std::map<std::string, std::string> field, key;  // "name: value", "name:=value"
  index_t data_offset = 0;
};

struct context {
  const std::string& file;
  [[noreturn]] void refuse(const std::string& why) const {
    throw data_error(fmt::format("{}: {}", file, why));
  }
};

std::string trimmed(std::string_view s) {
  const auto first = s.find_first_not_of(" \t\r");
  if (first == s.npos) return {};
  return std::string(s.substr(first, s.find_last_not_of(" \t\r") - first + 1));
}

std::string unescaped(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '\\' || i + 1 == s.size()) {
      out += s[i];
    } else {
      ++i;
      out += s[i] == 'n' ? '\n' : s[i];
    }
  }
  return out;
}

fields read_fields(const descriptor& file, const context& c) {
  std::string text(static_cast<std::size_t>(std::min(file.size(), longest_header)), '\0');
  text.resize(static_cast<std::size_t>(file.read_at(0, std::as_writable_bytes(std::span(text)))));
  fields out;
  std::size_t at = 0;
  for (bool first = true;; first = false) {
    const std::size_t end = text.find('\n', at);
    if (end == text.npos) c.refuse("ends inside the NRRD header");
    const std::string line = trimmed(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (first) continue;  // the magic, which sniffing has seen
    if (line.empty()) break;
    if (line[0] == '#') continue;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) c.refuse(fmt::format("a header line without colon: '{}'", line));
    const bool key = line.compare(colon, 2, ":=") == 0;
    std::string name = line.substr(0, colon);
    if (!key) std::erase(name, ' ');  // "byte skip" and "byteskip" are one
    auto& where = key ? out.key : out.field;
    const std::string value =
        key ? unescaped(line.substr(colon + 2)) : trimmed(line.substr(colon + 1));
    if (!where.emplace(name, value).second) c.refuse(fmt::format("'{}' comes twice", name));
  }
  out.data_offset = static_cast<index_t>(at);
  return out;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find_first_not_of(" \t"); at != text.npos;) {
    const bool quoted = text[at] == '"', vector = text[at] == '(';
    std::size_t end = quoted   ? text.find('"', at + 1)
                      : vector ? text.find(')', at)
                               : text.find_first_of(" \t", at);
    if (end == text.npos) end = text.size();
    if (quoted)
      out.emplace_back(text.substr(at + 1, end - at - 1)), ++end;
    else
      out.emplace_back(text.substr(at, vector ? ++end - at : end - at));
    at = end < text.size() ? text.find_first_not_of(" \t", end) : text.npos;
  }
  return out;
}

template <class T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// "(0.5,0,0)"; empty for "none".
std::vector<double> vector_of(const std::string& text, const context& c) {
  std::vector<double> out;
  if (text == "none") return out;
  if (text.size() < 2 || text.front() != '(' || text.back() != ')')
    c.refuse(fmt::format("'{}' is no vector", text));
  for (std::size_t at = 1; at < text.size(); ++at) {
    const std::size_t end = text.find_first_of(",)", at);
    const auto v = parsed<double>(trimmed(std::string_view(text).substr(at, end - at)));
    if (!v) c.refuse(fmt::format("'{}' is no vector", text));
    out.push_back(*v);
    at = end;
  }
  return out;
}

/// One value for each axis, slowest first, or nothing.
std::vector<std::string> per_axis(const fields& f, const std::string& name, std::size_t axes,
                                  const context& c) {
  const auto at = f.field.find(name);
  if (at == f.field.end()) return {};
  auto list = words(at->second);
  if (list.size() != axes)
    c.refuse(fmt::format("'{}' has {} entries for {} axes", name, list.size(), axes));
  std::reverse(list.begin(), list.end());
  return list;
}

dtype type_named(const std::string& text, const context& c) {
  static const std::map<std::string_view, dtype> types = [] {
    std::map<std::string_view, dtype> t{{"float", dtype::f32}, {"double", dtype::f64}};
    for (const char* n : {"uchar", "unsigned char", "uint8", "uint8_t"}) t[n] = dtype::u8;
    for (const char* n : {"signed char", "int8", "int8_t"}) t[n] = dtype::i8;
    for (const char* n : {"ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"})
      t[n] = dtype::u16;
    for (const char* n :
         {"short", "short int", "signed short", "signed short int", "int16", "int16_t"})
      t[n] = dtype::i16;
    for (const char* n : {"uint", "unsigned int", "uint32", "uint32_t"}) t[n] = dtype::u32;
    for (const char* n : {"int", "signed int", "int32", "int32_t"}) t[n] = dtype::i32;
    return t;
  }();
  const auto at = types.find(text);
  if (at != types.end()) return at->second;
  c.refuse(
      fmt::format("numbers of type '{}' are not read; convert them to 32-bit integers, float "
                  "or double",
                  text));
}

encoding encoding_named(const std::string& text, const context& c) {
  if (text == "raw") return encoding::raw;
  if (text == "gzip" || text == "gz") return encoding::gzip;
  c.refuse(fmt::format("encoding '{}' is not read; raw and gzip are", text));
}

double length(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

bool is_color(const std::string& kind) { return kind.ends_with("-color"); }

/// Names: labels where every axis has one of its own, else c by its kind and x y z t from the
/// right.
void name_all(std::vector<axis>& axes, const std::vector<std::string>& labels,
              const std::vector<std::string>& kinds) {
  bool usable = !labels.empty();
  for (std::size_t i = 0; usable && i < labels.size(); ++i)
    usable = !labels[i].empty() && std::count(labels.begin(), labels.end(), labels[i]) == 1;
  static constexpr const char* fallback[] = {"x", "y", "z", "t"};
  std::size_t from_right = 0;
  bool has_color = false;
  for (std::size_t i = axes.size(); i-- > 0;) {
    if (usable) {
      axes[i].name = labels[i];
    } else if (!kinds.empty() && is_color(kinds[i]) && !has_color) {
      axes[i].name = "c";
      has_color = true;
    } else {
      axes[i].name = from_right < 4 ? fallback[from_right] : fmt::format("axis{}", i);
      ++from_right;
    }
  }
}

void place_axes(std::vector<axis>& axes, const fields& f, const context& c) {
  const auto spacings = per_axis(f, "spacings", axes.size(), c);
  const auto directions = per_axis(f, "spacedirections", axes.size(), c);
  const auto mins = per_axis(f, "axismins", axes.size(), c);
  const auto centers = per_axis(f, "centers", axes.size(), c);
  const auto units = per_axis(f, "units", axes.size(), c);
  const auto at = f.field.find("spaceorigin");
  const auto origin = at == f.field.end() ? std::vector<double>{} : vector_of(at->second, c);
  const auto space_units =
      f.field.contains("spaceunits") ? words(f.field.at("spaceunits")) : std::vector<std::string>{};
  const auto finite = [](const std::string& text) -> std::optional<double> {
    const auto v = parsed<double>(text);
    return v && std::isfinite(*v) ? v : std::nullopt;
  };
  std::size_t space_axis = 0;  // of those with a direction, fastest first, as units are listed
  for (std::size_t i = axes.size(); i-- > 0;) {
    axis& a = axes[i];
    if (!spacings.empty())
      if (const auto v = finite(spacings[i]); v && *v != 0) a.spacing = *v;
    if (!mins.empty())
      if (const auto v = finite(mins[i]))
        a.origin = *v + (!centers.empty() && centers[i] == "cell" ? a.spacing / 2 : 0);
    if (!units.empty() && units[i] != "none" && units[i] != "???") a.unit = units[i];
    if (directions.empty()) continue;
    const auto d = vector_of(directions[i], c);
    const double n = length(d);
    if (d.empty() || !(n > 0) || !std::isfinite(n)) continue;
    a.spacing = n;
    if (origin.size() == d.size()) {
      double along = 0;  // the origin's component in the direction of the axis
      for (std::size_t k = 0; k < d.size(); ++k) along += origin[k] * d[k] / n;
      if (std::isfinite(along)) a.origin = along;
    }
    if (space_axis < space_units.size()) a.unit = space_units[space_axis];
    ++space_axis;
  }
}

std::string required(const fields& f, const std::string& name, const context& c) {
  const auto at = f.field.find(name);
  if (at == f.field.end()) c.refuse(fmt::format("the NRRD header has no '{}'", name));
  return at->second;
}

/// A fastest axis of two floats, real and imaginary, is the numbers' own.
bool take_complex(array_info& info, const std::vector<std::string>& kinds) {
  if (kinds.empty() || kinds.back() != "complex" || info.axes.back().size != 2) return false;
  if (info.type != dtype::f32 && info.type != dtype::f64) return false;
  info.type = info.type == dtype::f32 ? dtype::c64 : dtype::c128;
  info.axes.pop_back();
  return true;
}

}  // namespace

header read_header(const descriptor& file) {
  const context c{file.name()};
  const fields f = read_fields(file, c);
  if (f.field.contains("datafile"))
    c.refuse("a detached header: its data are in another file; only attached NRRD is read");
  if (f.field.contains("lineskip") && f.field.at("lineskip") != "0")
    c.refuse("'line skip' is not read");

  std::vector<index_t> sizes;
  for (const std::string& w : words(required(f, "sizes", c))) {
    const auto n = parsed<index_t>(w);
    if (!n) c.refuse(fmt::format("'{}' is no size", w));
    sizes.insert(sizes.begin(), *n);
  }
  if (parsed<std::size_t>(required(f, "dimension", c)) != sizes.size() || sizes.empty())
    c.refuse(fmt::format("dimension {} with {} sizes", f.field.at("dimension"), sizes.size()));

  header h;
  const dtype type = type_named(required(f, "type", c), c);
  checked_bytes(sizes, size_of(type), file.name());
  std::vector<axis> axes(sizes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) axes[i].size = sizes[i];
  auto kinds = per_axis(f, "kinds", axes.size(), c);
  place_axes(axes, f, c);
  h.info = file_array(type, std::move(axes));
  auto labels = per_axis(f, "labels", sizes.size(), c);
  if (take_complex(h.info, kinds)) {
    kinds.pop_back();
    if (!labels.empty()) labels.pop_back();
  }
  name_all(h.info.axes, labels, kinds);
  if (kinds.size() > 1 && (kinds[0] == "time" || kinds[0] == "list") && h.info.axes[0].name != "c")
    h.along = h.info.axes[0].name;

  h.how = encoding_named(required(f, "encoding", c), c);
  if (size_of(type) > 1) {
    const std::string order = required(f, "endian", c);
    if (order != "little" && order != "big") c.refuse(fmt::format("endian '{}'", order));
    h.big_endian = order == "big";
  }
  h.data_offset = f.data_offset;
  if (f.field.contains("byteskip")) {
    const auto skip = parsed<index_t>(f.field.at("byteskip"));
    if (!skip || *skip < -1 || *skip > file.size() || (*skip == -1 && h.how != encoding::raw))
      c.refuse(fmt::format("byte skip '{}'", f.field.at("byteskip")));
    h.at_end = *skip == -1;
    if (*skip > 0 && h.how != encoding::raw) c.refuse("a byte skip into compressed data");
    h.data_offset += std::max<index_t>(0, *skip);
  }
  if (const auto note = f.key.find(note_key); note != f.key.end())
    apply_note(note->second, h.info, h.meta);
  if (!h.along.empty()) h.along = h.info.axes[0].name;
  return h;
}

}  // namespace ir::nrrd
