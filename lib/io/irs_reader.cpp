#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "io/irs.hpp"
#include "io/irs_head.hpp"
#include "io/irs_layout.hpp"
#include "io/irs_order.hpp"

namespace ir {
namespace {

using namespace irs;

constexpr std::size_t hot = std::size_t{128} << 10;  // read and hashed while in cache
constexpr int grace = 100;                           // ms for what may follow TAIL

class irs_stream final : public frame_source {
 public:
  irs_stream(descriptor in, bytes peeked, irs_read_options options)
      : in_(std::move(in)), peeked_(peeked.begin(), peeked.end()), options_(std::move(options)) {
    open_stream();
  }
  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame&, queue&) override;
  void do_deliver(delivery d) override { delivery_ = d; }

  void open_stream();
  bool open_another();
  void forget_count();
  bool read_part(const record_header&, frame&, queue&);
  void prepare(const record_header&, frame&, queue&);
  record_header next_header();
  metadata_ptr read_json(const record_header&);
  void read_trailer();
  void read_simple(const record_header&);
  void end_stream(const record_header&);
  void expect_end();

  index_t take(std::span<std::byte>);
  void take_all(std::span<std::byte>);
  void take_hashed(std::span<std::byte>, hasher&);
  void take_padding(index_t length);
  [[noreturn]] void cut() const;
  [[noreturn]] void fail(const std::string& why) const {
    throw data_error(fmt::format("{}: {}", in_.name(), why));
  }

  descriptor in_;
  std::vector<std::byte> peeked_;
  irs_read_options options_;
  delivery delivery_ = delivery::whole;
  stream_header header_;  // as told to the caller
  std::optional<record_order> order_;
  index_t earlier_frames_ = 0;  // of the streams before, where several make one
  bool ended_ = false;
  block header_block_{};                          // of the record that is being read
  std::uint64_t json_sum_ = 0, payload_sum_ = 0;  // of what came
  metadata_ptr frame_meta_;
  std::unique_ptr<queue> host_;
};

// Preamble and records up to HEAD.
void irs_stream::open_stream() {
  block b{};
  const index_t got = take(b);
  if (got == 0 && in_.is_pipe())
    throw upstream_error(fmt::format(
        "{} is empty: the command before wrote nothing, it failed or was killed", in_.name()));
  if (got < block_bytes) {
    const bytes start = bytes(b).first(std::min<std::size_t>(got, irs_signature_bytes));
    const bytes sign = std::as_bytes(std::span(signature)).first(start.size());
    if (!std::equal(start.begin(), start.end(), sign.begin())) check_preamble(b, in_.name());
    cut();
  }
  check_preamble(b, in_.name());
  for (;;) {
    const record_header h = next_header();
    if (h.type == fram || h.type == tail) fail("a frame stream without a header");
    if (h.type != head) {
      read_simple(h);
      continue;
    }
    const metadata_ptr json = read_json(h);
    read_trailer();
    if (!json) fail("a header without JSON");
    header_ = parse_head(*json, in_.name());
    order_.emplace(header_, in_.name());
    if (options_.concatenated) forget_count();
    return;
  }
}

// What one of several streams cannot know: how many frames there are in all.
void irs_stream::forget_count() {
  array_info& data = data_of(header_);
  data.frames.reset();
  header_.along.size = 0;
  const auto is_time = [](const axis& a) { return a.name == "t"; };
  if (header_.along.name.empty())
    header_.along.name = std::any_of(data.axes.begin(), data.axes.end(), is_time) ? "n" : "t";
}

bool irs_stream::do_next(frame& f, queue& q) {
  while (!ended_) {
    const record_header h = next_header();
    if (h.type == fram) {
      if (read_part(h, f, q)) return true;
    } else if (h.type == tail) {
      end_stream(h);
    } else if (h.type == head) {
      fail("a second header inside a stream");
    } else {
      read_simple(h);
    }
    q.poll();
  }
  return false;
}

// One record's lines, straight into the frame; true if `f` is to be handed on.
bool irs_stream::read_part(const record_header& h, frame& f, queue& q) {
  order_->accept(h);
  metadata_ptr meta = read_json(h);
  if (h.first_line == 0) frame_meta_ = std::move(meta);
  prepare(h, f, q);
  auto* const to = static_cast<std::byte*>(f.data.get().data) +
                   (delivery_ == delivery::whole ? h.first_line * (h.payload / h.lines) : 0);
  hasher sum;
  take_hashed({to, static_cast<std::size_t>(h.payload)}, sum);
  take_padding(h.payload);
  payload_sum_ = sum.value();
  read_trailer();
  return delivery_ == delivery::parts || !order_->inside_frame();
}

// Memory for the record's lines, or for the frame that they begin.
void irs_stream::prepare(const record_header& h, frame& f, queue& q) {
  if (q.where().kind != device::cpu && !host_)
    host_ = std::make_unique<queue>(device{}, q.cancel());
  queue& host = q.where().kind == device::cpu ? q : *host_;
  const array_info& info = header_.arrays[h.array_no];
  const shape whole = extents_of(info);
  const index_t all = line_count(info);
  if (delivery_ == delivery::whole && options_.memory > 0 && frame_bytes(info) > options_.memory)
    throw memory_error(
        fmt::format("{}: a frame of array '{}' ({} {}) takes {} bytes, the limit is "
                    "{}: allow more with --memory",
                    in_.name(), info.name, to_string(whole), name_of(info.type), frame_bytes(info),
                    options_.memory));
  f.array_no = static_cast<int>(h.array_no);
  f.number = h.number + earlier_frames_;
  f.meta = frame_meta_;
  if (delivery_ == delivery::whole) {
    f.begin = 0, f.end = all;
    if (h.first_line == 0) f.data.reset(host, info.type, whole);
  } else {
    f.begin = h.first_line, f.end = h.first_line + h.lines;
    const shape part{h.lines, h.payload / h.lines / size_of(info.type)};
    f.data.reset(host, info.type, h.lines == all ? whole : part);
  }
}

record_header irs_stream::next_header() {
  take_all(header_block_);
  return parse_header(header_block_, in_.name());
}

metadata_ptr irs_stream::read_json(const record_header& h) {
  std::string text(static_cast<std::size_t>(h.json), '\0');
  take_all(std::as_writable_bytes(std::span(text)));
  take_padding(h.json);
  json_sum_ = checksum(std::as_bytes(std::span(text)));
  payload_sum_ = checksum({});
  if (text.empty()) return nullptr;
  try {
    return metadata::parse(text);
  } catch (const data_error& e) {
    fail(fmt::format("damaged: {}", e.what()));
  }
}

void irs_stream::read_trailer() {
  block b;
  take_all(b);
  const sums told = parse_trailer(b, header_block_, in_.name());
  if (told.json != json_sum_ || told.payload != payload_sum_)
    fail(fmt::format("damaged: wrong checksum after {} frames",
                     order_ ? order_->data_frames() + earlier_frames_ : 0));
}

// Every record but HEAD, FRAM and TAIL.
void irs_stream::read_simple(const record_header& h) {
  const metadata_ptr json = read_json(h);
  hasher sum;
  std::vector<std::byte> skipped(std::min<std::size_t>(hot, h.payload));
  for (index_t left = h.payload; left > 0;) {
    const auto n = std::min<std::size_t>(skipped.size(), left);
    take_hashed(std::span(skipped).first(n), sum);
    left -= static_cast<index_t>(n);
  }
  if (h.payload > 0) payload_sum_ = sum.value();
  take_padding(h.payload);
  read_trailer();
  const std::string tool = json ? json->text("tool").value_or("an earlier command") : "";
  if (h.type == abrt) {
    const std::string why = json ? json->text("message").value_or("no reason given") : "";
    if (in_.is_pipe()) throw aborted_upstream(fmt::format("{}: {}", tool, why));
    fail(fmt::format("the result of a pipeline that failed: {}: {}", tool, why));
  }
  if (h.type == prog && json && options_.on_progress) {
    options_.on_progress({tool, json->integer("done").value_or(0),
                          json->integer("total").value_or(0), json->text("unit").value_or("")});
  } else if (h.type.critical()) {
    fail(fmt::format("a record '{}', which needs a later version of this program",
                     std::string_view(h.type.letters.data(), 4)));
  }
}

void irs_stream::end_stream(const record_header& h) {
  const metadata_ptr json = read_json(h);
  read_trailer();
  if (!json) fail("an end mark without JSON");
  order_->finish(parse_counts(*json, in_.name()));
  if (options_.concatenated) {
    ended_ = !open_another();
  } else {
    ended_ = true;
    expect_end();
  }
}

// TAIL is the end even where a writer stays, so this waits, but not for long.
void irs_stream::expect_end() {
  block b;
  if (peeked_.empty() && !in_.readable_within(grace)) return;
  const index_t more = take(std::span(b).first(irs_signature_bytes));
  if (more == 0) return;
  const bytes sign = std::as_bytes(std::span(signature));
  if (more == static_cast<index_t>(sign.size()) && std::equal(sign.begin(), sign.end(), b.begin()))
    fail("a second stream follows the first: --concat takes them as one");
  fail("there are more bytes after the end mark");
}

// The next of several streams; false at the end of the input.
bool irs_stream::open_another() {
  const index_t frames = earlier_frames_ + order_->data_frames();
  const stream_header first = std::move(header_);
  if (peeked_.empty()) {
    peeked_.resize(1);
    peeked_.resize(static_cast<std::size_t>(in_.read(peeked_)));
    if (peeked_.empty()) {
      header_ = first;
      return false;
    }
  }
  open_stream();
  if (header_.arrays.size() != 1 || header_.arrays != first.arrays)
    fail("concatenated streams must have the same array, data alone");
  header_ = first;
  earlier_frames_ = frames;
  return true;
}

index_t irs_stream::take(std::span<std::byte> to) {
  const std::size_t n = std::min(to.size(), peeked_.size());
  std::copy_n(peeked_.begin(), n, to.begin());
  peeked_.erase(peeked_.begin(), peeked_.begin() + static_cast<std::ptrdiff_t>(n));
  return static_cast<index_t>(n) + in_.read(to.subspan(n));
}

void irs_stream::take_all(std::span<std::byte> to) {
  if (take(to) < static_cast<index_t>(to.size())) cut();
}

void irs_stream::take_hashed(std::span<std::byte> to, hasher& sum) {
  while (!to.empty()) {
    const auto n = static_cast<std::size_t>(in_.read_some(to.first(std::min(hot, to.size()))));
    if (n == 0) cut();
    sum.add(to.first(n));
    to = to.subspan(n);
  }
}

void irs_stream::take_padding(index_t length) {
  block b{};
  const auto pad = std::span(b).first(static_cast<std::size_t>(padding(length)));
  take_all(pad);
  if (!all_zero(pad)) fail("damaged: padding that is not zero");
}

void irs_stream::cut() const {
  const index_t frames = earlier_frames_ + (order_ ? order_->data_frames() : 0);
  if (!in_.is_pipe())
    fail(fmt::format("cut short: it ends after {} frames, without an end mark", frames));
  throw upstream_error(
      fmt::format("{} ends after {} frames, without an end mark: a command before failed or was "
                  "killed",
                  in_.name(), frames));
}

}  // namespace

std::unique_ptr<frame_source> open_irs(descriptor in, std::span<const std::byte> peeked,
                                       const irs_read_options& options) {
  return std::make_unique<irs_stream>(std::move(in), peeked, options);
}

}  // namespace ir
