#include "io/kept.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "io/input.hpp"
#include "io/packed.hpp"
#include "io/spool.hpp"

namespace ir {
namespace {

using metas = std::vector<std::shared_ptr<const metadata>>;

/// The frames of one array as they come.
struct shelf {
  spool store;
  bool in_memory;
  index_t frames = 0;
  metas meta;
};

class shelves {
 public:
  shelves(const stream_header& header, const keep_options& o, std::optional<index_t> bytes,
          std::shared_ptr<const cancellation> cancel)
      : options_(o), folder_(spool_folder(o.tmpdir)), cancel_(std::move(cancel)) {
    const bool in_memory = !bytes || *bytes <= o.memory;
    if (!in_memory) {
      require_space(folder_, *bytes);
      tell(*bytes);
    }
    for (std::size_t i = 0; i < header.arrays.size(); ++i)
      all_.push_back({in_memory ? spool::in_memory(cancel_) : spool::on_disk(folder_, cancel_),
                      in_memory,
                      0,
                      {}});
  }

  void put(const frame& f, index_t lines) {
    shelf& s = all_[static_cast<std::size_t>(f.array_no)];
    const cref values = f.data.get();
    total_ += values.bytes();
    if (s.in_memory && total_ > options_.memory) to_disk(s);
    s.store.append(
        {static_cast<const std::byte*>(values.data), static_cast<std::size_t>(values.bytes())});
    if (f.begin == 0) s.meta.push_back(f.meta);
    s.frames += f.end == lines;
  }

  shelf& operator[](std::size_t i) { return all_[i]; }

 private:
  void tell(index_t bytes) const {
    if (options_.say) options_.say(fmt::format("spooling {} to {}", bytes_text(bytes), folder_));
  }

  /// More came than memory may hold.
  void to_disk(shelf& s) {
    tell(s.store.size());
    spool file = spool::on_disk(folder_, cancel_);
    std::vector<std::byte> piece(std::size_t{1} << 20);
    for (index_t at = 0; at < s.store.size();) {
      const index_t n = s.store.file()->read_at(at, piece);
      if (n == 0) throw bug_error("frames that were kept in memory are gone");
      file.append({piece.data(), static_cast<std::size_t>(n)});
      at += n;
    }
    s.store = std::move(file);
    s.in_memory = false;
  }

  const keep_options& options_;
  std::string folder_;
  std::shared_ptr<const cancellation> cancel_;
  std::vector<shelf> all_;
  index_t total_ = 0;
};

/// The array with its frame axis in front. Frames of other arrays have no named one.
array_info stacked(array_info info, const stream_header& header, index_t frames) {
  const bool data = info.what == role::data;
  axis along = data ? header.along : axis{kept_frame_axis(info), "", frames, 1, 0};
  along.size = frames;
  const bool single = data ? header.along.name.empty() : frames == 1;
  if (!single) info.axes.insert(info.axes.begin(), along);
  return info;
}

}  // namespace

file_contents keep(frame_source& from, const keep_options& options, queue& q) {
  const stream_header header = from.header();
  shelves kept(header, options, bytes_to_keep(from), q.cancel());
  from.deliver(delivery::parts);
  frame f;
  while (from.next(f, q))
    kept.put(f, line_count(header.arrays[static_cast<std::size_t>(f.array_no)]));

  file_contents out;
  auto meta = std::make_shared<std::vector<metas>>();
  for (std::size_t i = 0; i < header.arrays.size(); ++i) {
    shelf& s = kept[i];
    if (s.frames == 0)
      throw data_error(fmt::format("array {} has no frames", header.arrays[i].name));
    const array_info info = stacked(header.arrays[i], header, s.frames);
    out.arrays.push_back(
        std::make_unique<packed_boxes>(info, s.store.file(), packed_c_order(info, 0)));
    meta->push_back(std::move(s.meta));
  }
  out.meta = header.meta;
  out.along = header.along.name;
  out.kept = true;
  out.format = "frames";
  out.frame_meta = [meta](int array_no, index_t k) -> std::shared_ptr<const metadata> {
    const metas& m = (*meta)[static_cast<std::size_t>(array_no)];
    return k < static_cast<index_t>(m.size()) ? m[static_cast<std::size_t>(k)] : nullptr;
  };
  return out;
}

}  // namespace ir
