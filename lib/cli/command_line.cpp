#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/error.hpp"

namespace ir {
namespace {

bool takes_value(const option_info* o) { return o && !o->is_flag && !o->positional; }

[[noreturn]] void complain_of_missing_value(const std::string& flag) {
  throw usage_error(flag + " needs a value");
}

/// `-output` would be read as `-o utput`, and `-o=x` as a value that starts with `=`.
void check_single_dash(const std::vector<option_info>& options, const std::string& word) {
  if (word.size() < 3 || word[0] != '-' || word[1] == '-') return;
  if (find_option(options, "-" + word))
    throw usage_error("unknown option " + word + "; did you mean -" + word + "?");
  const std::string flag = word.substr(0, 2);
  if (word[2] == '=' && takes_value(find_option(options, flag)))
    throw usage_error(word + ": write " + flag + " " + word.substr(3) + " without '='");
}

/// The same words with every `--name=value` in two, so that an empty value stays one.
std::vector<std::string> in_words(const std::vector<option_info>& options,
                                  const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  for (auto a = arguments.begin(); a != arguments.end(); ++a) {
    if (*a == "--") {
      words.insert(words.end(), a, arguments.end());
      break;
    }
    const auto equals = a->starts_with("--") ? a->find('=') : std::string::npos;
    const std::string name = a->substr(0, equals);
    const option_info* option = find_option(options, name);
    if (option && option->is_flag && equals != std::string::npos)
      throw usage_error(name + " takes no value, but '" + a->substr(equals + 1) + "' is given");
    if (!takes_value(option)) {
      check_single_dash(options, *a);
      words.push_back(*a);
      continue;
    }
    words.push_back(name);
    if (equals != std::string::npos) {
      words.push_back(a->substr(equals + 1));
      continue;
    }
    if (++a == arguments.end()) complain_of_missing_value(name);
    if (find_option(options, *a))
      throw usage_error(name + " needs a value, but the option " + *a + " follows");
    words.push_back(*a);
  }
  return words;
}

std::string names_of(const option_info& o) {
  if (o.positional) return o.long_name;
  if (o.short_name.empty()) return o.long_name;
  return o.long_name.empty() ? o.short_name : o.short_name + "," + o.long_name;
}

CLI::Option* declare(CLI::App& app, const option_info& o) {
  if (o.is_flag) return app.add_flag(names_of(o));
  constexpr int any_number = 1 << 20;
  CLI::Option* const option =
      app.add_option(names_of(o), [](const CLI::results_t&) { return true; });
  // Counts are checked by the table: here a second value is no error yet.
  return option->expected(o.positional && o.repeatable ? any_number : 1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace

const option_info* find_option(const std::vector<option_info>& options, std::string_view name) {
  if (name.size() < 2) return nullptr;
  const auto o = std::find_if(options.begin(), options.end(), [&](const option_info& candidate) {
    return !candidate.positional && (candidate.long_name == name || candidate.short_name == name);
  });
  return o == options.end() ? nullptr : &*o;
}

command_line split_arguments(const std::vector<option_info>& options,
                             const std::vector<std::string>& arguments) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<const CLI::Option*> declared;
  for (const option_info& o : options) declared.push_back(declare(app, o));

  std::vector<std::string> words = in_words(options, arguments);
  std::reverse(words.begin(), words.end());  // as CLI::App::parse wants them
  try {
    app.parse(words);
  } catch (const CLI::ArgumentMismatch&) {  // the last letter of a bundle: -qo
    complain_of_missing_value("-" + arguments.back().substr(arguments.back().size() - 1));
  }

  command_line line;
  for (const CLI::Option* o : declared) line.values.push_back(o->results());
  line.extras = app.remaining();
  std::erase(line.extras, "--");
  return line;
}

}  // namespace ir
