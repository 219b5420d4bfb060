#include "op/spec_algebra.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "op/algebra.hpp"

namespace ir {
namespace {

struct adjoint_spec final : op_spec {
  explicit adjoint_spec(spec_ptr base) : A(std::move(base)) { column = A->column; }
  spec_ptr A;

  /// The domain of A for this range, or one of `seen` that gives it.
  space base_domain(const space& range, std::span<const space> seen) const {
    if (const auto d = A->domain_of(range))
      if (A->range_of(*d) == range) return *d;
    for (const space& s : seen)
      if (gives(s, range)) return s;
    throw usage_error(fmt::format(
        "the domain of this operator does not follow from its range {}: several shapes fit",
        to_string(range)));
  }
  space do_range(const space& y) const override { return base_domain(y, {}); }
  std::optional<space> do_domain(const space& x) const override { return A->range_of(x); }
  op_ptr do_build(const space& y, precision p, queue& q) const override {
    return ir::adjoint(A->build(base_domain(y, {}), p, q));
  }
  op_cost do_cost(const space& y, precision p, device where) const override {
    return A->cost(base_domain(y, {}), p, where);
  }

 private:
  bool gives(const space& domain, const space& range) const {
    try {
      return A->range_of(domain) == range;
    } catch (const error&) {
      return false;  // it does not take this shape
    }
  }
};

op_cost operator+(const op_cost& a, const op_cost& b) {
  return {a.flops + b.flops, a.bytes + b.bytes, a.table_bytes + b.table_bytes,
          std::max(a.scratch_bytes, b.scratch_bytes)};
}

/// The last factor is applied first.
struct chain_spec final : op_spec {
  explicit chain_spec(std::vector<spec_ptr> f) : factors(std::move(f)) {
    column = factors.front()->column;
  }
  std::vector<spec_ptr> factors;

  /// visit(factor, the space it is applied to, the space it gives), the last factor first.
  template <class Visit>
  space along(const space& domain, const Visit& visit) const {
    std::vector<space> seen{domain};
    for (auto f = factors.rbegin(); f != factors.rend(); ++f) {
      const space from = seen.back();
      const auto* view = dynamic_cast<const adjoint_spec*>(f->get());
      seen.push_back(view != nullptr ? range_among(*view, from, seen) : (*f)->range_of(from));
      visit(**f, from, seen.back());
    }
    return seen.back();
  }
  static space range_among(const adjoint_spec& view, const space& from,
                           std::span<const space> seen) {
    try {
      return view.base_domain(from, seen);
    } catch (const spec_error&) {
      throw;
    } catch (const error& e) {
      if (view.column == 0) throw;
      throw spec_error(e, view.column);
    }
  }

  space do_range(const space& x) const override {
    return along(x, [](const op_spec&, const space&, const space&) {});
  }
  std::optional<space> do_domain(const space& y) const override {
    std::optional<space> s = y;
    for (const spec_ptr& f : factors)
      if (s) s = f->domain_of(*s);
    return s;
  }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    std::vector<std::pair<const op_spec*, op_ptr>>
        built;  // a spec that occurs twice is one operator
    op_ptr all;
    along(x, [&](const op_spec& f, const space& from, const space& to) {
      const auto* view = dynamic_cast<const adjoint_spec*>(&f);
      const op_spec* base = view != nullptr ? view->A.get() : &f;
      const space& domain = view != nullptr ? to : from;
      const auto same = std::ranges::find_if(
          built, [&](const auto& b) { return b.first == base && b.second->domain() == domain; });
      const op_ptr one = same != built.end() ? same->second : base->build(domain, p, q);
      if (same == built.end()) built.emplace_back(base, one);
      const op_ptr A = view != nullptr ? ir::adjoint(one) : one;
      all = all ? ir::compose(A, all) : A;
    });
    return all;
  }
  op_cost do_cost(const space& x, precision p, device where) const override {
    op_cost total;
    along(x, [&](const op_spec& f, const space& from, const space& to) {
      const auto* view = dynamic_cast<const adjoint_spec*>(&f);
      total = total + (view != nullptr ? view->A->cost(to, p, where) : f.cost(from, p, where));
      total.scratch_bytes += scratch_bytes_of(to, p);
    });
    return total;
  }
};

/// Several operators on one domain: the sum of their results, or all of them over one another.
struct joint_spec : op_spec {
  explicit joint_spec(std::vector<spec_ptr> all) : parts(std::move(all)) {
    column = parts.front()->column;
  }
  std::vector<spec_ptr> parts;

  op_ptr do_build(const space& x, precision p, queue& q) const override {
    std::vector<op_ptr> all;
    for (const spec_ptr& part : parts) all.push_back(part->build(x, p, q));
    return join(std::move(all));
  }
  op_cost do_cost(const space& x, precision p, device where) const override {
    op_cost total;
    for (const spec_ptr& part : parts) total = total + part->cost(x, p, where);
    return total;
  }

 private:
  virtual op_ptr join(std::vector<op_ptr>) const = 0;
};

struct sum_spec final : joint_spec {
  using joint_spec::joint_spec;

  space do_range(const space& x) const override {
    space y = parts[0]->range_of(x);
    for (const spec_ptr& t : parts)
      if (const space other = t->range_of(x); other != y)
        throw shape_error(
            fmt::format("a sum of operators that give {} and {}", to_string(y), to_string(other)));
    return y;
  }
  std::optional<space> do_domain(const space& y) const override {
    for (const spec_ptr& t : parts)
      if (auto x = t->domain_of(y)) return x;
    return {};
  }
  op_ptr join(std::vector<op_ptr> all) const override { return ir::sum(std::move(all)); }
};

struct stack_spec final : joint_spec {
  using joint_spec::joint_spec;

  space do_range(const space& x) const override {
    space y = parts[0]->range_of(x);
    for (std::size_t i = 1; i < parts.size(); ++i) y = y | parts[i]->range_of(x);
    return y;
  }
  // The first part that knows its domain from its blocks decides.
  std::optional<space> do_domain(const space& y) const override {
    const auto blocks = y.blocks();
    std::size_t end = 0;
    for (const spec_ptr& t : parts) end += blocks_of(*t);
    if (blocks.size() != end) return {};
    std::size_t first = 0;
    for (const spec_ptr& t : parts) {
      const std::size_t next = first + blocks_of(*t);
      space part(blocks[first].extents, blocks[first].of, blocks[first].spatial);
      while (++first < next)
        part = part | space(blocks[first].extents, blocks[first].of, blocks[first].spatial);
      if (auto x = t->domain_of(part)) return x;
    }
    return {};
  }
  op_ptr join(std::vector<op_ptr> all) const override { return ir::stack(std::move(all)); }
  /// Of the range of a part: more than one where it is a stack itself.
  static std::size_t blocks_of(const op_spec&);
};

struct scaled_spec final : op_spec {
  scaled_spec(double factor, spec_ptr base) : a(factor), A(std::move(base)) { column = A->column; }
  double a;
  spec_ptr A;

  space do_range(const space& x) const override { return A->range_of(x); }
  std::optional<space> do_domain(const space& y) const override { return A->domain_of(y); }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return ir::scale(a, A->build(x, p, q));
  }
  op_cost do_cost(const space& x, precision p, device where) const override {
    return A->cost(x, p, where);
  }
};

struct normal_spec final : op_spec {
  explicit normal_spec(spec_ptr base) : A(std::move(base)) { column = A->column; }
  spec_ptr A;

  space do_range(const space& x) const override {
    A->range_of(x);  // it must fit
    return x;
  }
  std::optional<space> do_domain(const space& y) const override { return y; }
  op_ptr do_build(const space& x, precision p, queue& q) const override {
    return ir::normal(A->build(x, p, q));
  }
  op_cost do_cost(const space& x, precision p, device where) const override {
    const op_cost once = A->cost(x, p, where);
    return {2 * once.flops, 2 * once.bytes, once.table_bytes,
            once.scratch_bytes + scratch_bytes_of(A->range_of(x), p)};
  }
};

std::size_t stack_spec::blocks_of(const op_spec& A) {
  if (const auto* a = dynamic_cast<const scaled_spec*>(&A)) return blocks_of(*a->A);
  if (const auto* a = dynamic_cast<const chain_spec*>(&A)) return blocks_of(*a->factors.front());
  if (const auto* a = dynamic_cast<const sum_spec*>(&A)) return blocks_of(*a->parts.front());
  const auto* rows = dynamic_cast<const stack_spec*>(&A);
  if (rows == nullptr) return 1;
  std::size_t all = 0;
  for (const spec_ptr& t : rows->parts) all += blocks_of(*t);
  return all;
}

void check(const std::vector<spec_ptr>& all) {
  if (all.empty() || std::ranges::any_of(all, [](const spec_ptr& s) { return !s; }))
    throw usage_error("an expression lacks an operand");
}

void append(std::vector<spec_ptr>& all, const spec_ptr& A) {
  if (const auto* c = dynamic_cast<const chain_spec*>(A.get()))
    all.insert(all.end(), c->factors.begin(), c->factors.end());
  else
    all.push_back(A);
}

}  // namespace

std::shared_ptr<op_spec> compose(spec_ptr A, spec_ptr B) {
  check({A, B});
  std::vector<spec_ptr> f;
  append(f, A);
  append(f, B);
  return std::make_shared<chain_spec>(std::move(f));
}

std::shared_ptr<op_spec> sum(std::vector<spec_ptr> terms) {
  check(terms);
  return std::make_shared<sum_spec>(std::move(terms));
}

std::shared_ptr<op_spec> scale(double a, spec_ptr A) {
  check({A});
  return std::make_shared<scaled_spec>(a, std::move(A));
}

std::shared_ptr<op_spec> adjoint(spec_ptr A) {
  check({A});
  return std::make_shared<adjoint_spec>(std::move(A));
}

std::shared_ptr<op_spec> normal(spec_ptr A) {
  check({A});
  return std::make_shared<normal_spec>(std::move(A));
}

std::shared_ptr<op_spec> stack(std::vector<spec_ptr> parts) {
  check(parts);
  return std::make_shared<stack_spec>(std::move(parts));
}

}  // namespace ir
