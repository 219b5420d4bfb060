#pragma once
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

#include "expr/syntax.hpp"

namespace ir::test {

/// A wrong expression, where its caret stands (1-based), and words of the message.
struct pointed_mistake {
  const char* text;
  int column;
  const char* expected;
};
inline std::ostream& operator<<(std::ostream& o, const pointed_mistake& m) { return o << m.text; }

/// Whether `read(m.text)` refuses the mistake at its column, with these words.
template <class Read>
void check_mistake(const pointed_mistake& m, const Read& read) {
  const auto pointed = [&](const expr::expression_error& e) {
    const std::string what = e.what();
    BOOST_TEST_MESSAGE(what);
    const std::size_t last = what.rfind('\n'), caret = what.find('^', last);
    if (caret == std::string::npos) return false;
    return what.find(m.expected) != std::string::npos &&
           caret - last - 2 == static_cast<std::size_t>(m.column);
  };
  BOOST_CHECK_EXCEPTION(read(m.text), expr::expression_error, pointed);
}

}  // namespace ir::test
