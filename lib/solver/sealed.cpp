#include "solver/sealed.hpp"

#include <cstddef>
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

record_maker::record_maker(std::string_view magic, std::string_view json, index_t value_bytes)
    : bytes_(sizeof(head) + json.size() + static_cast<std::size_t>(value_bytes)),
      values_at_(sizeof(head) + json.size()) {
  head h{{}, json.size(), static_cast<std::uint64_t>(value_bytes), 0};
  std::memcpy(h.magic, magic.data(), sizeof h.magic);
  std::memcpy(bytes_.data(), &h, sizeof h);
  std::memcpy(bytes_.data() + sizeof h, json.data(), json.size());
}

std::vector<std::byte> record_maker::finish() {
  const std::uint64_t sum = irs::checksum(std::span(bytes_).subspan(sizeof(head)));
  std::memcpy(bytes_.data() + offsetof(head, checksum), &sum, sizeof sum);
  return std::move(bytes_);
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

void get_reals(queue& q, cvec x, std::span<std::byte> to) {
  const cref from = flat(x);
  copy(q, from, ref(to.data(), from.type, from.extents));
  q.synchronize();
}

std::vector<std::byte> reals_of(queue& q, cvec x) {
  std::vector<std::byte> out(static_cast<std::size_t>(flat(x).bytes()));
  get_reals(q, x, out);
  return out;
}

void set_reals(queue& q, std::span<const std::byte> from, vec x) {
  const ref to = flat(x);
  copy(q, cref(from.data(), to.type, to.extents), to);
  q.synchronize();
}

}  // namespace ir
