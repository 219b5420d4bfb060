#include "solver/tv_padded.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/blas1.hpp"
#include "fn/box.hpp"
#include "solver/normal_equations.hpp"
#include "solver/torus.hpp"
#include "solver/tv_blur_term.hpp"
#include "solver/tv_fill.hpp"
#include "solver/tv_split_rows.hpp"
#include "solver/tv_term.hpp"

namespace ir::detail {
namespace {

// Of the mean weight: between 0.1 and 0.3, which a prototype tried on discs and a photo of 192 x
// 192 pixels, boundaries `zero` and `edge`. No search beyond that.
constexpr double data_penalty = 0.2;

shape image_of(const space& domain) {
  const std::span<const index_t> e = domain.extents().extents();
  return shape(e.last(2));
}

bool all_circular(const std::vector<term>& data, const space& domain) {
  return std::ranges::all_of(data, [&](const term& t) {
    const auto form = t.f->quadratic();
    return t.A && t.A->properties().fourier_diagonal && form && !form->diagonal &&
           t.A->domain() == domain;
  });
}

template <class T>
class tv_padded final : public tv_deconvolution {
 public:
  tv_padded(queue& q, const tv_problem& p, precision type, const options& o);
  cvec solution() const override { return found_; }

 private:
  static constexpr index_t band = 32;

  tv_padded(queue& q, const tv_problem& p, std::optional<blurred_data> blur, precision type,
            const options& o);
  void do_step(queue&, iteration&) override;
  void do_evaluate(queue&, iteration&) const override;
  void do_state(state_archive&) override;

  static T* data(owned_vec& v) { return static_cast<T*>(vec(v).data()); }
  T* differences(owned_vec& s, int axis, index_t row) {
    return data(s) + (axis * torus_.channels() * ny_ + row) * nx_;
  }
  double threshold_at(index_t k) const {
    return deviation_ *
           std::max(options_.last, options_.first * std::pow(options_.rise, 1.0 - double(k)));
  }
  void take_blur(queue&, const term&);
  void take_quadratics(queue&, const std::vector<term>&);
  void begin(queue&);
  double deviation_of(const T* y, const T* weight) const;

  void extend();
  void project(T turn);
  tv_moved gather_row(index_t row, T* sum);
  void split_row(T* memory, index_t row, bool halo, T threshold, T turn);
  void split_differences(queue&, double here, double then);
  void split_data(queue&);
  void filter(T rho);
  void respond(queue&);
  void return_rows(queue&, array& spectrum, owned_vec& to);

  std::optional<blurred_data> blur_;
  torus_axis down_, across_;
  index_t ny_, nx_;  // of the torus
  torus<T> torus_;
  const tv_split_functions<T>& level_;
  bool owns_;  // x itself is split off
  smooth_sum F_;
  coupled_sum HK_;
  double lambda_, deviation_ = 1, mu_ = 0;
  T low_, high_;
  options options_;
  space on_torus_;
  owned_vec found_, x_, s_, next_;
  owned_vec own_state_, own_;                       // of v: s, and t = v - turn u
  owned_vec blurred_, data_state_;                  // of u: B x, s
  owned_vec y_, pull_;                              // on the torus: data, weight / (weight + mu)
  array spectrum_, data_spectrum_, table_, power_;  // table_: of B, or of sum w A^H y
  std::vector<T> ly_, lx_;
  std::vector<index_t> copies_y_;
  std::vector<T> copies_x_;
  std::vector<tv_moved> moved_;
};

boundary rule_of(const std::optional<blurred_data>& blur) {
  return blur ? blur->kernel->rule : boundary::circular;
}
index_t taps(const std::optional<blurred_data>& blur, int from_last) {
  if (!blur) return 1;
  const shape& n = blur->kernel->extents;
  return from_last < n.rank() ? n[n.rank() - 1 - from_last] : 1;
}

template <class T>
tv_padded<T>::tv_padded(queue& q, const tv_problem& p, precision type, const options& o)
    : tv_padded(
          q, p,
          all_circular(p.data, p.variation.A->domain()) ? std::nullopt : blurred_data_of(p.data[0]),
          type, o) {}

template <class T>
tv_padded<T>::tv_padded(queue& q, const tv_problem& p, std::optional<blurred_data> blur,
                        precision type, const options& o)
    : blur_(std::move(blur)),
      down_(torus_axis_of(image_of(p.variation.A->domain())[0], taps(blur_, 1), rule_of(blur_))),
      across_(torus_axis_of(image_of(p.variation.A->domain())[1], taps(blur_, 0), rule_of(blur_))),
      ny_(down_.length),
      nx_(across_.length),
      torus_(q, tv_weighting_of(p.variation)->channels, ny_, nx_, type,
             tv_weighting_of(p.variation)->channels * (5 + torus<T>::batch) * nx_ + nx_ + 64),
      level_(tv_split_functions_in_use<T>()),
      owns_(p.constraint || rule_of(blur_) != boundary::circular),
      F_(p.variation.A->domain(), p.data),
      HK_(p.variation.A->domain(), {p.variation}),
      lambda_(tv_weighting_of(p.variation)->lambda),
      low_(-std::numeric_limits<T>::infinity()),
      high_(std::numeric_limits<T>::infinity()),
      options_(o),
      on_torus_(shape{torus_.channels(), ny_, nx_}, field::real, 2),
      found_(q, F_.domain(), type),
      x_(q, on_torus_, type),
      s_(q, space(shape{2, torus_.channels(), ny_, nx_}, field::real, 2), type),
      next_(q, cvec(s_).in(), type),
      own_state_(q, on_torus_, type),
      own_(q, on_torus_, type),
      blurred_(q, on_torus_, type),
      data_state_(q, on_torus_, type),
      y_(q, on_torus_, type),
      pull_(q, on_torus_, type),
      spectrum_(torus_.spectrum(q)),
      data_spectrum_(torus_.spectrum(q)),
      ly_(torus_.symbol_y()),
      lx_(torus_.symbol_x()) {
  if (const auto* bounds = dynamic_cast<const box*>(p.constraint.get())) {
    low_ = static_cast<T>(bounds->low());
    high_ = static_cast<T>(bounds->high());
  }
  for (index_t i = 0; i < down_.n; ++i) copies_y_.push_back(down_.copies_of(i));
  for (index_t i = 0; i < across_.n; ++i) copies_x_.push_back(static_cast<T>(across_.copies_of(i)));
  moved_.resize(static_cast<std::size_t>(torus_.channels() * down_.n));
  if (blur_)
    take_blur(q, p.data[0]);
  else
    take_quadratics(q, p.data);
  if (o.start) copy(q, *o.start, found_);
  begin(q);
}

// The data on the torus, 0 beyond the image, and where to start from.
template <class T>
void tv_padded<T>::take_blur(queue& q, const term& t) {
  const space& domain = F_.domain();
  const precision type = cvec(x_).type();
  const normal_equations picked = normal_equations_of(q, domain, type, {{t.weight, t.f, blur_->S}});
  owned_vec one(q, domain, type), weight(q, domain, type), y(q, domain, type);
  fill(q, 1, one);
  picked.M->apply(q, one, weight);
  copy(q, picked.b, y);
  double sum = 0, count = 0;
  const index_t all = torus_.channels() * down_.n * across_.n;
  for (index_t i = 0; i < all; ++i) {
    const T w = data(weight)[i];
    data(y)[i] = w > 0 ? data(y)[i] / w : T(0);
    if (w > 0) sum += static_cast<double>(w), count += 1;
  }
  mu_ = count > 0 ? data_penalty * sum / count : 1;
  deviation_ = deviation_of(data(y), data(weight));
  for (index_t r = 0; r < torus_.channels() * down_.n; ++r) {
    const index_t from = r * across_.n, to = (r / down_.n * ny_ + r % down_.n) * nx_;
    for (index_t i = 0; i < across_.n; ++i) {
      const T w = data(weight)[from + i];
      data(y_)[to + i] = data(y)[from + i];
      data(pull_)[to + i] = w / (w + T(mu_));
    }
  }
  const index_t plane = across_.n;
  tv_layout layout(shape{torus_.channels(), down_.n, plane});
  fill_between<T>(layout, data(y), data(weight), data(found_));

  // The response to one point, of one channel, as all share it.
  const blur_kernel& h = *blur_->kernel;
  const index_t ky = taps(blur_, 1), kx = taps(blur_, 0);
  owned_vec response(q, on_torus_, type);
  for (index_t j = 0; j < ky; ++j)
    for (index_t i = 0; i < kx; ++i) {
      const index_t y_at = ((j - ky / 2) % ny_ + ny_) % ny_,
                    x_at = ((i - kx / 2) % nx_ + nx_) % nx_;
      data(response)[y_at * nx_ + x_at] +=
          static_cast<T>(h.values[static_cast<std::size_t>(j * kx + i)]);
    }
  table_.reset(q, real_type(type), shape{torus_.blocks() * torus_.block_reals()});
  T* const table = static_cast<T*>(table_.get().data);
  torus_.each_block(q, data(response), spectrum_, [&](index_t unit, const T* block) {
    if (unit < torus_.blocks())
      std::copy_n(block, torus_.block_reals(), table + unit * torus_.block_reals());
  });
}

// The quadratics by their right side and the power of all; the torus is the image.
template <class T>
void tv_padded<T>::take_quadratics(queue& q, const std::vector<term>& terms) {
  const precision type = cvec(x_).type();
  const space& domain = F_.domain();
  const normal_equations system = normal_equations_of(q, domain, type, terms);
  constexpr index_t width = torus<T>::width;
  table_.reset(q, real_type(type),
               shape{torus_.channels() * torus_.blocks() * torus_.block_reals()});
  power_.reset(q, real_type(type), shape{torus_.blocks() * ny_ * width});
  T* const right = static_cast<T*>(table_.get().data);
  torus_.each_block(q, static_cast<const T*>(cvec(system.b).data()), spectrum_,
                    [&](index_t unit, const T* block) {
                      std::copy_n(block, torus_.block_reals(), right + unit * torus_.block_reals());
                    });
  owned_vec point(q, domain, type), response(q, domain, type);
  data(point)[0] = 1;
  system.M->apply(q, point, response);
  T* const power = static_cast<T*>(power_.get().data);
  torus_.each_block(q, data(response), spectrum_, [&](index_t unit, const T* block) {
    for (index_t r = 0; unit < torus_.blocks() && r < ny_; ++r)
      std::copy_n(block + r * torus<T>::row_reals, width, power + (unit * ny_ + r) * width);
  });
  copy(q, *terms[0].f->quadratic()->centre, found_);
  fill(q, 1, point);
  deviation_ = deviation_of(data(found_), data(point));
}

template <class T>
double tv_padded<T>::deviation_of(const T* y, const T* weight) const {
  double count = 0, sum = 0, square = 0;
  const index_t all = torus_.channels() * down_.n * across_.n;
  for (index_t i = 0; i < all; ++i)
    if (weight[i] > 0) count += 1, sum += static_cast<double>(y[i]);
  const double mean = count > 0 ? sum / count : 0;
  for (index_t i = 0; i < all; ++i)
    if (weight[i] > 0) square += std::pow(static_cast<double>(y[i]) - mean, 2);
  return square > 0 ? std::sqrt(square / count) : 1;
}

// x = the extended start, u = B x, z = D x, no multipliers.
template <class T>
void tv_padded<T>::begin(queue& q) {
  const index_t n = torus_.channels() * down_.n * across_.n;
  for (index_t i = 0; i < n; ++i) data(found_)[i] = std::clamp(data(found_)[i], low_, high_);
  extend();
  copy(q, own_, x_);
  const T keep = static_cast<T>(1 - options_.relaxation);
  for (index_t r = 0; r < torus_.channels() * ny_; ++r) {
    const T* const x = data(x_) + r * nx_;
    const T* const below = (r + 1) % ny_ == 0 ? x - (ny_ - 1) * nx_ : x + nx_;
    for (index_t i = 0; i < nx_; ++i) {
      differences(s_, 0, r)[i] = keep * (below[i] - x[i]);
      differences(s_, 1, r)[i] = keep * (x[i + 1 < nx_ ? i + 1 : 0] - x[i]);
    }
  }
  if (blur_) {
    respond(q);
    axpby(q, 1 - options_.relaxation, blurred_, 0, data_state_);
  }
  if (!owns_) return;
  axpby(q, 1 - options_.relaxation, x_, 0, own_state_);
  project(static_cast<T>(threshold_at(2) / threshold_at(1)));
}

// own_ = the image in found_, extended.
template <class T>
void tv_padded<T>::extend() {
  ir::run_blocks(torus_.channels() * ny_, band, [&](index_t first, index_t last) noexcept {
    for (index_t r = first; r < last; ++r) {
      const index_t row = down_.source[static_cast<std::size_t>(r % ny_)];
      T* const to = data(own_) + r * nx_;
      const T* const from =
          data(found_) + (r / ny_ * down_.n + std::max<index_t>(row, 0)) * across_.n;
      if (row < 0) {
        std::fill_n(to, nx_, T(0));
        continue;
      }
      std::copy_n(from, across_.n, to);
      for (index_t i = across_.n; i < nx_; ++i) {
        const index_t column = across_.source[static_cast<std::size_t>(i)];
        to[i] = column < 0 ? T(0) : from[column];
      }
    }
  });
}

// A row of the image: the mean of its copies of alpha x + s, within the bounds.
template <class T>
tv_moved tv_padded<T>::gather_row(index_t row, T* sum) {
  const T alpha = static_cast<T>(options_.relaxation);
  const index_t channel = row / down_.n, j = row % down_.n, n = across_.n;
  T* const to = data(found_) + row * n;
  std::fill_n(sum, n, T(0));
  const index_t many = copies_y_[static_cast<std::size_t>(j)];
  for (index_t r = many > 1 ? 0 : j; r < (many > 1 ? ny_ : j + 1); ++r) {
    if (down_.source[static_cast<std::size_t>(r)] != j) continue;
    const T* const x = data(x_) + (channel * ny_ + r) * nx_;
    const T* const s = data(own_state_) + (channel * ny_ + r) * nx_;
#pragma GCC ivdep
    for (index_t i = 0; i < n; ++i) sum[i] += alpha * x[i] + s[i];
    for (index_t i = n; i < nx_; ++i)
      if (const index_t c = across_.source[static_cast<std::size_t>(i)]; c >= 0)
        sum[c] += alpha * x[i] + s[i];
  }
  const T* const copies = copies_x_.data();
#pragma GCC ivdep
  for (index_t i = 0; i < n; ++i)
    sum[i] = std::min(std::max(sum[i] / (static_cast<T>(many) * copies[i]), low_), high_);
  return level_.store({sum, to, n});
}

// v, and its s and t; where nothing looks v is what it is.
template <class T>
void tv_padded<T>::project(T turn) {
  torus_.share(torus_.channels() * down_.n, [&](index_t row, T* memory) noexcept {
    moved_[static_cast<std::size_t>(row)] = gather_row(row, memory);
  });
  extend();
  const T alpha = static_cast<T>(options_.relaxation);
  ir::run_blocks(torus_.channels() * ny_, band, [&](index_t first, index_t last) noexcept {
    for (index_t r = first; r < last; ++r) {
      const bool free = down_.source[static_cast<std::size_t>(r % ny_)] == torus_axis::free;
      const T* const x = data(x_) + r * nx_;
      T* const v = data(own_) + r * nx_;
      T* const s = data(own_state_) + r * nx_;
      for (index_t i = across_.n; i < nx_ && !free; ++i)
        if (across_.source[static_cast<std::size_t>(i)] == torus_axis::free)
          v[i] = alpha * x[i] + s[i];
#pragma GCC ivdep
      for (index_t i = 0; i < nx_; ++i) {
        const T whole = alpha * x[i] + s[i], z = free ? whole : v[i], u = whole - z;
        v[i] = z - turn * u;
        s[i] = (1 - alpha) * z + turn * u;
      }
    }
  });
}

template <class T>
void tv_padded<T>::split_row(T* memory, index_t row, bool halo, T threshold, T turn) {
  const index_t c = torus_.channels() * nx_, channel = ny_ * nx_;
  T* const t = memory + torus<T>::batch * c;
  T* const sink = t + 3 * c + nx_;
  level_.split({.x = data(x_) + row * nx_,
                .below = data(x_) + (row + 1) % ny_ * nx_,
                .s_down = differences(s_, 0, row),
                .s_right = differences(s_, 1, row),
                .next_down = halo ? sink : differences(next_, 0, row),
                .next_right = halo ? sink + c : differences(next_, 1, row),
                .t_down = t,
                .t_right = t + c,
                .square = t + 3 * c,
                .n = nx_,
                .channels = torus_.channels(),
                .x_channel = channel,
                .s_channel = channel,
                .next_channel = halo ? nx_ : channel,
                .t_channel = nx_,
                .alpha = static_cast<T>(options_.relaxation),
                .threshold = threshold,
                .turn = turn,
                .last = row == down_.n - 1,
                .inside = across_.n,
                .outside = row >= down_.n});
}

// z; D^T t + what v adds, row by row into the spectrum.
template <class T>
void tv_padded<T>::split_differences(queue& q, double here, double then) {
  const index_t c = torus_.channels() * nx_;
  constexpr index_t batch = torus<T>::batch;
  const T threshold = static_cast<T>(here), turn = static_cast<T>(then / here);
  torus_.share((ny_ + band - 1) / band, [&](index_t unit, T* memory) noexcept {
    const index_t first = unit * band, last = std::min(ny_, first + band);
    T* const w = memory;  // (channels, batch, nx)
    T* const t = w + batch * c;
    T* const above = t + 2 * c;
    split_row(memory, (first + ny_ - 1) % ny_, true, threshold, turn);
    for (index_t row = first; row < last; row += batch) {
      const index_t count = std::min(batch, last - row);
      for (index_t i = 0; i < count; ++i) {
        std::copy_n(t, c, above);
        split_row(memory, row + i, false, threshold, turn);
        for (index_t k = 0; k < torus_.channels(); ++k) {
          T* const to = w + (k * batch + i) * nx_;
          level_.adjoint({above + k * nx_, t + k * nx_, t + c + k * nx_, to, nx_});
          const T* const own = data(own_) + ((k * ny_) + row + i) * nx_;
          if (!owns_) continue;
#pragma GCC ivdep
          for (index_t e = 0; e < nx_; ++e) to[e] += own[e];
        }
      }
      for (index_t k = 0; k < torus_.channels(); ++k)
        torus_.forth(q, w + k * batch * nx_, k * ny_ + row, count, spectrum_);
    }
  });
  std::swap(s_, next_);
}

// u, and t = 2 u - (what it was made of) into the spectrum.
template <class T>
void tv_padded<T>::split_data(queue& q) {
  const T alpha = static_cast<T>(options_.relaxation);
  torus_.share(torus_.row_units(), [&](index_t unit, T* memory) noexcept {
    const auto [row, count] = torus_.rows_of(unit);
    const index_t at = row * nx_, n = count * nx_;
    const T *const b = data(blurred_) + at, *const y = data(y_) + at, *const g = data(pull_) + at;
    T* const s = data(data_state_) + at;
#pragma GCC ivdep
    for (index_t i = 0; i < n; ++i) {
      const T whole = alpha * b[i] + s[i], z = whole + g[i] * (y[i] - whole);
      memory[i] = 2 * z - whole;
      s[i] = whole - alpha * z;
    }
    torus_.forth(q, memory, row, count, data_spectrum_);
  });
}

template <class T>
void tv_padded<T>::filter(T rho) {
  const T scale = T(1 / static_cast<double>(torus_.points())), own = owns_ ? T(1) : T(0);
  const T* const table = static_cast<const T*>(table_.get().data);
  constexpr index_t width = torus<T>::width;
  torus_.share(torus_.channels() * torus_.blocks(), [&](index_t unit, T* block) noexcept {
    const index_t column = unit % torus_.blocks();
    torus_.load(spectrum_, unit, block);
    if (!blur_) {
      const T* const power = static_cast<const T*>(power_.get().data) + column * ny_ * width;
      level_.filter({block, table + unit * torus_.block_reals(), power, ly_.data(),
                     lx_.data() + column * width, ny_, rho, own, scale});
      return torus_.store(block, unit, spectrum_);
    }
    T* const other = block + torus_.along_y().rows() * torus<T>::row_reals;
    torus_.load(data_spectrum_, unit, other);
    level_.filter_data({block, other, table + column * torus_.block_reals(), ly_.data(),
                        lx_.data() + column * width, ny_, rho, static_cast<T>(mu_), own, scale});
    torus_.store(block, unit, spectrum_);
    torus_.store(other, unit, data_spectrum_);
  });
}

template <class T>
void tv_padded<T>::return_rows(queue& q, array& spectrum, owned_vec& to) {
  torus_.share(torus_.row_units(), [&](index_t unit, T* memory) noexcept {
    const auto [row, count] = torus_.rows_of(unit);
    torus_.back(q, spectrum, row, count, memory);
    std::copy_n(memory, count * nx_, data(to) + row * nx_);
  });
}

// blurred_ = B x, once.
template <class T>
void tv_padded<T>::respond(queue& q) {
  const T* const H = static_cast<const T*>(table_.get().data);
  constexpr index_t width = torus<T>::width, row_reals = torus<T>::row_reals;
  const T scale = T(1 / static_cast<double>(torus_.points()));
  copy(q, x_, blurred_);
  array scratch = torus_.spectrum(q);
  torus_.each_block(q, data(blurred_), scratch, [&](index_t unit, T* block) {
    const T* const h = H + unit % torus_.blocks() * torus_.block_reals();
    for (index_t r = 0; r < ny_; ++r)
      for (index_t i = 0; i < width; ++i) {
        T &re = block[r * row_reals + i], &im = block[r * row_reals + width + i];
        const T a = h[r * row_reals + i], b = h[r * row_reals + width + i], x = re;
        re = scale * (a * x - b * im);
        im = scale * (a * im + b * x);
      }
    torus_.store(block, unit, scratch);
  });
  return_rows(q, scratch, blurred_);
}

template <class T>
void tv_padded<T>::do_step(queue& q, iteration& now) {
  const double here = threshold_at(now.k), then = threshold_at(now.k + 1);
  split_differences(q, here, then);
  if (blur_) split_data(q);
  filter(static_cast<T>(lambda_ / then));
  return_rows(q, spectrum_, x_);
  if (blur_) return_rows(q, data_spectrum_, blurred_);
  if (owns_)
    project(static_cast<T>(threshold_at(now.k + 2) / then));
  else
    torus_.share(torus_.channels() * down_.n, [&](index_t row, T*) noexcept {
      moved_[static_cast<std::size_t>(row)] =
          level_.store({data(x_) + row * nx_, data(found_) + row * nx_, nx_});
    });
  tv_moved all;
  for (const tv_moved& one : moved_) all.change += one.change, all.size += one.size;
  now.change = all.size > 0 ? std::sqrt(all.change / all.size) : std::sqrt(all.change);
}

template <class T>
void tv_padded<T>::do_evaluate(queue& q, iteration& now) const {
  const scratch_vec Kx(q, HK_.range(), cvec(x_).type());
  HK_.apply(q, found_, Kx);
  now.objective = F_.value(q, found_) + HK_.h().value(q, Kx);
}

template <class T>
void tv_padded<T>::do_state(state_archive& archive) {
  archive.item("x", vec(x_));
  archive.item("found", vec(found_));
  archive.item("split", vec(s_));
  archive.item("own", vec(own_));
  archive.item("own split", vec(own_state_));
  archive.item("blurred", vec(blurred_));
  archive.item("data split", vec(data_state_));
}

}  // namespace

std::string_view obstacle_to_padded(const tv_problem& p) {
  if (p.data.empty()) return "there are no data";
  if (!std::ranges::all_of(p.data, [](const term& t) { return t.f->quadratic().has_value(); }))
    return "a data term is no quadratic";
  const auto tv = tv_weighting_of(p.variation);
  if (!tv) return "its gradient has several spacings or differences across the border";
  if (tv->axes != 2) return "the image has not two spatial axes";
  if (p.constraint && dynamic_cast<const box*>(p.constraint.get()) == nullptr)
    return "the constraint is no bounds";
  const space& domain = p.variation.A->domain();
  const shape n = image_of(domain);
  if (n[0] < 2 || n[1] < 2) return "an axis has one pixel";
  if (all_circular(p.data, domain))
    return p.data[0].f->quadratic()->centre ? "" : "the first view has no data";
  const auto is_blur = [&](const term& t) {
    const auto blur = blurred_data_of(t);
    return blur && blur->B->domain() == domain;
  };
  if (!std::ranges::all_of(p.data, is_blur)) return "an operator is no blur with a known PSF";
  return p.data.size() == 1 ? "" : "of several views one is not circular, or has weights";
}

std::unique_ptr<tv_deconvolution> make_tv_padded(queue& q, const tv_problem& p, precision type,
                                                 const tv_deconvolution::options& o) {
  if (type == precision::f32) return std::make_unique<tv_padded<float>>(q, p, type, o);
  return std::make_unique<tv_padded<double>>(q, p, type, o);
}

}  // namespace ir::detail
