#include "cli/man_page.hpp"

#include <boost/test/unit_test.hpp>

#include "cli/conventions.hpp"
#include "cli/sample.hpp"
#include "core/error.hpp"

namespace ir {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

boost::test_tools::assertion_result mandoc_is_here(boost::unit_test::test_unit_id) {
  return test::installed("mandoc");
}

BOOST_AUTO_TEST_CASE(a_man_page_has_every_section) {
  const test::sample_table s;

  const std::string page = man_page("ir-sample", "restore an image", s.table);

  for (const char* heading : {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "METHOD", "EXIT STATUS",
                              "ENVIRONMENT", "EXAMPLES", "SEE ALSO"})
    BOOST_TEST(contains(page, std::string("\n.SH ") + heading + "\n"), heading);
  BOOST_TEST(contains(page, "\n.SS Common options\n"));
  BOOST_TEST(contains(page, "\n\\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIFILE\\fR\n"));
  BOOST_TEST(!contains(page.substr(page.find(".TH")), "ir\\-emit"));
}

BOOST_AUTO_TEST_CASE(text_is_safe_from_troff) {
  const test::sample_table s;

  const std::string page = man_page("ir-sample", "restore an image", s.table);

  BOOST_TEST(contains(page, "the PSF \\(aqH\\(aq may be"));
  BOOST_TEST(contains(page, "\n\\&.So does this sentence.\nIt is the last.\n"));
  BOOST_TEST(contains(page, "\n  f <\\- f * H\\(aq(g / H f)\n"));
  BOOST_TEST(
      contains(page, "\n.EX\nir\\-sample blurred.tif \\-\\-psf psf.tif \\-o sharp.tif\n.EE\n"));
}

BOOST_AUTO_TEST_CASE(mandoc_finds_nothing_to_complain_of,
                     *boost::unit_test::precondition(mandoc_is_here)) {
  const test::sample_table s;
  const test::temporary_file page(man_page("ir-sample", "restore an image", s.table));

  const test::outcome lint = test::shell("mandoc -Tlint " + page.path() + " 2>&1");

  BOOST_TEST(lint.text == "");
}

BOOST_AUTO_TEST_CASE(the_table_of_exit_statuses_holds_every_exit_code) {
  const exit_code codes[] = {exit_code::ok,      exit_code::negative, exit_code::usage,
                             exit_code::numeric, exit_code::data,     exit_code::no_input,
                             exit_code::device,  exit_code::bug,      exit_code::memory,
                             exit_code::output,  exit_code::io,       exit_code::busy,
                             exit_code::upstream};

  BOOST_REQUIRE(exit_statuses().size() == std::size(codes));
  for (std::size_t i = 0; i < std::size(codes); ++i)
    BOOST_TEST(exit_statuses()[i].name == std::to_string(int(codes[i])));
}

}  // namespace
}  // namespace ir
