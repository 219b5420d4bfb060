#pragma once
#include <string>
#include <string_view>

namespace ir::expr {

struct token {
  enum kind_t { end, number, name, string, file, sign } kind = end;
  int column = 1;  // 1-based
  double value = 0;
  std::string text{};  // of a sign: itself; ".H" is one
};

/// Cuts an expression into tokens, one ahead.
class lexer {
 public:
  explicit lexer(std::string_view expression);

  const token& peek() const { return next_; }
  token take();
  /// Takes the next token if it is this sign.
  bool accept(std::string_view sign);
  std::string_view whole() const { return text_; }

 private:
  void scan();
  void scan_number();
  std::string quoted();
  std::string path();
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  std::string_view text_;
  std::size_t place_ = 0;
  token next_;
};

/// For messages: "')'", "the name 'blur'", "the end".
std::string describe(const token&);

}  // namespace ir::expr
