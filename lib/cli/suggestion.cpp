#include "cli/suggestion.hpp"

#include <algorithm>

#include "core/nearest.hpp"

namespace ir {
namespace {

std::string_view without_dashes(std::string_view name) {
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

}  // namespace

std::string nearest_option(const std::vector<option_info>& options, std::string_view unknown) {
  std::vector<std::string> names;
  for (const option_info& o : options)
    if (!o.hidden && !o.positional && !o.long_name.empty())
      names.emplace_back(without_dashes(o.long_name));
  const std::string nearest = nearest_name(names, without_dashes(unknown));
  for (const option_info& o : options)
    if (!nearest.empty() && without_dashes(o.long_name) == nearest) return o.long_name;
  return {};
}

}  // namespace ir
