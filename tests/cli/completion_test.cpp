#include "cli/completion.hpp"

#include <boost/test/unit_test.hpp>

#include "cli/sample.hpp"

namespace ir {
namespace {

using boost::unit_test::precondition;

boost::test_tools::assertion_result bash_is_here(boost::unit_test::test_unit_id) {
  return test::installed("bash");
}
boost::test_tools::assertion_result zsh_is_here(boost::unit_test::test_unit_id) {
  return test::installed("zsh");
}

/// What bash offers for the last of these words, on lines; in a folder with the file "one two.tif".
std::string bash_offers(const std::string& words, int last) {
  const test::sample_table s;
  const test::temporary_file script(bash_completion("ir-sample", s.table));
  const std::string command =
      "bash -c 'd=$(mktemp -d) && cd $d && touch \"one two.tif\" && source " + script.path() +
      " && COMP_WORDS=(" + words + ") COMP_CWORD=" + std::to_string(last) +
      " && _ir_sample 2>/dev/null; printf \"%s\\n\" \"${COMPREPLY[@]}\"; "
      "rm -r $d'";
  return test::shell(command).text;
}

BOOST_AUTO_TEST_CASE(bash_completes_options, *precondition(bash_is_here)) {
  BOOST_TEST(bash_offers("ir-sample --b", 1) == "--boundary\n--balance\n");
  BOOST_TEST(bash_offers("ir-sample --ir", 1) == "\n");
}

BOOST_AUTO_TEST_CASE(bash_completes_choices_also_after_an_equals_sign,
                     *precondition(bash_is_here)) {
  BOOST_TEST(bash_offers("ir-sample --method \"\"", 2) == "rl\nwiener\n");
  BOOST_TEST(bash_offers("ir-sample --method = w", 3) == "wiener\n");
  BOOST_TEST(bash_offers("ir-sample --method =", 2) == "rl\nwiener\n");
}

BOOST_AUTO_TEST_CASE(bash_completes_file_names_with_blanks, *precondition(bash_is_here)) {
  BOOST_TEST(bash_offers("ir-sample on", 1) == "one two.tif\n");
  BOOST_TEST(bash_offers("ir-sample --psf o", 2) == "one two.tif\n");
}

BOOST_AUTO_TEST_CASE(bash_offers_nothing_for_a_number, *precondition(bash_is_here)) {
  BOOST_TEST(bash_offers("ir-sample --iterations \"\"", 2) == "\n");
}

BOOST_AUTO_TEST_CASE(bash_and_zsh_can_read_their_completions,
                     *precondition(bash_is_here) * precondition(zsh_is_here)) {
  const test::sample_table s;
  const test::temporary_file bash(bash_completion("ir-sample", s.table));
  const test::temporary_file zsh(zsh_completion("ir-sample", s.table));

  BOOST_TEST(test::shell("bash -n " + bash.path() + " 2>&1").text == "");
  BOOST_TEST(test::shell("zsh -n " + zsh.path() + " 2>&1").text == "");
}

BOOST_AUTO_TEST_CASE(zsh_knows_both_names_choices_files_and_quotes) {
  const test::sample_table s;

  const std::string text = zsh_completion("ir-sample", s.table);

  BOOST_TEST(text.starts_with("#compdef ir-sample\n"));
  for (const char* spec :
       {"'(-o --output)'{-o+,--output=}'[file to write]:FILE:_files'",
        "'(-f --force)'{-f,--force}'[replace files that exist]'",
        "'(--method)'--method='[algorithm\\: rl is Richardson-Lucy]:TEXT:(rl wiener)'",
        "'(--balance)'--balance='[the user'\\''s weight \\[dimensionless\\]]:X: '",
        "'*:INPUT:_files'"})
    BOOST_TEST(text.find(spec) != std::string::npos, spec);
  BOOST_TEST(text.find("ir-emit zsh") == text.rfind("ir-emit"));
}

}  // namespace
}  // namespace ir
