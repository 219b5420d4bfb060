#include "cli/suggestion.hpp"

#include <algorithm>

namespace ir {
namespace {

std::string_view without_dashes(std::string_view name) {
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  const std::size_t n = b.size();
  std::vector<int> before(n + 1), above(n + 1), row(n + 1);
  for (std::size_t j = 0; j <= n; ++j) above[j] = int(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = int(i);
    for (std::size_t j = 1; j <= n; ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[n];
}

std::string nearest_option(const std::vector<option_info>& options, std::string_view unknown) {
  const std::string_view wanted = without_dashes(unknown);
  if (wanted.size() < 2) return {};
  std::string nearest;
  int least = int(wanted.size()) / 3 + 1;
  for (const option_info& o : options) {
    if (o.hidden || o.positional || o.long_name.empty()) continue;
    const std::string_view name = without_dashes(o.long_name);
    const int distance = name.starts_with(wanted) ? 0 : edit_distance(wanted, name);
    if (distance >= least) continue;
    least = distance;
    nearest = o.long_name;
  }
  return nearest;
}

}  // namespace ir
