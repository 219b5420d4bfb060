#include "cli/option_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "cli/text.hpp"
#include "core/error.hpp"

namespace ir {
namespace {

[[noreturn]] void complain(const option_info& o, const std::string& word, std::string_view what) {
  throw usage_error(fmt::format("{}: '{}' {}", name_of(o), word, what));
}

/// from_chars over the whole word; a leading + is allowed, as everywhere else.
template <class T>
T parse_number(const option_info& o, const std::string& word, std::string_view kind) {
  T value{};
  const char* const end = word.data() + word.size();
  const bool plus = word.size() > 1 && word[0] == '+' && word[1] != '-';
  const auto [stop, status] = std::from_chars(word.data() + plus, end, value);
  if (status == std::errc::result_out_of_range) complain(o, word, "is out of range");
  if (status != std::errc() || stop != end) complain(o, word, fmt::format("is not a {}", kind));
  return value;
}

void check_limits(const option_info& o, double value, const std::string& word) {
  if (o.above && !(value > *o.above))
    throw usage_error(fmt::format("{} must be above {}, not {}", name_of(o), *o.above, word));
  if (o.at_least && !(value >= *o.at_least))
    throw usage_error(fmt::format("{} must be at least {}, not {}", name_of(o), *o.at_least, word));
}

void check_choices(const option_info& o, const std::string& word) {
  if (o.choices.empty() || std::find(o.choices.begin(), o.choices.end(), word) != o.choices.end())
    return;
  complain(o, word, "is not one of " + joined(o.choices, ", "));
}

std::vector<std::string> elements(const option_info& o, const std::string& word) {
  std::vector<std::string> list;
  for (std::size_t begin = 0; begin <= word.size();) {
    const std::size_t comma = std::min(word.find(',', begin), word.size());
    if (comma == begin) complain(o, word, "has an empty element; elements are separated by commas");
    list.push_back(word.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return list;
}

template <class T>
void parse_list(const option_info& o, const std::string& word, std::vector<T>& out) {
  out.clear();
  for (const std::string& element : elements(o, word)) parse_value(o, element, out.emplace_back());
}

template <class List>
std::string list_text(const List& values) {
  std::vector<std::string> words;
  for (const auto value : values) words.push_back(value_text(value));
  return joined(words, ",");
}

}  // namespace

const std::string& name_of(const option_info& o) {
  return o.long_name.empty() ? o.short_name : o.long_name;
}

void parse_value(const option_info& o, const std::string& word, index_t& out) {
  out = parse_number<index_t>(o, word, "whole number");
  check_limits(o, double(out), word);
}

void parse_value(const option_info& o, const std::string& word, int& out) {
  out = parse_number<int>(o, word, "whole number");
  check_limits(o, out, word);
}

void parse_value(const option_info& o, const std::string& word, double& out) {
  out = parse_number<double>(o, word, "number");
  if (!std::isfinite(out)) complain(o, word, "is not a finite number");
  check_limits(o, out, word);
}

void parse_value(const option_info& o, const std::string& word, std::string& out) {
  check_choices(o, word);
  out = word;
}

void parse_value(const option_info& o, const std::string& word, shape& out) {
  std::vector<index_t> extents;
  parse_list(o, word, extents);
  for (const index_t n : extents)
    if (n < 1) throw usage_error(fmt::format("{}: extents are at least 1, not {}", name_of(o), n));
  try {
    out = shape(extents);
  } catch (const usage_error& e) {
    throw usage_error(fmt::format("{}: {}", name_of(o), e.what()));
  }
}

void parse_value(const option_info& o, const std::string& word, std::vector<double>& out) {
  parse_list(o, word, out);
}

void parse_value(const option_info& o, const std::string& word, std::vector<index_t>& out) {
  parse_list(o, word, out);
}

void parse_value(const option_info& o, const std::string& word, std::vector<std::string>& out) {
  if (!o.repeatable) return parse_list(o, word, out);
  out.assign(1, {});
  parse_value(o, word, out.front());
}

std::string value_text(index_t value) { return fmt::to_string(value); }
std::string value_text(double value) { return fmt::to_string(value); }
std::string value_text(const std::string& value) { return value; }
std::string value_text(const shape& value) { return list_text(value.extents()); }
std::string value_text(const std::vector<double>& value) { return list_text(value); }
std::string value_text(const std::vector<index_t>& value) { return list_text(value); }
std::string value_text(const std::vector<std::string>& value) { return joined(value, ","); }

}  // namespace ir
