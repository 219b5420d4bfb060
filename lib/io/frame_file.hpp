#pragma once
#include <functional>
#include <string>

#include "io/descriptor.hpp"
#include "io/gzip.hpp"
#include "io/sink.hpp"
#include "io/value_writer.hpp"

namespace ir {

/// Sink of formats that are a header and the frames' values one after the other: NPY,
/// NRRD, raw.
class frame_file final : public frame_sink {
 public:
  struct layout {
    /// The header once `frames` are known; `stack`: frames are an axis of the array, else there is
    /// one. It is written twice (the first time with 1 frame) and must have the same length. Null:
    /// no header.
    std::function<std::string(const array_info& stored, bool stack, index_t frames)> header;
    int gzip_level = 0;  // of what follows the header; 0: as it is
  };
  /// Truncates `path`. usage_error: the values cannot be stored so (value_writer).
  frame_file(const std::string& path, const stream_header&, const create_options&, const storable&,
             layout);

  void put(frame&, queue&) override;
  bool takes_parts() const override { return true; }
  void finish() override;
  void commit() override {}

 private:
  std::string header(index_t frames) const;

  layout layout_;
  bool stack_, allow_empty_;
  value_writer values_;
  frame_order order_;
  descriptor file_;
  std::unique_ptr<gzip_writer> gzip_;
};

}  // namespace ir
