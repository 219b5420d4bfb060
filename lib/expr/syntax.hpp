#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/shape.hpp"

namespace ir::expr {

/// A node of an expression as it was written; nothing is looked up yet.
///
///   sum      := product (('+' | '-') product)*
///   product  := sign (('*' | '/') sign)*
///   sign     := '-' sign | postfix
///   postfix  := primary ('.H')*
///   primary  := NUMBER | NAME | NAME '(' [argument (',' argument)*] ')' | file | STRING
///             | '(' sum ')' | '[' sum (',' sum)* ']' | '[' sum (';' sum)+ ']'
///   argument := [NAME '='] sum
///   file     := '@' PATH | '@' STRING
///
/// NUMBER is decimal, without sign; NAME begins with a letter; STRING stands in double quotes; PATH
/// ends before a blank, a double quote or one of , ; ) ]. Blanks separate, nothing else.
struct node {
  enum kind_t {
    number,      // value
    name,        // text
    string,      // text
    file,        // text: a path
    call,        // text(children), keywords beside them
    list,        // [a, b]
    stack,       // [a; b]
    negative,    // -a
    sum,         // a + b
    difference,  // a - b
    product,     // a * b
    quotient,    // a / b
    adjoint      // a.H
  };
  kind_t kind = number;
  int column = 1;  // 1-based, of the character that tells the node: an operator's sign, a name
  double value = 0;
  std::string text{};
  std::vector<node> children{};
  std::vector<std::string> keywords{};  // of a call, as many as children; empty: by position
};

/// An error with the place it was found at: "what", the expression, and a caret below it.
struct expression_error : usage_error {
  expression_error(std::string_view what, std::string_view expression, int column,
                   code_place = code_place::here());
};

/// `what` with the expression and a caret under `column` (1-based, bytes; a long expression is cut
/// around it).
std::string with_caret(std::string_view what, std::string_view expression, int column);

/// expression_error: with what was expected.
node parse(std::string_view expression);

/// How many blocks range and domain of an operator have as far as its form shows: the rows of
/// stacks, added up; 1 of a name.
struct block_counts {
  index_t range = 1, domain = 1;
};
block_counts blocks_of(const node&);

/// The node as an expression again: parse(to_string(n)) is n but for columns.
std::string to_string(const node&);

}  // namespace ir::expr
