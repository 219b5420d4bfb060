#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "io/irs.hpp"
#include "io/irs_layout.hpp"
#include "io/metadata.hpp"

namespace ir::test {

using byte_string = std::vector<std::byte>;

/// A regular file in memory that holds these bytes, at its beginning.
inline descriptor file_of(const byte_string& content, const std::string& name = "a.irs") {
  const int fd = memfd_create("test", MFD_CLOEXEC);
  descriptor d(fd, name);
  if (!content.empty()) d.write(content);
  if (lseek(fd, 0, SEEK_SET) != 0) throw std::runtime_error("lseek");
  return d;
}

/// The reading end of a pipe whose writer wrote these bytes (at most what a pipe holds) and went.
inline descriptor pipe_of(const byte_string& content) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  descriptor to(ends[1], "the test");
  if (!content.empty()) to.write(content);
  return descriptor(ends[0], "standard input");
}

inline byte_string content_of(int fd) {
  byte_string all(static_cast<std::size_t>(lseek(fd, 0, SEEK_END)));
  if (pread(fd, all.data(), all.size(), 0) != static_cast<ssize_t>(all.size()))
    throw std::runtime_error("pread");
  return all;
}

/// The bytes that `write(sink)` makes of a stream; finish() is its own affair.
template <class F>
byte_string stream_of(const stream_header& h, F&& write, const irs_write_options& o = {}) {
  const descriptor kept(memfd_create("test", MFD_CLOEXEC), "the stream");
  irs_sink sink(descriptor(dup(kept.fd()), "the stream"), h, o);
  write(sink);
  return content_of(kept.fd());
}

/// A PSF (3, 3) f32 and two frames of data (5, 4) u16 along z.
inline stream_header small_header() {
  stream_header h;
  h.arrays = {{"psf", role::psf, dtype::f32, {{"y", "", 3}, {"x", "", 3}}, {}, 1},
              {"data",
               role::data,
               dtype::u16,
               {{"y", "um", 5, 0.25, -1}, {"x", "um", 4, 0.1, 1e-3}},
               {{dtype::u16, {0, 4095}}},
               2}};
  h.along = {"z", "um", 2, 0.5, 7};
  h.meta = with_command(metadata::parse(R"({"title":"caf\u00e9"})"), "ir-test 'a b'");
  return h;
}

/// A frame of the header's array with bytes 0, 1, 2, ... plus its number; all lines, or some.
inline frame frame_of(queue& q, const stream_header& h, int array_no, index_t number,
                      index_t begin = 0, index_t end = -1) {
  const array_info& info = h.arrays[static_cast<std::size_t>(array_no)];
  const index_t line = frame_bytes(info) / line_count(info);
  frame f;
  f.array_no = array_no;
  f.number = number;
  f.begin = begin;
  f.end = end < 0 ? line_count(info) : end;
  f.data.reset(q, info.type,
               end < 0 ? extents_of(info) : shape{f.end - f.begin, line / size_of(info.type)});
  auto* const bytes = static_cast<std::uint8_t*>(f.data.get().data);
  std::iota(bytes, bytes + f.data.get().bytes(), static_cast<std::uint8_t>(begin * line + number));
  return f;
}

/// The small stream: side array, data in two parts each with JSON, a progress note.
inline byte_string small_stream() {
  const stream_header h = small_header();
  return stream_of(h, [&](irs_sink& sink) {
    queue q;
    frame psf = frame_of(q, h, 0, 0);
    sink.put(psf, q);
    for (index_t k = 0; k < 2; ++k) {
      frame top = frame_of(q, h, 1, k, 0, 2), bottom = frame_of(q, h, 1, k, 2, 5);
      top.meta = metadata::parse(R"({"time":)" + std::to_string(k) + "}");
      sink.put(top, q);
      sink.note({"ir-test", k, 2, "frame"});
      sink.put(bottom, q);
    }
    sink.finish();
  });
}

/// What a reader got: one line a frame or part, and its bytes.
struct received {
  std::string places;
  std::vector<byte_string> data;
};
inline received read_all(frame_source& from, delivery how = delivery::whole) {
  received r;
  queue q;
  frame f;
  from.deliver(how);
  while (from.next(f, q)) {
    const ref d = f.data.get();
    r.places += std::to_string(f.array_no) + ":" + std::to_string(f.number) + "[" +
                std::to_string(f.begin) + "," + std::to_string(f.end) + ")" +
                (f.meta ? f.meta->dump() : "") + " ";
    const auto* const b = static_cast<const std::byte*>(d.data);
    r.data.emplace_back(b, b + d.bytes());
  }
  return r;
}

inline void append(byte_string& to, std::span<const std::byte> more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// A record made by hand, right in everything but what the test wants to be wrong.
inline void append_record(byte_string& to, irs::record_header h, const std::string& json,
                          const byte_string& payload = {}) {
  h.json = static_cast<index_t>(json.size());
  h.payload = static_cast<index_t>(payload.size());
  const irs::block head = irs::make_header(h), zero{};
  const auto text = std::as_bytes(std::span(json));
  append(to, head);
  append(to, text);
  append(to, irs::bytes(zero).first(static_cast<std::size_t>(irs::padding(h.json))));
  append(to, payload);
  append(to, irs::bytes(zero).first(static_cast<std::size_t>(irs::padding(h.payload))));
  append(to,
         irs::make_trailer(h, irs::checksum(text), irs::checksum(payload), irs::checksum_of(head)));
}

}  // namespace ir::test
