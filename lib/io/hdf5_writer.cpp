#include "io/hdf5_writer.hpp"

#include <fmt/core.h>
#include <hdf5.h>

#include <algorithm>

#include "core/error.hpp"
#include "io/hdf5_type.hpp"

namespace ir::hdf5 {
namespace {

constexpr index_t chunk_bytes = 1 << 20;

/// Chunk of a stack of frames: several small frames, one, or slabs of a large one.
std::vector<hsize_t> chunk_of(const shape& frame, bool stack, std::optional<index_t> frames,
                              index_t element_bytes) {
  std::vector<hsize_t> n(frame.extents().begin(), frame.extents().end());
  index_t bytes = frame.count() * element_bytes;
  for (std::size_t i = 0; i < n.size() && bytes > chunk_bytes; ++i) {
    const index_t rest = bytes / index_t(n[i]);  // of one index of this axis
    const index_t fit = std::clamp<index_t>(chunk_bytes / rest, 1, index_t(n[i]));
    n[i] = hsize_t(fit);
    bytes = rest * fit;
  }
  if (stack) {
    const index_t some = std::max<index_t>(1, chunk_bytes / 4 / bytes);
    n.insert(n.begin(), hsize_t(std::min(some, std::max<index_t>(1, frames.value_or(some)))));
  }
  return n;
}

void make_groups(id file, const std::string& path) {
  const handle untimed = hdf5::list(H5Pcreate(H5P_GROUP_CREATE));
  H5Pset_obj_track_times(untimed, false);
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string name = path.substr(0, slash);
    if (H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0) continue;
    const handle made = group(H5Gcreate2(file, name.c_str(), H5P_DEFAULT, untimed, H5P_DEFAULT));
    if (!made) throw output_error(fmt::format("HDF5 group {} cannot be made: {}", name, cause()));
  }
}

}  // namespace

dataset_writer::dataset_writer(id file, const std::string& path, const array_info& info, bool stack,
                               std::optional<index_t> frames, int deflate)
    : frame_(extents_of(info)),
      stack_(stack),
      grows_(stack && !frames),
      frames_(stack ? frames.value_or(0) : 1),
      element_bytes_(size_of(info.type)),
      path_(path) {
  const guard inside;
  make_groups(file, path);
  std::vector<hsize_t> n(frame_.extents().begin(), frame_.extents().end());
  if (stack) n.insert(n.begin(), hsize_t(frames_));
  std::vector<hsize_t> most = n;
  if (grows_) most[0] = H5S_UNLIMITED;

  const handle how = hdf5::list(H5Pcreate(H5P_DATASET_CREATE));
  const handle access = hdf5::list(H5Pcreate(H5P_DATASET_ACCESS));
  H5Pset_obj_track_times(how, false);
  H5Pset_fill_time(how, H5D_FILL_TIME_NEVER);
  const bool chunked = !n.empty() && (grows_ || deflate > 0);
  if (chunked) {
    const auto chunk = chunk_of(frame_, stack, frames, element_bytes_);
    H5Pset_chunk(how, int(chunk.size()), chunk.data());
    if (deflate > 0) {
      H5Pset_shuffle(how);
      H5Pset_deflate(how, unsigned(deflate));
    }
    H5Pset_chunk_cache(access, 4001, 32 << 20, 1);  // parts of frames end inside chunks
  }
  const handle extents = n.empty() ? space(H5Screate(H5S_SCALAR))
                                   : space(H5Screate_simple(int(n.size()), n.data(), most.data()));
  memory_ = memory_type(info.type);
  data_ = hdf5::dataset(H5Dcreate2(file, path.c_str(), memory_, extents, H5P_DEFAULT, how, access));
  if (!data_) throw output_error(fmt::format("HDF5 dataset {} cannot be made: {}", path, cause()));
}

void dataset_writer::grow(index_t frames) {
  if (!grows_ || frames <= frames_) return;
  std::vector<hsize_t> n(frame_.extents().begin(), frame_.extents().end());
  n.insert(n.begin(), hsize_t(frames));
  check<io_error>(H5Dset_extent(data_, n.data()), path_);
  frames_ = frames;
}

void dataset_writer::write(index_t number, const shape& origin, const shape& extents,
                           const void* values) {
  const guard inside;
  grow(number + 1);
  std::vector<hsize_t> start(origin.extents().begin(), origin.extents().end());
  std::vector<hsize_t> count(extents.extents().begin(), extents.extents().end());
  if (stack_) {
    start.insert(start.begin(), hsize_t(number));
    count.insert(count.begin(), 1);
  }
  const handle to = space(H5Dget_space(data_));
  handle from = space(H5Screate(H5S_SCALAR));
  if (!count.empty()) {
    H5Sselect_hyperslab(to, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    from = space(H5Screate_simple(int(count.size()), count.data(), nullptr));
  }
  check<io_error>(H5Dwrite(data_, memory_, from, to, H5P_DEFAULT, values), path_);
}

void dataset_writer::write_lines(index_t number, index_t begin, index_t end, const void* values) {
  const int rank = frame_.rank();
  if (rank < 2)
    return write(number, shape(std::vector<index_t>(std::size_t(rank), 0)), frame_, values);
  const index_t ny = frame_[rank - 2];
  const auto* from = static_cast<const std::byte*>(values);
  const index_t line = frame_[rank - 1] * element_bytes_;
  while (begin < end) {
    // Whole planes at once where the run holds them along the next slower axis, else inside one.
    std::vector<index_t> origin(std::size_t(rank), 0), extents(std::size_t(rank), 1);
    index_t rest = begin / ny;
    for (int a = rank - 3; a >= 0; --a) {
      origin[std::size_t(a)] = rest % frame_[a];
      rest /= frame_[a];
    }
    const index_t y = begin % ny;
    index_t lines = std::min(ny - y, end - begin);
    origin[std::size_t(rank - 2)] = y;
    extents[std::size_t(rank - 1)] = frame_[rank - 1];
    extents[std::size_t(rank - 2)] = lines;
    if (rank > 2 && y == 0 && lines == ny) {
      const index_t left = frame_[rank - 3] - origin[std::size_t(rank - 3)];
      const index_t planes = std::min(left, (end - begin) / ny);
      extents[std::size_t(rank - 3)] = planes;
      lines = planes * ny;
    }
    write(number, shape(origin), shape(extents), from);
    from += lines * line;
    begin += lines;
  }
}

void dataset_writer::close() {
  const guard inside;
  data_.close(path_);
}

}  // namespace ir::hdf5
