#include "solver/solution_log.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "core/error.hpp"
#include "support/files.hpp"
#include "support/setup.hpp"

namespace {

using ir::solution_log;
using ir::test::setup;

const auto each = boost::test_tools::per_element();
const ir::space domain = ir::space({3, 5}) | ir::space({7}, ir::field::complex);

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), std::ssize(bytes));
}

std::string problem(int k) { return "element " + std::to_string(k); }

/// Appends elements `from` to 2 to a log.
void append(setup& s, solution_log& log, int from) {
  for (int k = from; k < 3; ++k)
    log.append(s.q, problem(k), k == 1 ? "\"iterations\":17" : "",
               ir::test::random_vec(s, domain, 40 + static_cast<unsigned>(k)));
}

/// How many solutions a log holds, all of them as they were appended.
int solutions(setup& s, solution_log& log) {
  ir::owned_vec x(s.q, domain, s.type);
  int k = 0;
  while (const auto told = log.next(s.q, problem(k), x)) {
    BOOST_TEST(
        ir::test::values(s, x) ==
            ir::test::values(s, ir::test::random_vec(s, domain, 40 + static_cast<unsigned>(k))),
        each);
    BOOST_TEST(
        (told->integer("iterations") == (k == 1 ? std::optional<ir::index_t>(17) : std::nullopt)));
    ++k;
  }
  return k;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(solutions_kept)

BOOST_AUTO_TEST_CASE(solutions_come_back_in_order_with_their_bits) {
  for (setup& s : ir::test::setups()) BOOST_TEST_CONTEXT(s.name) {
      const ir::test::temporary_folder folder;
      {
        solution_log log(folder / "c", solution_log::file::fresh);
        BOOST_TEST(solutions(s, log) == 0);
        append(s, log, 0);
      }
      solution_log again(folder / "c", solution_log::file::as_it_is);
      BOOST_TEST(solutions(s, again) == 3);
      solution_log anew(folder / "c", solution_log::file::fresh);
      BOOST_TEST(solutions(s, anew) == 0);
    }
}

BOOST_AUTO_TEST_CASE(what_is_cut_or_damaged_is_left_out_and_the_rest_goes_on) {
  setup s("f64", ir::precision::f64, {});
  const ir::test::temporary_folder folder;
  {
    solution_log log(folder / "c", solution_log::file::fresh);
    append(s, log, 0);
  }
  const std::string good = contents(folder / "c");
  for (std::size_t cut = 0; cut < good.size(); cut += 5) {
    write(folder / "c", good.substr(0, cut));
    solution_log log(folder / "c", solution_log::file::as_it_is);
    const int whole = solutions(s, log);
    BOOST_TEST(whole < 3);
    append(s, log, whole);
    BOOST_TEST((contents(folder / "c") == good));
  }
  for (std::size_t at = 8; at < good.size(); at += 3) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    write(folder / "c", bad);
    solution_log log(folder / "c", solution_log::file::as_it_is);
    BOOST_TEST(solutions(s, log) < 3);
  }
}

BOOST_AUTO_TEST_CASE(another_problem_and_other_files_are_refused) {
  setup s("f64", ir::precision::f64, {});
  const ir::test::temporary_folder folder;
  solution_log log(folder / "c", solution_log::file::fresh);
  append(s, log, 0);
  write(folder / "text", "hello");
  solution_log again(folder / "c", solution_log::file::as_it_is);
  ir::owned_vec x(s.q, domain, s.type), smaller(s.q, ir::space({2}), s.type);

  BOOST_CHECK_THROW(again.next(s.q, "another", x), ir::data_error);
  BOOST_CHECK_THROW(again.next(s.q, problem(0), smaller), ir::data_error);
  BOOST_CHECK_THROW(solution_log(folder / "text", solution_log::file::fresh), ir::output_error);
  BOOST_CHECK_THROW(solution_log(folder / "no/c", solution_log::file::fresh), ir::output_error);
  BOOST_TEST(contents(folder / "text") == "hello");
}

BOOST_AUTO_TEST_SUITE_END()
