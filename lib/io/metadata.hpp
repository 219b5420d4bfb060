#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ir {

/// A JSON object, immutable, its library hidden. Strict: UTF-8, finite numbers, unique keys, depth
/// <= 32.
class metadata {
 public:
  struct impl;
  explicit metadata(std::shared_ptr<const impl>);
  ~metadata();

  /// data_error naming the byte where it is no such JSON.
  static std::shared_ptr<const metadata> parse(std::string_view json);
  std::string dump()
      const;  // keys in order, shortest numbers that round-trip: same object, same bytes

  std::vector<std::string> keys() const;
  std::optional<double> number(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::string> json(std::string_view key) const;  // any value, as JSON text
  std::vector<std::string> texts(std::string_view key) const;   // an array of strings, else empty

  /// A copy with `key` set to this JSON value (null removes it); `from` may be null.
  static std::shared_ptr<const metadata> with(const std::shared_ptr<const metadata>& from,
                                              std::string_view key, std::string_view json_value);
  const impl& inside() const { return *impl_; }

 private:
  std::shared_ptr<const impl> impl_;
};
using metadata_ptr = std::shared_ptr<const metadata>;

std::string json_quoted(
    std::string_view text);       // "text" with escapes; invalid UTF-8 becomes U+FFFD
std::string json_number(double);  // shortest that round-trips; usage_error if not finite

/// Appends one command to "history": what `ir-info --history` prints.
metadata_ptr with_command(const metadata_ptr& from, std::string_view command_line);

}  // namespace ir
