#include "op/op_spec.hpp"

#include <boost/test/unit_test.hpp>

#include "op/identity.hpp"
#include "op/registry.hpp"
#include "op/spec_algebra.hpp"
#include "support/operator_laws.hpp"

namespace {

using ir::space;
using ir::spec_ptr;

/// Every second element: two domains give a range, so it names none.
struct half_spec final : ir::op_spec {
  space do_range(const space& x) const override { return space({(x.extents()[0] + 1) / 2}); }
  ir::op_ptr do_build(const space& x, ir::precision, ir::queue&) const override {
    return std::make_shared<ir::zero_operator>(x, do_range(x));
  }
};

spec_ptr half(int column = 0) {
  auto s = std::make_shared<half_spec>();
  s->column = column;
  return s;
}
spec_ptr identity() { return ir::find_op("identity")->make({}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(op_spec)

BOOST_AUTO_TEST_CASE(spaces_are_inferred_forwards_and_backwards) {
  const space n({9});

  BOOST_TEST(ir::compose(half(), identity())->range_of(n) == space({5}));
  BOOST_TEST(ir::stack({half(), identity()})->range_of(n) == (space({5}) | n));
  BOOST_TEST(ir::normal(half())->range_of(n) == n);
  BOOST_TEST(!ir::compose(half(), identity())->domain_of(n).has_value());
  BOOST_TEST((ir::scale(2, identity())->domain_of(n) == n));
  BOOST_TEST((ir::adjoint(half())->domain_of(n) == space({5})));
  BOOST_TEST((ir::stack({half(), identity()})->domain_of(space({5}) | n) == n));
}

BOOST_AUTO_TEST_CASE(an_adjoint_takes_the_domain_that_occurs_in_its_chain) {
  ir::test::setup s("f64", ir::precision::f64, {});
  const spec_ptr D = half(), chain = ir::compose(ir::adjoint(D), ir::compose(identity(), D));

  BOOST_TEST(chain->range_of(space({9})) == space({9}));
  BOOST_TEST(chain->range_of(space({10})) == space({10}));
  BOOST_TEST(chain->build(space({9}), s.type, s.q)->range() == space({9}));
  BOOST_CHECK_THROW(ir::adjoint(D)->range_of(space({5})), ir::usage_error);
}

BOOST_AUTO_TEST_CASE(an_error_names_the_column_of_its_node) {
  const spec_ptr all = ir::sum({identity(), half(12)});
  const auto column_of = [](const auto& f) {
    try {
      f();
    } catch (const ir::spec_error& e) {
      return e.column;
    }
    return -1;
  };
  const auto two = space({3}) | space({4});

  BOOST_TEST(column_of([&] { all->range_of(two); }) == 12);
  BOOST_CHECK_THROW(all->range_of(space({4})), ir::shape_error);  // no column: as it is
}

BOOST_AUTO_TEST_CASE(arguments_are_checked_by_name_and_kind) {
  const ir::op_entry e{"probe",
                       "",
                       {{"size", ir::argument_kind::number, "how many"},
                        {"by", ir::argument_kind::numbers, "steps", std::vector{1.0}}},
                       {}};

  const auto all = ir::arguments_for(e, {{"size", 3.0}});

  BOOST_TEST(ir::whole_number(all[0], "size", 1) == 3);
  BOOST_TEST(ir::numbers(all[1]) == std::vector{1.0}, boost::test_tools::per_element());
  BOOST_CHECK_THROW(ir::arguments_for(e, {}), ir::usage_error);
  BOOST_CHECK_THROW(ir::arguments_for(e, {{"size", std::string("x")}}), ir::usage_error);
  BOOST_CHECK_THROW(ir::arguments_for(e, {{"size", 3.0}, {"sise", 3.0}}), ir::usage_error);
  BOOST_CHECK_THROW(ir::whole_number(2.5, "size", 1), ir::usage_error);
  BOOST_CHECK_THROW(ir::whole_number(0.0, "size", 1), ir::usage_error);
  BOOST_TEST((ir::find_op("nothing") == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
