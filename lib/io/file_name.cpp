#include "io/file_name.hpp"

#include <filesystem>

#include "io/format.hpp"

namespace ir {

file_name split_name(const std::string& name) {
  std::error_code ignored;
  if (std::filesystem::exists(name, ignored)) return {name, ""};
  for (auto at = name.rfind(":/"); at != name.npos && at > 0; at = name.rfind(":/", at - 1)) {
    const std::string path = name.substr(0, at);
    const format* f = format_for_path(path);
    if (std::filesystem::is_regular_file(path, ignored) || (f && f->appends))
      return {path, name.substr(at + 1)};
  }
  return {name, ""};
}

}  // namespace ir
