#include "stage/solve_checkpoint.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "io/irs_layout.hpp"
#include "solver/checkpoint.hpp"

namespace ir {
namespace {

std::string sum_of(queue& q, cvec x) {
  return fmt::format(" {:016x}", irs::checksum(reals_of(q, x)));
}

}  // namespace

solve_checkpoint::solve_checkpoint(const solve_options& o, bool stack) : o_(o) {
  if (!o.replace) refuse_as_checkpoint(o.checkpoint);
  std::error_code ignored;
  if (!o.resume) std::filesystem::remove(o.checkpoint, ignored);  // of a run that is given up
  if (stack)
    log_.emplace(o.checkpoint + ".solved",
                 o.resume ? solution_log::file::as_it_is : solution_log::file::fresh);
}

std::string solve_checkpoint::identity(queue& q, const solve_terms& t, const choice& c, cvec y,
                                       precision p, std::optional<cvec> start) const {
  std::string text = fmt::format("{} | {} | {} | {}", o_.expression, name_of(c.method),
                                 to_string(t.A->domain()), p == precision::f32 ? "f32" : "f64");
  for (const std::string& r : o_.regularisers) text += " | " + r;
  for (const constant& k : c.constants) text += fmt::format(" | {} {}", k.what, k.upper);
  if (o_.bounds) text += fmt::format(" | {}:{}", (*o_.bounds)[0], (*o_.bounds)[1]);
  const fidelity_options& f = o_.fidelity;
  text += fmt::format(" | {} {} {}", static_cast<int>(f.what), f.delta, f.background);
  for (const double w : f.weights) text += fmt::format(" {}", w);
  for (const double w : o_.sigma) text += fmt::format(" sigma {}", w);
  if (o_.until_noise) text += " | until noise";
  if (o_.discrepancy) text += " | discrepancy";
  owned_vec back(q, t.A->domain(), p);
  t.A->adjoint(q, y, back);
  text += " | sums" + sum_of(q, y) + sum_of(q, back);
  if (t.weights) text += sum_of(q, *t.weights);
  if (start) text += sum_of(q, *start);
  return text;
}

std::optional<solve_facts> solve_checkpoint::solved(queue& q, const std::string& identity, vec x) {
  const metadata_ptr known = log_ ? log_->next(q, identity, x) : nullptr;
  if (!known) return {};
  ++element_;
  solve_facts facts;
  facts.solver = known->text("solver").value_or("");
  facts.reason = known->text("reason").value_or("");
  facts.iterations = known->integer("iterations").value_or(0);
  facts.objective = known->number("objective").value_or(HUGE_VAL);
  facts.change = known->number("change");
  facts.converged = known->integer("converged") == index_t{1};
  return facts;
}

void solve_checkpoint::restore(queue& q, const std::string& identity, solver& s) const {
  if (std::error_code ignored; o_.resume && std::filesystem::exists(o_.checkpoint, ignored))
    load_checkpoint(q, o_.checkpoint, identity, s, element_);
}

void solve_checkpoint::save(queue& q, const std::string& identity, solver& s) const {
  save_checkpoint(q, o_.checkpoint, identity, s, element_);
}

void solve_checkpoint::finish(queue& q, const std::string& identity, const solve_facts& f, cvec x) {
  ++element_;
  if (!log_) return;
  std::string facts =
      fmt::format(R"("solver":{},"reason":{},"iterations":{},"converged":{})",
                  json_quoted(f.solver), json_quoted(f.reason), f.iterations, f.converged ? 1 : 0);
  if (std::isfinite(f.objective))
    facts += fmt::format(R"(,"objective":{})", json_number(f.objective));
  if (f.change) facts += fmt::format(R"(,"change":{})", json_number(*f.change));
  log_->append(q, identity, facts, x);
}

}  // namespace ir
