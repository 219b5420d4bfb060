#include "stage/references.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/error.hpp"

namespace ir {
namespace {

/// Whether two axes have the same samples.
bool same_samples(const axis& a, const axis& b) {
  const double tolerance = 1e-6 * std::abs(a.spacing);
  return a.name == b.name && a.size == b.size && std::abs(a.spacing - b.spacing) <= tolerance &&
         std::abs(a.origin - b.origin) <= tolerance;
}

std::string text_of(const std::vector<axis>& axes) {
  std::string text;
  for (const axis& a : axes)
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", a.name, a.size,
                        a.origin == 0 ? "" : fmt::format(" from {:.9g}", a.origin));
  return text;
}

reference_match match(const stream_header& h, const array_info& reference) {
  const array_info& data = data_of(h);
  const auto refuse = [&] {
    auto all = data.axes;
    if (!h.along.name.empty()) all.insert(all.begin(), h.along);
    return data_error(
        fmt::format("{} ({}) does not go with the data ({}): the same v and u are needed",
                    name_of(reference.what), text_of(reference.axes), text_of(all)));
  };
  const std::size_t rank = reference.axes.size();
  if (rank < 1 || rank > 2 || data.axes.empty() ||
      !same_samples(reference.axes.back(), data.axes.back()))
    throw refuse();
  reference_match m;
  m.nx = data.axes.back().size;
  if (rank == 1) return m;
  const axis& v = reference.axes[0];
  m.rows = v.size;
  for (std::size_t i = data.axes.size() - 1; i-- > 0;) {
    if (same_samples(v, data.axes[i])) return m;
    m.inner *= data.axes[i].size;
  }
  if (!same_samples(v, h.along)) throw refuse();
  m.row_is_frame = true;
  return m;
}

}  // namespace

reference_match match_references(const stream_header& h, dark_is dark) {
  const auto flat = index_of(h, role::flat);
  if (!flat)
    throw data_error("the input has no flats (the beam without object): give them with --flat");
  if (dark == dark_is::given && !index_of(h, role::dark))
    throw data_error(
        "the input has no darks: give them with --dark, or say --no-dark where the dark is zero");
  const reference_match m = match(h, h.arrays[static_cast<std::size_t>(*flat)]);
  for (const array_info& a : h.arrays)
    if (a.what == role::flat || a.what == role::dark) {
      const reference_match other = match(h, a);
      if (other.rows != m.rows)
        throw data_error(fmt::format("the flat has {} lines, the dark {}", m.rows, other.rows));
    }
  return m;
}

}  // namespace ir
