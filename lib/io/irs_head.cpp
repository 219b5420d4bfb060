#include "io/irs_head.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cmath>
#include <set>

#include "core/error.hpp"

namespace ir::irs {
namespace {

constexpr std::size_t most_arrays = 1024;
constexpr index_t most_bytes = index_t{1} << 62;  // of a frame, of an axis

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
  throw data_error(fmt::format("{}: header: {}", where, why));
}

void check_axis(const axis& a, const std::string& of, const std::string& where) {
  if (a.name.empty()) refuse(where, of + " has an axis without a name");
  if (a.size > most_bytes) refuse(where, fmt::format("{}: axis '{}' is too long", of, a.name));
  if (!std::isfinite(a.spacing) || a.spacing == 0 || !std::isfinite(a.origin))
    refuse(where, fmt::format("{}: axis '{}' has spacing {} and origin {}: spacing must be finite "
                              "and not 0, origin finite",
                              of, a.name, a.spacing, a.origin));
}

void check_array(const array_info& info, const std::string& where) {
  const std::string of = fmt::format("array '{}'", info.name);
  if (info.axes.size() > shape::max_rank)
    refuse(where, fmt::format("{} has {} axes: at most {}", of, info.axes.size(), shape::max_rank));
  std::set<std::string> names;
  index_t bytes = size_of(info.type);
  for (const axis& a : info.axes) {
    check_axis(a, of, where);
    if (!names.insert(a.name).second)
      refuse(where, fmt::format("{} has two axes '{}'", of, a.name));
    if (a.size < 1)
      refuse(where, fmt::format("{}: axis '{}' has {} elements: at least 1", of, a.name, a.size));
    if (__builtin_mul_overflow(bytes, a.size, &bytes) || bytes > most_bytes)
      refuse(where, fmt::format("{}: a frame has more bytes than can be counted", of));
  }
  if (info.frames && *info.frames < 0)
    refuse(where, fmt::format("{} has {} frames", of, *info.frames));
  if (!info.nominal) return;
  const auto& [type, range] = *info.nominal;
  if (!is_integer(type) || !(range[0] <= range[1]) || range[0] < range_of(type).low ||
      range[1] > range_of(type).high)
    refuse(where, fmt::format("{}: nominal range {} to {} is none of {}", of, range[0], range[1],
                              name_of(type)));
}

std::string dump(const axis& a) {
  std::string text =
      fmt::format(R"({{"name":{},"size":{},"spacing":{},"origin":{})", json_quoted(a.name), a.size,
                  json_number(a.spacing), json_number(a.origin));
  if (!a.unit.empty()) text += R"(,"unit":)" + json_quoted(a.unit);
  return text + "}";
}

std::string dump(const array_info& info) {
  std::vector<std::string> axes;
  for (const axis& a : info.axes) axes.push_back(dump(a));
  std::string text =
      fmt::format(R"({{"name":{},"role":"{}","dtype":"{}","axes":[{}])", json_quoted(info.name),
                  name_of(info.what), name_of(info.type), fmt::join(axes, ","));
  if (info.nominal)
    text +=
        fmt::format(R"(,"nominal":{{"dtype":"{}","range":[{},{}]}})", name_of(info.nominal->type),
                    json_number(info.nominal->range[0]), json_number(info.nominal->range[1]));
  if (info.frames) text += fmt::format(R"(,"frames":{})", *info.frames);
  return text + "}";
}

// `value`, or an error that tells which key of what is missing or has another type.
template <class T>
T need(std::optional<T> value, const char* key, const std::string& of, const std::string& where) {
  if (!value) refuse(where, fmt::format("{}: '{}' is missing or has a wrong type", of, key));
  return *std::move(value);
}

double number_or(const metadata& from, const char* key, double fallback, const std::string& of,
                 const std::string& where) {
  return from.has(key) ? need(from.number(key), key, of, where) : fallback;
}

axis parse_axis(const metadata& from, const std::string& of, const std::string& where) {
  axis a;
  a.name = need(from.text("name"), "name", of + ": an axis", where);
  const std::string me = fmt::format("{}: axis '{}'", of, a.name);
  if (from.has("size")) a.size = need(from.integer("size"), "size", me, where);
  if (from.has("unit")) a.unit = need(from.text("unit"), "unit", me, where);
  a.spacing = number_or(from, "spacing", 1, me, where);
  a.origin = number_or(from, "origin", 0, me, where);
  return a;
}

dtype parse_dtype(const metadata& from, const std::string& of, const std::string& where) {
  const std::string name = need(from.text("dtype"), "dtype", of, where);
  const auto type = dtype_named(name);
  if (!type) refuse(where, fmt::format("{}: '{}' is no dtype", of, name));
  return *type;
}

array_info parse_array(const metadata& from, const std::string& where) {
  array_info info;
  info.name = need(from.text("name"), "name", "an array", where);
  const std::string of = fmt::format("array '{}'", info.name);
  const std::string what = need(from.text("role"), "role", of, where);
  const auto known = role_named(what);
  if (!known) refuse(where, fmt::format("{}: '{}' is no role", of, what));
  info.what = *known;
  info.type = parse_dtype(from, of, where);
  for (const metadata_ptr& a : need(from.objects("axes"), "axes", of, where))
    info.axes.push_back(parse_axis(*a, of, where));
  if (from.has("frames")) info.frames = need(from.integer("frames"), "frames", of, where);
  if (const metadata_ptr nominal = from.object("nominal")) {
    const auto range = need(nominal->numbers("range"), "range", of + ": nominal", where);
    if (range.size() != 2) refuse(where, of + ": the nominal range is not two numbers");
    info.nominal = {parse_dtype(*nominal, of + ": nominal", where), {range[0], range[1]}};
  } else if (from.has("nominal")) {
    refuse(where, of + ": 'nominal' is not an object");
  }
  return info;
}

}  // namespace

void check(const stream_header& h, const std::string& where) {
  if (h.arrays.size() > most_arrays)
    refuse(where, fmt::format("{} arrays: at most {}", h.arrays.size(), most_arrays));
  std::set<std::string> names;
  int data_arrays = 0;
  for (const array_info& info : h.arrays) {
    if (info.name.empty()) refuse(where, "an array without a name");
    if (!names.insert(info.name).second)
      refuse(where, fmt::format("two arrays are called '{}'", info.name));
    check_array(info, where);
    data_arrays += info.what == role::data ? 1 : 0;
  }
  if (data_arrays != 1)
    refuse(where, fmt::format("{} arrays with role 'data': exactly one is needed", data_arrays));
  if (h.along.name.empty()) return;
  check_axis(h.along, "the stream", where);
  const array_info& data = data_of(h);
  for (const axis& a : data.axes)
    if (a.name == h.along.name)
      refuse(where,
             fmt::format("frames are cut along '{}', which is an axis of a frame too", a.name));
  if (h.along.size < 0 || (h.along.size > 0 && data.frames && *data.frames != h.along.size))
    refuse(where, fmt::format("{} frames along '{}', which has {} elements",
                              data.frames.value_or(0), h.along.name, h.along.size));
}

std::string dump(const stream_header& h) {
  std::vector<std::string> arrays;
  for (const array_info& info : h.arrays) arrays.push_back(dump(info));
  std::string text = fmt::format(R"({{"arrays":[{}])", fmt::join(arrays, ","));
  if (!h.along.name.empty()) text += R"(,"along":)" + dump(h.along);
  if (h.meta) text += R"(,"meta":)" + h.meta->dump();
  return text + "}";
}

stream_header parse_head(const metadata& from, const std::string& where) {
  stream_header h;
  for (const metadata_ptr& a : need(from.objects("arrays"), "arrays", "the stream", where))
    h.arrays.push_back(parse_array(*a, where));
  if (const metadata_ptr along = from.object("along"))
    h.along = parse_axis(*along, "along", where);
  else if (from.has("along"))
    refuse(where, "'along' is not an object");
  h.meta = from.object("meta");
  if (!h.meta && from.has("meta")) refuse(where, "'meta' is not an object");
  check(h, where);
  return h;
}

std::string dump_counts(const std::vector<index_t>& frames) {
  return fmt::format(R"({{"frames":[{}]}})", fmt::join(frames, ","));
}

std::vector<index_t> parse_counts(const metadata& from, const std::string& where) {
  std::vector<index_t> counts;
  const auto numbers = from.numbers("frames");
  if (!numbers) throw data_error(fmt::format("{}: the end mark has no 'frames'", where));
  for (const double n : *numbers) {
    if (!(n >= 0 && n < 0x1p53 && n == std::floor(n)))
      throw data_error(fmt::format("{}: the end mark counts {} frames", where, n));
    counts.push_back(static_cast<index_t>(n));
  }
  return counts;
}

}  // namespace ir::irs
