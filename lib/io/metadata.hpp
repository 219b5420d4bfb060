#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/shape.hpp"

namespace ir {

/// A JSON object, immutable, its library hidden. Strict: UTF-8, finite numbers, unique keys, depth
/// <= 32, at most 16 MiB.
class metadata {
 public:
  struct impl;
  using ptr = std::shared_ptr<const metadata>;
  static constexpr int max_depth = 32;
  static constexpr std::size_t max_bytes = std::size_t{16} << 20;

  explicit metadata(std::shared_ptr<const impl>);
  ~metadata();

  /// data_error naming the byte where it is no such JSON.
  static ptr parse(std::string_view json);
  /// Keys sorted, numbers as short as they round-trip: same object, same bytes.
  std::string dump() const;

  std::vector<std::string> keys() const;
  bool has(std::string_view key) const;
  // Each is empty where the key is absent or holds something else.
  std::optional<double> number(std::string_view key) const;
  std::optional<index_t> integer(std::string_view key) const;  // written without point or exponent
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::string> json(std::string_view key) const;  // any value, as JSON text
  std::optional<std::vector<double>> numbers(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;
  ptr object(std::string_view key) const;
  std::optional<std::vector<ptr>> objects(std::string_view key) const;

  /// A copy with `key` set to this JSON value (null removes it); `from` may be null. data_error: no
  /// JSON.
  static ptr with(const ptr& from, std::string_view key, std::string_view json_value);

 private:
  std::shared_ptr<const impl> impl_;
};
using metadata_ptr = metadata::ptr;

std::string json_quoted(
    std::string_view text);       // "text" with escapes; invalid UTF-8 becomes U+FFFD
std::string json_number(double);  // shortest that round-trips; usage_error if not finite

/// Appends one command to "history": what `ir-info --history` prints.
metadata_ptr with_command(const metadata_ptr& from, std::string_view command_line);

}  // namespace ir
