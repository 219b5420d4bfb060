#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stage/stage.hpp"

namespace ir {

/// The PSF of a stream: the array with role psf, one frame or a stack of them.
struct psf_array {
  int array_no;
  shape extents;  // of the PSF, without a channel axis of one channel
};
/// nullopt: the stream has none. data_error: complex, or its number of frames is not known;
/// shape_error: more than three axes, or one PSF for each channel.
std::optional<psf_array> psf_of(const stream_header&);

/// How frames of data are worked on: `times` volumes (channels and batch axes) of `extents`.
struct volume_layout {
  shape extents;
  index_t times = 1;
};
/// The last `rank` axes that are no channels. shape_error naming the axes: there are fewer;
/// data_error: complex data.
volume_layout volumes_of(const array_info& data, int rank, const std::string& what);

/// The header without the array `claimed` (nothing is said about: nullopt).
stream_header without(const stream_header&, std::optional<int> claimed);

/// Frames of data volume by volume, with a PSF that comes in the stream before them. data_error: a
/// frame has values that are NaN or infinite; numeric_error: its result has.
class volume_source : public frame_source {
 public:
  /// `psf`: where it is in the stream; nullopt: `prepare` is called without one.
  volume_source(std::unique_ptr<frame_source> from, const stage_plan&, std::optional<psf_array> psf,
                const volume_layout&);

  const stream_header& header() const override { return header_; }

 protected:
  precision type() const { return type_; }
  const volume_layout& layout() const { return layout_; }

 private:
  /// Whether `volume` takes data of this type; others are converted to the precision's.
  virtual bool takes(dtype) const { return false; }
  /// Once, before the first frame of data; `psf` on the host in f64.
  virtual void prepare(queue&, std::optional<cref> psf) = 0;
  /// Volume `index` of frame `number`: both on the queue's device, `from` without NaN.
  virtual void volume(queue&, cref from, ref to, index_t number, index_t index) = 0;

  bool do_next(frame&, queue&) override;
  void take_psf(queue&);

  std::unique_ptr<frame_source> from_;
  stream_header header_;
  precision type_;
  std::optional<psf_array> psf_;
  volume_layout layout_;
  int data_;  // number of the input's array
  frame in_;
  std::vector<double> psf_values_;
  bool prepared_ = false;
  array converted_;
};

}  // namespace ir
