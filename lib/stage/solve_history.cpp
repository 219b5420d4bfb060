#include "stage/solve_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/metadata.hpp"

namespace ir {
namespace {

struct quantity {
  const char* name;
  std::optional<double> iteration::*value;
};
constexpr quantity quantities[] = {{"objective", &iteration::objective},
                                   {"residual", &iteration::residual},
                                   {"change", &iteration::change},
                                   {"gap", &iteration::gap},
                                   {"kkt", &iteration::kkt},
                                   {"misfit", &iteration::misfit}};

std::string json_of(const iteration& i) {
  std::string out = fmt::format(R"({{"k":{},"seconds":{})", i.k, json_number(i.seconds));
  for (const quantity& q : quantities)
    if (const auto v = i.*q.value)
      out += fmt::format(R"(,"{}":{})", q.name,
                         std::isfinite(*v) ? json_number(*v) : std::string("\"inf\""));
  return out + "}";
}

struct point {
  double x, y;
};
using curve = std::vector<point>;

/// The logarithm of a quantity over the iterations where it is a positive number.
std::vector<curve> curves_of(const std::vector<solve_history::element>& all, const quantity& q) {
  std::vector<curve> out;
  for (const auto& e : all) {
    curve c;
    for (const iteration& i : e.steps)
      if (const auto v = i.*q.value; v && std::isfinite(*v) && *v > 0)
        c.push_back({static_cast<double>(i.k), std::log10(*v)});
    if (c.size() > 1) out.push_back(std::move(c));
  }
  return out;
}

struct range {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void take(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  double share(double v) const { return high > low ? (v - low) / (high - low) : 0.5; }
};

constexpr double width = 640, height = 400, left = 80, right = 20, top = 20, bottom = 50;

std::string line_of(const curve& c, const range& x, const range& y) {
  std::string points;
  for (const point& p : c)
    points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ",
                          left + x.share(p.x) * (width - left - right),
                          height - bottom - y.share(p.y) * (height - top - bottom));
  return fmt::format("<polyline fill='none' stroke='#1f5fa8' stroke-width='1.5' points='{}'/>\n",
                     points);
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='{}'>{}</text>\n", x, y, anchor,
                     text);
}

}  // namespace

std::string solve_history::json() const {
  std::string elements;
  for (const element& e : all) {
    std::string steps;
    for (const iteration& i : e.steps) steps += (steps.empty() ? "" : ",") + json_of(i);
    elements += fmt::format(R"({}{{"solver":{},"reason":{},"converged":{},"iterations":[{}]}})",
                            elements.empty() ? "" : ",", json_quoted(e.solver),
                            json_quoted(e.reason), e.converged, steps);
  }
  return fmt::format("{{\"tool\":\"ir-solve\",\"elements\":[{}]}}\n", elements);
}

std::string solve_history::svg() const {
  std::string what = "objective";
  std::vector<curve> curves = curves_of(all, quantities[0]);
  if (curves.empty()) {
    what = "relative change";
    curves = curves_of(all, quantities[2]);
  }
  range x, y;
  for (const curve& c : curves)
    for (const point& p : c) x.take(p.x), y.take(p.y);
  std::string out = fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{1}' viewBox='0 0 {0} {1}' "
      "font-family='sans-serif' font-size='12'>\n<rect width='{0}' height='{1}' fill='white'/>\n"
      "<rect x='{2}' y='{3}' width='{4}' height='{5}' fill='none' stroke='#888'/>\n",
      width, height, left, top, width - left - right, height - top - bottom);
  for (const curve& c : curves) out += line_of(c, x, y);
  if (!curves.empty()) {
    const double base = height - bottom;
    out += label(left, base + 18, "middle", fmt::format("{:g}", x.low));
    out += label(width - right, base + 18, "end", fmt::format("{:g}", x.high));
    out += label(left - 6, base, "end", fmt::format("{:.4g}", std::pow(10, y.low)));
    out += label(left - 6, top + 10, "end", fmt::format("{:.4g}", std::pow(10, y.high)));
  }
  out += label((left + width - right) / 2, height - 12, "middle", "iteration");
  out += label(left + 8, top + 18, "start", what + " (logarithmic)");
  return out + "</svg>\n";
}

}  // namespace ir
