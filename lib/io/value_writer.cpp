#include "io/value_writer.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <span>

#include "core/convert_kernel.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"

namespace ir {
namespace {

constexpr index_t piece = 512;      // elements that pass through doubles at a time: 4 KiB
constexpr index_t block = 1 << 16;  // elements a task

bool can_store(const storable& can, dtype t) {
  return can.types.empty() || std::find(can.types.begin(), can.types.end(), t) != can.types.end();
}

std::string names_of(const std::vector<dtype>& types) {
  std::string out;
  for (const dtype t : types) out += (out.empty() ? "" : ", ") + std::string(name_of(t));
  return out;
}

dtype widest_integer(const storable& can) {
  dtype widest = dtype::u8;
  for (const dtype t : can.types)
    if (is_integer(t) && size_of(t) > size_of(widest)) widest = t;
  return widest;
}

dtype choose(const array_info& from, const create_options& options, const storable& can) {
  if (options.type) return *options.type;
  if (can.picture && from.nominal && can_store(can, from.nominal->type)) return from.nominal->type;
  if (can.picture && options.range && !can_store(can, from.type)) return widest_integer(can);
  return from.type;
}

bool within(const std::array<double, 2>& range, dtype type) {
  const integer_range all = range_of(type);
  return range[0] >= all.low && range[1] <= all.high;
}

/// The values that `from` can have, as far as an integer type or nominal tells.
std::optional<std::array<double, 2>> known_range(const array_info& from) {
  if (from.nominal) return from.nominal->range;
  if (const auto all = full_range(from.type)) return all->range;
  return {};
}

struct outside {
  index_t clamped = 0, nan = 0;
};

struct mapping {
  double scale, offset, low, high;

  /// Maps and clamps in place. What rounds to an end of the range was not clamped.
  outside apply(std::span<double> values) const noexcept {
    outside count;
    for (double& v : values) {
      const double mapped = scale * v + offset;
      count.nan += mapped != mapped;
      count.clamped += mapped < low - 0.5 || mapped > high + 0.5;
      v = std::min(std::max(mapped, low), high);
    }
    return count;
  }
};

outside convert_piece(cref from, ref to, index_t begin, index_t n, const mapping& map) noexcept {
  double buffer[piece];
  const std::span<double> values(buffer, static_cast<std::size_t>(n));
  kernel::with_part(from.type, [&]<class T>() {
    const T* p = static_cast<const T*>(from.data) + begin;
    for (index_t i = 0; i < n; ++i) buffer[i] = kernel::to_double(p[i]);
  });
  const outside count = map.apply(values);
  kernel::with_part(to.type, [&]<class T>() {
    T* p = static_cast<T*>(to.data) + begin;
    for (index_t i = 0; i < n; ++i) p[i] = kernel::from_double<T>(buffer[i]);
  });
  return count;
}

}  // namespace

value_writer::value_writer(const array_info& from, const create_options& options,
                           const storable& can)
    : stored_(from),
      from_(from.type),
      type_(choose(from, options, can)),
      on_clamped_(options.on_clamped),
      format_(can.format) {
  if (!can_store(can, type_))
    throw usage_error(fmt::format(
        "{} stores {}, not {}: --out-dtype TYPE{}", format_, names_of(can.types), name_of(type_),
        options.range ? "" : ", with --range a:b (or auto) where the values do not fit it"));
  if (is_complex(from_) && !is_complex(type_))
    throw usage_error(
        fmt::format("complex values are not written as {}: take their magnitude, "
                    "phase, real or imaginary part first",
                    name_of(type_)));
  stored_.type = type_;
  if (options.range && !is_integer(type_))
    throw usage_error(fmt::format(
        "--range maps values to an integer type, the output is {}: --out-dtype u8 or u16",
        name_of(type_)));
  if (is_integer(type_)) plan_integers(from, options.range);
}

void value_writer::plan_integers(const array_info& from,
                                 const std::optional<std::array<double, 2>>& range) {
  const integer_range all = range_of(type_);
  low_ = all.low;
  high_ = all.high;
  if (range) {
    const auto [a, b] = *range;
    if (!std::isfinite(a) || !std::isfinite(b))
      throw usage_error("--range a:b needs two finite numbers");
    scale_ = a == b ? 0 : (high_ - low_) / (b - a);
    offset_ = low_ - scale_ * a;
    stored_.nominal = full_range(type_);
    return;
  }
  const auto values = known_range(from);
  if (!values)
    throw usage_error(
        fmt::format("{} values of no known range are not written as {}: --range a:b (or auto) says "
                    "which values "
                    "become its ends",
                    name_of(from_), name_of(type_)));
  if (!within(*values, type_))
    throw usage_error(fmt::format(
        "values from {} to {} do not fit {}: --range a:b (or auto) says which become its ends",
        (*values)[0], (*values)[1], name_of(type_)));
  low_ = (*values)[0];
  high_ = (*values)[1];
  stored_.nominal = array_info::nominal_range{type_, *values};
}

bool value_writer::passes_through() const {
  if (from_ != type_ || scale_ != 1 || offset_ != 0) return false;
  if (!is_integer(type_)) return true;
  const integer_range all = range_of(type_);
  return low_ <= all.low && high_ >= all.high;
}

cref value_writer::convert(cref values, queue& q) {
  count_ += values.extents.count();
  if (values.where.kind != device::cpu) {
    host_.reset(cpu_, values.type, values.extents);
    copy(q, values, host_.get());
    q.synchronize();
    values = host_.get();
  }
  if (passes_through()) return values;
  out_.reset(cpu_, type_, values.extents);
  const ref out = out_.get();
  if (!is_integer(type_)) {
    copy(cpu_, values, out);
    return out;
  }
  const mapping map{scale_, offset_, low_, high_};
  std::atomic<index_t> clamped = 0, nan = 0;
  run_blocks(values.extents.count(), block, [&](index_t begin, index_t end) noexcept {
    outside sum;
    for (index_t i = begin; i < end; i += piece) {
      const outside some = convert_piece(values, out, i, std::min(piece, end - i), map);
      sum.clamped += some.clamped;
      sum.nan += some.nan;
    }
    clamped += sum.clamped;
    nan += sum.nan;
  });
  clamped_ += clamped;
  if (nan > 0)
    throw data_error(
        fmt::format("{} values are NaN, which {} cannot hold", nan.load(), name_of(type_)));
  return out;
}

void value_writer::finish() const {
  if (clamped_ > 0 && on_clamped_) on_clamped_(clamped_, count_);
}

frame_order::frame_order(const stream_header& header)
    : data_(data_index(header)),
      lines_(line_count(data_of(header))),
      expected_(data_of(header).frames) {}

bool frame_order::accept(const frame& f) {
  if (f.array_no != data_) return false;
  if (f.number != frames_ || f.begin != line_ || f.end <= f.begin || f.end > lines_)
    throw bug_error(fmt::format(
        "frame {} lines {} to {} were written where frame {} line {} of {} was expected", f.number,
        f.begin, f.end, frames_, line_, lines_));
  line_ = f.end == lines_ ? 0 : f.end;
  frames_ += f.end == lines_;
  return true;
}

void frame_order::finish(bool allow_empty) const {
  if (line_ != 0)
    throw data_error(fmt::format("frame {} ends at line {} of {}", frames_, line_, lines_));
  if (expected_ && *expected_ != frames_)
    throw data_error(fmt::format("{} frames came, {} were announced", frames_, *expected_));
  if (frames_ == 0 && !allow_empty)
    throw data_error("no frames to write; --allow-empty makes an empty file");
}

}  // namespace ir
