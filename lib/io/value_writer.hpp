#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/queue.hpp"
#include "io/format.hpp"
#include "io/frame.hpp"

namespace ir {

/// What values a format can store.
struct storable {
  std::string format;        // as messages call it: "PNG"
  std::vector<dtype> types;  // empty: all of ours
  /// A picture format (PNG, JPEG, PNM): the nominal type is written where there is one, else, with
  /// a range, the widest storable integer. Others write the stream's type unless told otherwise.
  bool picture = false;
};

/// From the values of a stream to those of a file; every sink of a file format has one.
///
///   same type            unchanged (clamped to nominal where that is narrower than the type)
///   to a float, complex  converted, rounded to nearest
///   to an integer        rounded half to even, clamped to nominal and counted
///   with a range a:b     lowest + (v - a) / (b - a) (highest - lowest), then as above
///
/// An integer type that is narrower than the values may be (no nominal, or one that does not fit)
/// demands a range: never a silent rescale or wrap.
class value_writer {
 public:
  /// `options`: type and range are used; range_auto has been resolved before (io/output.cpp).
  /// usage_error: the format cannot store the type, complex to real, or an integer without a range.
  value_writer(const array_info& from, const create_options& options, const storable& can);

  /// What is stored.
  dtype type() const { return type_; }
  /// `from` as the file has it: with `type()`, and with the nominal range of what is stored.
  const array_info& stored() const { return stored_; }

  /// The stored values of `values` (any device), in host memory and C order; `values` itself where
  /// there is nothing to convert. Valid until the next call. data_error: NaN to an integer.
  cref convert(cref values, queue&);

  index_t clamped() const { return clamped_; }
  index_t count() const { return count_; }
  /// Tells options.on_clamped if anything was clamped. Once, from the sink's finish().
  void finish() const;

 private:
  void plan_integers(const array_info& from, const std::optional<std::array<double, 2>>& range);
  bool passes_through() const;

  array_info stored_;
  dtype from_, type_;
  double scale_ = 1, offset_ = 0;  // stored = scale v + offset, before rounding
  double low_ = 0, high_ = 0;      // clamped to these, where type_ is an integer
  std::function<void(index_t, index_t)> on_clamped_;
  std::string format_;
  queue cpu_;
  array host_, out_;
  index_t clamped_ = 0, count_ = 0;
};

/// Checks that the frames of `data` come in order, whole and without gap, and drops those of other
/// arrays: what every file format with one array does first in `put`.
class frame_order {
 public:
  explicit frame_order(const stream_header&);

  /// Whether `f` is to be written: false for other arrays. bug_error: out of order.
  bool accept(const frame& f);
  bool begins(const frame& f) const { return f.begin == 0; }
  bool ends(const frame& f) const { return f.end == lines_; }
  index_t frames() const { return frames_; }  // complete ones
  /// data_error: a frame is incomplete, there is none (unless `allow_empty`), or not as many as the
  /// header said.
  void finish(bool allow_empty) const;

 private:
  int data_;
  index_t lines_, frames_ = 0, line_ = 0;
  std::optional<index_t> expected_;
};

}  // namespace ir
