#include "io/cut_plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/error.hpp"
#include "io/bin.hpp"
#include "io/rows.hpp"

namespace ir {
namespace {

constexpr int usual_rank = 2;

std::string names_of(const array_info& a) {
  std::string out;
  for (const axis& x : a.axes)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", x.name, x.size);
  return out;
}

std::optional<int> axis_named(const array_info& a, std::string_view name) {
  for (std::size_t i = 0; i < a.axes.size(); ++i)
    if (a.axes[i].name == name) return static_cast<int>(i);
  return {};
}

/// --along: a name, or a number that counts from 0, negative from the end.
int asked_along(const array_info& a, const std::string& along) {
  if (const auto named = axis_named(a, along)) return *named;
  int n = 0;
  const char* end = along.data() + along.size();
  const auto [stop, bad] = std::from_chars(along.data(), end, n);
  const int rank = static_cast<int>(a.axes.size());
  if (bad == std::errc{} && stop == end && n >= -rank && n < rank) return n < 0 ? n + rank : n;
  throw usage_error(fmt::format("--along {}: the axes are {}", along, names_of(a)));
}

array_info renamed(array_info a, const std::vector<std::string>& names) {
  if (names.empty()) return a;
  const auto axes = name_axes(extents_of(a).extents(), names);
  for (std::size_t i = 0; i < axes.size(); ++i) a.axes[i].name = axes[i].name;
  return a;
}

cut_axis whole_axis(const array_info& a, int i) {
  const axis& from = a.axes[static_cast<std::size_t>(i)];
  return {i, from.size, {0, from.size, 1}, 1, from};
}

/// Size and geometry from range and bin: sample k lies at origin + k spacing.
void settle(cut_axis& a, const axis& from) {
  const auto step = static_cast<double>(a.range.step), bin = static_cast<double>(a.bin);
  a.out.size = a.range.count / a.bin;
  if (a.out.size == 0)
    throw usage_error(
        fmt::format("--bin {}: axis {} has {} samples", a.bin, from.name, a.range.count));
  const double first = static_cast<double>(a.range.begin) + (bin - 1) / 2 * step;
  a.out.origin = from.origin + first * from.spacing;
  a.out.spacing = from.spacing * step * bin;
}

/// The trailing `count` axes of the frame that are space, slowest first.
std::vector<cut_axis*> trailing(std::vector<cut_axis>& axes, std::size_t count,
                                std::string_view option) {
  std::vector<cut_axis*> space;
  for (cut_axis& a : axes)
    if (a.out.name != "c") space.push_back(&a);
  if (count > space.size())
    throw usage_error(
        fmt::format("{} has {} entries, a frame {} axes", option, count, space.size()));
  return {space.end() - static_cast<std::ptrdiff_t>(count), space.end()};
}

void apply_roi(std::vector<cut_axis>& axes, const selection& s) {
  const auto targets = trailing(axes, s.roi.size(), "--roi");
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i]->range.count != targets[i]->out.size || targets[i]->range.step != 1)
      throw usage_error("--frames and --roi both cut axis " + targets[i]->out.name);
    targets[i]->range =
        resolve(s.roi[i], targets[i]->out.size, "--roi, axis " + targets[i]->out.name);
  }
}

void apply_bins(std::vector<cut_axis>& axes, const selection& s) {
  if (s.bin.empty()) return;
  const auto space = static_cast<std::size_t>(
      std::count_if(axes.begin(), axes.end(), [](const cut_axis& a) { return a.out.name != "c"; }));
  const auto rank =
      static_cast<std::size_t>(s.whole ? static_cast<int>(space) : s.rank.value_or(usual_rank));
  const bool one = s.bin.size() == 1;
  const auto targets = trailing(axes, one ? std::min(rank, space) : s.bin.size(), "--bin");
  for (std::size_t i = 0; i < targets.size(); ++i) {
    targets[i]->bin = s.bin[one ? 0 : i];
    if (targets[i]->bin < 1) throw usage_error("--bin: 1 or more samples make one");
  }
}

bool has_bins(const std::vector<cut_axis>& axes) {
  return std::any_of(axes.begin(), axes.end(), [](const cut_axis& a) { return a.bin > 1; });
}

/// Whether every value survives but for rounding: what --dtype may do, so that values are never
/// clamped, wrapped or rescaled by reading.
bool survives(const array_info& from, dtype to) {
  if (is_complex(from.type)) return is_complex(to);
  if (!is_integer(to)) return true;
  if (!is_integer(from.type)) return false;
  const integer_range all = range_of(from.type), target = range_of(to);
  const double low = from.nominal ? from.nominal->range[0] : all.low;
  const double high = from.nominal ? from.nominal->range[1] : all.high;
  return low >= target.low && high <= target.high;
}

/// Order of a frame's axes in the file: c, what was joined, the rest.
std::vector<int> frame_order_of(const array_info& file, std::optional<int> along,
                                std::optional<int> joined) {
  std::vector<int> order;
  const auto c = axis_named(file, "c");
  if (c && c != along) order.push_back(*c);
  if (joined && joined != c) order.push_back(*joined);
  for (int i = 0; i < static_cast<int>(file.axes.size()); ++i)
    if (i != along && i != joined && i != c) order.push_back(i);
  return order;
}

void finish(cut_array& out, const array_info& file, const selection& s) {
  const auto from = [&](const cut_axis& a) -> const axis& {
    return file.axes[static_cast<std::size_t>(a.file_axis)];
  };
  out.info = file;
  out.info.axes.clear();
  for (cut_axis& a : out.axes) {
    settle(a, from(a));
    out.info.axes.push_back(a.out);
  }
  if (out.along) settle(*out.along, from(*out.along));
  out.info.frames = out.frames();
  if (out.bins()) out.info.type = mean_type(file.type);
  if (!s.type || file.what != role::data) return;
  if (!survives(out.info, *s.type))
    throw usage_error(fmt::format(
        "--dtype {} cannot hold every {} value; integers are made on writing: --out-dtype, --range",
        name_of(*s.type), name_of(out.info.type)));
  out.info.type = *s.type;
}

}  // namespace

bool selection::empty() const {
  return !rank && axes.empty() && along.empty() && !frames && roi.empty() && bin.empty() && !type &&
         !whole;
}

bool cut_array::bins() const { return has_bins(axes); }

cut_array plan_data(const array_info& given, const std::string& file_along, const selection& s) {
  array_info file = renamed(given, s.axes);
  file.what = role::data;  // whatever it was when it was written: a PSF is a tool's data too
  const int all = static_cast<int>(file.axes.size());
  const int counted = all - (axis_named(file, "c") ? 1 : 0);
  if (s.rank && (*s.rank < 1 || *s.rank > counted))
    throw usage_error(fmt::format("--rank {}: the axes that are not c are {} ({})", *s.rank,
                                  counted, names_of(file)));

  // The axis to cut along: asked for, the file's, else the slowest where there are more than two.
  std::optional<int> along, joined;
  if (!s.along.empty())
    along = asked_along(file, s.along);
  else if (!file_along.empty())
    along = axis_named(given, file_along);  // whatever it is called now
  if (along && s.along.empty() && file.axes[static_cast<std::size_t>(*along)].name == "c")
    along.reset();
  // The only frame of a stream stays one.
  const bool own_frames = file_along.empty() && file.frames && !s.rank;
  if (!along && counted > usual_rank && !own_frames)
    for (int i = all - 1; i >= 0; --i)
      if (file.axes[static_cast<std::size_t>(i)].name != "c") along = i;
  const bool too_few = along && s.rank && counted - 1 < *s.rank;
  if (along && (s.whole || too_few)) joined = std::exchange(along, std::nullopt);
  if (s.whole && s.along.empty()) joined.reset();  // a whole array keeps the file's order

  cut_array out;
  for (const int i : frame_order_of(file, along, joined)) out.axes.push_back(whole_axis(file, i));
  if (along) out.along = whole_axis(file, *along);
  if (s.frames) {
    cut_axis* stack = along ? &*out.along : nullptr;
    for (cut_axis& a : out.axes)
      if (joined && a.file_axis == *joined) stack = &a;
    if (stack)
      stack->range = resolve(*s.frames, stack->out.size, "--frames");
    else
      resolve(*s.frames, 1, "--frames");
  }
  apply_roi(out.axes, s);
  apply_bins(out.axes, s);
  finish(out, file, s);
  return out;
}

std::string kept_frame_axis(const array_info& a) { return a.name + "_frame"; }

cut_array plan_side(const array_info& file, const cut_array& data, side_frames frames,
                    const selection& s) {
  const bool by_frame =
      file.what == role::coordinate || file.what == role::mask || file.what == role::weight;
  const bool references = file.what == role::flat || file.what == role::dark;
  cut_array out;
  std::vector<cut_axis> rest;
  for (int i = 0; i < static_cast<int>(file.axes.size()); ++i) {
    cut_axis a = whole_axis(file, i);
    const auto same = [&](const cut_axis& d) { return d.out.name == a.out.name; };
    const auto in_frame = std::find_if(data.axes.begin(), data.axes.end(), same);
    const bool belongs = in_frame != data.axes.end();
    const cut_axis* model = belongs ? &*in_frame : nullptr;
    // The rows of an image that belongs to every frame, where frames are cut along rows.
    const bool row = references && data.along && same(*data.along) &&
                     data.along->file_size == a.file_size &&
                     (i > 0 || file.axes.size() <= data.axes.size());
    if (row || (by_frame && data.along && same(*data.along))) model = &*data.along;
    if (model && model->file_size == a.file_size && file.what != role::psf) {
      a.range = model->range;
      a.bin = model->bin;
    }
    const bool surplus = !belongs && !row && a.out.name != "c" && file.what != role::coordinate &&
                         file.what != role::psf;
    const bool stacks = frames == side_frames::surplus ? surplus
                        : frames == side_frames::named_frame
                            ? i == 0 && a.out.name == kept_frame_axis(file)
                            : false;
    (stacks ? rest : out.axes).push_back(a);
  }
  // The slowest of the axes that the data's frames lack is cut along; more of them are batch.
  if (!rest.empty()) {
    out.along = rest.front();
    if (is_row(file) && data.along && data.along->file_size == out.along->file_size) {
      out.along->range = data.along->range;
      out.along->bin = data.along->bin;
    }
    out.axes.insert(out.axes.begin(), rest.begin() + 1, rest.end());
  }
  std::stable_sort(out.axes.begin(), out.axes.end(), [](const cut_axis& a, const cut_axis& b) {
    return (a.out.name == "c") > (b.out.name == "c");
  });
  finish(out, file, s);
  return out;
}

cut_array plan_frame(const array_info& frame, const selection& s) {
  cut_array out;
  for (int i = 0; i < static_cast<int>(frame.axes.size()); ++i)
    out.axes.push_back(whole_axis(frame, i));
  apply_roi(out.axes, s);
  apply_bins(out.axes, s);
  finish(out, frame, s);
  out.info.frames = frame.frames;
  return out;
}

}  // namespace ir
