#pragma once
#include <memory>
#include <vector>

#include "core/array.hpp"
#include "core/queue.hpp"

namespace ir {

/// forward  X[k] = sum_j x[j] exp(-2 pi i j k / n), complex to complex; inverse has +i
/// r2c      forward of reals: the last axis keeps k = 0 .. n/2; c2r is its inverse
/// dct2     X[k] = 2 sum_j x[j] cos(pi (j + 1/2) k / n)
/// dct3     X[k] = x[0] + 2 sum_{j>0} x[j] cos(pi j (k + 1/2) / n)
/// Nothing is normalised: inverse(forward(x)) = c2r(r2c(x)) = n x, dct3(dct2(x)) = 2 n x (n: the
/// product over the axes).
enum class fft_kind : std::uint8_t { forward, inverse, r2c, c2r, dct2, dct3 };

/// n points `stride` elements apart: of complex numbers, or of reals on the real side. In a real
/// transform n counts the reals.
struct fft_dim {
  index_t n, in_stride, out_stride;
  friend bool operator==(const fft_dim&, const fft_dim&) = default;
};

/// `lines`: the axes that are transformed, slowest first (of r2c and c2r the last one is halved);
/// `batch`: the axes along which this is repeated. None: once.
struct fft_spec {
  fft_kind what;
  precision type;
  std::vector<fft_dim> lines, batch;
  friend bool operator==(const fft_spec&, const fft_spec&) = default;
};

/// The spec of a transform over the last `rank` axes (rank < 0: all) of a C-order array; `extents`
/// counts reals in real transforms. r2c gives, and c2r takes, last axis n/2 + 1.
fft_spec contiguous_fft(fft_kind, precision, const shape& extents, int rank = -1);

/// The cheapest length >= `at_least` whose prime factors are 2, 3, 5 and 7, by a fixed model of
/// costs; at least 1.
index_t fast_length(index_t at_least, device);
bool is_fast_length(index_t n);

/// A planned transform. Plans are found by size alone (FFTW_ESTIMATE: no timing, so the same bits
/// each time), cached, and used from any thread at once. Large ones run as a number of jobs that
/// depends on the size, on the thread pool.
class fft_plan {
 public:
  /// usage_error: an empty or impossible spec; device_error: cuFFT is absent, or lacks the kind.
  static std::shared_ptr<const fft_plan> get(const fft_spec&, device);
  virtual ~fft_plan() = default;
  fft_plan(const fft_plan&) = delete;
  fft_plan& operator=(const fft_plan&) = delete;

  const fft_spec& spec() const { return spec_; }
  virtual index_t scratch_bytes() const = 0;  // of the queue, taken by one run

  /// Transforms `in` to `out` and keeps `in`; both 16-byte aligned, large enough for the spec, on
  /// the plan's device. They may be the same where kind and strides are those of an in-place
  /// transform. usage_error: type, device, size; a c2r, which cannot keep its input.
  void run(queue&, cref in, ref out) const;
  /// The same, and `in` may be overwritten: what a c2r does.
  void consume(queue&, ref in, ref out) const;

 protected:
  fft_plan(fft_spec spec, device where);

 private:
  void check(cref in, cref out) const;
  virtual void do_run(queue&, const void* in, void* out) const = 0;

  fft_spec spec_;
  device where_;
  index_t in_count_, out_count_;  // elements spanned
};

}  // namespace ir
