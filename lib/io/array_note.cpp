#include "io/array_note.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <type_traits>

#include "core/error.hpp"

namespace ir {
namespace {

template <class Item>
std::string list_of(const std::vector<axis>& all, const Item& item) {
  std::string list;
  for (const axis& a : all) list += (list.empty() ? "" : ",") + item(a);
  return "[" + list + "]";
}

metadata_ptr parsed(const std::string& note) {
  try {
    return metadata::parse(note);
  } catch (const data_error&) {
    return {};
  }
}

template <class T>
bool contains(const std::vector<T>& list, const std::type_identity_t<T>& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::optional<array_info::nominal_range> nominal_of(const metadata& said) {
  const auto type = dtype_named(said.text("nominal").value_or(""));
  const auto range = numbers_of(said.json("range").value_or(""));
  if (!type || !is_integer(*type) || range.size() != 2) return {};
  const integer_range whole = range_of(*type);
  if (range[0] < whole.low || range[1] > whole.high || range[0] > range[1]) return {};
  return array_info::nominal_range{*type, {range[0], range[1]}};
}

}  // namespace

std::string note_of(const array_info& what, const std::vector<axis>& all,
                    const metadata_ptr& meta) {
  const auto text = [](std::string_view t) { return json_quoted(t); };
  std::string note = fmt::format(
      R"({{"name":{},"axes":{},"size":{},"spacing":{},"origin":{},"unit":{},"role":{})",
      text(what.name), list_of(all, [&](const axis& a) { return text(a.name); }),
      list_of(all, [&](const axis& a) { return std::to_string(a.size); }),
      list_of(all, [&](const axis& a) { return json_number(a.spacing); }),
      list_of(all, [&](const axis& a) { return json_number(a.origin); }),
      list_of(all, [&](const axis& a) { return text(a.unit); }), text(name_of(what.what)));
  if (what.nominal)
    note += fmt::format(R"(,"nominal":{},"range":[{},{}])", text(name_of(what.nominal->type)),
                        json_number(what.nominal->range[0]), json_number(what.nominal->range[1]));
  if (meta) note += R"(,"meta":)" + meta->dump();
  return note + "}";
}

std::vector<index_t> extents_of_note(const std::string& note) {
  const metadata_ptr said = parsed(note);
  if (!said) return {};
  const auto sizes = numbers_of(said->json("size").value_or(""));
  std::vector<index_t> extents;
  for (const double n : sizes) extents.push_back(n >= 1 && n < 1e15 ? index_t(n) : 0);
  return extents;
}

bool apply_note(const std::string& note, array_info& info, metadata_ptr& meta) {
  const metadata_ptr said = parsed(note);
  const shape n = extents_of(info);
  const auto same = extents_of_note(note);
  if (!said || !std::equal(same.begin(), same.end(), n.extents().begin(), n.extents().end()))
    return false;
  const auto names = said->texts("axes"), units = said->texts("unit");
  const auto spacing = numbers_of(said->json("spacing").value_or(""));
  const auto origin = numbers_of(said->json("origin").value_or(""));
  const std::size_t rank = info.axes.size();
  const bool named = std::set(names.begin(), names.end()).size() == rank && !contains(names, "");
  if (!named || names.size() != rank || units.size() != rank || spacing.size() != rank ||
      origin.size() != rank || contains(spacing, 0.0))
    return false;
  for (std::size_t i = 0; i < rank; ++i)
    info.axes[i] = {names[i], units[i], info.axes[i].size, spacing[i], origin[i]};
  if (const auto name = said->text("name")) info.name = *name;
  if (const auto role = role_named(said->text("role").value_or(""))) info.what = *role;
  info.nominal = nominal_of(*said);
  if (const auto json = said->json("meta"); json && json->starts_with('{'))
    meta = metadata::parse(*json);
  return true;
}

std::vector<double> numbers_of(std::string_view list) {
  std::vector<double> numbers;
  const auto skip = [&] {
    while (!list.empty() && (list[0] == ' ' || list[0] == '\n')) list.remove_prefix(1);
  };
  const auto take = [&](char c) {
    skip();
    if (list.empty() || list[0] != c) return false;
    list.remove_prefix(1);
    return true;
  };
  if (!take('[')) return {};
  do {
    skip();
    double value = 0;
    const auto [end, bad] = std::from_chars(list.data(), list.data() + list.size(), value);
    if (bad != std::errc{}) return {};
    list.remove_prefix(static_cast<std::size_t>(end - list.data()));
    numbers.push_back(value);
  } while (take(','));
  return take(']') ? numbers : std::vector<double>{};
}

}  // namespace ir
