#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/frame.hpp"

namespace ir {

/// An n-D array of which any box can be read: a dataset, a stack of pages, a mapped or spooled
/// stream. What a file format has to provide; cutting into frames, ranges, regions and bins is done
/// once for all (io/cut.hpp).
class box_source {
 public:
  virtual ~box_source() = default;
  /// Every axis of the array, in the file's order, slowest first; `frames` is that of a stream that
  /// was kept or lies in a file, whose frames stay what they are.
  const array_info& info() const { return info_; }
  /// Reads a box into `out` (host memory, C order, info().type, extents `extents`). Any thread.
  /// data_error: what lies there cannot be decoded; io_error.
  void read(const shape& origin, const shape& extents, ref out) const;
  /// Extents of the file's own blocks (chunk, tile, page): boxes of whole blocks cost least.
  virtual shape block() const;

 protected:
  explicit box_source(array_info info) : info_(std::move(info)) {}

 private:
  virtual void do_read(const shape& origin, const shape& extents, void* out) const = 0;
  array_info info_;
};

/// An array of a file as readers begin it: role data, the nominal range of an integer type.
array_info file_array(dtype, std::vector<axis>);

/// The values that an integer type can take, as the nominal range of a file that does not say more;
/// nothing for other types.
std::optional<array_info::nominal_range> full_range(dtype);

/// Axes of an array whose file does not name them: `names` (--axes) if there are any, else, from
/// the right, x y z t. usage_error: not one name for each axis, or a name twice.
std::vector<axis> name_axes(std::span<const index_t> extents, std::span<const std::string> names);

/// Name of the axis that stands for the frames of an array other than data.
std::string kept_frame_axis(const array_info&);

/// An opened file: its arrays (side arrays such as psf and flat first, data last) and what else it
/// says.
struct file_contents {
  std::vector<std::unique_ptr<box_source>> arrays;
  std::shared_ptr<const metadata> meta;
  /// Axis that frames are cut along unless told otherwise; empty: the slowest that is neither c nor
  /// spatial.
  std::string along;
  std::string format;  // "TIFF", "NPY", ...
  std::string name;    // what messages call it; set by open_input
  /// A stream that was kept (io/kept.hpp) or lies in a file: only axes called kept_frame_axis() are
  /// cut along in arrays other than data.
  bool kept = false;
  /// Metadata of the frame at this index of the array's own frame axis (`along` of the data); may be
  /// empty. Not asked for where frames are cut along another axis.
  std::function<std::shared_ptr<const metadata>(int array_no, index_t index)> frame_meta;
};

}  // namespace ir
