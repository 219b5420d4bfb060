#include "stage/fidelity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.hpp"

namespace ir {
namespace {

std::vector<double> numbers_in(const std::string& list, const std::string& whole) {
  std::vector<double> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    double v = 0;
    const auto [stop, bad] = std::from_chars(list.data() + begin, list.data() + end, v);
    if (bad != std::errc{} || stop != list.data() + end || !std::isfinite(v) || v < 0)
      throw usage_error(
          fmt::format("--fidelity {}: numbers that are not negative are expected", whole));
    out.push_back(v);
    begin = end + 1;
  }
  return out;
}

/// "a.tif,@b.tif": a comma is the name's but before '@'.
std::vector<std::string> files_in(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(",@", begin), list.size());
    out.push_back(list.substr(begin, end - begin));
    begin = end + 2;
  }
  return out;
}

}  // namespace

fidelity_options parse_fidelity(const std::string& text) {
  using kind = fidelity_options::kind;
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  fidelity_options f;
  if (text.starts_with("wl2:@") && text.size() > 5) {
    f.weight_maps = files_in(text.substr(5));
    return f;
  }
  const auto values =
      colon == std::string::npos ? std::vector<double>{} : numbers_in(text.substr(colon + 1), text);
  if (name == "l2" && values.empty()) return f;
  if (name == "wl2" && !values.empty()) {
    f.weights = values;
    return f;
  }
  if (name == "l1" && values.empty()) {
    f.what = kind::l1;
    return f;
  }
  if (name == "huber" && values.size() == 1 && values[0] > 0) {
    f.what = kind::huber;
    f.delta = values[0];
    return f;
  }
  if (name == "kl" && values.size() <= 1) {
    f.what = kind::kl;
    f.background = values.empty() ? 0 : values[0];
    return f;
  }
  throw usage_error(
      fmt::format("--fidelity {}: one of l2, wl2:W (weights, one or one for each row), wl2:@FILE, "
                  "l1, huber:DELTA, kl, "
                  "kl:BACKGROUND is expected",
                  text));
}

}  // namespace ir
