#include "io/hdf5_boxes.hpp"

#include <fmt/core.h>
#include <hdf5.h>

#include <algorithm>
#include <bit>

#include "core/error.hpp"
#include "io/array_note.hpp"
#include "io/hdf5_attribute.hpp"
#include "io/hdf5_file.hpp"
#include "io/hdf5_type.hpp"
#include "io/packed.hpp"

namespace ir::hdf5 {
namespace {

constexpr std::size_t most_cached = 256 << 20;  // bytes of chunks

std::vector<hsize_t> sizes(const shape& n) { return {n.extents().begin(), n.extents().end()}; }

/// Boxes through the library.
class library_boxes final : public box_source {
 public:
  library_boxes(array_info info, std::string name, std::shared_ptr<const handle> file, handle data,
                handle memory, shape chunk)
      : box_source(std::move(info)),
        name_(std::move(name)),
        file_(std::move(file)),
        data_(std::move(data)),
        memory_(std::move(memory)),
        chunk_(chunk) {}
  shape block() const override { return chunk_.rank() > 0 ? chunk_ : box_source::block(); }

 private:
  void do_read(const shape& origin, const shape& extents, void* out) const override {
    const guard inside;
    const auto start = sizes(origin), count = sizes(extents);
    const handle from = space(H5Dget_space(data_));
    handle to = space(H5Screate_simple(extents.rank(), count.data(), nullptr));
    if (H5Sget_simple_extent_ndims(from) > 0)
      H5Sselect_hyperslab(from, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    else
      to = space(H5Screate(H5S_SCALAR));
    check<data_error>(H5Dread(data_, memory_, to, from, H5P_DEFAULT, out), name_);
  }

  std::string name_;
  std::shared_ptr<const handle> file_;
  handle data_, memory_;
  shape chunk_;
};

/// Chunks that one index of some axis crosses, so that a cut along any axis reads each but once.
handle with_cache(id file, const std::string& path, const std::vector<index_t>& n,
                  const std::vector<index_t>& chunk, index_t element_bytes) {
  index_t all = 1, bytes = element_bytes, most = 1;
  for (std::size_t i = 0; i < n.size(); ++i) {
    all *= (n[i] + chunk[i] - 1) / chunk[i];
    bytes *= chunk[i];
  }
  for (std::size_t i = 0; i < n.size(); ++i)
    most = std::max(most, all / ((n[i] + chunk[i] - 1) / chunk[i]));
  const auto room = std::clamp<std::size_t>(std::size_t(most) * std::size_t(bytes), 1 << 20,
                                            std::max<std::size_t>(most_cached, std::size_t(bytes)));
  const std::size_t slots = std::clamp<std::size_t>(10 * room / std::size_t(bytes), 521, 1 << 20);
  const handle access = hdf5::list(H5Pcreate(H5P_DATASET_ACCESS));
  H5Pset_chunk_cache(access, slots | 1, room, 0.75);
  return dataset(H5Dopen2(file, path.c_str(), access));
}

/// Where the values lie in the file, in C order and without filters; nothing if they do not.
std::optional<index_t> position_in_file(id file, id data) {
  const handle how = hdf5::list(H5Dget_create_plist(data));
  const handle created = hdf5::list(H5Fget_create_plist(file));
  hsize_t block = 0;
  H5Pget_userblock(created, &block);
  if (H5Pget_layout(how) != H5D_CONTIGUOUS || H5Pget_external_count(how) > 0 || block > 0)
    return {};
  const haddr_t at = H5Dget_offset(data);
  return at == HADDR_UNDEF ? std::nullopt : std::optional<index_t>(index_t(at));
}

/// Whether the dataset lies in this file, not in one that a link leads to.
bool lies_in(id file, id data) {
  H5O_info_t a, b;
  return H5Oget_info(data, &a) >= 0 && H5Oget_info_by_name(file, "/", &b, H5P_DEFAULT) >= 0 &&
         a.fileno == b.fileno;
}

void read_attributes(id data, std::span<const std::string> names, array_info& info,
                     metadata_ptr& meta) {
  const auto labels = texts(data, "DIMENSION_LABELS");
  const std::size_t rank = info.axes.size();
  bool labelled = labels.size() == rank;
  for (std::size_t i = 0; labelled && i < rank; ++i)
    labelled = !labels[i].empty() && std::count(labels.begin(), labels.end(), labels[i]) == 1;
  if (labelled)
    for (std::size_t i = 0; i < rank; ++i) info.axes[i].name = labels[i];
  const auto size = numbers(data, "element_size_um");  // z, y, x
  for (std::size_t i = 0; i < size.size() && size.size() <= rank; ++i) {
    axis& a = info.axes[rank - size.size() + i];
    if (size[i] > 0) a.spacing = size[i], a.unit = "um";
  }
  if (const auto note = text(data, note_attribute)) apply_note(*note, info, meta);
  for (std::size_t i = 0; i < names.size(); ++i) info.axes[i].name = names[i];
}

}  // namespace

opened_dataset open_dataset(const std::string& file, std::shared_ptr<const handle> from,
                            const std::string& path, std::span<const std::string> names) {
  const guard inside;
  const std::string name = file + ":" + path;
  handle data = dataset(H5Dopen2(*from, path.c_str(), H5P_DEFAULT));
  check<data_error>(id(data), name);
  const handle extents = space(H5Dget_space(data)), kind = type(H5Dget_type(data));
  const stored_type stored = type_of(kind);
  if (!stored.type) throw data_error(fmt::format("{}: {}", name, stored.why));
  const int rank = H5Sget_simple_extent_ndims(extents);
  if (H5Sget_simple_extent_type(extents) == H5S_NULL || H5Sget_simple_extent_npoints(extents) == 0)
    throw data_error(fmt::format("{}: an empty dataset", name));
  if (rank > shape::max_rank)
    throw data_error(
        fmt::format("{}: {} dimensions; at most {} are read", name, rank, shape::max_rank));
  std::vector<hsize_t> dims(std::size_t(std::max(rank, 1)), 1), blocks(dims.size(), 0);
  H5Sget_simple_extent_dims(extents, dims.data(), nullptr);
  const std::vector<index_t> n(dims.begin(), dims.end());
  checked_bytes(n, size_of(*stored.type), name);

  array_info info = file_array(*stored.type, name_axes(n, names));
  if (stored.boolean) info.nominal->range = {0, 1};
  opened_dataset opened;
  opened.sides = texts(data, side_attribute);
  read_attributes(data, names, info, opened.meta);

  const std::optional<index_t> at = position_in_file(*from, data);
  if (at && stored.same_bytes && lies_in(*from, data)) {
    packed_layout layout = packed_c_order(info, *at);
    layout.swapped = stored.big_endian != (std::endian::native == std::endian::big);
    const auto bytes = std::make_shared<const descriptor>(descriptor::open_read(file));
    opened.boxes = std::make_unique<packed_boxes>(std::move(info), bytes, std::move(layout));
    return opened;
  }
  shape chunk;
  const handle how = hdf5::list(H5Dget_create_plist(data));
  if (rank > 0 && H5Pget_layout(how) == H5D_CHUNKED) {
    H5Pget_chunk(how, rank, blocks.data());
    std::vector<index_t> of(blocks.begin(), blocks.end());
    data = with_cache(*from, path, n, of, size_of(*stored.type));
    check<data_error>(id(data), name);
    for (std::size_t i = 0; i < of.size(); ++i) of[i] = std::min(of[i], n[i]);
    chunk = shape(of);
  }
  opened.boxes =
      std::make_unique<library_boxes>(std::move(info), name, std::move(from), std::move(data),
                                      memory_type(*stored.type, kind), chunk);
  return opened;
}

}  // namespace ir::hdf5
