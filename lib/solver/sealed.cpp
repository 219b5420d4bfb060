#include "solver/sealed.hpp"

#include <cstring>

#include "io/irs_layout.hpp"

namespace ir {
namespace {

struct head {
  char magic[8];
  std::uint64_t json_bytes, value_bytes, checksum;
};
static_assert(sizeof(head) == sealed_head_bytes);

std::optional<head> head_of(std::string_view magic, std::span<const std::byte> bytes) {
  head h{};
  if (bytes.size() < sizeof h) return {};
  std::memcpy(&h, bytes.data(), sizeof h);
  constexpr std::uint64_t most = std::uint64_t{1} << 60;  // no sum overflows
  if (std::memcmp(h.magic, magic.data(), sizeof h.magic) != 0 || h.json_bytes > most ||
      h.value_bytes > most)
    return {};
  return h;
}

template <class V>
basic_ref<V> flat(const basic_vec<V>& v) {
  return {v.data(), real_type(v.type()), shape{v.in().size()}, v.where()};
}

}  // namespace

std::vector<std::byte> sealed(std::string_view magic, std::string_view json,
                              std::span<const std::byte> values) {
  std::vector<std::byte> out(sizeof(head) + json.size() + values.size());
  const auto body = std::span(out).subspan(sizeof(head));
  std::memcpy(body.data(), json.data(), json.size());
  if (!values.empty()) std::memcpy(body.data() + json.size(), values.data(), values.size());
  head h{{}, json.size(), values.size(), irs::checksum(body)};
  std::memcpy(h.magic, magic.data(), sizeof h.magic);
  std::memcpy(out.data(), &h, sizeof h);
  return out;
}

std::optional<unsealed> unseal(std::string_view magic, std::span<const std::byte> bytes) {
  const auto h = head_of(magic, bytes);
  if (!h) return {};
  const auto rest = bytes.subspan(sizeof(head));
  if (h->json_bytes + h->value_bytes > rest.size()) return {};
  const auto body = rest.first(h->json_bytes + h->value_bytes);
  if (irs::checksum(body) != h->checksum) return {};
  const std::string_view json(reinterpret_cast<const char*>(body.data()), h->json_bytes);
  return unsealed{metadata::parse(json), body.subspan(h->json_bytes), sizeof(head) + body.size()};
}

std::optional<index_t> sealed_bytes(std::string_view magic, std::span<const std::byte> bytes) {
  const auto h = head_of(magic, bytes);
  if (!h) return {};
  return static_cast<index_t>(sizeof(head) + h->json_bytes + h->value_bytes);
}

std::vector<std::byte> reals_of(queue& q, cvec x) {
  const cref from = flat(x);
  std::vector<std::byte> out(static_cast<std::size_t>(from.bytes()));
  copy(q, from, ref(out.data(), from.type, from.extents));
  q.synchronize();
  return out;
}

void set_reals(queue& q, std::span<const std::byte> from, vec x) {
  const ref to = flat(x);
  copy(q, cref(from.data(), to.type, to.extents), to);
  q.synchronize();
}

}  // namespace ir
