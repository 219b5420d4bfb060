#include "io/tiff_deflate.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include <bit>
#include <cstring>
#include <vector>

#include "io/strided_copy.hpp"

namespace ir::tiff {
namespace {

/// Bytes of the words that byte order and prediction are about; 0: samples are no whole bytes.
index_t word_of(const layout& how) {
  if (how.bits % 8 != 0) return 0;
  return how.bits / 8 / (how.format == sample_format::complex_floating ? 2 : 1);
}

/// v[i] += v[i - step] along a line.
template <class T>
void sum_up(std::byte* line, index_t count, index_t step) {
  for (index_t i = step; i < count; ++i) {
    T a, b;
    std::memcpy(&a, line + (i - step) * index_t(sizeof(T)), sizeof a);
    std::memcpy(&b, line + i * index_t(sizeof(T)), sizeof b);
    b = T(a + b);
    std::memcpy(line + i * index_t(sizeof(T)), &b, sizeof b);
  }
}

/// A line is its values' most significant bytes, then the next ones, ..., as differences.
void join_bytes(std::byte* line, index_t values, index_t word, index_t step,
                std::vector<std::byte>& planes) {
  sum_up<std::uint8_t>(line, values * word, step);
  planes.assign(line, line + values * word);
  for (index_t b = 0; b < word; ++b) {
    const index_t to = std::endian::native == std::endian::little ? word - 1 - b : b;
    for (index_t i = 0; i < values; ++i) line[i * word + to] = planes[std::size_t(b * values + i)];
  }
}

void undo(const layout& how, const prediction& p, std::span<std::byte> lines) {
  const index_t word = word_of(how), line = how.line_bytes(), step = how.samples_a_block();
  if (p.swapped && word > 1 && p.predictor != 3) swap_bytes(lines, word);
  if (p.predictor == 1) return;
  std::vector<std::byte> planes;
  for (std::byte* l = lines.data(); l < lines.data() + lines.size(); l += line) {
    if (p.predictor == 3)
      join_bytes(l, line / word, word, step, planes);
    else if (word == 1)
      sum_up<std::uint8_t>(l, line, step);
    else if (word == 2)
      sum_up<std::uint16_t>(l, line / 2, step);
    else
      sum_up<std::uint32_t>(l, line / 4, step);
  }
}

}  // namespace

bool can_inflate(const layout& how, const prediction& p) {
  const bool complex = how.format == sample_format::complex_floating;
  const index_t word = word_of(how);
  if (how.fill_order != 1) return false;
  if (p.predictor == 1) return true;
  if (p.predictor == 2) return !complex && (word == 1 || word == 2 || word == 4);
  return p.predictor == 3 && how.format == sample_format::floating && word > 1;
}

std::string inflate(std::span<const std::byte> packed, const layout& how, const prediction& p,
                    index_t need, std::span<std::byte> out) {
  z_stream z{};
  if (inflateInit(&z) != Z_OK) return "no memory";
  constexpr std::size_t most = 1u << 30;  // zlib counts in 32 bits
  std::size_t taken = 0, made = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t in = std::min(most, packed.size() - taken);
    const std::size_t room = std::min(most, out.size() - made);
    z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data() + taken));
    z.avail_in = uInt(in);
    z.next_out = reinterpret_cast<Bytef*>(out.data() + made);
    z.avail_out = uInt(room);
    status = ::inflate(&z, Z_NO_FLUSH);
    taken += in - z.avail_in;
    made += room - z.avail_out;
  }
  const std::string why = z.msg ? z.msg : "";
  inflateEnd(&z);
  if (status == Z_DATA_ERROR || status == Z_NEED_DICT) return why.empty() ? "not deflated" : why;
  if (status != Z_STREAM_END)
    return made == out.size() ? "more data than the lines take" : "the data end too early";
  if (index_t(made) < need) return fmt::format("{} of {} bytes", made, need);
  undo(how, p, out.first(static_cast<std::size_t>(need)));
  return {};
}

}  // namespace ir::tiff
