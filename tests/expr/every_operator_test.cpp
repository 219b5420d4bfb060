// Every operator of the registry, told as an expression: an operator that registers itself without
// a row in both tables fails here.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <set>

#include "expr/evaluate.hpp"
#include "op/algebra.hpp"
#include "op/norm_bounds.hpp"
#include "support/dense_svd.hpp"
#include "support/named_arrays.hpp"
#include "support/operator_laws.hpp"
#include "support/operator_values.hpp"

namespace ir::expr {
namespace {

using test::setup;

const field complex = field::complex;
const space point({1, 1}), pair({1, 2}), tall({5, 4}), wide({4, 5}), line({7}), box({2, 3, 2});
const space square({4, 4}), colour({2, 5, 4}, {}, 2), wave({5, 4}, complex), row({4});
const std::vector<space> images{point, pair, tall, wide, line, box, colour, square};
const std::vector<space> planes{point, pair, tall, wide, colour, square};

/// An expression, '$' in it for each boundary, and the domains that it is tried on.
struct audited {
  std::string text;
  std::vector<space> domains;
};

// One pixel, odd and even extents, extents smaller than kernels and filters, channels, volumes.
const audited table[] = {
    {"identity", images},
    {"identity", {wave, tall | wave}},
    {"scale(-2.5)", images},
    {"blur(@p3x2, boundary=$)", planes},
    {"blur(@r4x5, boundary=$, sum=keep)", {point, pair, tall, square}},
    {"blur(@r3, boundary=$, sum=keep)", {point, line, wide}},
    {"blur(gaussian(0.6), boundary=$)", {box, tall}},
    {"gaussian([1, 0.6], $)", planes},
    {"gaussian(3, $)", {pair, line, box}},
    {"gaussian([2, 1], $, 30)", {tall, point}},
    {"crop(1)", images},
    {"crop([3, 2], [1, 0])", {tall, wide, wave, colour, square}},
    {"pad(2, $, 1)", images},
    {"pad([0, 9], $)", {pair, wave}},
    {"downsample(2)", images},
    {"downsample([3, 2], mean)", planes},
    {"downsample(3, gaussian)", {point, line, tall, wave, square}},
    {"upsample(2, none)", images},
    {"upsample([3, 2], repeat)", planes},
    {"upsample(3)", {point, line, tall, wave, square}},
    {"sum(0)", images},
    {"sum(-1)", {line, tall, wave, colour, square}},
    {"dct", images},
    {"fft", images},
    {"fft", {wave, space({3, 4}, complex, 1)}},
    {"gradient([0.5, 2], $)", planes},
    {"gradient(boundary=$)", {line, box, space({1, 1, 1})}},
    {"laplacian([0.5, 2], $)", planes},
    {"laplacian(boundary=$)", {line, box}},
    {"hessian([0.5, 2])", planes},
    {"hessian(boundary=reflect)", {line, box, square}},
    {"hessian(boundary=circular)", {line, box, pair}},
    {"divergence(0.5, $)",
     {space({2, 5, 4}, {}, 2), space({1, 7}, {}, 1), space({2, 1, 1}, {}, 2)}},
    {"divergence * gradient", {square}},
    {"diagonal(@w)", {row, tall, wave, square}},
    {"diagonal(@r1x2)", {pair}},
    {"diagonal(@c5x4)", {wave}},
    {"mask(@m4)", {row, tall, colour, square}},
    {"matrix(@r3x20)", {space({20}), tall}},
    {"matrix(@r5x16)", {square}},
    {"matrix(@r1x1)", {point}},
    {"matrix(@c3x20)", {wave}},
    {"matrix(@s3x16)", {square}},
    {"sparse(@e, 2, 4)", {row, space({2, 2})}},
    {"sparse(@e, 3, 16)", {square}},
    {"subsample(@i)", {row, space({2, 2}), tall, wave, colour, square}},
    {"radon(3)", planes},
    {"radon([0, 90, 33], 7, 2.5, 0.5)", {tall, colour, square}},
    {"kron(gradient.H * gradient, gaussian(0.8))", planes},
    {"kron(matrix(@r3x5), pad(2, edge))", {tall, colour}},
    {"kron(matrix(@c3x5), downsample(2))", {wave}},
    {"kron(fft, dct)", {tall}},
    {"kron(fft, fft)", {tall, wave}},
    {"kron(matrix(@r3x4), blur(@box))", {square, space({4, 1})}},
    {"undecimated(db2, 2)", {point, tall, line, colour, square}},
    {"wavelet(haar, 1)", {space({8}), space({2, 6}), square}},
    {"wavelet(db4, 2)", {space({4, 8}), space({2, 8, 4}, {}, 2), square}},
};

std::vector<std::string> for_each_boundary(const std::string& text) {
  const std::size_t at = text.find('$');
  if (at == std::string::npos) return {text};
  std::vector<std::string> all;
  for (const char* rule : {"circular", "zero", "reflect", "edge"})
    all.push_back(std::string(text).replace(at, 1, rule));
  return all;
}

op_ptr built(setup& s, const std::string& text, const space& domain) {
  return read_operator(text, test::named_array)->build(domain, s.type, s.q);
}

/// check(text, domain, A) for each row, boundary and domain of the table.
template <class Check>
void for_each_operator(setup& s, const Check& check) {
  for (const audited& a : table)
    for (const std::string& text : for_each_boundary(a.text))
      for (const space& domain : a.domains)
        BOOST_TEST_CONTEXT(s.name << ' ' << text << ' ' << domain)
  check(text, domain, built(s, text, domain));
}

void check_tight_norm(setup& s, const linear_operator& A) {
  const double truth = test::true_norm(s, A), slack = 64 * test::epsilon(s.type) * truth;
  test::check_norm_bounds(s, A);  // as it is known from the start

  const bound b = tight_norm(s.q, A, s.type, {.width = 1e-2});

  BOOST_TEST(b.upper >= truth - slack, b.how << ": upper " << b.upper << " below " << truth);
  BOOST_TEST(b.lower <= truth + slack, b.how << ": lower " << b.lower << " above " << truth);
  BOOST_TEST(is_narrow(b, 1e-2), b.how << ": [" << b.lower << ", " << b.upper << "]");
}

/// Expressions on images of 4 x 4 out of all rows of the table that take them, each in its turn,
/// with every construction of the language.
class expressions {
 public:
  explicit expressions(unsigned seed) : bits_(seed) {
    for (const audited& a : table)
      if (std::ranges::find(a.domains, square) != a.domains.end())
        for (const std::string& text : for_each_boundary(a.text)) leaves_.push_back(text);
    std::ranges::shuffle(leaves_, bits_);
  }

  std::string next(int depth) {
    if (depth == 0) return leaves_[turn_++ % leaves_.size()];
    const auto rule = bits_() % 6;
    const std::string A = next(depth - 1);
    if (rule == 0) return "-1.7 * (" + A + ") / 3";
    if (rule == 1) return "adj(" + A + ") * (" + A + ")";
    const std::string B = next(depth - 1);
    const space a = range_of(A);
    if (rule == 2) return "normal(" + A + ") - 0.3 * normal(" + B + ")";
    if (rule == 3 && a == square) return "(" + B + ") * (" + A + ")";
    if (rule == 4 && a == range_of(B)) return "(" + A + ") + 2 * (" + B + ")";
    return "[" + A + "; " + B + "]";
  }

 private:
  static space range_of(const std::string& text) {
    return read_operator(text, test::named_array)->range_of(square);
  }

  std::mt19937 bits_;
  std::vector<std::string> leaves_;
  std::size_t turn_ = 0;
};

struct by_hand {
  const char* text;
  space domain;
  std::vector<double> x, y;
};

const double root = std::sqrt(2.0);
// A Gaussian of sigma 1/4 over pixels: from -2 to 2 sigma, from 2 to 6.
const double centre = std::erf(root) / std::erf(3 * root), beside = (1 - centre) / 2;

const by_hand values[] = {
    {"identity", pair, {3, -1}, {3, -1}},
    {"scale(-2.5)", pair, {2, 4}, {-5, -10}},
    {"blur(@box)", row, {2, 4, 8, 16}, {3, 6, 12, 16}},  // centre at 1
    {"blur(@box, circular)", row, {2, 4, 8, 16}, {3, 6, 12, 9}},
    {"blur(@box, zero, keep)", row, {2, 4, 8, 16}, {6, 12, 24, 16}},
    {"gaussian(0.25, zero)", space({3}), {0, 1, 0}, {beside, centre, beside}},
    {"crop(2)", row, {1, 2, 3, 4}, {2, 3}},
    {"crop(2, 0)", row, {1, 2, 3, 4}, {1, 2}},
    {"pad(1, reflect, 2)", row, {1, 2, 3, 4}, {1, 1, 2, 3, 4, 4, 3}},
    {"downsample(2)", space({5}), {1, 2, 3, 4, 5}, {1, 3, 5}},
    {"downsample(2, mean)", space({5}), {1, 2, 3, 4, 5}, {1.5, 3.5, 5}},
    {"upsample(2)", row, {1, 2, 3, 4}, {1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4}},
    {"upsample(2, none)", pair, {1, 2}, {1, 0, 2, 0, 0, 0, 0, 0}},
    {"sum(0)", space({2, 2}), {1, 2, 3, 4}, {4, 6}},
    {"sum(-1)", space({2, 2}), {1, 2, 3, 4}, {3, 7}},
    {"dct", space({2}), {1, 3}, {4 / root, -2 / root}},
    {"fft", row, {1, 2, 3, 4}, {5, 0, -root, root, -1, 0}},
    {"gradient(0.5)", space({3}), {0, 1, 4}, {2, 6, 0}},
    {"gradient(0.5, circular)", space({3}), {0, 1, 4}, {2, 6, -8}},
    {"divergence", space({1, 3}, {}, 1), {1, 2, 5}, {1, 1, -2}},
    {"laplacian(2)", space({3}), {0, 1, 0}, {0.25, -0.5, 0.25}},
    {"hessian", space({3}), {0, 1, 4}, {1, 2, -3}},
    {"diagonal(@w)", row, {1, 2, 3, 4}, {2, -8, 3, 2}},
    {"mask(@w)", row, {1, 2, 3, 4}, {1, 2, 3, 4}},  // where not 0
    {"matrix(@M)", space({3}), {1, 2, 3}, {-3, 11}},
    {"sparse(@e, 2, 3)", space({3}), {1, 2, 3}, {-3, 11}},
    {"subsample(@i)", row, {5, 6, 7, 8}, {8, 5, 8, 6}},
    {"radon([0, 90])", space({2, 2}), {1, 2, 3, 4}, {4, 6, 3, 7}},
    {"kron(matrix(@M), scale(10))", space({3, 2}), {1, 10, 2, 20, 3, 30}, {-30, -300, 110, 1100}},
    {"undecimated(haar, 1)", space({3}), {2, 4, 8}, {-1, -2, 3, 3, 6, 5}},
    {"wavelet(haar, 2)", row, {1, 3, 5, 9}, {9, -5, -2 / root, -4 / root}},
};

std::string name_of_call(const std::string& text) { return text.substr(0, text.find('(')); }

BOOST_AUTO_TEST_SUITE(every_operator)

BOOST_AUTO_TEST_CASE(each_registered_operator_has_rows_in_both_tables) {
  std::set<std::string> audited_names, valued_names;
  for (const audited& a : table) audited_names.insert(name_of_call(a.text));
  for (const by_hand& v : values) valued_names.insert(name_of_call(v.text));

  for (const op_entry& e : registered<op_entry>::all()) {
    BOOST_TEST(audited_names.contains(e.name), e.name << " has no row in `table`");
    BOOST_TEST(valued_names.contains(e.name), e.name << " has no row in `values`");
  }
}

BOOST_AUTO_TEST_CASE(values_by_hand) {
  for (setup& s : test::setups())
    for (const by_hand& v : values) BOOST_TEST_CONTEXT(s.name << ' ' << v.text)
  test::check_values(s, *built(s, v.text, v.domain), v.x, v.y);
}

BOOST_AUTO_TEST_CASE(laws_hold_on_every_domain) {
  for (setup& s : test::setups())
    for_each_operator(s, [&](const std::string&, const space&, const op_ptr& A) {
      test::check_operator_laws(s, *A);
    });
}

BOOST_AUTO_TEST_CASE(a_domain_that_is_found_backwards_gives_the_range) {
  for (const audited& a : table)
    for (const std::string& text : for_each_boundary(a.text))
      for (const space& domain : a.domains) BOOST_TEST_CONTEXT(text << ' ' << domain) {
          const spec_ptr A = read_operator(text, test::named_array);
          const space y = A->range_of(domain);
          if (const auto x = A->domain_of(y)) BOOST_TEST(A->range_of(*x) == y);
        }
}

// A GPU, and f32, give what f64 gives on a CPU.
BOOST_AUTO_TEST_CASE(every_device_and_precision_agrees_with_the_reference) {
  setup reference("reference", precision::f64, {});
  for (setup& s : test::setups())
    for_each_operator(s, [&](const std::string& text, const space& domain, const op_ptr& A) {
      const op_ptr R = built(reference, text, domain);
      BOOST_REQUIRE(A->range() == R->range());
      std::vector<double> x = test::values(s, test::random_vec(s, domain, 5));
      const std::vector<double> expected = test::applied(reference, *R, x);
      test::check_close(s, test::applied(s, *A, x), expected, 256);
      x = test::values(s, test::random_vec(s, A->range(), 6));
      test::check_close(s, test::applied(s, *adjoint(A), x),
                        test::applied(reference, *adjoint(R), x), 256);
    });
}

BOOST_AUTO_TEST_CASE(the_norm_of_every_operator_is_within_one_percent) {
  for (setup& s : test::setups())
    for_each_operator(
        s, [&](const std::string&, const space&, const op_ptr& A) { check_tight_norm(s, *A); });
}

BOOST_AUTO_TEST_CASE(fifty_random_expressions_of_all_operators_have_their_norm_within_one_percent) {
  for (setup& s : test::setups()) {
    expressions random(20261121);
    std::string all;
    for (int i = 0; i < 50; ++i) {
      const std::string text = random.next(1 + i % 3);
      op_ptr A = built(s, text, square);
      if (i % 4 == 0) A = adjoint(A);
      BOOST_TEST_CONTEXT(s.name << ' ' << i << ' ' << text) check_tight_norm(s, *A);
      all += text;
    }
    for (const op_entry& e : registered<op_entry>::all())
      BOOST_TEST(all.find(e.name) != std::string::npos, e.name << " is in none of them");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace ir::expr
