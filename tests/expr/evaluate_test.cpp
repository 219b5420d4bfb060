#include "expr/evaluate.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/array.hpp"
#include "support/pointed_mistake.hpp"

namespace ir::expr {
namespace {

namespace data = boost::unit_test::data;

array_ptr no_files(const std::string& name) { throw no_input_error("'" + name + "' is not there"); }

/// What the operator of an expression makes of (1, 2, 3, 4).
std::vector<double> applied(const char* expression) {
  queue q;
  const space x({4});
  const auto A = read_operator(expression, no_files)->build(x, precision::f64, q);
  owned_vec in(q, A->domain(), precision::f64), out(q, A->range(), precision::f64);
  for (int i = 0; i < 4; ++i) static_cast<double*>(vec(in).data())[i] = i + 1;
  A->apply(q, in, out);
  std::vector<double> all;
  for (int b = 0; b < static_cast<int>(A->range().blocks().size()); ++b) {
    const cref block = cvec(out).block(b);
    const auto* v = static_cast<const double*>(block.data);
    all.insert(all.end(), v, v + block.extents.count());
  }
  return all;
}

BOOST_AUTO_TEST_SUITE(evaluate)

struct meaning {
  const char* text;
  std::vector<double> result;
};
std::ostream& operator<<(std::ostream& o, const meaning& m) { return o << m.text; }

const meaning meanings[] = {
    {"identity", {1, 2, 3, 4}},
    {"identity()", {1, 2, 3, 4}},
    {"2*identity", {2, 4, 6, 8}},
    {"identity*2*3", {6, 12, 18, 24}},
    {"-identity/2", {-.5, -1, -1.5, -2}},
    {"identity - 3*identity", {-2, -4, -6, -8}},
    {"(1+2*3-1)*identity", {6, 12, 18, 24}},
    {"adj(2*identity)*identity.H", {2, 4, 6, 8}},
    {"normal(3*identity)", {9, 18, 27, 36}},
    {"[identity; -identity]", {1, 2, 3, 4, -1, -2, -3, -4}},
};

BOOST_DATA_TEST_CASE(an_expression_is_its_operator, data::make(meanings)) {
  BOOST_TEST(applied(sample.text) == sample.result, boost::test_tools::per_element());
}

const test::pointed_mistake mistakes[] = {
    {"idntity", 1, "there is no operator or functional 'idntity': is 'identity' meant?"},
    {"identity * xyzzy", 12, "there is no operator or functional 'xyzzy'"},
    {"2", 1, "this is a number"},
    {"identity + 2", 10, "added to a number only"},
    {"identity / 0", 10, "division by 0"},
    {"2 / identity", 5, "a number is expected"},
    {"identity(3)", 10, "takes 0 arguments"},
    {"identity(n=3)", 12, "no argument 'n'"},
    {"adj(identity, 2)", 1, "takes one operator"},
    {"[identity, 2]", 2, "stacked by ';'"},
    {"\"word\"", 1, "not a word"},
    {"1e300*1e300*identity", 6, "out of range"},
    {"l1", 1, "an operator is expected, not a functional"},
    {"identity * l1", 10, "stands before the operator"},
    {"l1 + identity", 4, "added to a functional only"},
};

BOOST_DATA_TEST_CASE(a_mistake_is_pointed_at, data::make(mistakes)) {
  test::check_mistake(sample, [](const char* text) { read_operator(text, no_files); });
}

BOOST_AUTO_TEST_CASE(a_functional_is_a_sum_of_weighted_terms) {
  queue q;
  const space x({4});
  owned_vec v(q, x, precision::f64);
  for (int i = 0; i < 4; ++i) static_cast<double*>(vec(v).data())[i] = i - 1;  // -1 0 1 2

  const auto all =
      read_functional("3 * l1 * (2 * identity) * identity + nonneg + 2 * (l2 / 4)", no_files);

  BOOST_TEST(all.size() == 3u);
  BOOST_TEST(all[0].weight == 3);
  BOOST_TEST(all[0].f->build(x, precision::f64, q)->value(q, v) == 4);
  BOOST_TEST(all[0].A->range_of(x) == x);
  BOOST_TEST(std::isinf(all[1].f->build(x, precision::f64, q)->value(q, v)));
  BOOST_TEST(!all[1].A);
  BOOST_TEST(all[2].weight == 0.5);
}

const test::pointed_mistake functional_mistakes[] = {
    {"-l1", 1, "above 0"},
    {"0 * l1", 3, "above 0"},
    {"l1 - l2", 4, "not convex"},
    {"identity", 1, "a functional is expected, not an operator"},
    {"huber", 1, "delta is missing"},
    {"huber(0.1, norm=l1)", 17, "no argument 'norm'"},
    {"ball(1, l3)", 1, "there is no norm 'l3'"},
    {"box(1, identity)", 8, "high is not an operator"},
    {"envelope(tv, 0.1)", 10, "a functional of x itself"},
    {"envelope(l1 + nonneg, 0.1)", 13, "one functional, and this is a sum of 2"},
    {"envelope(identity, 0.1)", 10, "a functional is expected, not an operator"},
    {"envelope(l1, 0)", 1, "above 0"},
    {"shift(l1, 3)", 11, "c is not a number"},
};

BOOST_DATA_TEST_CASE(a_mistake_in_a_functional_is_pointed_at, data::make(functional_mistakes)) {
  test::check_mistake(sample, [](const char* text) { read_functional(text, no_files); });
}

array_ptr one_two(const std::string& name) {
  return std::make_shared<loaded_array>(
      loaded_array{name, shape{2}, field::real, std::vector<double>{1, 2}});
}

BOOST_AUTO_TEST_CASE(functionals_are_made_of_functionals) {
  queue q;
  const space x({2, 2});
  owned_vec v(q, x, precision::f64);
  for (int i = 0; i < 4; ++i) static_cast<double*>(vec(v).data())[i] = 4 - i;  // 4 3 2 1
  const auto value = [&](const char* text) {
    const auto all = read_functional(text, one_two);
    BOOST_REQUIRE(all.size() == 1u);
    return all[0].weight * all[0].f->build(x, precision::f64, q)->value(q, v);
  };

  BOOST_TEST(value("shift(l1, @c)") == 3 + 1 + 1 + 1);
  BOOST_TEST(value("2 * shift(3 * l1, @c)") == 6 * 6);
  // |x| - mu / 2 beyond mu, x^2 / (2 mu) below it
  BOOST_TEST(value("envelope(l1, 2)") == 3 + 2 + 1 + 0.25, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(value("envelope(shift(l1, @c), 2)") == 2 + 0.25 * 3,
             boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_shift_is_an_array_over_trailing_axes) {
  queue q;
  const auto all = read_functional("shift(l1, @c)", one_two);
  BOOST_CHECK_THROW(all[0].f->build(space({2, 3}), precision::f64, q), error);
  BOOST_CHECK_THROW(all[0].f->build(space({2}, field::complex), precision::f64, q), error);
  const auto gap = read_functional("shift(l1, @c)", [](const std::string& name) {
    return std::make_shared<loaded_array>(
        loaded_array{name, shape{2}, field::real, std::vector<double>{1, std::nan("")}});
  });
  BOOST_CHECK_THROW(gap[0].f->build(space({2}), precision::f64, q), data_error);
}

const test::pointed_mistake absurd_arguments[] = {
    {"wavelet(haar, 4294967297)", 1, "from 1 to 30"},
    {"sum(4294967296)", 1, "from -8 to 8"},
    {"radon(1e9)", 1, "from 1 to 16777216"},
    {"gaussian(1e9)", 1, "a Gaussian of sigma 1e+09"},
};

BOOST_DATA_TEST_CASE(an_absurd_argument_is_pointed_at, data::make(absurd_arguments)) {
  test::check_mistake(sample, [](const char* text) { read_operator(text, no_files); });
}

// Nothing of a size that no memory holds is made before the plan is asked.
BOOST_AUTO_TEST_CASE(large_operators_are_planned_without_being_made) {
  const auto bytes = [](const char* text, const space& x) {
    const op_cost cost = read_operator(text, no_files)->cost(x, precision::f64, {});
    return cost.table_bytes + cost.scratch_bytes;
  };
  const space x({3, 4});
  constexpr index_t much = index_t{1} << 40;

  BOOST_TEST(bytes("pad(1e12)", space({4})) > much);
  BOOST_TEST(bytes("normal(upsample(1e6))", x) > much);
  BOOST_TEST(bytes("gaussian([1e5, 1e5], circular, 30)", x) > much);
  BOOST_CHECK_THROW(bytes("blur(gaussian(1e6))", x), error);
  BOOST_CHECK_THROW(bytes("pad(1e15)", x), error);
  BOOST_CHECK_THROW(bytes("downsample(1e9, gaussian)", x), error);
}

BOOST_AUTO_TEST_CASE(a_file_stands_for_a_list_of_numbers) {
  const auto angles = [](const std::string& name) {
    auto a = std::make_shared<loaded_array>();
    a->name = name;
    a->extents = shape{3};
    a->values = {0, 30, 60};
    return a;
  };

  const auto A = read_operator("radon(@angles.txt, detector=9)", angles);

  BOOST_TEST(A->range_of(space({5, 7})) == space({3, 9}));
}

BOOST_AUTO_TEST_CASE(a_missing_file_keeps_its_code) {
  BOOST_CHECK_EXCEPTION(read_operator("2 * @none.tif", no_files), error, [](const error& e) {
    return e.code == exit_code::no_input && std::string(e.what()).ends_with("      ^");
  });
}

BOOST_AUTO_TEST_CASE(a_domain_follows_from_the_data_or_is_asked_for) {
  const spec_ptr A = read_operator("2*identity", no_files);
  const space x({3, 4}), other({4, 3});

  BOOST_TEST(domain_for("2*identity", A, {}, x) == x);
  BOOST_TEST(domain_for("2*identity", A, x, {}) == x);
  BOOST_CHECK_THROW(domain_for("2*identity", A, {}, {}), usage_error);
  BOOST_CHECK_THROW(domain_for("2*identity", A, x, other), error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ir::expr
