#include "io/numbered_output.hpp"

#include <fmt/core.h>

#include <cctype>
#include <filesystem>

#include "core/error.hpp"
#include "io/pending.hpp"

namespace ir {
namespace {

class numbered_files final : public frame_sink {
 public:
  numbered_files(numbered_name name, const format& f, const stream_header& h,
                 const create_options& o)
      : name_(std::move(name)),
        format_(f),
        header_(h),
        options_(o),
        folder_(folder_of(name_),
                o.force ? pending_file::existing::replace : pending_file::existing::refuse),
        data_(data_index(h)),
        lines_(line_count(data_of(h))) {
    header_.along = {};
    data_of(header_).frames = 1;
    told_ = o.on_clamped;
    options_.on_clamped = [this](index_t clamped, index_t) { clamped_ += clamped; };
    add(0);  // what cannot be written is said before any work
  }

  void put(frame& f, queue& q) override {
    if (f.array_no != data_) return;
    if (!sink_) add(f.number);
    const index_t number = std::exchange(f.number, 0);
    values_ += std::as_const(f.data).get().extents.count();
    sink_->put(f, q);
    f.number = number;
    if (f.end < lines_) return;
    sink_->finish();
    sink_.reset();
    ++frames_;
  }
  bool takes_parts() const override { return takes_parts_; }

  void finish() override {
    if (frames_ == 0) {
      if (!options_.allow_empty)
        throw data_error("no frames to write; --allow-empty makes no files");
      std::filesystem::remove(first_);
    } else if (sink_) {
      throw data_error(fmt::format("frame {} is incomplete", frames_));
    }
    sink_.reset();
    if (clamped_ > 0 && told_) told_(clamped_, values_);
    folder_.finish();
  }
  void commit() override { folder_.commit(); }

 private:
  static std::string folder_of(const numbered_name& n) {
    const std::string folder = std::filesystem::path(n.before + "x").parent_path();
    return folder.empty() ? "." : folder;
  }

  void add(index_t number) {
    const std::string path = folder_.add(std::filesystem::path(name_.with(number)).filename());
    if (number == 0) first_ = path;
    sink_ = format_.create(path, header_, options_);
    takes_parts_ = sink_->takes_parts();
  }

  numbered_name name_;
  const format& format_;
  stream_header header_;
  create_options options_;
  pending_folder folder_;
  std::function<void(index_t, index_t)> told_;
  int data_;
  index_t lines_, frames_ = 0, clamped_ = 0, values_ = 0;
  bool takes_parts_ = false;
  std::string first_;
  std::unique_ptr<frame_sink> sink_;
};

}  // namespace

std::optional<numbered_name> numbered_name::parse(const std::string& target) {
  const auto percent = target.find('%');
  if (percent == target.npos) return {};
  numbered_name n;
  n.before = target.substr(0, percent);
  auto at = percent + 1;
  while (at < target.size() && std::isdigit(static_cast<unsigned char>(target[at])) &&
         n.width < 100)
    n.width = n.width * 10 + (target[at++] - '0');
  const bool padded = n.width == 0 || target[percent + 1] == '0';
  if (at >= target.size() || target[at] != 'd' || !padded || n.width > 18)
    throw usage_error(fmt::format("{}: a number in a file name is written as %05d", target));
  n.after = target.substr(at + 1);
  if (n.after.find('%') != n.after.npos || n.after.find('/') != n.after.npos)
    throw usage_error(
        fmt::format("{}: one number, and in the file's own name, not its folder's", target));
  return n;
}

std::string numbered_name::with(index_t number) const {
  return fmt::format("{}{:0{}d}{}", before, number, width, after);
}

std::unique_ptr<frame_sink> numbered_output(const numbered_name& name, const format& f,
                                            const stream_header& h, const create_options& o) {
  return std::make_unique<numbered_files>(name, f, h, o);
}

}  // namespace ir
