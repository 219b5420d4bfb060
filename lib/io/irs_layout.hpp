#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/shape.hpp"

/// The bytes of a frame stream; irs(5) is the definition. Blocks are 64 bytes, fields
/// little-endian, and the last 8 bytes of each block are the XXH3-64 of the 56 before them.
namespace ir::irs {

constexpr index_t block_bytes = 64;
using block = std::array<std::byte, block_bytes>;
using bytes = std::span<const std::byte>;

constexpr std::uint16_t major_version = 1, minor_version = 0;
constexpr index_t head_json_limit = index_t{16} << 20;  // of HEAD
constexpr index_t json_limit = index_t{1} << 20;        // of any other record
constexpr std::string_view signature{"\x89IRS\r\n\x1a\n", 8};

/// Four letters. The first is a capital where a reader must understand the record.
struct record_type {
  std::array<char, 4> letters{};
  friend bool operator==(const record_type&, const record_type&) = default;
  bool critical() const { return letters[0] >= 'A' && letters[0] <= 'Z'; }
};
constexpr record_type head{{'H', 'E', 'A', 'D'}}, fram{{'F', 'R', 'A', 'M'}},
    abrt{{'A', 'B', 'R', 'T'}}, tail{{'T', 'A', 'I', 'L'}}, prog{{'p', 'r', 'o', 'g'}};

struct record_header {
  record_type type;
  std::uint32_t flags = 0;  // bits 16 to 31 must be understood
  std::uint32_t array_no = 0;
  index_t number = 0, first_line = 0, lines = 0;  // of FRAM
  index_t payload = 0, json = 0;                  // bytes
};

/// 64-bit XXH3 with seed 0.
std::uint64_t checksum(bytes);
std::uint64_t checksum_of(const block&);  // as stored in its last 8 bytes

/// The same over several pieces.
class hasher {
 public:
  hasher();
  ~hasher();
  hasher(const hasher&) = delete;
  hasher& operator=(const hasher&) = delete;
  void add(bytes);
  std::uint64_t value() const;

 private:
  void* state_;
};

block make_preamble();
block make_header(const record_header&);
block make_trailer(const record_header&, std::uint64_t json_sum, std::uint64_t payload_sum,
                   std::uint64_t header_sum);

/// data_error with `where` in front: another format, version or damage.
void check_preamble(const block&, const std::string& where);
/// data_error: damaged, lengths or flags that this version does not allow.
record_header parse_header(const block&, const std::string& where);
/// The checksums that a trailer holds; data_error: damaged, or not the trailer of `header`.
struct sums {
  std::uint64_t json, payload;
};
sums parse_trailer(const block& trailer, const block& header, const std::string& where);

/// Zero bytes after `length` bytes, up to the next block.
constexpr index_t padding(index_t length) { return -length & (block_bytes - 1); }
constexpr index_t padded(index_t length) { return length + padding(length); }
/// Room of JSON, payload and trailer: what follows a header.
constexpr index_t after_header(const record_header& h) {
  return padded(h.json) + padded(h.payload) + block_bytes;
}
bool all_zero(bytes);

}  // namespace ir::irs
