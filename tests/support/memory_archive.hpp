#pragma once
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "solver/solver.hpp"
#include "support/setup.hpp"

namespace ir::test {

/// A checkpoint in memory: saves, or restores what was saved, under the same names.
struct memory_archive final : state_archive {
  enum class way { save, restore };
  memory_archive(queue& on, way w) : q(&on), does(w) {}

  void item(std::string_view name, std::variant<double*, index_t*, vec> what) override {
    const std::string key(name);
    if (auto* number = std::get_if<double*>(&what)) exchange(**number, numbers[key]);
    if (auto* count = std::get_if<index_t*>(&what)) exchange(**count, counts[key]);
    if (auto* v = std::get_if<vec>(&what)) {
      if (does == way::save)
        vectors[key] = values(*q, *v);
      else
        assign(*q, vectors.at(key), *v);
    }
  }
  template <class T>
  void exchange(T& theirs, T& kept) const {
    does == way::save ? kept = theirs : theirs = kept;
  }

  queue* q;
  way does;
  std::map<std::string, double> numbers;
  std::map<std::string, index_t> counts;
  std::map<std::string, std::vector<double>> vectors;
};

}  // namespace ir::test
