#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "io/irs.hpp"
#include "io/irs_head.hpp"
#include "io/irs_layout.hpp"
#include "io/irs_order.hpp"

namespace ir {
namespace {

using namespace irs;

constexpr std::size_t hot = std::size_t{128} << 10;  // hashed and written while in cache
constexpr block zeros{};

bytes pad(index_t length) { return bytes(zeros).first(static_cast<std::size_t>(padding(length))); }

// A whole record, in one call of the system where the payload is small.
void write_record(descriptor& out, record_header h, std::string_view json, bytes payload,
                  bytes before = {}) {
  const index_t limit = h.type == head ? head_json_limit : json_limit;
  h.json = static_cast<index_t>(json.size());
  h.payload = static_cast<index_t>(payload.size());
  if (h.json > limit)
    throw data_error(fmt::format("{}: {} bytes of metadata: at most {} fit a record", out.name(),
                                 h.json, limit));
  const block header = make_header(h);
  const bytes json_bytes = std::as_bytes(std::span(json));
  hasher sum;
  bytes start[] = {before, header, json_bytes, pad(h.json)};
  do {
    const bytes piece = payload.first(std::min(hot, payload.size()));
    payload = payload.subspan(piece.size());
    sum.add(piece);
    block trailer;
    const bool last = payload.empty();
    if (last) trailer = make_trailer(h, checksum(json_bytes), sum.value(), checksum_of(header));
    out.write({start[0], start[1], start[2], start[3], piece, last ? pad(h.payload) : bytes{},
               last ? bytes(trailer) : bytes{}});
    for (bytes& done : start) done = {};
  } while (!payload.empty());
}

std::string abort_json(const std::string& tool, exit_code code, const std::string& message) {
  constexpr std::size_t most = std::size_t{64} << 10;
  return fmt::format(R"({{"tool":{},"exit":{},"message":{}}})", json_quoted(tool),
                     static_cast<int>(code), json_quoted(message.substr(0, most)));
}

}  // namespace

struct irs_sink::impl {
  impl(descriptor d, const stream_header& h, const irs_write_options& o)
      : out(std::move(d)), header(h), options(o), order(header, out.name()) {}

  void write(const record_header& h, std::string_view json, bytes payload, bytes before = {}) {
    broken = true;  // until the record is whole, ABRT would be a part of it
    write_record(out, h, json, payload, before);
    broken = false;
  }

  cref on_host(cref from, queue& q);

  descriptor out;
  const stream_header header;
  const irs_write_options options;
  record_order order;
  std::mutex one_record;
  bool broken = false, ended = false;
  std::unique_ptr<queue> host;
  array staging;
};

irs_sink::irs_sink(descriptor out, const stream_header& h, const irs_write_options& options) {
  irs::check(h, out.name());
  impl_ = std::make_unique<impl>(std::move(out), h, options);
  impl_->write({.type = head}, irs::dump(h), {}, make_preamble());
}

irs_sink::~irs_sink() = default;

cref irs_sink::impl::on_host(cref from, queue& q) {
  if (from.where.kind == device::cpu) return from;
  if (!host) host = std::make_unique<queue>(device{}, q.cancel());
  staging.reset(*host, from.type, from.extents);
  copy(q, from, staging.get());
  q.synchronize();
  return staging.get();
}

void irs_sink::put(frame& f, queue& q) { put(f, std::as_const(f.data).get(), q); }

void irs_sink::put(const frame& f, cref values, queue& q) {
  impl& m = *impl_;
  if (f.array_no < 0 || f.array_no >= static_cast<int>(m.header.arrays.size()))
    throw bug_error(fmt::format("{}: a frame of array {}", m.out.name(), f.array_no));
  const array_info& info = m.header.arrays[f.array_no];
  const index_t line_bytes = frame_bytes(info) / line_count(info);
  const cref data = m.on_host(values, q);
  if (data.type != info.type || data.bytes() != (f.end - f.begin) * line_bytes)
    throw bug_error(fmt::format("{}: lines {} to {} of array '{}' ({} {}) in an array of {} {}",
                                m.out.name(), f.begin, f.end, info.name,
                                to_string(extents_of(info)), name_of(info.type),
                                to_string(data.extents), name_of(data.type)));
  const auto* const from = static_cast<const std::byte*>(data.data);
  const index_t most = lines_a_part(info);
  for (index_t line = f.begin; line < f.end; line += most) {
    record_header h{.type = fram,
                    .array_no = static_cast<std::uint32_t>(f.array_no),
                    .number = f.number,
                    .first_line = line,
                    .lines = std::min(most, f.end - line)};
    h.payload = h.lines * line_bytes;
    const std::string json = line == 0 && f.meta ? f.meta->dump() : "";
    const std::lock_guard lock(m.one_record);
    m.order.accept(h);
    m.write(h, json, {from + (line - f.begin) * line_bytes, static_cast<std::size_t>(h.payload)});
    q.poll();
  }
}

void irs_sink::note(const progress_note& n) {
  const std::unique_lock lock(impl_->one_record, std::try_to_lock);
  if (!lock || impl_->broken || impl_->ended || !impl_->out.writable_now()) return;
  impl_->write({.type = prog},
               fmt::format(R"({{"tool":{},"done":{},"total":{},"unit":{}}})", json_quoted(n.tool),
                           n.done, n.total, json_quoted(n.unit)),
               {});
}

void irs_sink::abort(const std::string& tool, exit_code code, const std::string& message) noexcept {
  try {
    const std::lock_guard lock(impl_->one_record);
    if (impl_->broken || impl_->ended) return;
    impl_->ended = true;
    impl_->write({.type = abrt}, abort_json(tool, code, message), {});
  } catch (const std::exception&) {
    // Nobody is left to be told: the reader sees a cut stream.
  }
}

void irs_sink::finish() {
  impl& m = *impl_;
  const std::lock_guard lock(m.one_record);
  m.order.finish(m.order.frames());
  if (m.order.data_frames() == 0 && !m.options.allow_empty)
    throw data_error(fmt::format("{}: there are no frames to write (allow this with --allow-empty)",
                                 m.out.name()));
  m.ended = true;
  m.write({.type = tail}, irs::dump_counts(m.order.frames()), {});
  if (!m.out.is_pipe()) m.out.sync();
  m.out.close();
}

void write_irs_abort(descriptor& out, const std::string& tool, exit_code code,
                     const std::string& message) noexcept {
  try {
    write_record(out, {.type = abrt}, abort_json(tool, code, message), {}, make_preamble());
  } catch (const std::exception&) {
    // Nobody is left to be told: the reader sees an empty stream.
  }
}

}  // namespace ir
