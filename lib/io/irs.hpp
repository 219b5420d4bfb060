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

struct irs_read_options {
  bool concatenated =
      false;  // several streams one after the other make one: same arrays, frames counted on
  std::function<void(const progress_note&)> on_progress;
  index_t memory = 0;  // the largest frame that may be allocated; 0: no limit
};

/// Opens a frame stream whose 8-byte signature has been read already or not (`peeked` holds what
/// was read). Reads HEAD before it returns. data_error: not a stream, another major version,
/// damaged. upstream_error: the stream is empty, was cut, or carries ABRT. Its `reported` flag says
/// whether an earlier stage has printed the reason already (ABRT) or this one is the first to see
/// it.
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

/// Writes a frame stream; HEAD leaves at once.
class irs_sink final : public frame_sink {
 public:
  irs_sink(descriptor, const stream_header&, const irs_write_options& = {});
  ~irs_sink() override;  // without finish(): nothing more is written, the reader sees a cut stream

  void put(frame&, queue&) override;
  bool takes_parts() const override { return true; }
  void note(const progress_note&) override;
  void abort(const std::string& tool, exit_code, const std::string& message) noexcept override;
  void finish() override;  // TAIL; data_error if a frame is incomplete or there is none
  void commit() override {}

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// A stream that failed before it had a header: preamble and ABRT.
void write_irs_abort(descriptor&, const std::string& tool, exit_code,
                     const std::string& message) noexcept;

}  // namespace ir
