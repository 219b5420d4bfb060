#include "deconv/richardson_lucy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "core/parallel_for.hpp"
#include "deconv/richardson_lucy_kernel.hpp"

namespace ir {
namespace {

bool has_one_weight(const convolution_geometry& g) {
  return g.x.rule == boundary::circular || g.x.rule == boundary::zero;
}

// The part of a flat view that is line `line`.
template <class T>
nd_view<T, 1> line_of(const nd_view<T, 1>& all, index_t line, index_t nx) {
  return {all.data == nullptr ? nullptr : all.data + line * nx, {nx}};
}

template <class T, class V>
nd_view<like<V, T>, 1> flat(const basic_ref<V>& r) {
  return view<T>(r, {r.extents.count()});
}

constexpr double invisible = 1e-3;  // share of the PSF's sum below which an element is not updated
constexpr double start_least = 1e-3;  // of the mean: zeros would stay 0 for ever

}  // namespace

richardson_lucy_model::richardson_lucy_model(queue& q, std::shared_ptr<const convolution> H)
    : H_(std::move(H)), weight_(1 / H_->psf_total()) {
  if (!(H_->psf_total() > 0))
    throw data_error(fmt::format("Richardson-Lucy needs a PSF with a sum above 0; its sum is {:g}",
                                 H_->psf_total()));
  if (has_one_weight(H_->geometry())) return;
  weights_ = array(q, real_type(H_->type()), H_->geometry().extents);
  with_real(H_->type(), [&]<class T>() {
    const auto w = flat<T>(weights_.get());
    parallel_for(q, w.n, kernel::start_flat<T>{w, T(1)});
    H_->adjoint(q, weights_.get(), weights_.get());
    parallel_for(q, w.n, kernel::invert_above<T>{w, T(invisible * H_->psf_total())});
  });
}

index_t richardson_lucy_model::scratch_bytes() const {
  const index_t model = H_->geometry().extents.count() * size_of(real_type(H_->type()));
  return H_->scratch_bytes() + (H_->has_lines() ? 0 : model + 256);
}

index_t richardson_lucy_model::table_bytes(const convolution_geometry& g, precision p) {
  return has_one_weight(g) ? 0 : g.extents.count() * size_of(real_type(p));
}

richardson_lucy::richardson_lucy(queue& q, std::shared_ptr<const richardson_lucy_model> model,
                                 cref g, ref estimate, deconvolution_start from, tell what)
    : model_(std::move(model)),
      g_(g),
      f_(estimate),
      in_(model_->H().geometry().extents),
      tell_(what == tell::divergence) {
  const convolution& H = model_->H();
  const shape& n = H.geometry().extents;
  if (g.extents != n || estimate.extents != n)
    throw shape_error(fmt::format("Richardson-Lucy for {}: data of {}, an estimate of {}",
                                  to_string(n), to_string(g.extents), to_string(estimate.extents)));
  const dtype own = real_type(H.type());
  if (estimate.type != own || (g.type != own && g.type != dtype::u8 && g.type != dtype::u16))
    throw usage_error(fmt::format("Richardson-Lucy in {}: data in {}, an estimate in {}",
                                  name_of(H.type()), name_of(g.type), name_of(estimate.type)));
  if (tell_ && H.has_lines())
    line_sums_.resize(static_cast<std::size_t>(n.count() / n[n.rank() - 1]));
  with_types([&]<class T, class G>() { begin<T, G>(q, from); });
}

template <class Body>
void richardson_lucy::with_types(const Body& body) const {
  with_real(model_->H().type(), [&]<class T>() {
    if (g_.type == dtype::u8)
      body.template operator()<T, std::uint8_t>();
    else if (g_.type == dtype::u16)
      body.template operator()<T, std::uint16_t>();
    else
      body.template operator()<T, T>();
  });
}

template <class T, class G>
void richardson_lucy::begin(queue& q, deconvolution_start from) {
  const auto g = flat<G>(g_);
  const auto f = flat<T>(f_);
  const double mean = sum_for(q, g.n[0], kernel::positive_part<G>{g}) / static_cast<double>(g.n[0]);
  floor_ = std::max(16 * static_cast<double>(std::numeric_limits<T>::epsilon()) * mean,
                    static_cast<double>(std::numeric_limits<T>::min()));
  if (from == deconvolution_start::data)
    parallel_for(q, f.n, kernel::start_at_data<T, G>{g, f, T(start_least * mean)});
  if (from == deconvolution_start::flat)
    parallel_for(q, f.n, kernel::start_flat<T>{f, T(mean / model_->H().psf_total())});
}

cvec richardson_lucy::solution() const { return {f_.data, model_->H().type(), in_, f_.where}; }

void richardson_lucy::do_state(state_archive& archive) {
  archive.item("estimate", vec(f_.data, model_->H().type(), in_, f_.where));
}

void richardson_lucy::do_step(queue& q, iteration& now) {
  with_types([&]<class T, class G>() {
    model_->H().has_lines() ? step_by_lines<T, G>(q, now) : step_by_arrays<T, G>(q, now);
  });
}

template <class T, class G>
void richardson_lucy::step_by_lines(queue& q, iteration& now) {
  const index_t nx = f_.extents[f_.extents.rank() - 1];
  const auto g = flat<G>(g_);
  const auto f = flat<T>(f_);
  const nd_view<const T, 1> weights{static_cast<const T*>(model_->weights()), {f.n[0]}};
  const T floor = T(floor_), weight = T(model_->weight());

  const auto load = [&](index_t line, void* values) noexcept {
    std::memcpy(values, f.data + line * nx, static_cast<std::size_t>(nx) * sizeof(T));
  };
  const auto between = [&](index_t line, void* values) noexcept {
    const nd_view<T, 1> m{static_cast<T*>(values), {nx}};
    const auto counts = line_of(g, line, nx);
    if (tell_)
      line_sums_[static_cast<std::size_t>(line)] =
          sum_row(kernel::divergence_term<T, G>{counts, {m.data, {nx}}, floor}, 0, nx);
    run_row<1>(kernel::poisson_ratio<T, G>{counts, m, floor}, 0, 0, 0, nx);
  };
  const auto store = [&](index_t line, void* values) noexcept {
    run_row<1>(kernel::multiplicative_update<T>{line_of(f, line, nx),
                                                {static_cast<const T*>(values), {nx}},
                                                line_of(weights, line, nx),
                                                weight},
               0, 0, 0, nx);
  };
  model_->H().through(q, lines_of(load), lines_of(between), lines_of(store));
  if (tell_)
    now.objective =
        std::accumulate(line_sums_.begin(), line_sums_.end(), 0.0) / static_cast<double>(f.n[0]);
}

template <class T, class G>
void richardson_lucy::step_by_arrays(queue& q, iteration& now) {
  const convolution& H = model_->H();
  const scratch memory(q, f_.bytes());
  const ref m(memory.data(), f_.type, f_.extents, f_.where);
  const auto g = flat<G>(g_);
  const auto f = flat<T>(f_), model = flat<T>(m);
  const nd_view<const T, 1> weights{static_cast<const T*>(model_->weights()), {f.n[0]}};

  H.apply(q, f_, m);
  if (tell_)
    now.objective =
        sum_for(q, f.n[0], kernel::divergence_term<T, G>{g, {model.data, {f.n[0]}}, T(floor_)}) /
        static_cast<double>(f.n[0]);
  parallel_for(q, f.n, kernel::poisson_ratio<T, G>{g, model, T(floor_)});
  H.adjoint(q, m, m);
  parallel_for(
      q, f.n,
      kernel::multiplicative_update<T>{f, {model.data, {f.n[0]}}, weights, T(model_->weight())});
}

}  // namespace ir
