#include "io/file_names.hpp"

#include <dirent.h>
#include <fmt/core.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/error.hpp"
#include "io/format.hpp"
#include "io/numbered_output.hpp"

namespace ir {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

std::string_view digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && digit(text[end])) ++end;
  return text.substr(at, end - at);
}

std::string_view without_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view() : digits.substr(first);
}

bool exists(const std::string& path) {
  struct stat s;
  return stat(path.c_str(), &s) == 0;
}

bool is_folder(const std::string& path) {
  struct stat s;
  return stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}

std::vector<std::string> entries(const std::string& folder) {
  std::vector<std::string> names;
  DIR* d = opendir(folder.c_str());
  if (!d) throw no_input_error(fmt::format("{}: cannot be read", folder));
  while (const dirent* e = readdir(d)) names.emplace_back(e->d_name);
  closedir(d);
  return names;
}

std::string joined_path(const std::string& folder, const std::string& name) {
  if (folder.empty()) return name;
  return folder.ends_with('/') ? folder + name : folder + '/' + name;
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> found;
  for (const std::string& name : entries(folder)) {
    const format* f = name.starts_with('.') ? nullptr : format_for_path(name);
    const std::string path = joined_path(folder, name);
    if (f && f->reads && !is_folder(path)) found.push_back(path);
  }
  if (found.empty())
    throw no_input_error(fmt::format("{}: no file in this folder has a known extension", folder));
  std::sort(found.begin(), found.end(), natural_less);
  return found;
}

std::vector<std::string> files_of_pattern(const std::string& name, const numbered_name& p) {
  const std::size_t slash = p.before.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : p.before.substr(0, slash + 1);
  const std::string start = p.before.substr(folder.size());
  std::vector<std::pair<index_t, std::string>> found;
  for (const std::string& entry : entries(folder.empty() ? "." : folder)) {
    if (!entry.starts_with(start) || !entry.ends_with(p.after)) continue;
    if (entry.size() <= start.size() + p.after.size()) continue;
    index_t number = 0;
    const char* begin = entry.data() + start.size();
    const char* end = entry.data() + entry.size() - p.after.size();
    const auto [stop, bad] = std::from_chars(begin, end, number);
    if (bad != std::errc{} || stop != end || folder + entry != p.with(number)) continue;
    found.emplace_back(number, folder + entry);
  }
  if (found.empty()) throw no_input_error(fmt::format("{}: no file has such a name", name));
  std::sort(found.begin(), found.end());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].first != found[0].first + static_cast<index_t>(i))
      throw no_input_error(
          fmt::format("{}: {} is missing", name, p.with(found[0].first + static_cast<index_t>(i))));
    out.push_back(found[i].second);
  }
  return out;
}

std::vector<std::string> files_of_glob(const std::string& name) {
  glob_t g{};
  std::vector<std::string> found;
  if (glob(name.c_str(), 0, nullptr, &g) == 0)
    for (std::size_t i = 0; i < g.gl_pathc; ++i) found.emplace_back(g.gl_pathv[i]);
  globfree(&g);
  if (found.empty()) throw no_input_error(fmt::format("{}: no file has such a name", name));
  std::sort(found.begin(), found.end(), natural_less);
  return found;
}

std::vector<std::string> expand(const std::string& name) {
  if (is_folder(name)) return files_in(name);
  if (exists(name)) return {name};
  if (const auto p = numbered_name::parse(name)) return files_of_pattern(name, *p);
  if (name.find_first_of("*?[") != std::string::npos) return files_of_glob(name);
  throw no_input_error(fmt::format("{}: no such file", name));
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      const auto da = digits_at(a, i), db = digits_at(b, j);
      const auto na = without_zeros(da), nb = without_zeros(db);
      if (na.size() != nb.size()) return na.size() < nb.size();
      if (na != nb) return na < nb;
      i += da.size();
      j += db.size();
    } else {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i;
      ++j;
    }
  }
  if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
  return a < b;  // a total order: 01 and 1 differ
}

std::vector<file_name> expand_names(const std::vector<std::string>& names) {
  std::vector<file_name> out;
  for (const std::string& name : names) {
    const file_name split = split_name(name);
    for (std::string& path : expand(split.path)) out.push_back({std::move(path), split.inside});
  }
  const auto path = [](const file_name& f) -> const std::string& { return f.path; };
  if (std::is_sorted(out.begin(), out.end(),
                     [&](const file_name& a, const file_name& b) { return path(a) < path(b); }))
    std::stable_sort(out.begin(), out.end(), [&](const file_name& a, const file_name& b) {
      return natural_less(path(a), path(b));
    });
  return out;
}

}  // namespace ir
