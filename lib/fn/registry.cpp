#include "fn/registry.hpp"

#include "fn/combine.hpp"

namespace ir {
namespace {

struct made final : fn_spec {
  std::function<fn_ptr(const space&, precision, queue&)> how;
  fn_ptr build(const space& x, precision p, queue& q) const override { return how(x, p, q); }
};

}  // namespace

template <>
std::vector<fn_entry>& registry_of<fn_entry>() {
  static std::vector<fn_entry> functionals;
  return functionals;
}

const fn_entry* find_fn(std::string_view name) {
  for (const fn_entry& e : registered<fn_entry>::all())
    if (e.name == name) return &e;
  return nullptr;
}

fn_spec_ptr functional_of(std::function<fn_ptr(const space&, precision, queue&)> build) {
  auto out = std::make_shared<made>();
  out->how = std::move(build);
  return out;
}

fn_spec_ptr scaled(double weight, fn_spec_ptr f) {
  if (weight == 1) return f;
  return functional_of([weight, f = std::move(f)](const space& x, precision p, queue& q) {
    return scaled(weight, f->build(x, p, q));
  });
}

}  // namespace ir
