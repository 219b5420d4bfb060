#include "stage/psf_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "core/space.hpp"
#include "stage/frames.hpp"
#include "stage/noise_kernel.hpp"

namespace ir {
namespace {

// "c y x = 3x256x256"
std::string described(const array_info& a) {
  std::string names;
  for (const axis& x : a.axes) names += (names.empty() ? "" : " ") + x.name;
  return names + " = " + to_string(extents_of(a));
}

// A run of elements of an array as an array of its own.
template <class V>
basic_ref<V> part_of(const basic_ref<V>& all, const shape& extents, index_t index) {
  using byte = std::conditional_t<std::is_const_v<V>, const std::byte, std::byte>;
  return {static_cast<byte*>(all.data) + index * extents.count() * size_of(all.type), all.type,
          extents, all.where};
}

}  // namespace

std::optional<psf_array> psf_of(const stream_header& h) {
  const auto at = index_of(h, role::psf);
  if (!at) return {};
  const array_info& a = h.arrays[static_cast<std::size_t>(*at)];
  if (is_complex(a.type))
    throw data_error(fmt::format("the PSF '{}' is {}: it must be real", a.name, name_of(a.type)));
  if (!a.frames)
    throw data_error(fmt::format("the PSF '{}' does not say how many frames it has", a.name));
  std::vector<index_t> n;
  if (*a.frames > 1) n.push_back(*a.frames);
  for (const axis& x : a.axes) {
    if (x.name == "c" && x.size > 1)
      throw shape_error(fmt::format(
          "the PSF '{}' ({}) has one image for each channel: give one PSF for all of them", a.name,
          described(a)));
    if (x.name != "c") n.push_back(x.size);
  }
  while (n.size() > 1 && n.front() == 1) n.erase(n.begin());
  if (n.empty() || n.size() > 3)
    throw shape_error(
        fmt::format("the PSF '{}' is {}: it must have 1 to 3 axes", a.name, to_string(shape(n))));
  return psf_array{*at, shape(n)};
}

volume_layout volumes_of(const array_info& data, int rank, const std::string& what) {
  if (is_complex(data.type))
    throw data_error(fmt::format("'{}' is {}: {} are real", data.name, name_of(data.type),
                                 "data that are convolved"));
  const shape n = extents_of(data);
  if (spatial_rank(data, rank) < rank)
    throw shape_error(fmt::format(
        "{}, and frames of data are {}: join frames with --rank {}, or give a PSF with fewer axes",
        what, described(data), rank));
  volume_layout l;
  l.extents = shape(n.extents().last(static_cast<std::size_t>(rank)));
  l.times = n.count() / std::max<index_t>(1, l.extents.count());
  return l;
}

stream_header without(const stream_header& h, std::optional<int> claimed) {
  stream_header out = h;
  if (claimed) out.arrays.erase(out.arrays.begin() + *claimed);
  return out;
}

volume_source::volume_source(std::unique_ptr<frame_source> from, const stage_plan& p,
                             std::optional<psf_array> psf, const volume_layout& l)
    : from_(std::move(from)),
      header_(p.out),
      type_(p.type),
      psf_(psf),
      layout_(l),
      data_(data_index(from_->header())) {}

bool volume_source::do_next(frame& f, queue& q) {
  for (;;) {
    if (!from_->next(in_, q)) return false;
    if (!psf_ || in_.array_no != psf_->array_no) break;
    take_psf(q);
  }
  const int out_no = in_.array_no - (psf_ && in_.array_no > psf_->array_no ? 1 : 0);
  if (in_.array_no != data_) {
    std::swap(f, in_);
    f.array_no = out_no;
    return true;
  }
  if (!prepared_) {
    std::optional<cref> psf;
    if (psf_) psf = cref(psf_values_.data(), dtype::f64, psf_->extents);
    if (psf_ && static_cast<index_t>(psf_values_.size()) != psf_->extents.count())
      throw data_error("the PSF is incomplete");
    prepare(q, psf);
    prepared_ = true;
  }
  take_place(f, in_);
  f.array_no = out_no;
  const cref from = std::as_const(in_.data).get();
  f.data.reset(q, real_type(type_), from.extents);
  const ref to = f.data.get();
  const bool as_it_is =
      from.where == q.where() && (from.type == real_type(type_) || takes(from.type));
  const dtype work = takes(from.type) ? from.type : real_type(type_);
  for (index_t i = 0; i < layout_.times; ++i) {
    q.poll();
    cref volume_in = part_of(from, layout_.extents, i);
    if (!as_it_is) {
      converted_.reset(q, work, layout_.extents);
      copy(q, volume_in, converted_.get());
      volume_in = std::as_const(converted_).get();
    }
    const index_t count = layout_.extents.count();
    if (const index_t bad = count_not_finite(q, volume_in); bad > 0)
      throw data_error(
          fmt::format("frame {}: {} of {} values are NaN or infinite", f.number, bad, count));
    const ref volume_out = part_of(to, layout_.extents, i);
    volume(q, volume_in, volume_out, f.number, i);
    if (const index_t bad = count_not_finite(q, volume_out); bad > 0)
      throw numeric_error(fmt::format(
          "frame {}: {} of {} values of the result became NaN or infinite", f.number, bad, count));
  }
  return true;
}

void volume_source::take_psf(queue& q) {
  const cref part = std::as_const(in_.data).get();
  const std::size_t have = psf_values_.size();
  psf_values_.resize(have + static_cast<std::size_t>(part.extents.count()));
  copy(q, part, ref(psf_values_.data() + have, dtype::f64, part.extents));
  q.synchronize();
}

}  // namespace ir
