#include "cli/option_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "cli/command_line.hpp"
#include "cli/option_value.hpp"
#include "cli/suggestion.hpp"
#include "core/error.hpp"

namespace ir {

struct option_table::impl {
  std::vector<option_info> options;
  std::vector<setter> setters;
  std::vector<bool> given;
  std::vector<std::unique_ptr<side_input>> pending_sides;  // stable addresses for the setters
  std::vector<side_input> sides;
  std::vector<example> examples;
  std::string heading = "Options", description;
  std::vector<std::pair<std::string, std::string>> sections;
};

namespace {

template <class T>
constexpr std::string_view metavar_of = "TEXT";
template <>
constexpr std::string_view metavar_of<int> = "N";
template <>
constexpr std::string_view metavar_of<index_t> = "N";
template <>
constexpr std::string_view metavar_of<double> = "X";
template <>
constexpr std::string_view metavar_of<shape> = "N,...";
template <>
constexpr std::string_view metavar_of<std::vector<index_t>> = "N,...";
template <>
constexpr std::string_view metavar_of<std::vector<double>> = "X,...";
template <>
constexpr std::string_view metavar_of<std::vector<std::string>> = "TEXT,...";

template <class T>
struct unwrapped {
  using type = T;
};
template <class T>
struct unwrapped<std::optional<T>> {
  using type = T;
};
template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;

template <class T>
std::string text_of(const T& value) {
  if constexpr (std::is_same_v<T, int>)
    return value_text(index_t{value});
  else
    return value_text(value);
}
template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : std::string();
}

/// Every word of a repeatable list adds to it; of another option there is one word.
template <class T>
T parsed(const option_info& o, const std::vector<std::string>& words) {
  T value{};
  for (const std::string& word : words) {
    T part{};
    parse_value(o, word, part);
    if constexpr (is_vector<T>)
      value.insert(value.end(), part.begin(), part.end());
    else
      value = std::move(part);
  }
  return value;
}

/// "-j,--threads", "--sigma", "-f" or "INPUT".
option_info named(std::string_view flags) {
  option_info o;
  for (std::size_t begin = 0; begin < flags.size();) {
    const std::size_t comma = std::min(flags.find(',', begin), flags.size());
    const std::string name(flags.substr(begin, comma - begin));
    (name.starts_with("--") || name[0] != '-' ? o.long_name : o.short_name) = name;
    begin = comma + 1;
  }
  o.positional = !flags.starts_with('-');
  return o;
}

/// Where an answer is asked for: the words that ask, and the flags (--version -v).
std::vector<std::string> answers_only(const std::vector<option_info>& options,
                                      const std::vector<std::string>& words) {
  std::vector<std::string> kept;
  bool asked = false;
  for (auto w = words.begin(); w != words.end() && *w != "--"; ++w) {
    const option_info* const o = find_option(options, w->substr(0, w->find('=')));
    if (!o || !(o->informational || o->is_flag)) continue;
    asked |= o->informational;
    kept.push_back(*w);
    if (!o->is_flag && w->find('=') == std::string::npos && w + 1 != words.end())
      kept.push_back(*++w);
  }
  return asked ? kept : words;
}

void complain_of_missing(const std::vector<option_info>& options, const std::vector<bool>& given) {
  for (std::size_t i = 0; i < options.size(); ++i)
    if (const option_info& o = options[i]; o.required && !given[i])
      throw usage_error((o.positional ? o.long_name : name_of(o) + " " + o.metavar) +
                        " is missing: " + o.help);
}

[[noreturn]] void complain_of_extra(const std::vector<option_info>& options,
                                    const command_line& line, bool literal) {
  const std::string& word = line.extras.front();
  const bool number = word.size() > 1 && (std::isdigit(static_cast<unsigned char>(word[1])) != 0);
  if (word.size() > 1 && word[0] == '-' && !number && !literal) {
    const std::string name = word.substr(0, word.find('='));
    const std::string near = nearest_option(options, name);
    throw usage_error("unknown option " + name +
                      (near.empty() ? "; --help lists all" : "; did you mean " + near + "?"));
  }
  std::string taken;
  for (std::size_t i = 0; i < options.size(); ++i)
    if (options[i].positional) taken = options[i].long_name + " is '" + line.values[i].back() + "'";
  throw usage_error("unexpected argument '" + word + "'; " +
                    (taken.empty() ? "only options are expected" : taken + " already"));
}

}  // namespace

option_table::option_table() : impl_(std::make_unique<impl>()) {}
option_table::~option_table() = default;

option_table& option_table::declare(option_info o, setter set) {
  for (const option_info& other : impl_->options)
    if ((!o.long_name.empty() && o.long_name == other.long_name) ||
        (!o.short_name.empty() && o.short_name == other.short_name))
      throw bug_error("the option " + name_of(o) + " is declared twice");
  o.group = impl_->heading;
  impl_->options.push_back(std::move(o));
  impl_->setters.push_back(std::move(set));
  return *this;
}

option_info& option_table::last() {
  assert(!impl_->options.empty());
  return impl_->options.back();
}

template <class T>
option_table& option_table::add(std::string_view flags, T& value, std::string_view help) {
  option_info o = named(flags);
  o.help = help;
  if constexpr (std::is_same_v<T, bool>) {
    o.is_flag = true;
    return declare(std::move(o), [&value](auto&, auto&) { value = true; });
  } else {
    using plain = typename unwrapped<T>::type;
    o.metavar = o.positional ? o.long_name : std::string(metavar_of<plain>);
    o.fallback = text_of(value);
    return declare(std::move(o), [&value](const option_info& info, const auto& words) {
      value = parsed<plain>(info, words);
    });
  }
}

option_table& option_table::input(std::string_view flag, role what, std::string_view help) {
  impl_->pending_sides.push_back(
      std::make_unique<side_input>(side_input{std::string(flag), what, {}}));
  return add(flag, impl_->pending_sides.back()->path, help).file();
}

option_table& option_table::required() {
  last().required = true;
  return *this;
}
option_table& option_table::positive() {
  last().above = 0;
  return *this;
}
option_table& option_table::at_least(double bound) {
  last().at_least = bound;
  return *this;
}
option_table& option_table::choices(std::vector<std::string> list) {
  last().choices = std::move(list);
  last().completion = option_info::completes::choice;
  return *this;
}
option_table& option_table::metavar(std::string_view name) {
  last().metavar = name;
  return *this;
}
option_table& option_table::fallback(std::string_view text) {
  last().fallback = text;
  return *this;
}
option_table& option_table::file() {
  last().completion = option_info::completes::file;
  if (last().metavar == metavar_of<std::string>) last().metavar = "FILE";
  return *this;
}
option_table& option_table::repeatable() {
  last().repeatable = true;
  return *this;
}
option_table& option_table::hidden() {
  last().hidden = true;
  return *this;
}
option_table& option_table::replaces_input() {
  last().replaces_input = true;
  return *this;
}

option_table& option_table::informational() {
  last().informational = true;
  return *this;
}

option_table& option_table::group(std::string_view heading) {
  impl_->heading = heading;
  return *this;
}
option_table& option_table::describe(std::string_view text) {
  if (!impl_->description.empty()) impl_->description += "\n\n";
  impl_->description += text;
  return *this;
}
option_table& option_table::section(std::string_view heading, std::string_view text) {
  impl_->sections.emplace_back(heading, text);
  return *this;
}
option_table& option_table::add_example(std::string_view command, std::string_view explanation) {
  impl_->examples.push_back({std::string(command), std::string(explanation)});
  return *this;
}

const std::vector<option_table::side_input>& option_table::side_inputs() const {
  return impl_->sides;
}
const std::vector<option_info>& option_table::options() const { return impl_->options; }
const std::vector<example>& option_table::examples() const { return impl_->examples; }
const std::string& option_table::description() const { return impl_->description; }
const std::vector<std::pair<std::string, std::string>>& option_table::sections() const {
  return impl_->sections;
}

void option_table::parse(const std::vector<std::string>& arguments) {
  const auto& options = impl_->options;
  const std::vector<std::string> words = answers_only(options, arguments);
  const command_line line = split_arguments(options, words);
  bool answers = false;
  for (std::size_t i = 0; i < options.size(); ++i)
    answers |= options[i].informational && !line.values[i].empty();
  if (!line.extras.empty() && !answers) {
    const auto mark = std::find(words.begin(), words.end(), "--");
    const bool literal = std::find(mark, words.end(), line.extras.front()) != words.end();
    complain_of_extra(options, line, literal);
  }

  impl_->given.assign(options.size(), false);
  for (std::size_t i = 0; i < options.size(); ++i) {
    const option_info& o = options[i];
    const std::vector<std::string>& values = line.values[i];
    if (answers && !o.is_flag && !o.informational) continue;
    if (values.empty()) continue;
    if (values.size() > 1 && !o.is_flag && !o.repeatable)
      throw usage_error(
          fmt::format("{} is given twice, with '{}' and '{}'", name_of(o), values[0], values[1]));
    impl_->setters[i](o, values);
    impl_->given[i] = true;
  }
  // After the values: what is written wrong is nearer to the user than what is not there.
  if (!answers) complain_of_missing(options, impl_->given);
  impl_->sides.clear();
  for (const auto& side : impl_->pending_sides) impl_->sides.push_back(*side);
}

bool option_table::has(std::string_view name) const {
  return find_option(impl_->options, name) != nullptr;
}

const option_info* option_table::in_place_of_input() const {
  for (std::size_t i = 0; i < impl_->given.size(); ++i)
    if (impl_->given[i] && impl_->options[i].replaces_input) return &impl_->options[i];
  return nullptr;
}

bool option_table::given(std::string_view name) const {
  for (std::size_t i = 0; i < impl_->given.size(); ++i)
    if (impl_->options[i].long_name == name || impl_->options[i].short_name == name)
      return impl_->given[i];
  return false;
}

template option_table& option_table::add(std::string_view, bool&, std::string_view);
template option_table& option_table::add(std::string_view, int&, std::string_view);
template option_table& option_table::add(std::string_view, index_t&, std::string_view);
template option_table& option_table::add(std::string_view, double&, std::string_view);
template option_table& option_table::add(std::string_view, std::string&, std::string_view);
template option_table& option_table::add(std::string_view, shape&, std::string_view);
template option_table& option_table::add(std::string_view, std::vector<double>&, std::string_view);
template option_table& option_table::add(std::string_view, std::vector<index_t>&, std::string_view);
template option_table& option_table::add(std::string_view, std::vector<std::string>&,
                                         std::string_view);
template option_table& option_table::add(std::string_view, std::optional<int>&, std::string_view);
template option_table& option_table::add(std::string_view, std::optional<index_t>&,
                                         std::string_view);
template option_table& option_table::add(std::string_view, std::optional<double>&,
                                         std::string_view);
template option_table& option_table::add(std::string_view, std::optional<std::string>&,
                                         std::string_view);
template option_table& option_table::add(std::string_view, std::optional<shape>&, std::string_view);
template option_table& option_table::add(std::string_view, std::optional<std::vector<double>>&,
                                         std::string_view);
template option_table& option_table::add(std::string_view, std::optional<std::vector<index_t>>&,
                                         std::string_view);
template option_table& option_table::add(std::string_view, std::optional<std::vector<std::string>>&,
                                         std::string_view);

}  // namespace ir
