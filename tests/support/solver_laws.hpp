#pragma once
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>

#include "core/parallel.hpp"
#include "solver/solver.hpp"
#include "support/memory_archive.hpp"

namespace ir::test {

using solver_maker = std::function<std::unique_ptr<solver>()>;

/// Asserts that a run interrupted after 5 of 12 iterations goes on with the same bits, and that the
/// bits do not depend on the number of threads.
inline void check_resume(setup& s, const solver_maker& make) {
  const auto whole = make(), first = make(), second = make();
  run(s.q, *whole, {.iterations = 12});

  memory_archive archive(s.q, memory_archive::way::save);
  run(s.q, *first, {.iterations = 5});
  first->state(archive);
  run(s.q, *second, {.iterations = 2});  // other contents, all to be replaced
  archive.does = memory_archive::way::restore;
  second->state(archive);
  const auto result = run(s.q, *second, {.iterations = 12});
  const int before = threads();
  set_threads(1);
  const auto single = make();
  run(s.q, *single, {.iterations = 12});
  set_threads(before);

  const auto each = boost::test_tools::per_element();
  BOOST_TEST(result.last.k == 12);
  BOOST_TEST(values(s, second->solution()) == values(s, whole->solution()), each);
  BOOST_TEST(values(s, single->solution()) == values(s, whole->solution()), each);
}

}  // namespace ir::test
