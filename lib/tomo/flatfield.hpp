#pragma once
#include <cstdint>
#include <vector>

#include "core/array.hpp"
#include "core/queue.hpp"

namespace ir {

/// One image of many: the mean (f64 sums), or the median (all of them kept; of an even number the
/// mean of the middle two).
class combined_image {
 public:
  enum class how : std::uint8_t { mean, median };
  combined_image(index_t pixels, how);

  /// Values [first, first + n) of image `number`; images in order.
  void add(index_t number, index_t first, const std::vector<double>& values);
  index_t images() const { return images_; }
  /// NaN where an image had one.
  std::vector<double> result() const;

 private:
  how how_;
  index_t pixels_, images_ = 0;
  std::vector<double> sum_;
  std::vector<std::vector<float>> all_;
};

/// What happens to values without meaning: NaN, infinities, and what lies on dead pixels (flat <=
/// dark).
enum class bad_values : std::uint8_t {
  neighbour,  // interpolated along u, on the line of the result
  empty,      // nothing absorbed: transmission 1, absorption 0
  error       // data_error; also a transmission <= 0 that is to have a logarithm
};

struct flatfield_options {
  bool log = true;
  double least = 1e-6;  // transmission, in (1e-30, 1]: smaller ones become this before the log
  bad_values bad = bad_values::neighbour;
};

/// t = (I - D) / (F - D) and, if asked for, p = -log(max(t, least)).
///
/// Dark and flat: `rows` lines of `nx` pixels. Lines of data come in any number and belong to a
/// line of them each. Accuracy in f32: the logarithm within 2 ulp, t within 2.
class flatfield {
 public:
  /// data_error: every pixel is dead; with bad_values::error: one is.
  flatfield(queue&, const std::vector<double>& dark, const std::vector<double>& flat, index_t rows,
            index_t nx, precision, const flatfield_options&);

  struct counts {
    index_t unusable = 0, low = 0;
  };
  /// Which line of the references data belong to: (first + j) / inner mod rows for line j, or `row`
  /// for all of them where it is not negative.
  struct placement {
    index_t first = 0, inner = 1, row = -1;
  };
  /// `in`: lines of nx values of any real type, on the queue's device; `out`: as many of the
  /// precision's type. data_error: a line without a usable value, or the policy.
  counts run(queue&, cref in, ref out, const placement&) const;
  index_t dead() const { return dead_; }

 private:
  template <class In, class T>
  double compute(queue&, const In*, T*, index_t lines, const placement&) const;
  template <class T>
  void repair(T* out, index_t lines) const;

  index_t rows_, nx_, dead_ = 0;
  precision type_;
  flatfield_options o_;
  array dark_, gain_;  // on the device
};

}  // namespace ir
