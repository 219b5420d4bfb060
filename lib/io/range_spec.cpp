#include <fmt/core.h>

#include <charconv>

#include "core/error.hpp"
#include "io/cut.hpp"

namespace ir {
namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw usage_error(
      fmt::format("'{}' is not a range: begin:end, begin:end:step or one index", text));
}

std::optional<index_t> number(std::string_view part, std::string_view whole) {
  if (part.empty()) return {};
  index_t n = 0;
  const auto [end, bad] = std::from_chars(part.data(), part.data() + part.size(), n);
  if (bad != std::errc{} || end != part.data() + part.size()) refuse(whole);
  return n;
}

}  // namespace

range_spec parse_range(std::string_view text) {
  range_spec out;
  const std::size_t first = text.find(':');
  if (first == std::string_view::npos) {
    out.begin = number(text, text);
    if (!out.begin) refuse(text);
    out.single = true;
    return out;
  }
  const std::size_t second = text.find(':', first + 1);
  out.begin = number(text.substr(0, first), text);
  out.end = number(text.substr(first + 1, second - first - 1), text);
  if (second != std::string_view::npos) {
    out.step = number(text.substr(second + 1), text).value_or(1);
    if (out.step < 1) throw usage_error(fmt::format("'{}': a step is 1 or more", text));
  }
  return out;
}

index_range resolve(const range_spec& spec, index_t size, std::string_view what) {
  const auto from_end = [size](index_t k) { return k < 0 ? k + size : k; };
  const index_t begin = from_end(spec.begin.value_or(0));
  const index_t end = spec.single ? begin + 1 : from_end(spec.end.value_or(size));
  if (begin < 0 || begin > size || end < 0 || end > size || (spec.single && begin >= size))
    throw usage_error(fmt::format("{}: {} is beyond the {} there are", what,
                                  begin < 0 || begin >= size ? *spec.begin : *spec.end, size));
  if (end <= begin) throw usage_error(fmt::format("{}: {}:{} is empty", what, begin, end));
  return {begin, (end - begin + spec.step - 1) / spec.step, spec.step};
}

}  // namespace ir
