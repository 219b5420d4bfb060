#include "io/irs_index.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "io/irs_head.hpp"
#include "io/irs_layout.hpp"
#include "io/irs_order.hpp"

namespace ir::irs {
namespace {

constexpr const char* cut_short = "cut short: it ends without an end mark";
constexpr index_t hot = index_t{256} << 10;  // read and hashed while in cache

}  // namespace

file_index::file_index(descriptor file) : file_(std::move(file)), size_(file_.size()) {
  read_records();
}

void file_index::fail(const std::string& why) const {
  throw data_error(fmt::format("{}: {}", file_.name(), why));
}

void file_index::read_exactly(index_t at, std::byte* to, index_t count) const {
  if (at > size_ - count || file_.read_at(at, {to, static_cast<std::size_t>(count)}) < count)
    fail(cut_short);
}

metadata_ptr file_index::read_json(const note& n) const {
  std::string text(static_cast<std::size_t>(n.length), '\0');
  read_exactly(n.at, std::as_writable_bytes(std::span(text)).data(), n.length);
  check_padding(n.at, n.length);
  if (checksum(std::as_bytes(std::span(text))) != n.sum) fail("damaged: wrong checksum of JSON");
  try {
    return metadata::parse(text);
  } catch (const data_error& e) {
    fail(fmt::format("damaged: {}", e.what()));
  }
}

void file_index::check_padding(index_t at, index_t length) const {
  block b{};
  read_exactly(at + length, b.data(), padding(length));
  if (!all_zero(b)) fail("damaged: padding that is not zero");
}

// Every record's header and trailer, from the first to TAIL.
void file_index::read_records() {
  block around[2]{};  // a trailer and the header after it
  read_exactly(0, around[0].data(), 2 * block_bytes);
  check_preamble(around[0], file_.name());
  std::optional<record_order> order;
  for (index_t at = block_bytes; at < size_;) {
    const block head_block = around[1];
    const record_header h = parse_header(head_block, file_.name());
    const index_t json_at = at + block_bytes;
    if (after_header(h) > size_ - json_at) fail(cut_short);
    at = json_at + after_header(h);
    const bool last = h.type == tail || h.type == abrt;
    read_exactly(at - block_bytes, around[0].data(), (last ? 1 : 2) * block_bytes);
    const sums told = parse_trailer(around[0], head_block, file_.name());
    if (h.type.critical() && h.type != head && h.type != abrt && !order)
      fail("a frame stream without a header");
    take_record(h, {json_at, h.json, told.json}, told.payload, order);
    if (last && at != size_) fail("there are more bytes after the end mark");
  }
  checked_ = std::make_unique<std::atomic<bool>[]>(parts_);
}

void file_index::take_record(const record_header& h, const note& json, std::uint64_t payload_sum,
                             std::optional<record_order>& order) {
  if (h.type == head) {
    if (order) fail("a second header inside a stream");
    header_ = parse_head(*read_json(json), file_.name());
    order.emplace(header_, file_.name());
    for (const array_info& info : header_.arrays)
      arrays_.push_back({frame_bytes(info) / line_count(info), {}, {}, {}});
  } else if (h.type == fram) {
    order->accept(h);
    array_parts& a = arrays_[h.array_no];
    if (h.first_line == 0) {
      a.first_part.push_back(a.parts.size());
      a.notes.push_back(json);
    }
    a.parts.push_back({json.at + padded(h.json), h.first_line, h.lines, payload_sum, parts_++});
  } else if (h.type == tail) {
    order->finish(parse_counts(*read_json(json), file_.name()));
  } else if (h.type == abrt) {
    const metadata_ptr why = read_json(json);
    fail(fmt::format("the result of a pipeline that failed: {}: {}",
                     why->text("tool").value_or("an earlier command"),
                     why->text("message").value_or("no reason given")));
  } else if (h.type.critical()) {
    fail(fmt::format("a record '{}', which needs a later version of this program",
                     std::string_view(h.type.letters.data(), 4)));
  } else {
    if (h.json > 0) (void)read_json(json);
    check_payload(json.at + padded(h.json), h.payload, payload_sum);
  }
}

index_t file_index::frames(int array_no) const {
  return static_cast<index_t>(arrays_[array_no].first_part.size());
}

index_t file_index::part_lines(int array_no) const {
  return arrays_[array_no].parts.empty() ? 1 : arrays_[array_no].parts.front().lines;
}

// The part of a frame that has this line.
const file_index::part& file_index::part_of(int array_no, index_t number, index_t line) const {
  const array_parts& a = arrays_[array_no];
  const auto first = a.parts.begin() + static_cast<std::ptrdiff_t>(a.first_part[number]);
  const auto end = number + 1 < frames(array_no)
                       ? a.parts.begin() + static_cast<std::ptrdiff_t>(a.first_part[number + 1])
                       : a.parts.end();
  const auto after =
      std::upper_bound(first, end, line, [](index_t l, const part& p) { return l < p.first; });
  return *(after - 1);
}

// A whole payload; the right bytes or a data_error.
void file_index::read_part(const part& p, std::byte* to, index_t count) const {
  hasher sum;
  for (index_t done = 0; done < count;) {
    const index_t n = std::min(hot, count - done);
    read_exactly(p.at + done, to + done, n);
    sum.add({to + done, static_cast<std::size_t>(n)});
    done += n;
  }
  check_padding(p.at, count);
  if (sum.value() != p.sum) fail(fmt::format("damaged: wrong checksum at byte {}", p.at));
  checked_[p.checked] = true;
}

void file_index::check_payload(index_t at, index_t length, std::uint64_t expected) const {
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min(hot, length)));
  hasher sum;
  for (index_t done = 0; done < length;) {
    const index_t n = std::min(hot, length - done);
    read_exactly(at + done, piece.data(), n);
    sum.add(std::span(piece).first(static_cast<std::size_t>(n)));
    done += n;
  }
  check_padding(at, length);
  if (sum.value() != expected) fail(fmt::format("damaged: wrong checksum at byte {}", at));
}

// The first time that some of a payload is read all of it is, so that its sum is known to be right.
void file_index::check(const part& p, index_t line_bytes) const {
  if (checked_[p.checked]) return;
  check_payload(p.at, p.lines * line_bytes, p.sum);
  checked_[p.checked] = true;
}

void file_index::read_lines(int array_no, index_t number, index_t begin, index_t end,
                            std::byte* to) const {
  const index_t line_bytes = arrays_[array_no].line_bytes;
  for (index_t line = begin; line < end;) {
    const part& p = part_of(array_no, number, line);
    const index_t until = std::min(end, p.first + p.lines);
    if (line == p.first && until == p.first + p.lines) {
      read_part(p, to, p.lines * line_bytes);
    } else {
      check(p, line_bytes);
      read_exactly(p.at + (line - p.first) * line_bytes, to, (until - line) * line_bytes);
    }
    to += (until - line) * line_bytes;
    line = until;
  }
}

void file_index::read_piece(int array_no, index_t number, index_t line, index_t offset,
                            index_t count, std::byte* to) const {
  const index_t line_bytes = arrays_[array_no].line_bytes;
  const part& p = part_of(array_no, number, line);
  check(p, line_bytes);
  read_exactly(p.at + (line - p.first) * line_bytes + offset, to, count);
}

metadata_ptr file_index::meta(int array_no, index_t number) const {
  const note& n = arrays_[array_no].notes[number];
  return n.length > 0 ? read_json(n) : nullptr;
}

}  // namespace ir::irs
