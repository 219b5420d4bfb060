#include "io/cut_reader.hpp"

#include <algorithm>
#include <numeric>

#include "core/queue.hpp"
#include "io/bin.hpp"
#include "io/strided_copy.hpp"

namespace ir {
namespace {

/// Memory that grows and is not cleared.
class buffer {
 public:
  std::byte* at_least(index_t bytes) {
    if (bytes > size_) {
      data_.reset();
      data_ = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(bytes));
      size_ = bytes;
    }
    return data_.get();
  }

 private:
  std::unique_ptr<std::byte[]> data_;
  index_t size_ = 0;
};

bool in_file_order(const cut_array& plan) {
  int last = plan.along ? plan.along->file_axis : -1;
  for (const cut_axis& a : plan.axes) {
    if (a.file_axis < last) return false;
    last = a.file_axis;
  }
  return true;
}

}  // namespace

struct cut_reader::work {
  buffer samples, ordered, means;
  queue cpu;
};

/// The file's samples that a box needs; axes in the file's order.
struct cut_reader::request {
  std::vector<index_t> begin, count, step;
};

cut_reader::cut_reader(std::unique_ptr<box_source> source, cut_array plan, index_t staged_bytes)
    : source_(std::move(source)), plan_(std::move(plan)), staged_bytes_(staged_bytes) {}

cut_reader::~cut_reader() = default;

frame_box cut_reader::block() const {
  const shape b = source_->block();
  const auto samples = [&](const cut_axis& a) {
    const index_t n = b[a.file_axis] / (a.range.step * a.bin);
    return std::clamp<index_t>(n, 1, a.out.size);
  };
  std::vector<index_t> n;
  for (const cut_axis& a : plan_.axes) n.push_back(samples(a));
  const std::vector<index_t> zero(n.size(), 0);
  return {0, plan_.along ? samples(*plan_.along) : 1, shape(zero), shape(n)};
}

void cut_reader::read(const frame_box& box, void* out) const {
  std::unique_ptr<work> w;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      w = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!w) w = std::make_unique<work>();

  // Cut along the slowest axis of the result, so that intermediate buffers stay small.
  index_t samples_a_value = size_of(source_->info().type);
  for (const cut_axis& a : plan_.axes) samples_a_value *= a.bin;
  const index_t bytes = box.count * box.extents.count() * samples_a_value;
  int axis = -1;  // of the frame; -1: the frames themselves
  index_t n = box.count;
  while (n == 1 && axis + 1 < box.extents.rank()) n = box.extents[++axis];
  const frame_box unit = block();
  const index_t whole_blocks = axis < 0 ? unit.count : unit.extents[axis];
  index_t piece = std::clamp<index_t>(staged_bytes_ / std::max<index_t>(1, bytes / n), 1, n);
  if (piece > whole_blocks) piece -= piece % whole_blocks;

  auto* to = static_cast<std::byte*>(out);
  for (index_t begin = 0; begin < n; begin += piece) {
    frame_box part = box;
    const index_t some = std::min(piece, n - begin);
    if (axis < 0) {
      part.first += begin;
      part.count = some;
    } else {
      std::vector<index_t> o(box.origin.extents().begin(), box.origin.extents().end());
      std::vector<index_t> e(box.extents.extents().begin(), box.extents.extents().end());
      o[static_cast<std::size_t>(axis)] += begin;
      e[static_cast<std::size_t>(axis)] = some;
      part.origin = shape(o);
      part.extents = shape(e);
    }
    read_piece(part, to, *w);
    to += part.count * part.extents.count() * size_of(info().type);
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(w));
}

void cut_reader::read_piece(const frame_box& box, std::byte* out, work& w) const {
  const dtype raw = source_->info().type;
  const std::size_t axes = source_->info().axes.size();
  request want{std::vector<index_t>(axes), std::vector<index_t>(axes), std::vector<index_t>(axes)};
  std::vector<index_t> ordered, means, bins;  // extents and bins in the order of the result
  std::vector<int> file_axis;
  const auto add = [&](const cut_axis& a, index_t origin, index_t count) {
    const auto i = static_cast<std::size_t>(a.file_axis);
    want.begin[i] = a.first(origin);
    want.count[i] = count * a.bin;
    want.step[i] = a.range.step;
    ordered.push_back(count * a.bin);
    means.push_back(count);
    bins.push_back(a.bin);
    file_axis.push_back(a.file_axis);
  };
  if (plan_.along) add(*plan_.along, box.first, box.count);
  for (std::size_t i = 0; i < plan_.axes.size(); ++i)
    add(plan_.axes[i], box.origin[static_cast<int>(i)], box.extents[static_cast<int>(i)]);

  // Samples in the file's order, then in the result's, then means, then the type; each step only
  // where it is needed, and the last one writes the result.
  const bool permute = !in_file_order(plan_), bin = plan_.bins();
  const dtype mean = bin ? mean_type(raw) : raw;
  const bool convert = mean != info().type;
  const index_t samples = shape(ordered).count();
  std::byte* now = permute || bin || convert ? w.samples.at_least(samples * size_of(raw)) : out;
  fetch_samples(want, now);
  if (permute) {
    const auto strides = dense_strides(want.count, size_of(raw));
    std::vector<index_t> from;
    for (const int a : file_axis) from.push_back(strides[static_cast<std::size_t>(a)]);
    std::byte* to = bin || convert ? w.ordered.at_least(samples * size_of(raw)) : out;
    strided_copy(shape(ordered), size_of(raw), now, from, to, dense_strides(ordered, size_of(raw)));
    now = to;
  }
  const shape result(means);
  if (bin) {
    std::byte* to = convert ? w.means.at_least(result.count() * size_of(mean)) : out;
    bin_mean({now, raw, shape(ordered)}, bins, {to, mean, result});
    now = to;
  }
  if (convert) copy(w.cpu, cref{now, mean, result}, ref{out, info().type, result});
}

void cut_reader::fetch_samples(const request& want, std::byte* to) const {
  const index_t size = size_of(source_->info().type);
  const shape block = source_->block();
  const auto strides = dense_strides(want.count, size);
  bool dense = true;
  for (std::size_t i = 0; i < want.count.size(); ++i) {
    if (want.count[i] == 1 || want.step[i] == 1) continue;
    dense = false;
    if (want.step[i] <= block[static_cast<int>(i)]) continue;
    // Whole blocks lie between two samples: one at a time.
    request one = want;
    one.count[i] = one.step[i] = 1;
    const shape n(one.count);
    const auto from = dense_strides(one.count, size);
    const auto slice =
        std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(n.count() * size));
    for (index_t k = 0; k < want.count[i]; ++k) {
      one.begin[i] = want.begin[i] + k * want.step[i];
      fetch_samples(one, slice.get());
      strided_copy(n, size, slice.get(), from, to + k * strides[i], strides);
    }
    return;
  }
  const dtype type = source_->info().type;
  if (dense) {
    source_->read(shape(want.begin), shape(want.count), {to, type, shape(want.count)});
    return;
  }
  std::vector<index_t> cover = want.count;  // what lies between the samples is read too
  for (std::size_t i = 0; i < cover.size(); ++i) cover[i] = (cover[i] - 1) * want.step[i] + 1;
  const shape n(cover);
  if (n.count() * size > staged_bytes_ && shape(want.count).count() > 1)
    return fetch_in_pieces(want, n.count() * size, to);
  const auto all =
      std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(n.count() * size));
  source_->read(shape(want.begin), n, {all.get(), type, n});
  auto from = dense_strides(cover, size);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] *= want.step[i];
  strided_copy(shape(want.count), size, all.get(), from, to, strides);
}

// Along the slowest axis that there is something to cut along: the pieces follow one another in
// `to`.
void cut_reader::fetch_in_pieces(const request& want, index_t cover_bytes, std::byte* to) const {
  std::size_t axis = 0;
  while (want.count[axis] == 1) ++axis;
  const index_t all = want.count[axis];
  const index_t some = std::clamp<index_t>(staged_bytes_ / (cover_bytes / all + 1), 1, all - 1);
  request piece = want;
  for (index_t k = 0; k < all; k += some) {
    piece.begin[axis] = want.begin[axis] + k * want.step[axis];
    piece.count[axis] = std::min(some, all - k);
    fetch_samples(piece, to);
    to += shape(piece.count).count() * size_of(source_->info().type);
  }
}

}  // namespace ir
