#include <fmt/core.h>
#include <hdf5.h>

#include <filesystem>

#include "core/error.hpp"
#include "io/array_note.hpp"
#include "io/hdf5.hpp"
#include "io/hdf5_attribute.hpp"
#include "io/hdf5_file.hpp"
#include "io/hdf5_writer.hpp"
#include "io/value_writer.hpp"

namespace ir {
namespace hdf5 {
namespace {

std::string dataset_path(const create_options& options) {
  std::string path = options.path_inside.empty() ? "/data" : options.path_inside;
  if (path[0] != '/') path.insert(path.begin(), '/');
  if (path.back() == '/')
    throw usage_error(fmt::format("'{}' names a group; name a dataset, as in {}data", path, path));
  return path;
}

handle open_for_writing(const std::string& path, bool append) {
  const guard inside;
  const handle access = hdf5::list(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_file_locking(access, true, true);
  std::error_code ignored;
  const bool extend = append && std::filesystem::file_size(path, ignored) > 0 && !ignored;
  handle f = file(extend ? H5Fopen(path.c_str(), H5F_ACC_RDWR, access)
                         : H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access));
  if (!f) throw output_error(fmt::format("{}: cannot be written as HDF5: {}", path, cause()));
  return f;
}

/// Removes a dataset that is replaced, with those that belong to it.
void make_room(id file, const std::string& path, bool force) {
  const guard inside;
  H5O_info_t info;
  if (H5Oget_info_by_name(file, path.c_str(), &info, H5P_DEFAULT) < 0) return;
  if (info.type != H5O_TYPE_DATASET) throw output_error(path + " is a group of the HDF5 file");
  if (!force) throw output_error(path + " exists in the HDF5 file; --force replaces it");
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  std::vector<std::string> sides;
  {
    const handle data = dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT));
    sides = texts(data, side_attribute);
  }
  check<output_error>(H5Ldelete(file, path.c_str(), H5P_DEFAULT), path);
  for (const std::string& side : sides)
    if (H5Lexists(file, (folder + side).c_str(), H5P_DEFAULT) > 0)
      check<output_error>(H5Ldelete(file, (folder + side).c_str(), H5P_DEFAULT), side);
}

/// Attributes of a finished dataset: our note, and what other programs look for.
void describe(id data, const array_info& info, const std::vector<axis>& all,
              const metadata_ptr& meta) {
  const guard inside;
  put_text(data, note_attribute, note_of(info, all, meta));
  std::vector<std::string> labels;
  for (const axis& a : all) labels.push_back(a.name);
  if (!labels.empty()) put_texts(data, "DIMENSION_LABELS", labels);
  std::vector<double> size;
  for (std::size_t i = all.size() - std::min<std::size_t>(3, all.size()); i < all.size(); ++i)
    if (all[i].unit == "um") size.push_back(std::abs(all[i].spacing));
  if (size.size() == 3) put_numbers(data, "element_size_um", size);
}

/// One array of the stream on its way to its dataset.
class target {
 public:
  target(id file, const std::string& path, const stream_header& header, std::size_t i,
         const create_options& options)
      : is_data_(int(i) == data_index(header)),
        along_(header.along),
        info_(header.arrays[i]),
        values_(info_, is_data_ ? options : create_options{}, storable{"HDF5", {}}),
        out_(file, path, values_.stored(), is_stack(header), known_frames(header),
             options.compression) {}

  void put(frame& f, queue& q) {
    const cref values = values_.convert(f.data.get(), q);
    out_.write_lines(f.number, f.begin, f.end, values.data);
    frames_ = f.number + 1;
  }
  id dataset() const { return out_.dataset(); }
  void finish(const metadata_ptr& meta) {
    std::vector<axis> all = values_.stored().axes;
    if (stack_) {
      axis first = is_data_ ? along_ : axis{"frame", "", 0};
      first.size = frames_;
      all.insert(all.begin(), first);
    }
    describe(out_.dataset(), values_.stored(), all, is_data_ ? meta : nullptr);
    out_.close();
    if (is_data_) values_.finish();
  }

 private:
  /// Side arrays are stacks where they have more frames than one.
  bool is_stack(const stream_header& header) {
    stack_ = is_data_ ? !header.along.name.empty() : info_.frames.value_or(0) != 1;
    return stack_;
  }
  std::optional<index_t> known_frames(const stream_header& header) const {
    if (!is_data_) return info_.frames;
    if (header.along.size > 0) return header.along.size;
    return info_.frames;
  }

  bool is_data_, stack_ = false;
  axis along_;
  array_info info_;
  value_writer values_;
  dataset_writer out_;
  index_t frames_ = 0;
};

class sink final : public frame_sink {
 public:
  sink(const std::string& path, const stream_header& header, const create_options& options)
      : name_(path),
        order_(header),
        meta_(header.meta),
        allow_empty_(options.allow_empty),
        file_(open_for_writing(path, options.append)) {
    const std::string data = dataset_path(options);
    make_room(file_, data, options.force || !options.append);
    for (std::size_t i = 0; i < header.arrays.size(); ++i) {
      const bool is_data = int(i) == data_index(header);
      const std::string where = is_data ? data : data + "_" + header.arrays[i].name;
      if (!is_data) {
        make_room(file_, where, options.force || !options.append);
        sides_.push_back(where.substr(where.rfind('/') + 1));
      }
      targets_.push_back(std::make_unique<target>(file_, where, header, i, options));
      if (is_data) data_ = targets_.size() - 1;
    }
  }
  ~sink() override {
    const guard inside;
    targets_.clear();
  }

  bool takes_parts() const override { return true; }
  void put(frame& f, queue& q) override {
    order_.accept(f);
    targets_[std::size_t(f.array_no)]->put(f, q);
  }
  void finish() override {
    order_.finish(allow_empty_);
    const guard inside;
    if (!sides_.empty()) put_texts(targets_[data_]->dataset(), side_attribute, sides_);
    for (auto& t : targets_) t->finish(meta_);
    check<io_error>(H5Fflush(file_, H5F_SCOPE_GLOBAL), name_);
    file_.close(name_);
  }
  void commit() override {}

 private:
  std::string name_;
  frame_order order_;
  metadata_ptr meta_;
  bool allow_empty_;
  handle file_;
  std::vector<std::unique_ptr<target>> targets_;
  std::vector<std::string> sides_;
  std::size_t data_ = 0;
};

/// Boxes in any order.
class region_writer final : public region_sink {
 public:
  region_writer(const std::string& path, const stream_header& header, const create_options& options)
      : name_(path),
        info_(data_of(header)),
        stack_(!header.along.name.empty()),
        along_(header.along),
        meta_(header.meta),
        data_no_(data_index(header)),
        file_(open_for_writing(path, options.append)) {
    const std::string data = dataset_path(options);
    make_room(file_, data, options.force || !options.append);
    out_.emplace(file_, data, info_, stack_, stack_ ? std::optional(along_.size) : std::nullopt,
                 options.compression);
  }

  void write(const region& r, cref values, queue& q) override {
    if (r.array_no != data_no_) return;
    if (values.where.kind != device::cpu) {
      host_.reset(cpu_, values.type, values.extents);
      copy(q, values, host_.get());
      q.synchronize();
      values = host_.get();
    }
    const std::lock_guard lock(done_lock_);
    out_->write(r.number, r.origin, r.extents, values.data);
    done_.push_back(r);
  }
  bool done(const region& r) const override {
    const std::lock_guard lock(done_lock_);
    return std::any_of(done_.begin(), done_.end(), [&](const region& d) {
      return d.number == r.number && d.origin == r.origin && d.extents == r.extents;
    });
  }
  void finish() override {
    const guard inside;
    std::vector<axis> all = info_.axes;
    if (stack_) all.insert(all.begin(), along_);
    describe(out_->dataset(), info_, all, meta_);
    out_->close();
    file_.close(name_);
  }
  void commit() override {}

 private:
  std::string name_;
  array_info info_;
  bool stack_;
  axis along_;
  metadata_ptr meta_;
  int data_no_;
  handle file_;
  std::optional<dataset_writer> out_;
  queue cpu_;
  array host_;
  mutable std::mutex done_lock_;
  std::vector<region> done_;
};

}  // namespace

std::unique_ptr<frame_sink> create(const std::string& path, const stream_header& header,
                                   const create_options& options) {
  return std::make_unique<sink>(path, header, options);
}

}  // namespace hdf5

std::unique_ptr<region_sink> create_hdf5_regions(const std::string& path,
                                                 const stream_header& header,
                                                 const create_options& options) {
  if (!header.along.name.empty() && header.along.size == 0)
    throw usage_error("regions of an unknown number of frames cannot be written to HDF5");
  if (options.range || (options.type && *options.type != data_of(header).type))
    throw usage_error("regions are written to HDF5 in the type they have");
  return std::make_unique<hdf5::region_writer>(path, header, options);
}

}  // namespace ir
