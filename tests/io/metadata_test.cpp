#include "io/metadata.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "core/error.hpp"

using namespace ir;

namespace {

std::string nested(int depth) {
  std::string text = "1";
  for (int i = 0; i < depth; ++i) text = i + 1 < depth ? "[" + text + "]" : R"({"a":)" + text + "}";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json)

BOOST_AUTO_TEST_CASE(values_are_found_by_key_and_type) {
  const metadata_ptr m = metadata::parse(
      R"({"n":1.5,"i":-3,"s":"caf\u00e9","a":["x","y"],"v":[1,2.5],"o":{"k":1},"l":[{"k":2}]})");

  BOOST_TEST(m->number("n").value() == 1.5);
  BOOST_TEST(m->number("i").value() == -3);
  BOOST_TEST(m->integer("i").value() == -3);
  BOOST_TEST(!m->integer("n").has_value());
  BOOST_TEST(m->text("s").value() == "caf\xC3\xA9");
  BOOST_TEST(!m->text("n").has_value());
  BOOST_TEST(m->texts("a").size() == 2u);
  BOOST_TEST((m->numbers("v").value() == std::vector<double>{1, 2.5}));
  BOOST_TEST(!m->numbers("a").has_value());
  BOOST_TEST(m->object("o")->number("k").value() == 1);
  BOOST_TEST(m->objects("l")->at(0)->number("k").value() == 2);
  BOOST_TEST(m->json("v").value() == "[1,2.5]");
  BOOST_TEST(!m->has("absent"));
  BOOST_TEST(m->object("absent") == nullptr);
}

BOOST_AUTO_TEST_CASE(the_same_object_gives_the_same_bytes) {
  const auto text = [](const char* json) { return metadata::parse(json)->dump(); };

  BOOST_TEST(text(R"( { "b" : 0.1 , "a" : [ 1e0 ] } )") == text(R"({"a":[1.0],"b":0.1})"));
  BOOST_TEST(text(R"({"b":0.1,"a":1})") == R"({"a":1,"b":0.1})");
}

BOOST_AUTO_TEST_CASE(what_is_not_strict_json_is_refused) {
  for (const char* bad : {"", "{", "[1]", "1", R"({"a":1,"a":2})", R"({"o":{"a":1,"b":2,"a":3}})",
                          R"({"a":1e999})", R"({"a":NaN})", R"({"a":Infinity})",
                          R"({"a":")"
                          "\xff"
                          R"("})",
                          R"({"a":"\ud800"})", R"({"a":1}x)", R"({"a":1,})", "\xEF\xBB\xBF{}",
                          "{} // no", "{'a':1}", R"({"a":01})"})
    BOOST_TEST_CONTEXT(bad) BOOST_CHECK_THROW(metadata::parse(bad), data_error);
  BOOST_CHECK_THROW(metadata::parse(std::string_view("{}\0 ", 4)), data_error);
  BOOST_CHECK_THROW(metadata::parse(R"({"a":")" + std::string(metadata::max_bytes, 'x') + "\"}"),
                    data_error);
}

BOOST_AUTO_TEST_CASE(nesting_ends_at_32) {
  BOOST_CHECK_NO_THROW(metadata::parse(nested(32)));
  BOOST_CHECK_THROW(metadata::parse(nested(33)), data_error);
  BOOST_CHECK_THROW(metadata::parse(std::string(1000000, '[')), data_error);
  BOOST_CHECK_NO_THROW(metadata::with({}, "k", nested(31)));
  BOOST_CHECK_THROW(metadata::with({}, "k", nested(32)), data_error);
}

BOOST_AUTO_TEST_CASE(an_error_names_the_byte) {
  BOOST_CHECK_EXCEPTION(metadata::parse(R"({"a":x})"), data_error, [](const data_error& e) {
    return std::string_view(e.what()).find("byte 6") != std::string_view::npos;
  });
}

BOOST_AUTO_TEST_CASE(with_sets_replaces_and_removes) {
  const metadata_ptr one = metadata::with({}, "a", "[1]");
  const metadata_ptr two = metadata::with(one, "b", R"({"k":"v"})");

  BOOST_TEST(one->dump() == R"({"a":[1]})");
  BOOST_TEST(two->dump() == R"({"a":[1],"b":{"k":"v"}})");
  BOOST_TEST(metadata::with(two, "a", "2")->dump() == R"({"a":2,"b":{"k":"v"}})");
  BOOST_TEST(metadata::with(two, "a", "null")->dump() == R"({"b":{"k":"v"}})");
}

BOOST_AUTO_TEST_CASE(numbers_are_short_and_come_back) {
  for (const double v : {0.1, 1.0 / 3, 1e-300, 1.7976931348623157e308, 5e-324, -0.0, 3.0}) {
    const auto m = metadata::with({}, "v", json_number(v));
    BOOST_TEST(m->number("v").value() == v);
    BOOST_TEST(metadata::parse(m->dump())->number("v").value() == v);
  }
  BOOST_TEST(json_number(3) == "3");
  BOOST_CHECK_THROW((void)json_number(std::numeric_limits<double>::quiet_NaN()), usage_error);
}

BOOST_AUTO_TEST_CASE(any_text_can_be_quoted) {
  BOOST_TEST(json_quoted("a\"b\n") == R"("a\"b\n")");
  BOOST_TEST(json_quoted("\xff") == "\"\xEF\xBF\xBD\"");
}

BOOST_AUTO_TEST_CASE(commands_are_added_to_the_history) {
  const auto m = with_command(with_command({}, "ir-read a.tif"), "ir-noise --seed 1");

  BOOST_TEST(
      m->texts("history") == (std::vector<std::string>{"ir-read a.tif", "ir-noise --seed 1"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
