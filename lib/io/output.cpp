#include "io/output.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/error.hpp"
#include "io/auto_range.hpp"
#include "io/file_name.hpp"
#include "io/numbered_output.hpp"
#include "io/pending.hpp"
#include "io/rows.hpp"
#include "io/spool.hpp"

namespace ir {
namespace {

namespace fs = std::filesystem;

/// A file that appears when it is complete.
class one_file final : public frame_sink {
 public:
  one_file(const std::string& target, const format& f, const stream_header& h,
           const create_options& o)
      : file_(target, o.force || o.append ? pending_file::existing::replace
                                          : pending_file::existing::refuse) {
    if (o.append && fs::exists(target)) copy_contents(target);
    sink_ = f.create(file_.temporary(), h, o);
  }
  void put(frame& f, queue& q) override { sink_->put(f, q); }
  bool takes_parts() const override { return sink_->takes_parts(); }
  void finish() override {
    sink_->finish();
    sink_.reset();
    file_.finish();
  }
  void commit() override { file_.commit(); }

 private:
  /// What is appended to is never written in place: a copy is, which shares its blocks where the
  /// file system can do that.
  void copy_contents(const std::string& target) const {
    const descriptor from = descriptor::open_read(target);
    const descriptor to = descriptor::create(file_.temporary());
    if (ioctl(to.fd(), FICLONE, from.fd()) == 0) return;
    std::error_code failed;
    fs::copy_file(target, file_.temporary(), fs::copy_options::overwrite_existing, failed);
    if (failed)
      throw io_error(
          fmt::format("{}: cannot be copied to append to it: {}", target, failed.message()));
  }
  pending_file file_;
  std::unique_ptr<frame_sink> sink_;
};

/// A file format on standard output: written to a scratch file first, as most formats go back to
/// their header.
class through_scratch final : public frame_sink {
 public:
  through_scratch(descriptor out, const format& f, const stream_header& h, const output_options& o)
      : out_(std::move(out)),
        scratch_(spool_folder(o.tmpdir)),
        sink_(f.create(scratch_.path(), h, o.file)) {}
  void put(frame& f, queue& q) override { sink_->put(f, q); }
  bool takes_parts() const override { return sink_->takes_parts(); }
  void finish() override {
    sink_->finish();
    sink_.reset();
    descriptor from = descriptor::open_read(scratch_.path());
    std::vector<std::byte> buffer(1 << 20);
    while (const index_t n = from.read(buffer))
      out_.write(std::span(buffer).first(static_cast<std::size_t>(n)));
  }
  void commit() override {}

 private:
  descriptor out_;
  spool_file scratch_;
  std::unique_ptr<frame_sink> sink_;
};

const format& format_for(const std::string& target, const output_options& o) {
  const format* f = o.to.empty() ? format_for_path(target) : format_named(o.to);
  if (!f || !f->writes)
    throw usage_error(o.to.empty()
                          ? fmt::format("{}: the name does not say a format that can be written: "
                                        "give --to, or an extension such as .tif, .h5, .npy, .png",
                                        target)
                          : fmt::format("--to {}: no format of that name is written", o.to));
  return *f;
}

/// Rows are the data: none of them is left out silently.
void refuse_rows(const format& f, const std::string& target, const stream_header& h) {
  const std::size_t rows = row_arrays(h).size();
  if (f.sides || rows == 1) return;
  const fs::path p(target);
  const bool special = p.parent_path() == "/dev";
  throw usage_error(fmt::format(
      "{}: {} holds one array, and the data are {} rows of different extents: name them by a "
      "pattern such as {}_{{row}}{}, or write .h5",
      special ? "standard output" : target, f.name, rows,
      special ? "y" : (p.parent_path() / p.stem()).string(),
      special ? f.extensions.front() : p.extension().string()));
}

/// What has no name to be given at the end: a pipe, a device. A frame stream unless --to says
/// otherwise.
std::unique_ptr<frame_sink> to_open_file(descriptor out, const std::string& path,
                                         const stream_header& h, const output_options& o) {
  if (o.to.empty() || o.to == "irs") return create_irs(std::move(out), h, o.file);
  const format& f = format_for(path, o);
  refuse_rows(f, path, h);
  if (f.streams && out.is_pipe()) return f.create(path, h, o.file);
  return std::make_unique<through_scratch>(std::move(out), f, h, o);
}

std::unique_ptr<frame_sink> to_standard_output(const stream_header& h, const output_options& o,
                                               std::shared_ptr<const cancellation> cancel) {
  if (isatty(STDOUT_FILENO))
    throw usage_error(
        "standard output is a terminal: name a file with --output, or pipe into another tool");
  return to_open_file(descriptor::standard_output(std::move(cancel)), "/dev/stdout", h, o);
}

/// A FIFO, `>(command)`, /dev/null: exists, and is written as it is.
bool is_special(const std::string& path) {
  std::error_code ignored;
  const fs::file_status s = fs::status(path, ignored);
  return fs::exists(s) && !fs::is_regular_file(s) && !fs::is_directory(s);
}

std::unique_ptr<frame_sink> to_special(const std::string& path, const stream_header& h,
                                       const output_options& o,
                                       std::shared_ptr<const cancellation> cancel) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) throw output_error(fmt::format("{}: {}", path, std::strerror(errno)));
  descriptor out(fd, path, std::move(cancel));
  if (isatty(fd))
    throw usage_error(fmt::format("{}: is a terminal; frames are not written to it", path));
  return to_open_file(std::move(out), path, h, o);
}

void refuse_several(const format& f, const std::string& target, const stream_header& h) {
  if (f.pages || h.along.name.empty() || data_of(h).frames == 1) return;
  const fs::path p(target);
  throw usage_error(fmt::format(
      "{}: {} holds one frame, and {} come: name them by a pattern such as {}_%05d{}", target,
      f.name, data_of(h).frames ? std::to_string(*data_of(h).frames) : "several",
      (p.parent_path() / p.stem()).string(), p.extension().string()));
}

}  // namespace

std::unique_ptr<frame_sink> create_output(const std::string& target, const stream_header& h,
                                          const output_options& o,
                                          std::shared_ptr<const cancellation> cancel) {
  if (names_rows(target)) return row_files(target, h, o, std::move(cancel));
  if (o.file.range_auto) return auto_range(target, h, o, std::move(cancel));
  if (target == "-") return to_standard_output(h, o, std::move(cancel));
  if (is_special(target)) return to_special(target, h, o, std::move(cancel));
  const file_name name = split_name(target);
  output_options with = o;
  with.file.path_inside = name.inside;
  const format& f = format_for(name.path, o);
  refuse_rows(f, name.path, h);
  if (o.file.append && !f.appends)
    throw usage_error(
        fmt::format("--append: {} is {}, only HDF5 files take more datasets", name.path, f.name));
  if (const auto pattern = numbered_name::parse(name.path))
    return numbered_output(*pattern, f, h, with.file);
  refuse_several(f, name.path, h);
  return std::make_unique<one_file>(name.path, f, h, with.file);
}

}  // namespace ir
