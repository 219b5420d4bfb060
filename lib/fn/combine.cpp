#include "fn/combine.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/blas1.hpp"
#include "core/error.hpp"
#include "fn/pointwise.hpp"

namespace ir {
namespace {

std::optional<bound> multiple(double a, std::optional<bound> b) {
  if (b) b->lower *= a, b->upper *= a;
  return b;
}

class scaled_functional final : public functional {
 public:
  scaled_functional(double weight, fn_ptr f)
      : functional(detail::weighted_name(f->name(), weight), f->domain(), of(weight, f->can())),
        weight_(weight),
        f_(std::move(f)) {}

 private:
  static abilities of(double weight, abilities can) {
    can.lipschitz = multiple(weight, can.lipschitz);
    can.strong *= weight;
    return can;
  }
  double do_value(queue& q, cvec x) const override { return weight_ * f_->value(q, x); }
  double do_conjugate(queue& q, cvec y) const override {
    const scratch_vec inner(q, domain(), y.type());
    axpby(q, 1 / weight_, y, 0, inner);
    return weight_ * f_->conjugate(q, inner);
  }
  void do_gradient(queue& q, cvec x, vec g) const override {
    f_->gradient(q, x, g);
    scale(q, weight_, g);
  }
  void do_prox(queue& q, cvec x, const step& s, vec out) const override {
    f_->prox(q, x, {s.value * weight_, s.diagonal}, out);
  }
  // prox_{S (w f)*}(y) = w prox_{S/w f*}(y / w)
  void do_prox_conjugate(queue& q, cvec y, const step& s, vec out) const override {
    axpby(q, 1 / weight_, y, 0, out);
    f_->prox_conjugate(q, out, {s.value / weight_, s.diagonal}, out);
    scale(q, weight_, out);
  }
  std::optional<quadratic_form> do_quadratic() const override {
    auto form = f_->quadratic();
    if (form) form->weight *= weight_;
    return form;
  }
  fn_ptr do_times(double factor) const override {
    return std::make_shared<scaled_functional>(factor * weight_, f_);
  }

  double weight_;
  fn_ptr f_;
};

class stretched_functional final : public functional {
 public:
  stretched_functional(double c, fn_ptr f)
      : functional(f->name(), f->domain(), of(f->can(), c)), c_(c), f_(std::move(f)) {}

 private:
  static abilities of(abilities can, double c) {
    if (can.lipschitz) can.lipschitz->lower *= c * c, can.lipschitz->upper *= c * c;
    can.strong *= c * c;
    return can;
  }
  double do_value(queue& q, cvec x) const override {
    const scratch_vec cx(q, domain(), x.type());
    axpby(q, c_, x, 0, cx);
    return f_->value(q, cx);
  }
  double do_conjugate(queue& q, cvec y) const override {
    const scratch_vec by(q, domain(), y.type());
    axpby(q, 1 / c_, y, 0, by);
    return f_->conjugate(q, by);
  }
  void do_gradient(queue& q, cvec x, vec g) const override {
    axpby(q, c_, x, 0, g);
    f_->gradient(q, g, g);
    scale(q, c_, g);
  }
  void do_prox(queue& q, cvec x, const step& s, vec out) const override {
    axpby(q, c_, x, 0, out);
    f_->prox(q, out, {s.value * c_ * c_, s.diagonal}, out);
    scale(q, 1 / c_, out);
  }
  // c prox_{sigma / c^2 f*}(y / c)
  void do_prox_conjugate(queue& q, cvec y, const step& s, vec out) const override {
    axpby(q, 1 / c_, y, 0, out);
    f_->prox_conjugate(q, out, {s.value / (c_ * c_), s.diagonal}, out);
    scale(q, c_, out);
  }

  double c_;
  fn_ptr f_;
};

class shifted_functional final : public functional {
 public:
  shifted_functional(queue& q, fn_ptr f, cvec c)
      : functional("shifted " + f->name(), f->domain(), of(f->can()),
                   placement{c.type(), c.where()}),
        f_(std::move(f)),
        c_(q, c.in(), c.type()),
        centre_(q, c.in(), c.type()) {
    copy(q, c, c_);
    copy(q, c, centre_);
    if (const auto form = f_->quadratic(); form && form->centre)
      axpby(q, 1, *form->centre, 1, centre_);
  }

 private:
  // A constant that holds where f is finite holds elsewhere now.
  static abilities of(abilities can) {
    if (!can.finite) can.lipschitz.reset();
    return can;
  }
  double do_value(queue& q, cvec x) const override {
    const scratch_vec r(q, domain(), x.type());
    subtract(q, x, r);
    return f_->value(q, r);
  }
  // f*(y) + <c, y>
  double do_conjugate(queue& q, cvec y) const override {
    return f_->conjugate(q, y) + inner_product().dot(q, c_, y);
  }
  void do_gradient(queue& q, cvec x, vec g) const override {
    subtract(q, x, g);
    f_->gradient(q, g, g);
  }
  void do_prox(queue& q, cvec x, const step& s, vec out) const override {
    subtract(q, x, out);
    f_->prox(q, out, s, out);
    axpby(q, 1, c_, 1, out);
  }
  // prox_{S f*}(y - S c)
  void do_prox_conjugate(queue& q, cvec y, const step& s, vec out) const override {
    if (s.diagonal) {
      const scratch_vec by(q, domain(), y.type());
      copy(q, c_, by);
      multiply(q, *s.diagonal, by);
      if (out.data() != y.data()) copy(q, y, out);
      axpby(q, -s.value, by, 1, out);
    } else {
      if (out.data() != y.data()) copy(q, y, out);
      axpby(q, -s.value, c_, 1, out);
    }
    f_->prox_conjugate(q, out, s, out);
  }
  std::optional<quadratic_form> do_quadratic() const override {
    auto form = f_->quadratic();
    if (form) form->centre = cvec(centre_);
    return form;
  }
  void subtract(queue& q, cvec x, vec out) const {
    if (out.data() != x.data()) copy(q, x, out);
    axpby(q, -1, c_, 1, out);
  }

  fn_ptr f_;
  owned_vec c_, centre_;  // centre_: of the quadratic form
};

class envelope final : public functional {
 public:
  envelope(fn_ptr f, double mu)
      : functional(fmt::format("envelope({:.6g}) of {}", mu, f->name()), f->domain(),
                   of(f->can(), mu)),
        f_(std::move(f)),
        mu_(mu) {}

 private:
  // The conjugate is f* + mu/2 ||.||^2.
  static abilities of(const abilities& f, double mu) {
    return {.convex = f.convex,
            .gradient = true,
            .prox = f.prox,
            .conjugate = f.conjugate,
            .lipschitz = bound{0, 1 / mu, "1 / mu"},
            .strong = f.strong / (1 + mu * f.strong)};
  }
  double do_value(queue& q, cvec x) const override {
    const scratch_vec p(q, domain(), x.type());
    f_->prox(q, x, {mu_}, p);
    const double inner = f_->value(q, p);
    return inner + inner_product().axpby_square(q, 1, x, -1, p) / (2 * mu_);
  }
  double do_conjugate(queue& q, cvec y) const override {
    return f_->conjugate(q, y) + mu_ / 2 * inner_product().dot(q, y, y);
  }
  void do_gradient(queue& q, cvec x, vec g) const override {
    const scratch_vec p(q, domain(), x.type());
    f_->prox(q, x, {mu_}, p);
    axpby(q, 1 / mu_, x, -1 / mu_, p);
    copy(q, p, g);
  }
  void do_prox(queue& q, cvec x, const step& s, vec out) const override {
    const scratch_vec p(q, domain(), x.type());
    f_->prox(q, x, {s.value + mu_}, p);
    const double share = s.value / (s.value + mu_);
    axpby(q, 1 - share, x, share, p);
    copy(q, p, out);
  }

  fn_ptr f_;
  double mu_;
};

class sum_of_parts final : public functional {
 public:
  explicit sum_of_parts(std::vector<fn_ptr> parts)
      : functional(name_of(parts), product(parts), of(parts)), parts_(std::move(parts)) {}

 private:
  static std::string name_of(const std::vector<fn_ptr>& parts) {
    std::string all;
    for (const fn_ptr& f : parts) all += (all.empty() ? "" : " | ") + f->name();
    return all;
  }
  static space product(const std::vector<fn_ptr>& parts) {
    space all = parts[0]->domain();
    for (std::size_t i = 1; i < parts.size(); ++i) all = all | parts[i]->domain();
    return all;
  }
  static abilities of(const std::vector<fn_ptr>& parts) {
    abilities all = parts[0]->can();
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const abilities& one = parts[i]->can();
      all.convex = all.convex && one.convex;
      all.gradient = all.gradient && one.gradient;
      all.prox = std::min(all.prox, one.prox);
      all.diagonal_step = all.diagonal_step && one.diagonal_step;
      all.conjugate = all.conjugate && one.conjugate;
      all.finite = all.finite && one.finite;
      all.strong = std::min(all.strong, one.strong);
      if (all.lipschitz && one.lipschitz)
        all.lipschitz =
            bound{std::max(all.lipschitz->lower, one.lipschitz->lower),
                  std::max(all.lipschitz->upper, one.lipschitz->upper), "largest of the parts"};
      else
        all.lipschitz.reset();
    }
    return all;
  }

  // body(part, first block)
  template <class Body>
  void each(const Body& body) const {
    int first = 0;
    for (const fn_ptr& f : parts_) {
      body(*f, first);
      first += static_cast<int>(f->domain().blocks().size());
    }
  }
  static step part_of(const step& s, const functional& f, int first) {
    step part{s.value};
    if (s.diagonal) part.diagonal = s.diagonal->slice(first, f.domain());
    return part;
  }

  double do_value(queue& q, cvec x) const override {
    double sum = 0;
    each([&](const functional& f, int i) { sum += f.value(q, x.slice(i, f.domain())); });
    return sum;
  }
  double do_conjugate(queue& q, cvec y) const override {
    double sum = 0;
    each([&](const functional& f, int i) { sum += f.conjugate(q, y.slice(i, f.domain())); });
    return sum;
  }
  void do_gradient(queue& q, cvec x, vec g) const override {
    each([&](const functional& f, int i) {
      f.gradient(q, x.slice(i, f.domain()), g.slice(i, f.domain()));
    });
  }
  void do_prox(queue& q, cvec x, const step& s, vec out) const override {
    each([&](const functional& f, int i) {
      f.prox(q, x.slice(i, f.domain()), part_of(s, f, i), out.slice(i, f.domain()));
    });
  }
  void do_prox_conjugate(queue& q, cvec y, const step& s, vec out) const override {
    each([&](const functional& f, int i) {
      f.prox_conjugate(q, y.slice(i, f.domain()), part_of(s, f, i), out.slice(i, f.domain()));
    });
  }

  std::vector<fn_ptr> parts_;
};

}  // namespace

fn_ptr scaled(double weight, fn_ptr f) {
  if (weight == 1) return f;
  if (!(weight > 0) || !std::isfinite(weight))
    throw usage_error(
        fmt::format("a functional times {}: a finite factor above 0 is expected", weight));
  if (fn_ptr own = f->times(weight)) return own;
  return std::make_shared<scaled_functional>(weight, std::move(f));
}

fn_ptr stretched(double c, fn_ptr f) {
  if (!(c > 0) || !std::isfinite(c))
    throw usage_error(fmt::format("{} stretched by {}: a number above 0 is needed", f->name(), c));
  return std::make_shared<stretched_functional>(c, std::move(f));
}

fn_ptr shifted(queue& q, fn_ptr f, cvec c) {
  if (c.in() != f->domain())
    throw shape_error(fmt::format("{} on {} cannot be shifted by {}", f->name(),
                                  to_string(f->domain()), to_string(c.in())));
  return std::make_shared<shifted_functional>(q, std::move(f), c);
}

fn_ptr moreau_envelope(fn_ptr f, double mu) {
  if (!(mu > 0) || !std::isfinite(mu))
    throw usage_error(fmt::format("an envelope with mu {}: above 0 is expected", mu));
  if (f->can().prox == offer::none)
    throw usage_error(fmt::format("{} has no prox, and so no envelope", f->name()));
  return std::make_shared<envelope>(std::move(f), mu);
}

fn_ptr separable_sum(std::vector<fn_ptr> parts) {
  if (parts.empty()) throw usage_error("a sum of no functionals");
  if (parts.size() == 1) return parts[0];
  return std::make_shared<sum_of_parts>(std::move(parts));
}

}  // namespace ir
