#include "fn/tv_plain.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/array.hpp"
#include "core/blas1_kernel.hpp"
#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "fn/tv_maps.hpp"
#include "fn/tv_plain_kernel.hpp"
#include "fn/tv_schedule.hpp"
#include "fn/tv_seam.hpp"

namespace ir::detail {
namespace {

template <class T>
constexpr dtype type_of_work = sizeof(T) == 8 ? dtype::f64 : dtype::f32;

template <class T>
class tv_plain final : public tv_dual {
 public:
  tv_plain(queue& q, const tv_problem& p);

  index_t planes() const override { return n_.nz; }
  double weight() const override { return weight_; }
  void scale_weight(double factor) override {
    weight_ *= factor;
    factor_ *= factor;
  }
  void iterate(queue&, index_t iterations) override;
  void retreat() override {}  // these are the proved steps
  tv_energy evaluate(queue&, index_t first, index_t last, const tv_seam* before) override;
  void result(queue&, index_t first, index_t last, ref to) const override;
  tv_seam seam(queue&, index_t last) const override;

 private:
  void take_maps(queue&, const tv_problem&);
  void start(queue&, const tv_problem&);
  kernel::tv_image<T> image(const T* x) const;
  std::vector<T> fetched(queue&, cref) const;
  array uploaded(queue&, const std::vector<T>&) const;
  std::vector<double> planes_of(queue&, const T* from, index_t images, index_t z) const;
  std::vector<double> plane_of_x(queue&, index_t z) const;

  tv_layout n_;
  index_t values_;
  device where_;
  scratch memory_;
  T *f_, *x_, *x_new_, *result_, *p_, *p_new_;
  array weights_, trust_, relief_;  // of each pixel, or empty
  array before_;
  index_t first_plane_ = -1;
  T low_ = 0, high_ = 0;
  double mean_ = 0, weight_, factor_ = 1;
  bool isotropic_, holes_ = false;
  std::optional<tv_schedule> schedule_;
};

template <class T>
tv_plain<T>::tv_plain(queue& q, const tv_problem& p)
    : n_(p.f.extents),
      values_(n_.channels * n_.all),
      where_(q.where()),
      memory_(q, tv_plain_bytes(n_, sizeof(T))),
      weight_(p.weight),
      isotropic_(p.kind == tv_kind::isotropic) {
  carver memory{static_cast<std::byte*>(memory_.data())};
  for (T** const image : {&f_, &x_, &x_new_, &result_}) *image = memory.take<T>(values_);
  for (T** const dual : {&p_, &p_new_}) *dual = memory.take<T>(n_.axes * values_);
  if (p.weights || p.valid) take_maps(q, p);
  schedule_.emplace(4 * static_cast<double>(n_.axes), sizeof(T) < 8, holes_);
  start(q, p);
}

template <class T>
std::vector<T> tv_plain<T>::fetched(queue& q, cref from) const {
  std::vector<T> v(static_cast<std::size_t>(from.extents.count()));
  copy(q, from, ref(v.data(), type_of_work<T>, from.extents));
  q.synchronize();
  return v;
}

template <class T>
array tv_plain<T>::uploaded(queue& q, const std::vector<T>& v) const {
  const shape n{static_cast<index_t>(v.size())};
  array a(q, type_of_work<T>, n);
  copy(q, cref(v.data(), type_of_work<T>, n), a.get());
  q.synchronize();
  return a;
}

// Once for an image, on the host: maps are rare.
template <class T>
void tv_plain<T>::take_maps(queue& q, const tv_problem& p) {
  const auto map = p.weights ? fetched(q, *p.weights) : std::vector<T>{};
  const auto counted = p.valid ? fetched(q, *p.valid) : std::vector<T>{};
  const std::vector<std::uint8_t> valid(counted.begin(), counted.end());
  const tv_maps<T> m = make_tv_maps<T>(n_, p.weights ? map.data() : nullptr,
                                       p.valid ? valid.data() : nullptr, weight_);
  weight_ = m.weight;
  holes_ = m.holes;
  weights_ = uploaded(q, m.weights);
  trust_ = uploaded(q, m.trust);
  relief_ = uploaded(q, m.relief);
}

// On f less its mean, as in tv_host.
template <class T>
void tv_plain<T>::start(queue& q, const tv_problem& p) {
  const T* const f = static_cast<const T*>(p.f.data);
  const auto* const valid = p.valid ? static_cast<const std::uint8_t*>(p.valid->data) : nullptr;
  const double count = valid == nullptr ? static_cast<double>(n_.all)
                                        : sum_for(q, n_.all, kernel::tv_valid_count{valid});
  const double sum = sum_for(q, values_, kernel::tv_valid_value<T>{f, valid, n_.all});
  const T mean = static_cast<T>(sum / (count * static_cast<double>(n_.channels)));
  mean_ = static_cast<double>(mean);
  if (holes_) {
    const std::vector<T> all = fetched(q, p.f), counted = fetched(q, *p.valid);
    std::vector<T> used;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (counted[i % static_cast<std::size_t>(n_.all)] > 0) used.push_back(all[i] - mean);
    const auto [low, high] = std::ranges::minmax_element(used);
    low_ = *low;
    high_ = *high;
  }
  for (T* const to : {f_, x_})
    parallel_for(q, {values_},
                 kernel::tv_offset<T>{f, to, -mean, low_ / 2 + high_ / 2, valid, n_.all});
  parallel_for(q, {n_.axes * values_}, kernel::fill<T>{p_, T(0)});
}

template <class T>
kernel::tv_image<T> tv_plain<T>::image(const T* x) const {
  const auto at = [](const array& a) {
    return a.empty() ? nullptr : static_cast<const T*>(a.get().data);
  };
  kernel::tv_image<T> im{};
  const index_t e[3] = {n_.nz, n_.ny, n_.nx};  // the axes between come before the fastest
  for (index_t d = 0; d < 3; ++d) im.n[d] = e[d];
  if (n_.axes == 2) std::swap(im.n[0], im.n[1]);
  im.stride[0] = im.n[1] * im.n[2];
  im.stride[1] = im.n[2];
  im.stride[2] = 1;
  im.all = n_.all;
  im.channels = n_.channels;
  im.axes = n_.axes;
  im.f = f_;
  im.x = x;
  im.p = p_;
  im.weight = static_cast<T>(weight_);
  im.weights = at(weights_);
  im.scale = static_cast<T>(factor_);
  im.trust = at(trust_);
  im.relief = at(relief_);
  im.low = low_;
  im.high = high_;
  im.p_before = at(before_);
  im.first_plane = first_plane_;
  im.isotropic = isotropic_;
  return im;
}

template <class T>
void tv_plain<T>::iterate(queue& q, index_t iterations) {
  first_plane_ = -1;
  for (index_t t = 0; t < iterations; ++t) {
    q.poll();
    const tv_steps s = schedule_->next();
    const auto im = image(x_);
    parallel_for(
        q, {im.n[0], im.n[1], im.n[2]},
        kernel::tv_iteration<T>{im, x_new_, p_new_, static_cast<T>(s.tau),
                                static_cast<T>(s.sigma / weight_), static_cast<T>(s.theta)});
    std::swap(x_, x_new_);
    std::swap(p_, p_new_);
  }
}

template <class T>
tv_energy tv_plain<T>::evaluate(queue& q, index_t first, index_t last, const tv_seam* before) {
  if (before != nullptr) {
    before_ =
        uploaded(q, std::vector<T>(before->p.end() - n_.channels * n_.plane, before->p.end()));
    first_plane_ = first;
  }
  const auto state = image(x_);
  parallel_for(q, {state.n[0], state.n[1], state.n[2]}, kernel::tv_result<T>{state, result_});
  const auto im = image(result_);
  const index_t from = first * n_.plane, count = (last - first) * n_.plane;
  const index_t open = last < n_.nz ? last - 1 : -1;
  tv_energy sum;
  sum.misfit = sum_for(q, count, kernel::tv_misfit<T>{im, from});
  sum.primal = sum.misfit + sum_for(q, count, kernel::tv_variation<T>{im, from, open, false});
  sum.gap = sum_for(q, count, kernel::tv_variation<T>{im, from, open, true});
  if (before != nullptr) sum += tv_seam_energy(n_, isotropic_, *before, plane_of_x(q, first));
  if (!std::isfinite(sum.primal) || !std::isfinite(sum.gap))
    throw numeric_error("total variation: a value became infinite or not a number");
  sum.gap = std::max(sum.gap, 0.0);  // rounding
  return sum;
}

template <class T>
void tv_plain<T>::result(queue& q, index_t first, index_t last, ref to) const {
  const index_t count = (last - first) * n_.plane;
  for (index_t c = 0; c < n_.channels; ++c)
    parallel_for(q, {count},
                 kernel::tv_offset<T>{result_ + c * n_.all + first * n_.plane,
                                      static_cast<T*>(to.data) + c * count, static_cast<T>(mean_),
                                      T(0), nullptr, count});
}

// Plane z of each of `images` images, one behind the other.
template <class T>
std::vector<double> tv_plain<T>::planes_of(queue& q, const T* from, index_t images,
                                           index_t z) const {
  std::vector<double> v(static_cast<std::size_t>(images * n_.plane));
  const shape plane{n_.plane};
  for (index_t k = 0; k < images; ++k)
    copy(q, cref(from + k * n_.all + z * n_.plane, type_of_work<T>, plane, where_),
         ref(v.data() + k * n_.plane, dtype::f64, plane));
  q.synchronize();
  return v;
}

template <class T>
std::vector<double> tv_plain<T>::plane_of_x(queue& q, index_t z) const {
  std::vector<double> x = planes_of(q, result_, n_.channels, z);
  for (double& v : x) v += mean_;
  return x;
}

template <class T>
tv_seam tv_plain<T>::seam(queue& q, index_t last) const {
  return {plane_of_x(q, last - 1), planes_of(q, p_, n_.axes * n_.channels, last - 1)};
}

}  // namespace

std::unique_ptr<tv_dual> make_tv_plain(queue& q, const tv_problem& p) {
  if (p.f.type == dtype::f64) return std::make_unique<tv_plain<double>>(q, p);
  return std::make_unique<tv_plain<float>>(q, p);
}

index_t tv_plain_bytes(const tv_layout& n, index_t size) {
  const index_t image = n.channels * n.all * size;
  return 4 * padded(image) + 2 * padded(n.axes * image) + 3 * padded(n.all * size);
}

}  // namespace ir::detail
