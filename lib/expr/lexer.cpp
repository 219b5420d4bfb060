#include "expr/lexer.hpp"

#include <fmt/core.h>

#include <charconv>

#include "expr/syntax.hpp"

namespace ir::expr {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

lexer::lexer(std::string_view expression) : text_(expression) { scan(); }

token lexer::take() {
  token out = std::move(next_);
  scan();
  return out;
}

bool lexer::accept(std::string_view sign) {
  if (next_.kind != token::sign || next_.text != sign) return false;
  scan();
  return true;
}

void lexer::scan() {
  while (blank(at(place_))) ++place_;
  next_ = {};
  next_.column = static_cast<int>(place_) + 1;
  const char c = at(place_);
  if (place_ >= text_.size()) return;
  if (digit(c) || (c == '.' && digit(at(place_ + 1)))) return scan_number();
  if (letter(c)) {
    const std::size_t begin = place_;
    while (letter(at(place_)) || digit(at(place_))) ++place_;
    next_.kind = token::name;
    next_.text = text_.substr(begin, place_ - begin);
    return;
  }
  if (c == '"') {
    next_.kind = token::string;
    next_.text = quoted();
    return;
  }
  if (c == '@') {
    ++place_;
    next_.kind = token::file;
    next_.text = at(place_) == '"' ? quoted() : path();
    if (next_.text.empty())
      throw expression_error("a file's name is expected after '@'", text_, next_.column);
    return;
  }
  next_.kind = token::sign;
  if (c == '.' && at(place_ + 1) == 'H' && !letter(at(place_ + 2)) && !digit(at(place_ + 2))) {
    place_ += 2;
    next_.text = ".H";
    return;
  }
  if (std::string_view("()[],;=+-*/").find(c) == std::string_view::npos)
    throw expression_error(fmt::format("'{}' has no meaning in an expression", c), text_,
                           next_.column);
  ++place_;
  next_.text = std::string(1, c);
}

void lexer::scan_number() {
  const char* begin = text_.data() + place_;
  const auto [end, bad] = std::from_chars(begin, text_.data() + text_.size(), next_.value);
  if (bad != std::errc{})
    throw expression_error("this number is out of range", text_, next_.column);
  place_ += static_cast<std::size_t>(end - begin);
  if (letter(at(place_)))
    throw expression_error("a sign is expected between a number and a name", text_,
                           static_cast<int>(place_) + 1);
  next_.kind = token::number;
  next_.text.assign(begin, end);
}

std::string lexer::quoted() {
  const std::size_t begin = ++place_;
  const std::size_t end = text_.find('"', begin);
  if (end == std::string_view::npos)
    throw expression_error("this '\"' is never closed", text_, static_cast<int>(begin));
  place_ = end + 1;
  return std::string(text_.substr(begin, end - begin));
}

std::string lexer::path() {
  const std::size_t begin = place_;
  while (place_ < text_.size() && !blank(at(place_)) &&
         std::string_view(",;)]\"").find(at(place_)) == std::string_view::npos)
    ++place_;
  return std::string(text_.substr(begin, place_ - begin));
}

std::string describe(const token& t) {
  switch (t.kind) {
    case token::end:
      return "the end";
    case token::number:
      return fmt::format("the number {}", t.text);
    case token::name:
      return fmt::format("the name '{}'", t.text);
    case token::string:
      return fmt::format("\"{}\"", t.text);
    case token::file:
      return fmt::format("the file '@{}'", t.text);
    case token::sign:
      return fmt::format("'{}'", t.text);
  }
  return "";
}

}  // namespace ir::expr
