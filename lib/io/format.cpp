#include "io/format.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "io/descriptor.hpp"

namespace ir {

template <>
std::vector<format>& registry_of<format>() {
  static std::vector<format> formats;
  return formats;
}

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

template <class Test>
const format* find(Test&& test) {
  for (const format& f : registered<format>::all())
    if (test(f)) return &f;
  return nullptr;
}

}  // namespace

const format* format_of(std::span<const std::byte> first_bytes) {
  return find([&](const format& f) { return f.sniff && f.sniff(first_bytes); });
}

const format* format_of_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored))
    return nullptr;
  std::array<std::byte, 64> first;
  const index_t n = descriptor::open_read(path).read(first);
  return format_of(std::span(first).first(static_cast<std::size_t>(n)));
}

const format* format_named(std::string_view name) {
  return find([&](const format& f) {
    return lower(f.name) == lower(name) ||
           std::find(f.aliases.begin(), f.aliases.end(), name) != f.aliases.end();
  });
}

const format* format_for_path(std::string_view path) {
  const std::string name = lower(path);
  return find([&](const format& f) {
    return std::any_of(f.extensions.begin(), f.extensions.end(), [&](const std::string& e) {
      return name.size() > e.size() && name.ends_with(e);
    });
  });
}

}  // namespace ir
