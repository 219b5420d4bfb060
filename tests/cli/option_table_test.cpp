#include "cli/option_table.hpp"

#include <boost/test/unit_test.hpp>

#include "core/error.hpp"

namespace ir {
namespace {

using words = std::vector<std::string>;

/// One of each kind of option.
struct options {
  bool force = false, quiet = false, help = false;
  int iterations = 10;
  index_t seed = 0;
  double sigma = 1.5;
  std::string method = "rl", output;
  shape extents{4, 6};
  std::vector<double> spacing{1};
  std::vector<index_t> frames;
  std::vector<std::string> names, inputs;
  std::optional<int> threads;
  std::optional<double> scale;
};

struct sample {
  options o;
  option_table table;
  sample() {
    table.add("INPUT", o.inputs, "files to read").repeatable().file();
    table.add("--iterations", o.iterations, "iterations").at_least(1);
    table.add("--sigma", o.sigma, "standard deviation").positive();
    table.add("--method", o.method, "algorithm").choices({"rl", "wiener"});
    table.add("--shape", o.extents, "extents");
    table.add("--spacing", o.spacing, "voxel size").positive();
    table.add("--frames", o.frames, "frames to read");
    table.add("--names", o.names, "names");
    table.add("--scale", o.scale, "factor");
    table.input("--psf", role::psf, "point spread function");
    table.group("Common options");
    table.add("-o,--output", o.output, "file to write").file();
    table.add("-f,--force", o.force, "overwrite");
    table.add("-q,--quiet", o.quiet, "say nothing");
    table.add("-j,--threads", o.threads, "threads").at_least(1);
    table.add("--seed", o.seed, "of random numbers");
    table.add("-h,--help", o.help, "this text").informational();
  }
};

std::string message_of(const words& arguments) {
  sample s;
  try {
    s.table.parse(arguments);
  } catch (const usage_error& e) {
    return e.what();
  }
  return "no error";
}

BOOST_AUTO_TEST_CASE(values_of_every_type_are_parsed) {
  sample s;

  s.table.parse(
      {"--iterations", "25",     "--sigma=2.5e-1",   "--method", "wiener", "--shape", "64,128,3",
       "--spacing",    "1,0.5",  "--frames=0,-2,+7", "--names",  "a,b",    "--scale", "-2",
       "-j4",          "--seed", "9000000000",       "-fq",      "-o",     "-",       "a.tif",
       "b,c.tif"});

  BOOST_TEST(s.o.iterations == 25);
  BOOST_TEST(s.o.sigma == 0.25);
  BOOST_TEST(s.o.method == "wiener");
  BOOST_TEST(s.o.extents == (shape{64, 128, 3}));
  BOOST_TEST(s.o.spacing == (std::vector<double>{1, 0.5}));
  BOOST_TEST(s.o.frames == (std::vector<index_t>{0, -2, 7}));
  BOOST_TEST(s.o.names == (words{"a", "b"}));
  BOOST_TEST(s.o.scale.value() == -2);
  BOOST_TEST(s.o.threads.value() == 4);
  BOOST_TEST(s.o.seed == 9000000000);
  BOOST_TEST(s.o.force);
  BOOST_TEST(s.o.quiet);
  BOOST_TEST(s.o.output == "-");
  BOOST_TEST(s.o.inputs == (words{"a.tif", "b,c.tif"}));
}

BOOST_AUTO_TEST_CASE(options_that_are_absent_keep_their_defaults) {
  sample s;

  s.table.parse({});

  BOOST_TEST(s.o.iterations == 10);
  BOOST_TEST(s.o.spacing == std::vector<double>{1});
  BOOST_TEST(!s.o.threads.has_value());
  BOOST_TEST(!s.table.given("--iterations"));
}

BOOST_AUTO_TEST_CASE(given_knows_long_and_short_names_and_positionals) {
  sample s;

  s.table.parse({"-j", "2", "x.tif"});

  BOOST_TEST(s.table.given("--threads"));
  BOOST_TEST(s.table.given("-j"));
  BOOST_TEST(s.table.given("INPUT"));
  BOOST_TEST(!s.table.given("--force"));
}

BOOST_AUTO_TEST_CASE(an_option_may_stand_in_the_place_of_the_input) {
  for (const bool given : {false, true}) {
    std::string kind;
    option_table table;
    table.add("--phantom", kind, "made, not read").replaces_input();

    table.parse(given ? words{"--phantom", "head"} : words{});

    BOOST_TEST((table.in_place_of_input() != nullptr) == given);
    if (given) BOOST_TEST(table.in_place_of_input()->long_name == "--phantom");
  }
}

BOOST_AUTO_TEST_CASE(side_inputs_carry_role_and_path) {
  sample s;

  s.table.parse({"--psf", "k.tif"});

  BOOST_REQUIRE(s.table.side_inputs().size() == 1);
  BOOST_TEST(s.table.side_inputs()[0].path == "k.tif");
  BOOST_TEST(bool(s.table.side_inputs()[0].what == role::psf));
}

BOOST_AUTO_TEST_CASE(words_after_two_dashes_are_positionals) {
  sample s;

  s.table.parse({"--", "--sigma", "-f"});

  BOOST_TEST(s.o.inputs == (words{"--sigma", "-f"}));
  BOOST_TEST(!s.o.force);
}

BOOST_AUTO_TEST_CASE(brackets_and_empty_words_are_values_like_others) {
  sample s;

  s.table.parse({"[a,b]", "-o", "", "[c]"});

  BOOST_TEST(s.o.inputs == (words{"[a,b]", "[c]"}));
  BOOST_TEST(s.table.given("--output"));
}

BOOST_AUTO_TEST_CASE(a_value_may_look_like_an_option_that_does_not_exist) {
  sample s;

  s.table.parse({"--names", "--b", "-o", "-.5"});

  BOOST_TEST(s.o.names == words{"--b"});
  BOOST_TEST(s.o.output == "-.5");
}

BOOST_AUTO_TEST_CASE(help_wins_over_every_mistake) {
  for (const words& arguments :
       {words{"--help", "--nonsense"}, words{"-o", "-h"}, words{"--iterations", "x", "--help"},
        words{"-qh", "--sigma", "-1"}}) {
    sample s;

    s.table.parse(arguments);

    BOOST_TEST(s.o.help);
    BOOST_TEST(s.o.iterations == 10);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_option_names_the_nearest_one) {
  BOOST_TEST(message_of({"--sigmaa", "2"}) == "unknown option --sigmaa; did you mean --sigma?");
  BOOST_TEST(message_of({"--sigam=2"}) == "unknown option --sigam; did you mean --sigma?");
  BOOST_TEST(message_of({"x.tif", "--iter", "5"}) ==
             "unknown option --iter; did you mean --iterations?");
  BOOST_TEST(message_of({"-output", "x"}) == "unknown option -output; did you mean --output?");
  BOOST_TEST(message_of({"--bogus"}) == "unknown option --bogus; --help lists all");
  BOOST_TEST(message_of({"-x"}) == "unknown option -x; --help lists all");
}

BOOST_AUTO_TEST_CASE(a_number_that_is_none_is_shown) {
  BOOST_TEST(message_of({"--iterations", "abc"}) == "--iterations: 'abc' is not a whole number");
  BOOST_TEST(message_of({"--iterations", "1.5"}) == "--iterations: '1.5' is not a whole number");
  BOOST_TEST(message_of({"--iterations="}) == "--iterations: '' is not a whole number");
  BOOST_TEST(message_of({"--iterations", "3000000000"}) ==
             "--iterations: '3000000000' is out of range");
  BOOST_TEST(message_of({"--sigma", "1,5"}) == "--sigma: '1,5' is not a number");
  BOOST_TEST(message_of({"--sigma", "nan"}) == "--sigma: 'nan' is not a finite number");
  BOOST_TEST(message_of({"--sigma", "1e999"}) == "--sigma: '1e999' is out of range");
  BOOST_TEST(message_of({"--sigma", "+-2"}) == "--sigma: '+-2' is not a number");
}

BOOST_AUTO_TEST_CASE(limits_are_told_with_the_value) {
  BOOST_TEST(message_of({"--sigma", "-2"}) == "--sigma must be above 0, not -2");
  BOOST_TEST(message_of({"--spacing", "1,0"}) == "--spacing must be above 0, not 0");
  BOOST_TEST(message_of({"-j", "0"}) == "--threads must be at least 1, not 0");
  BOOST_TEST(message_of({"--shape", "4,0"}) == "--shape: extents are at least 1, not 0");
}

BOOST_AUTO_TEST_CASE(a_choice_that_does_not_exist_lists_the_others) {
  BOOST_TEST(message_of({"--method", "foo"}) == "--method: 'foo' is not one of rl, wiener");
}

BOOST_AUTO_TEST_CASE(an_empty_element_of_a_list_is_an_error) {
  BOOST_TEST(message_of({"--spacing", "1,,2"}) ==
             "--spacing: '1,,2' has an empty element; elements are separated by commas");
  BOOST_TEST(message_of({"--frames", "1,"}) ==
             "--frames: '1,' has an empty element; elements are separated by commas");
}

BOOST_AUTO_TEST_CASE(a_missing_value_is_told) {
  BOOST_TEST(message_of({"--sigma"}) == "--sigma needs a value");
  BOOST_TEST(message_of({"-qo"}) == "-o needs a value");
  BOOST_TEST(message_of({"-o", "--force"}) == "-o needs a value, but the option --force follows");
}

BOOST_AUTO_TEST_CASE(a_value_too_much_is_told) {
  BOOST_TEST(message_of({"--force=yes"}) == "--force takes no value, but 'yes' is given");
  BOOST_TEST(message_of({"-o=x.tif"}) == "-o=x.tif: write -o x.tif without '='");
  BOOST_TEST(message_of({"--sigma", "1", "--sigma=2"}) ==
             "--sigma is given twice, with '1' and '2'");
}

BOOST_AUTO_TEST_CASE(a_positional_too_many_is_told) {
  std::string input;
  option_table one, none;
  one.add("INPUT", input, "file to read");

  BOOST_CHECK_EXCEPTION(one.parse({"a.tif", "b.tif"}), usage_error, [](const usage_error& e) {
    return e.what() == std::string("unexpected argument 'b.tif'; INPUT is 'a.tif' already");
  });
  BOOST_CHECK_EXCEPTION(none.parse({"a.tif"}), usage_error, [](const usage_error& e) {
    return e.what() == std::string("unexpected argument 'a.tif'; only options are expected");
  });
}

BOOST_AUTO_TEST_CASE(what_is_required_and_missing_is_told_with_its_help) {
  std::string input;
  option_table positional, side;
  positional.add("INPUT", input, "file to read").required();
  side.input("--psf", role::psf, "point spread function").required();

  BOOST_CHECK_EXCEPTION(positional.parse({}), usage_error, [](const usage_error& e) {
    return e.what() == std::string("INPUT is missing: file to read");
  });
  BOOST_CHECK_EXCEPTION(side.parse({}), usage_error, [](const usage_error& e) {
    return e.what() == std::string("--psf FILE is missing: point spread function");
  });
}

BOOST_AUTO_TEST_CASE(repeatable_lists_grow) {
  std::vector<double> weights{7};
  option_table table;
  table.add("--weight", weights, "of a term").repeatable();

  table.parse({"--weight", "1,2", "--weight", "3"});

  BOOST_TEST(weights == (std::vector<double>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(a_file_has_a_name_of_its_own_or_FILE) {
  std::string folder, file;
  option_table table;
  table.add("--folder", folder, "of files").metavar("FOLDER").file();
  table.add("--file", file, "a file").file();

  BOOST_TEST(table.options()[0].metavar == "FOLDER");
  BOOST_TEST(table.options()[1].metavar == "FILE");
}

BOOST_AUTO_TEST_CASE(a_name_declared_twice_is_a_bug) {
  sample s;
  int again = 0;

  BOOST_CHECK_THROW(s.table.add("-j,--jobs", again, "jobs"), bug_error);
}

BOOST_AUTO_TEST_CASE(the_table_tells_names_defaults_and_groups) {
  const sample s;

  const option_info& iterations = s.table.options()[1];
  const option_info& extents = s.table.options()[4];
  const option_info& threads = s.table.options()[13];

  BOOST_TEST(iterations.fallback == "10");
  BOOST_TEST(iterations.metavar == "N");
  BOOST_TEST(iterations.group == "Options");
  BOOST_TEST(extents.fallback == "4,6");
  BOOST_TEST(threads.short_name == "-j");
  BOOST_TEST(threads.fallback == "");
  BOOST_TEST(threads.group == "Common options");
}

}  // namespace
}  // namespace ir
