#include "expr/syntax.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

#include "support/pointed_mistake.hpp"

namespace ir::expr {
namespace {

namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(syntax)

struct written {
  const char *text, *canonical;
};
std::ostream& operator<<(std::ostream& o, const written& w) { return o << w.text; }

const written forms[] = {
    {"2", "2"},
    {".5e-1", "0.05"},
    {"a*b*c", "a * b * c"},
    {"a*(b*c)", "a * (b * c)"},
    {"a/(b*c)", "a / (b * c)"},
    {"a-(b-c)+d", "a - (b - c) + d"},
    {"-a*b.H", "-a * b.H"},
    {"-(a*b)", "-(a * b)"},
    {"(a+b).H.H", "(a + b).H.H"},
    {"mask(@m.tif)*radon(angles=180)", "mask(@\"m.tif\") * radon(angles=180)"},
    {"blur(@f.h5:/a/b,boundary=zero)", "blur(@\"f.h5:/a/b\", boundary=zero)"},
    {"f(\"a b\", [1,-2])", "f(\"a b\", [1, -2])"},
    {"[a; 2*b; c.H]", "[a; 2 * b; c.H]"},
    {"f()", "f()"},
    {"@\"a b.tif\"", "@\"a b.tif\""},
};

BOOST_DATA_TEST_CASE(is_read_and_written_again, data::make(forms)) {
  const node n = parse(sample.text);

  BOOST_TEST(to_string(n) == sample.canonical);
  BOOST_TEST(to_string(parse(to_string(n))) == sample.canonical);
}

const test::pointed_mistake mistakes[] = {
    {"", 1, "an expression is expected"},
    {"a *", 4, "a number, name, file (@path) or bracket is expected, not the end"},
    {"a b", 3, "not the name 'b'"},
    {"(a + b", 7, "')' is expected here (it closes '(' at column 1), not the end"},
    {"f(a; b)", 4, "')' is expected"},
    {"[a, b; c]", 6, "one bracket has either"},
    {"2x", 2, "between a number and a name"},
    {"a $ b", 3, "'$' has no meaning"},
    {"@ ", 1, "a file's name is expected"},
    {"f(\"a", 3, "never closed"},
    {"f(2=3)", 3, "a keyword is a name"},
    {"1e999", 1, "out of range"},
    {"a.B", 2, "'.' has no meaning"},
};

BOOST_DATA_TEST_CASE(a_mistake_is_pointed_at, data::make(mistakes)) {
  test::check_mistake(sample, parse);
}

BOOST_AUTO_TEST_CASE(the_caret_of_a_long_expression_stays_in_sight) {
  const std::string text = std::string(300, 'a') + " $ " + std::string(300, 'b');

  const std::string message = with_caret("what", text, 302);

  const std::size_t line = message.find('\n') + 1, caret = message.rfind('\n') + 1;
  BOOST_TEST(message.find('\n', line) - line < 90u);
  BOOST_TEST(message[line + (message.find('^', caret) - caret)] == '$');
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused) {
  const std::string text = std::string(100000, '(') + "a" + std::string(100000, ')');

  BOOST_CHECK_THROW(parse(text), expression_error);
}

BOOST_AUTO_TEST_CASE(rows_are_counted_by_the_form_of_an_expression) {
  const auto blocks = [](std::string_view text) {
    const block_counts n = blocks_of(parse(text));
    return std::pair(n.range, n.domain);
  };
  using counts = std::pair<index_t, index_t>;

  BOOST_TEST((blocks("blur(gaussian(2))") == counts(1, 1)));
  BOOST_TEST((blocks("[a; b; c]") == counts(3, 1)));
  BOOST_TEST((blocks("-2 * [a * b; [c; d]] / 3 + [a; b; c]") == counts(3, 1)));
  BOOST_TEST((blocks("[a; b].H") == counts(1, 2)));
  BOOST_TEST((blocks("adj([a; b]) * [c; d]") == counts(1, 1)));
  BOOST_TEST((blocks("[a; b] * adj([c; d; e])") == counts(2, 3)));
  BOOST_TEST((blocks("normal([a; b].H)") == counts(2, 2)));
  BOOST_TEST((blocks("crop([4, 6], begin=1)") == counts(1, 1)));
}

BOOST_AUTO_TEST_CASE(any_bytes_are_read_or_refused) {
  std::mt19937 random(5);
  const std::string_view pieces = "ab1.2(),;[]*+-/@\"= H\n$\xc3";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int i = static_cast<int>(random() % 12); i >= 0; --i)
      text += pieces[random() % pieces.size()];
    try {
      const std::string once = to_string(parse(text));
      BOOST_TEST(to_string(parse(once)) == once);
    } catch (const expression_error&) {
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ir::expr
