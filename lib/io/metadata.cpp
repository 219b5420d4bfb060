#include "io/metadata.hpp"

#include <fmt/core.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"

namespace ir {

using tree = nlohmann::json;

struct metadata::impl {
  tree root;
};

namespace {

// Refuses what nlohmann's parser lets pass: equal keys and deep nesting.
class strict_rules final : public tree::json_sax_t {
 public:
  explicit strict_rules(int max_depth) : max_depth_(max_depth) {}
  std::string problem;
  std::size_t at = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    problem = "the key " + json_quoted(name) + " comes twice in one object";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&, const tree::exception& e) override {
    // nlohmann: "[json.exception.parse_error.101] parse error at line 1, column 2: what is wrong"
    const std::string what = e.what();
    const std::size_t colon = what.find(": ");
    problem = colon == std::string::npos ? what : what.substr(colon + 2);
    at = position;
    return false;
  }

 private:
  bool open() {
    keys_.emplace_back();
    if (static_cast<int>(keys_.size()) <= max_depth_) return true;
    problem = fmt::format("nested deeper than {}", max_depth_);
    return false;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  int max_depth_;
  std::vector<std::set<std::string>> keys_;
};

tree parse_strictly(std::string_view text, int max_depth) {
  if (text.size() > metadata::max_bytes)
    throw data_error(
        fmt::format("JSON of {} bytes: at most {} are allowed", text.size(), metadata::max_bytes));
  // To nlohmann's parser a zero byte is the end, and a byte order mark is nothing.
  const std::size_t zero = text.find('\0');
  if (zero != text.npos) throw data_error(fmt::format("not JSON: a zero at byte {}", zero));
  if (text.substr(0, 3) == "\xEF\xBB\xBF") throw data_error("not JSON: a byte order mark");
  strict_rules rules(max_depth);
  if (!tree::sax_parse(text, &rules))
    throw data_error(rules.at > 0 ? fmt::format("not JSON at byte {}: {}", rules.at, rules.problem)
                                  : fmt::format("not strict JSON: {}", rules.problem));
  return tree::parse(text);
}

metadata_ptr wrap(tree root) {
  return std::make_shared<const metadata>(
      std::make_shared<const metadata::impl>(metadata::impl{std::move(root)}));
}

// The value of `key`, or null.
const tree* find(const tree& root, std::string_view key) {
  const auto at = root.find(std::string(key));
  return at == root.end() ? nullptr : &*at;
}

}  // namespace

metadata::metadata(std::shared_ptr<const impl> p) : impl_(std::move(p)) {}
metadata::~metadata() = default;

metadata_ptr metadata::parse(std::string_view text) {
  tree root = parse_strictly(text, max_depth);
  if (!root.is_object()) throw data_error("JSON: an object {...} is expected");
  return wrap(std::move(root));
}

std::string metadata::dump() const { return impl_->root.dump(); }

std::vector<std::string> metadata::keys() const {
  std::vector<std::string> names;
  for (const auto& item : impl_->root.items()) names.push_back(item.key());
  return names;
}

bool metadata::has(std::string_view key) const { return find(impl_->root, key) != nullptr; }

std::optional<double> metadata::number(std::string_view key) const {
  const tree* v = find(impl_->root, key);
  if (!v || !v->is_number()) return {};
  return v->get<double>();
}

std::optional<index_t> metadata::integer(std::string_view key) const {
  const tree* v = find(impl_->root, key);
  if (!v || !v->is_number_integer()) return {};
  if (v->is_number_unsigned() && v->get<std::uint64_t>() > std::uint64_t{INT64_MAX}) return {};
  return v->get<index_t>();
}

std::optional<std::string> metadata::text(std::string_view key) const {
  const tree* v = find(impl_->root, key);
  if (!v || !v->is_string()) return {};
  return v->get<std::string>();
}

std::optional<std::string> metadata::json(std::string_view key) const {
  const tree* v = find(impl_->root, key);
  if (!v) return {};
  return v->dump();
}

std::optional<std::vector<double>> metadata::numbers(std::string_view key) const {
  const tree* v = find(impl_->root, key);
  if (!v || !v->is_array()) return {};
  std::vector<double> all;
  for (const auto& item : *v) {
    if (!item.is_number()) return {};
    all.push_back(item.get<double>());
  }
  return all;
}

std::vector<std::string> metadata::texts(std::string_view key) const {
  const tree* v = find(impl_->root, key);
  std::vector<std::string> all;
  if (!v || !v->is_array()) return all;
  for (const auto& item : *v) {
    if (!item.is_string()) return {};
    all.push_back(item.get<std::string>());
  }
  return all;
}

metadata_ptr metadata::object(std::string_view key) const {
  const tree* v = find(impl_->root, key);
  return v && v->is_object() ? wrap(*v) : nullptr;
}

std::optional<std::vector<metadata_ptr>> metadata::objects(std::string_view key) const {
  const tree* v = find(impl_->root, key);
  if (!v || !v->is_array()) return {};
  std::vector<metadata_ptr> all;
  for (const auto& item : *v) {
    if (!item.is_object()) return {};
    all.push_back(wrap(item));
  }
  return all;
}

metadata_ptr metadata::with(const metadata_ptr& from, std::string_view key,
                            std::string_view json_value) {
  tree root = from ? from->impl_->root : tree::object();
  tree value = parse_strictly(json_value, max_depth - 1);
  if (value.is_null())
    root.erase(std::string(key));
  else
    root[std::string(key)] = std::move(value);
  return wrap(std::move(root));
}

std::string json_quoted(std::string_view text) {
  return tree(std::string(text))
      .dump(-1, ' ', false, tree::error_handler_t::replace);
}

std::string json_number(double v) {
  if (!std::isfinite(v))
    throw usage_error(fmt::format("{} has no place in metadata: numbers there are finite", v));
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, v).ptr;
  return {text, end};
}

metadata_ptr with_command(const metadata_ptr& from, std::string_view command_line) {
  std::string list = "[";
  if (from)
    for (const std::string& command : from->texts("history")) list += json_quoted(command) + ",";
  return metadata::with(from, "history", list + json_quoted(command_line) + "]");
}

}  // namespace ir
