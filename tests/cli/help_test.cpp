#include "cli/help.hpp"

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "cli/option_text.hpp"
#include "cli/sample.hpp"
#include "cli/text.hpp"

namespace ir {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

BOOST_AUTO_TEST_CASE(help_shows_usage_groups_choices_defaults_and_examples) {
  const test::sample_table s;

  const std::string help = help_text("ir-sample", "restore an image", s.table);

  BOOST_TEST(
      help.starts_with("ir-sample: restore an image\n\n"
                       "usage: ir-sample --psf FILE [OPTION]... [INPUT]...\n"));
  BOOST_TEST(contains(help, "\n      --psf FILE            point spread function (required)\n"));
  BOOST_TEST(contains(help,
                      "\n      --method rl|wiener    algorithm: rl is Richardson-Lucy (default"
                      " rl)\n"));
  BOOST_TEST(contains(help, "(one of circular,\n"));
  BOOST_TEST(contains(help, "\nCommon options:\n  -o, --output FILE         file to write\n"));
  BOOST_TEST(contains(help, "threads to compute with (at least 1; default all)\n"));
  BOOST_TEST(contains(help,
                      "\nExamples:\n  # Ten iterations.\n"
                      "  ir-sample blurred.tif --psf psf.tif -o sharp.tif\n"));
  BOOST_TEST(!contains(help, "ir-emit"));
}

BOOST_AUTO_TEST_CASE(no_line_of_help_is_wider_than_80) {
  const test::sample_table s;

  std::istringstream help(help_text("ir-sample", "restore an image", s.table));

  for (std::string line; std::getline(help, line);) {
    BOOST_TEST(line.size() <= 80u, line);
    BOOST_TEST(!line.ends_with(' '), line);
  }
}

BOOST_AUTO_TEST_CASE(short_help_has_one_example_and_says_where_to_read_on) {
  const test::sample_table s;

  BOOST_TEST(short_help("ir-sample", "restore an image", s.table) ==
             "ir-sample: restore an image\n"
             "usage: ir-sample --psf FILE [OPTION]... [INPUT]...\n"
             "  # Ten iterations.\n"
             "  ir-sample blurred.tif --psf psf.tif -o sharp.tif\n"
             "All options: ir-sample --help\n");
}

BOOST_AUTO_TEST_CASE(a_name_too_long_for_its_column_has_a_line_of_its_own) {
  option_table table;
  std::string value;
  table.add("-l,--a-rather-long-option-name", value, "explained below");

  BOOST_TEST(contains(help_text("ir-x", "x", table),
                      "  -l, --a-rather-long-option-name TEXT\n"
                      "                            explained below\n"));
}

BOOST_AUTO_TEST_CASE(a_long_command_breaks_after_pipes_and_before_options) {
  const std::vector<std::string> pipe =
      command_lines("ir-read 'a | b.tif' | ir-x && ir-info out.npy", 30);
  const std::vector<std::string> options = command_lines("ir-x --first 1 --second 2 --third 3", 34);
  const std::vector<std::string> fits = command_lines("ir-read a | ir-x", 30);

  BOOST_TEST(pipe ==
             (std::vector<std::string>{"ir-read 'a | b.tif' |", "  ir-x &&", "  ir-info out.npy"}));
  BOOST_TEST(options ==
             (std::vector<std::string>{"ir-x --first 1 \\", "    --second 2 \\", "    --third 3"}));
  BOOST_TEST(fits == std::vector<std::string>{"ir-read a | ir-x"});
}

BOOST_AUTO_TEST_CASE(a_word_longer_than_the_line_is_not_cut) {
  BOOST_TEST(wrapped("a bb incomprehensible c", 6) ==
             (std::vector<std::string>{"a bb", "incomprehensible", "c"}));
  BOOST_TEST(wrapped("  ", 6).empty());
}

}  // namespace
}  // namespace ir
