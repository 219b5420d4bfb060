#include "expr/load_array.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/error.hpp"

namespace ir::expr {

array_ptr load_array(const std::string& name, const input_options& how, index_t budget) {
  queue host;
  const auto from = open_input({name}, how);
  const int data = data_index(from->header());
  const array_info& info = data_of(from->header());
  const bool complex = is_complex(info.type);
  const dtype type = complex ? dtype::c128 : dtype::f64;

  auto out = std::make_shared<loaded_array>();
  out->name = name;
  out->of = complex ? field::complex : field::real;
  index_t frames = 0;
  for (frame f; from->next(f, host);) {
    if (f.array_no != data) continue;
    const cref values = std::as_const(f.data).get();
    const std::size_t have = out->values.size(),
                      more = static_cast<std::size_t>(values.extents.count()) * (complex ? 2 : 1);
    if (budget > 0 && static_cast<index_t>((have + more) * sizeof(double)) > budget)
      throw memory_error(
          fmt::format("'{}' takes more than the {} bytes that there are", name, budget));
    out->values.resize(have + more);
    copy(host, values, ref(out->values.data() + have, type, values.extents));
    ++frames;
  }
  if (frames == 0) throw data_error(fmt::format("'{}' has no frames", name));
  std::vector<index_t> n;
  if (frames > 1) n.push_back(frames);
  for (const axis& a : info.axes) n.push_back(a.size);
  out->extents = shape(n);
  return out;
}

}  // namespace ir::expr
