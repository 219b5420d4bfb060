#include "solver/checkpoint.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "solver/cg.hpp"
#include "support/dense_operator.hpp"
#include "support/files.hpp"
#include "support/setup.hpp"

namespace {

using ir::conjugate_gradient;
using ir::test::setup;
using system_of = ir::conjugate_gradient::system;

const auto each = boost::test_tools::per_element();

/// A solver of a system of 20 unknowns, `steps` into its work.
conjugate_gradient solving(setup& s, ir::index_t steps) {
  conjugate_gradient solver(s.q, ir::test::complex_band(20),
                            ir::test::random_vec(s, ir::test::complex_band(20)->range(), 5),
                            system_of::direct);
  if (steps > 0) ir::run(s.q, solver, {.iterations = steps});
  return solver;
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), std::ssize(bytes));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checkpoint)

BOOST_AUTO_TEST_CASE(a_restored_solver_goes_on_with_the_same_bits) {
  for (setup& s : ir::test::setups()) BOOST_TEST_CONTEXT(s.name) {
      const ir::test::temporary_folder folder;
      conjugate_gradient whole = solving(s, 9), first = solving(s, 4), second = solving(s, 0);

      ir::save_checkpoint(s.q, folder / "c", "A x = y", first);
      ir::load_checkpoint(s.q, folder / "c", "A x = y", second);
      ir::run(s.q, second, {.iterations = 9});

      BOOST_TEST(ir::test::values(s, second.solution()) == ir::test::values(s, whole.solution()),
                 each);
      BOOST_TEST(folder.names().size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(a_state_goes_only_into_its_problem) {
  setup s("f64", ir::precision::f64, {});
  const ir::test::temporary_folder folder;
  conjugate_gradient solver = solving(s, 4);
  conjugate_gradient smaller(s.q, ir::test::complex_band(19),
                             ir::test::random_vec(s, ir::test::complex_band(19)->range(), 5),
                             system_of::direct);
  ir::save_checkpoint(s.q, folder / "c", "A x = y", solver);

  BOOST_CHECK_THROW(ir::load_checkpoint(s.q, folder / "c", "B x = y", solver), ir::data_error);
  BOOST_CHECK_THROW(ir::load_checkpoint(s.q, folder / "c", "A x = y", smaller), ir::data_error);
  BOOST_CHECK_THROW(ir::load_checkpoint(s.q, folder / "d", "A x = y", solver), ir::no_input_error);
}

BOOST_AUTO_TEST_CASE(a_state_of_another_element_is_left_alone) {
  setup s("f64", ir::precision::f64, {});
  const ir::test::temporary_folder folder;
  conjugate_gradient solver = solving(s, 4), other = solving(s, 0);
  ir::save_checkpoint(s.q, folder / "c", "A x = y", solver, 3);

  BOOST_TEST(!ir::load_checkpoint(s.q, folder / "c", "A x = z", other, 4));
  BOOST_TEST(other.iterations() == 0);
  BOOST_TEST(ir::load_checkpoint(s.q, folder / "c", "A x = y", other, 3));
  BOOST_TEST(other.iterations() == 4);
}

BOOST_AUTO_TEST_CASE(only_checkpoints_are_replaced) {
  setup s("f64", ir::precision::f64, {});
  const ir::test::temporary_folder folder;
  conjugate_gradient solver = solving(s, 4);
  ir::save_checkpoint(s.q, folder / "c", "A x = y", solver);
  write(folder / "short", "IRC");
  write(folder / "text", std::string(100, 'x'));

  BOOST_CHECK_NO_THROW(ir::refuse_as_checkpoint(folder / "c"));
  BOOST_CHECK_NO_THROW(ir::refuse_as_checkpoint(folder / "new"));
  for (const char* name : {"short", "text", "none/c", "."})
    BOOST_CHECK_THROW(ir::refuse_as_checkpoint(folder / name), ir::error);
  BOOST_TEST(folder.names().size() == 3u);
}

BOOST_AUTO_TEST_CASE(damage_of_any_byte_and_every_cut_is_found) {
  setup s("f64", ir::precision::f64, {});
  const ir::test::temporary_folder folder;
  conjugate_gradient solver = solving(s, 4);
  ir::save_checkpoint(s.q, folder / "c", "A x = y", solver);
  const std::string good = contents(folder / "c");

  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    write(folder / "bad", bad);
    BOOST_CHECK_THROW(ir::load_checkpoint(s.q, folder / "bad", "A x = y", solver), ir::data_error);
    write(folder / "bad", good.substr(0, i));
    BOOST_CHECK_THROW(ir::load_checkpoint(s.q, folder / "bad", "A x = y", solver), ir::data_error);
  }
}

BOOST_AUTO_TEST_SUITE_END()
