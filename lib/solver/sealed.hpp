#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/space.hpp"
#include "io/metadata.hpp"

namespace ir {

/// Records that tell whether they are whole: what checkpoints are made of.
///
///   8 bytes of magic; bytes of the JSON, bytes of the values, checksum (XXH3) of both: u64 each
///   JSON
///   values
///
/// Little-endian.

/// A record whose values are written where they will lie.
class record_maker {
 public:
  record_maker(std::string_view magic, std::string_view json, index_t value_bytes);
  std::span<std::byte> values() { return std::span(bytes_).subspan(values_at_); }
  /// The record; once.
  std::vector<std::byte> finish();

 private:
  std::vector<std::byte> bytes_;
  std::size_t values_at_;
};

struct unsealed {
  metadata_ptr json;
  std::span<const std::byte> values;
  std::size_t bytes;  // of the record
};
/// The record at the beginning of `bytes`; nullopt: another magic, or it is cut or damaged.
std::optional<unsealed> unseal(std::string_view magic, std::span<const std::byte> bytes);
/// Bytes of the record that begins with `head` (sealed_head_bytes of it); nullopt: another magic.
constexpr std::size_t sealed_head_bytes = 32;
std::optional<index_t> sealed_bytes(std::string_view magic, std::span<const std::byte> head);

/// The reals of an element as they lie in memory, gaps included; and back.
void get_reals(queue&, cvec, std::span<std::byte>);
std::vector<std::byte> reals_of(queue&, cvec);
void set_reals(queue&, std::span<const std::byte>, vec);

}  // namespace ir
