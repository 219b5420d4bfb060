#pragma once
#include <functional>
#include <memory>
#include <string>

#include "core/error.hpp"
#include "io/box_source.hpp"
#include "io/descriptor.hpp"
#include "io/sink.hpp"
#include "io/source.hpp"

namespace ir {

/// The first bytes of every frame stream; irs(5).
constexpr std::size_t irs_signature_bytes = 8;

struct irs_read_options {
  /// Several streams one after the other make one, until the input ends: same arrays (data alone),
  /// frames counted on.
  bool concatenated = false;
  std::function<void(const progress_note&)> on_progress = {};
  index_t memory = 0;  // the largest frame that may be allocated; 0: no limit
};

/// Opens a frame stream of which `peeked` has been read already (nothing, or up to 64 bytes). Reads
/// HEAD before it returns. Frames lie in host memory, whatever the device of the queue.
///
/// data_error: not a stream, another major version, damaged, out of order; a file that was cut.
/// upstream_error: a pipe that is empty or was cut. aborted_upstream: a pipe that carries ABRT.
/// memory_error: a frame is larger than `memory` (not in parts). TAIL ends the stream; whatever
/// comes after it within 100 ms is a data_error unless `concatenated`.
std::unique_ptr<frame_source> open_irs(descriptor, std::span<const std::byte> peeked,
                                       const irs_read_options& = {});

/// Thrown when the stream carries ABRT: the failing tool has printed its line; this one stays
/// silent (76).
struct aborted_upstream : upstream_error {
  using upstream_error::upstream_error;
};

struct irs_write_options {
  bool allow_empty = false;
};

/// Writes a frame stream; HEAD leaves at once, every part as soon as it is put.
class irs_sink final : public frame_sink {
 public:
  /// data_error: no header that a stream could have.
  irs_sink(descriptor, const stream_header&, const irs_write_options& = {});
  ~irs_sink() override;  // without finish(): nothing more is written, the reader sees a cut stream

  void put(frame&, queue&) override;
  /// The lines of `place` with values that lie elsewhere, on any device.
  void put(const frame& place, cref values, queue&);
  bool takes_parts() const override { return true; }
  /// From any thread; dropped where it would have to wait.
  void note(const progress_note&) override;
  void abort(const std::string& tool, exit_code, const std::string& message) noexcept override;
  void finish() override;  // TAIL; data_error if a frame is incomplete or there is none
  void commit() override {}

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// A frame stream as an output option asks for it: data in options.type, mapped to options.range.
struct create_options;  // io/format.hpp
std::unique_ptr<frame_sink> create_irs(descriptor, const stream_header&, const create_options&);

/// A stream that failed before it had a header: preamble and ABRT.
void write_irs_abort(descriptor&, const std::string& tool, exit_code,
                     const std::string& message) noexcept;

}  // namespace ir
