#include "stage/phantom.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/random_kernel.hpp"
#include "core/space.hpp"
#include "stage/phantom_scene.hpp"

namespace ir {
namespace {

using subject = phantom_options::subject;

class phantom_source final : public frame_source {
 public:
  phantom_source(stream_header header, precision type, std::unique_ptr<phantom_scene> scene)
      : header_(std::move(header)), type_(type), scene_(std::move(scene)) {}

  const stream_header& header() const override { return header_; }

 private:
  bool do_next(frame& f, queue& q) override {
    const array_info& info = header_.arrays[0];
    if (frame_ == *info.frames) return false;
    if (!host_) host_.emplace(device{}, q.cancel());
    const index_t lines = line_count(info), part = lines_a_part(info);
    f.array_no = 0;
    f.number = frame_;
    f.begin = line_;
    f.end = how_ == delivery::whole ? lines : std::min(lines, line_ + part);
    f.meta = nullptr;
    const shape all = extents_of(info);
    const index_t nx = all[all.rank() - 1];
    f.data.reset(*host_, info.type,
                 f.begin == 0 && f.end == lines ? all : shape{f.end - f.begin, nx});
    for (index_t at = f.begin; at < f.end; at += part, q.poll())
      fill(at, std::min(f.end, at + part), nx, f.data.get().lines(at - f.begin, f.end - f.begin));
    line_ = f.end == lines ? 0 : f.end;
    frame_ += f.end == lines;
    return true;
  }
  void do_deliver(delivery d) override { how_ = d; }

  void fill(index_t begin, index_t end, index_t nx, ref to) {
    scene_->prepare(frame_, begin, end);
    with_real(type_, [&]<class T>() {
      T* const out = static_cast<T*>(to.data);
      run_blocks(end - begin, std::max<index_t>(1, (1 << 14) / nx),
                 [&](index_t from, index_t until) noexcept {
                   for (index_t i = from; i < until; ++i) line(begin + i, nx, out + i * nx);
                 });
    });
  }

  template <class T>
  void line(index_t number, index_t nx, T* out) const noexcept {
    constexpr index_t piece = 512;  // summed in double, on the stack
    double sums[piece];
    for (index_t first = 0; first < nx; first += piece) {
      const index_t n = std::min(piece, nx - first);
      scene_->fill(number, first, {sums, static_cast<std::size_t>(n)});
      for (index_t i = 0; i < n; ++i) out[first + i] = static_cast<T>(sums[i]);
    }
  }

  stream_header header_;
  precision type_;
  std::unique_ptr<phantom_scene> scene_;
  std::optional<queue> host_;  // whoever asks may compute elsewhere
  delivery how_ = delivery::whole;
  index_t frame_ = 0, line_ = 0;
};

/// One length for each axis, from one for all or one each.
std::vector<double> for_each_axis(std::vector<double> lengths, int rank, std::string_view what) {
  if (lengths.size() == 1) lengths.resize(static_cast<std::size_t>(rank), lengths[0]);
  if (lengths.size() != static_cast<std::size_t>(rank))
    throw usage_error(fmt::format("{} lengths of {} for {} axes: give one, or one for each axis",
                                  lengths.size(), what, rank));
  return lengths;
}

ellipsoids_of_frame beads(const phantom_options& o, const shape& size, std::uint64_t seed) {
  const int rank = size.rank();
  const std::vector<double> radius = for_each_axis(o.radius, rank, "--radius");
  return [=, count = o.count, value = o.value](index_t frame) {
    const kernel::random_key key = kernel::frame_key(seed, frame);
    std::vector<ellipsoid> all;
    for (index_t bead = 0; bead < count; ++bead) {
      double centre[3] = {}, r[3] = {};
      for (int axis = 0; axis < rank; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        r[3 - rank + axis] = radius[a];
        const double room = static_cast<double>(size[axis]) - 2 * radius[a];
        centre[3 - rank + axis] = radius[a] - 0.5 + room * kernel::uniforms(key, bead, axis).u;
      }
      all.push_back(upright_ellipsoid(centre[0], centre[1], centre[2], r[0], r[1], r[2], value));
    }
    return all;
  };
}

class phantom final : public stage {
 public:
  explicit phantom(const phantom_options& o) : o_(o), size_(checked_size(o)) {}

  stage_plan plan(std::span<const stream_header>, const resources& r) const override {
    stage_plan p;
    array_info info{"data", role::data, real_type(r.type), {}, {}, o_.frames};
    constexpr const char* names[] = {"z", "y", "x"};
    for (int axis = 0; axis < size_.rank(); ++axis)
      info.axes.push_back({names[3 - size_.rank() + axis], "", size_[axis], 1, 0});
    if (o_.frames > 1) p.out.along = {"t", "", o_.frames, 1, 0};
    p.host_bytes = std::min(part_bytes, frame_bytes(info));
    p.seconds = 1e-9 * static_cast<double>(size_.count());
    p.out.arrays = {std::move(info)};
    p.type = r.type;
    p.why = "phantoms are made on the CPU, line by line";
    return p;
  }

  std::unique_ptr<frame_source> open(sources, const stage_plan& p) const override {
    return std::make_unique<phantom_source>(p.out, p.type, scene(p.given.seed));
  }

 private:
  static shape checked_size(const phantom_options& o) {
    const bool head_or_beads = o.what == subject::shepp_logan || o.what == subject::beads;
    if (!o.size && o.what != subject::gaussian) throw usage_error("--size is missing");
    const shape size = o.size ? *o.size : gaussian_size(o.sigma);
    if (size.rank() < (head_or_beads ? 2 : 1) || size.rank() > 3)
      throw usage_error(fmt::format("--size {}: {} extents are wanted", to_string(size),
                                    head_or_beads ? "2 or 3" : "1 to 3"));
    if (std::ranges::any_of(size.extents(), [](index_t n) { return n < 1; }))
      throw usage_error(fmt::format("--size {}: every extent is 1 or more", to_string(size)));
    if (o.what == subject::beads)
      check_room(size, for_each_axis(o.radius, size.rank(), "--radius"));
    if (o.what == subject::gaussian) for_each_axis(o.sigma, size.rank(), "--sigma");
    return size;
  }

  static shape gaussian_size(const std::vector<double>& sigma) {
    if (sigma.empty()) throw usage_error("--sigma is missing");
    std::vector<index_t> n;
    for (const double s : sigma) n.push_back(2 * static_cast<index_t>(std::ceil(4 * s)) + 1);
    if (n.size() == 1) n.push_back(n[0]);
    return shape(n);
  }

  static void check_room(const shape& size, const std::vector<double>& radius) {
    for (int axis = 0; axis < size.rank(); ++axis)
      if (2 * radius[static_cast<std::size_t>(axis)] > static_cast<double>(size[axis]))
        throw usage_error(fmt::format("a bead of radius {} does not fit {} pixels ({})",
                                      radius[static_cast<std::size_t>(axis)], size[axis],
                                      to_string(size)));
  }

  std::unique_ptr<phantom_scene> scene(std::uint64_t seed) const {
    switch (o_.what) {
      case subject::shepp_logan: {
        const head_phantom head = shepp_logan(size_, o_.grey);
        return ellipsoid_scene(size_, {0, head.unit}, [=](index_t) { return head.parts; });
      }
      case subject::beads:
        return ellipsoid_scene(size_, {o_.background, 1}, beads(o_, size_, seed));
      case subject::gaussian:
        return gaussian_scene(size_, for_each_axis(o_.sigma, size_.rank(), "--sigma"));
      case subject::constant:
        return ellipsoid_scene(size_, {o_.value, 1},
                               [](index_t) { return std::vector<ellipsoid>(); });
    }
    throw bug_error("a phantom without a scene");
  }

  phantom_options o_;
  shape size_;
};

}  // namespace

std::unique_ptr<stage> make_phantom(const phantom_options& o) {
  return std::make_unique<phantom>(o);
}

}  // namespace ir
