#pragma once
#include <span>
#include <utility>
#include <vector>

namespace ir {

/// `const registered<E> x{...};` at namespace scope in the thing's own .cpp; there is no central
/// list. The order is that of static initialisation: whoever lists entries sorts them by name.
template <class Entry>
struct registered {
  explicit registered(Entry e) { list().push_back(std::move(e)); }
  static std::span<const Entry> all() { return list(); }

 private:
  static std::vector<Entry>& list();
};

/// In exactly one .cpp of libir for each Entry: IR's registries live in the library, not in each
/// program.
template <class Entry>
std::vector<Entry>& registry_of();

template <class Entry>
std::vector<Entry>& registered<Entry>::list() {
  return registry_of<Entry>();
}

}  // namespace ir
