#include "io/irs_layout.hpp"

#include <fmt/core.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "core/error.hpp"
#include "io/source.hpp"

namespace ir::irs {
namespace {

constexpr std::string_view header_magic = "IRr1", trailer_magic = "IRt1";
constexpr std::size_t sum_at = block_bytes - 8;

// Offsets of the fields; irs(5) has the same tables.
namespace preamble {
constexpr std::size_t major = 8, minor = 10;
}
namespace header {
constexpr std::size_t magic = 0, type = 4, flags = 8, array_no = 12, number = 16, first_line = 24,
                      lines = 32, payload = 40, json = 48;
}
namespace trailer {
constexpr std::size_t magic = 0, type = 4, json_sum = 8, payload_sum = 16, json = 24, payload = 32,
                      header_sum = 40;
}

template <class T>
void store(block& b, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    b[at + i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
}

template <class T>
T load(const block& b, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value |= static_cast<std::uint64_t>(b[at + i]) << (8 * i);
  return static_cast<T>(value);
}

void store_text(block& b, std::size_t at, std::string_view text) {
  std::memcpy(b.data() + at, text.data(), text.size());
}

bool has_text(const block& b, std::size_t at, std::string_view text) {
  return std::memcmp(b.data() + at, text.data(), text.size()) == 0;
}

std::string_view text_of(const record_type& t) { return {t.letters.data(), t.letters.size()}; }

void seal(block& b) { store(b, sum_at, checksum(bytes(b).first(sum_at))); }

bool intact(const block& b) { return checksum_of(b) == checksum(bytes(b).first(sum_at)); }

// A length or count of a header: what does not fit index_t is damage or malice.
index_t size_field(const block& b, std::size_t at, index_t limit, const char* what,
                   const std::string& where) {
  const auto value = load<std::uint64_t>(b, at);
  if (value > static_cast<std::uint64_t>(limit))
    throw data_error(
        fmt::format("{}: a record with {} {}: at most {} is allowed", where, what, value, limit));
  return static_cast<index_t>(value);
}

}  // namespace

std::uint64_t checksum(bytes b) { return XXH3_64bits(b.data(), b.size()); }

std::uint64_t checksum_of(const block& b) { return load<std::uint64_t>(b, sum_at); }

hasher::hasher() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_));
}
hasher::~hasher() { XXH3_freeState(static_cast<XXH3_state_t*>(state_)); }
void hasher::add(bytes b) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state_), b.data(), b.size());
}
std::uint64_t hasher::value() const {
  return XXH3_64bits_digest(static_cast<const XXH3_state_t*>(state_));
}

bool all_zero(bytes b) {
  return std::all_of(b.begin(), b.end(), [](std::byte x) { return x == std::byte{0}; });
}

block make_preamble() {
  block b{};
  store_text(b, 0, signature);
  store(b, preamble::major, major_version);
  store(b, preamble::minor, minor_version);
  seal(b);
  return b;
}

block make_header(const record_header& h) {
  block b{};
  store_text(b, header::magic, header_magic);
  store_text(b, header::type, text_of(h.type));
  store(b, header::flags, h.flags);
  store(b, header::array_no, h.array_no);
  store(b, header::number, h.number);
  store(b, header::first_line, h.first_line);
  store(b, header::lines, h.lines);
  store(b, header::payload, h.payload);
  store(b, header::json, static_cast<std::uint32_t>(h.json));
  seal(b);
  return b;
}

block make_trailer(const record_header& h, std::uint64_t json_sum, std::uint64_t payload_sum,
                   std::uint64_t header_sum) {
  block b{};
  store_text(b, trailer::magic, trailer_magic);
  store_text(b, trailer::type, text_of(h.type));
  store(b, trailer::json_sum, json_sum);
  store(b, trailer::payload_sum, payload_sum);
  store(b, trailer::json, h.json);
  store(b, trailer::payload, h.payload);
  store(b, trailer::header_sum, header_sum);
  seal(b);
  return b;
}

void check_preamble(const block& b, const std::string& where) {
  if (!has_text(b, 0, signature))
    throw data_error(fmt::format("{}: not a frame stream (IRS)", where));
  if (!intact(b))
    throw data_error(fmt::format("{}: damaged: wrong checksum of the preamble", where));
  const auto major = load<std::uint16_t>(b, preamble::major);
  if (major != major_version)
    throw data_error(fmt::format("{}: a frame stream of version {}.{}; this program reads {}.x",
                                 where, major, load<std::uint16_t>(b, preamble::minor),
                                 major_version));
}

record_header parse_header(const block& b, const std::string& where) {
  if (!has_text(b, header::magic, header_magic) || !intact(b))
    throw data_error(fmt::format("{}: damaged: not a record header", where));
  record_header h;
  std::memcpy(h.type.letters.data(), b.data() + header::type, h.type.letters.size());
  for (const char c : h.type.letters)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
      throw data_error(fmt::format("{}: a record whose type is not four letters", where));
  h.flags = load<std::uint32_t>(b, header::flags);
  if (h.flags >> 16 != 0)
    throw data_error(
        fmt::format("{}: a record '{}' with flags {:#010x}, which need a later version", where,
                    text_of(h.type), h.flags));
  constexpr index_t any = index_t{1} << 60;
  h.array_no = load<std::uint32_t>(b, header::array_no);
  h.number = size_field(b, header::number, any, "frame number", where);
  h.first_line = size_field(b, header::first_line, any, "first line", where);
  h.lines = size_field(b, header::lines, any, "line count", where);
  // A line of a frame may be longer than that; what a frame may have is checked against HEAD.
  h.payload = size_field(b, header::payload, h.type == fram ? any : largest_part_bytes,
                         "payload length", where);
  h.json = load<std::uint32_t>(b, header::json);
  const index_t limit = h.type == head ? head_json_limit : json_limit;
  if (h.json > limit)
    throw data_error(fmt::format("{}: a record '{}' with {} bytes of JSON: at most {} are allowed",
                                 where, text_of(h.type), h.json, limit));
  if (h.payload > 0 && (h.type == head || h.type == abrt || h.type == tail || h.type == prog))
    throw data_error(fmt::format("{}: a record '{}' with {} bytes of payload: it has none", where,
                                 text_of(h.type), h.payload));
  return h;
}

sums parse_trailer(const block& t, const block& h, const std::string& where) {
  const bool own =
      has_text(t, trailer::magic, trailer_magic) && intact(t) &&
      std::memcmp(t.data() + trailer::type, h.data() + header::type, 4) == 0 &&
      load<std::uint64_t>(t, trailer::json) == load<std::uint32_t>(h, header::json) &&
      load<std::uint64_t>(t, trailer::payload) == load<std::uint64_t>(h, header::payload) &&
      load<std::uint64_t>(t, trailer::header_sum) == checksum_of(h);
  if (!own) throw data_error(fmt::format("{}: damaged: a record without its trailer", where));
  return {load<std::uint64_t>(t, trailer::json_sum), load<std::uint64_t>(t, trailer::payload_sum)};
}

}  // namespace ir::irs
