// The expression language: any text is an operator or a functional, or it is refused with an error
// of ours. The first byte chooses the domain; what is small enough there is built and applied.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/blas1.hpp"
#include "expr/evaluate.hpp"
#include "support/named_arrays.hpp"

namespace {

constexpr ir::index_t most_reals = 1 << 14, most_bytes = 1 << 22;

const ir::space& domain_of(std::uint8_t choice) {
  using ir::field, ir::space;
  static const space all[] = {space({4, 4}),
                              space({4}),
                              space({1, 1}),
                              space({5, 3}),
                              space({2, 4, 4}, {}, 2),
                              space({2, 3, 2}),
                              space({4}, field::complex),
                              space({3, 4}, field::complex),
                              space({4}) | space({2, 2}),
                              space({2, 4, 4}, {}, 1)};
  return all[choice % std::size(all)];
}

ir::array_ptr array_named(const std::string& name) {
  for (const char* known : {"M", "e", "w", "i", "box", "r3x3", "p2x2", "m4", "c4", "r4x4", "s3x4"})
    if (name == known) return ir::test::named_array(name);
  throw ir::no_input_error("no such file");
}

void check(bool holds) {
  if (!holds) std::abort();
}

void apply_if_small(const ir::spec_ptr& spec, const ir::space& x) {
  const ir::space y = spec->range_of(x);
  if (y.size() > most_reals) return;
  const ir::op_cost cost = spec->cost(x, ir::precision::f64, {});
  if (cost.table_bytes + cost.scratch_bytes > most_bytes) return;
  ir::queue q;
  const ir::op_ptr A = spec->build(x, ir::precision::f64, q);
  check(A->domain() == x && A->range() == y);
  ir::owned_vec in(q, x, ir::precision::f64), out(q, y, ir::precision::f64);
  ir::fill(q, 1, in);
  A->apply(q, in, out);
  A->adjoint(q, out, in);
  (void)A->norm();
  (void)spec->domain_of(y);
}

void evaluate_if_small(const std::vector<ir::term_spec>& terms, const ir::space& x) {
  for (const ir::term_spec& t : terms) {
    if (t.A) apply_if_small(t.A, x);
    const ir::space at = t.A ? t.A->range_of(x) : x;
    if (at.size() > most_reals) continue;
    ir::queue q;
    const ir::fn_ptr f = t.f->build(at, ir::precision::f64, q);
    ir::owned_vec in(q, at, ir::precision::f64), out(q, at, ir::precision::f64);
    ir::fill(q, 1, in);
    (void)f->value(q, in);
    if (f->can().gradient) f->gradient(q, in, out);
    if (f->can().prox != ir::offer::none) f->prox(q, in, {0.5}, out);
  }
}

template <class F>
void refused_or_done(const F& work) {
  try {
    work();
  } catch (const ir::error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ir::space& x = domain_of(data[0]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  refused_or_done([&] {
    const std::string once = to_string(ir::expr::parse(text));
    check(to_string(ir::expr::parse(once)) == once);
  });
  refused_or_done([&] { apply_if_small(ir::expr::read_operator(text, array_named), x); });
  refused_or_done([&] { evaluate_if_small(ir::expr::read_functional(text, array_named), x); });
  return 0;
}
