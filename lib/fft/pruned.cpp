#include <algorithm>
#include <complex>
#include <cstring>

#include "core/parallel.hpp"
#include "fft/column_fft.hpp"
#include "fft/engines.hpp"
#include "fft/plan.hpp"
#include "fft/pruned_layout.hpp"
#include "fft/spectrum_kernel.hpp"

namespace ir::detail {
namespace {

fft_spec row_spec(fft_kind what, precision p, index_t n, index_t real_pitch, index_t pitch,
                  index_t batch) {
  const bool to_complex = what == fft_kind::r2c;
  return {what,
          p,
          {{n, 1, 1}},
          {{batch, to_complex ? real_pitch : pitch, to_complex ? pitch : real_pitch}}};
}

// What a pass does with what is not data: on the way in, on the way out.
enum class fill : std::uint8_t { extend, zeros };
enum class drain : std::uint8_t { crop, fold };

template <class T>
class pruned_convolution final : public convolution {
 public:
  pruned_convolution(queue& q, const convolution_geometry& g, precision p, const placed_psf& psf,
                     const response& r)
      : convolution(g, p, device{}, psf.total),
        at_(g),
        along_z_(at_.lz),
        along_y_(at_.ly),
        forward_(fft_plan::get(
            row_spec(fft_kind::r2c, p, at_.lx, at_.row_reals(), at_.pitch, at_.batch), device{})),
        backward_(fft_plan::get(
            row_spec(fft_kind::c2r, p, at_.lx, at_.row_reals(), at_.pitch, at_.batch), device{})),
        table_(q, real_type(p), shape{at_.table_reals()}) {
    make_table(q, psf);
    if (r.wiener_balance) make_wiener_table(*r.wiener_balance);
  }

  index_t scratch_bytes() const override {
    return at_.spectrum_bytes() + at_.max_jobs * slot_bytes() + 128;
  }
  bool has_lines() const override { return true; }

 private:
  using factor = typename column_fft<T>::factor;
  struct work {  // scratch memory of one call
    T* spectrum;
    char* slots;
    queue& q;
  };
  struct filtering {
    fill in;
    factor by;
    drain out;
  };
  static constexpr filtering straight{fill::extend, factor::plain, drain::crop};
  static constexpr filtering transposed{fill::zeros, factor::conjugate, drain::fold};

  index_t slot_bytes() const {
    return at_.slot_bytes(std::max(along_z_.block_bytes(), along_y_.block_bytes()));
  }
  T* table_of(index_t y, index_t block) const {
    return static_cast<T*>(const_cast<void*>(table_.get().data)) +
           (y * at_.blocks + block) * at_.lz * column_fft<T>::row_reals;
  }
  T* row_of(const work& w, index_t k, index_t y) const {
    return w.spectrum + (k * at_.ly + y) * at_.pitch * 2;
  }

  // body(unit, memory) for every unit below n, in jobs that each have a slot of memory; which
  // units a job takes depends on n alone.
  template <class Body>
  void share(const work& w, index_t n, const Body& body) const {
    const index_t jobs = std::min(n, at_.max_jobs), bytes = slot_bytes();
    ir::run_blocks(jobs, 1, [&](index_t first, index_t last) noexcept {
      for (index_t job = first; job < last; ++job)
        for (index_t unit = job * n / jobs; unit < (job + 1) * n / jobs; ++unit)
          body(unit, reinterpret_cast<T*>(w.slots + job * bytes));
    });
  }

  // Planes (along z) between two looks at the queue; also what the passes along x and y hand to
  // each other, so they should find it in the cache.
  template <class Body>
  void each_slab(const work& w, const Body& body) const {
    constexpr index_t slab_bytes = 4 << 20;
    const index_t planes =
        std::max<index_t>(1, slab_bytes / (at_.ly * at_.pitch * at_.complex_bytes));
    for (index_t k = 0; k < at_.nz; k += planes) {
      w.q.poll();
      body(k, std::min(k + planes, at_.nz));
    }
  }

  static void extend(const line_extension& e, fill how, T* line) {
    for (index_t p = e.n; p < e.length; ++p) {
      const index_t from = how == fill::extend ? e.source(p) : -1;
      line[p] = from < 0 ? T(0) : line[from];
    }
  }
  static void fold(const line_extension& e, T* line) {
    for (index_t p = e.n; p < e.length; ++p)
      if (const index_t to = e.source(p); to >= 0) line[to] += line[p];
  }
  static void extend_rows(const line_extension& e, fill how, T* block) {
    constexpr index_t row = column_fft<T>::row_reals;
    for (index_t p = e.n; p < e.length; ++p) {
      const index_t from = how == fill::extend ? e.source(p) : -1;
      if (from < 0)
        std::fill_n(block + p * row, row, T(0));
      else
        std::copy_n(block + from * row, row, block + p * row);
    }
  }
  static void fold_rows(const line_extension& e, T* block) {
    constexpr index_t row = column_fft<T>::row_reals;
    for (index_t p = e.n; p < e.length; ++p)
      if (const index_t to = e.source(p); to >= 0)
        for (index_t i = 0; i < row; ++i) block[to * row + i] += block[p * row + i];
  }

  // The `batch` lines from `first` of `end` on, from their spectra to lines, through `middle`, and
  // back; without a plan for one of the ways, only the other. Lines beyond `end` are computed on
  // and ignored.
  template <class Middle>
  void transform_lines(const work& w, index_t first, index_t end, bool back, bool forth, T* memory,
                       const Middle& middle) const {
    const index_t reals = at_.row_reals(), count = std::min(at_.batch, end - first);
    T* const spectra = memory + at_.batch * reals;
    const auto row = [&](index_t line) { return row_of(w, line / at_.ny, line % at_.ny); };
    const auto spectrum_ref = ref(spectra, complex_type(type()), shape{at_.batch * at_.pitch});
    const auto lines_ref = ref(memory, real_type(type()), shape{at_.batch * reals});
    if (back) {
      for (index_t i = 0; i < at_.batch; ++i)
        std::copy_n(row(std::min(first + i, end - 1)), at_.pitch * 2, spectra + i * at_.pitch * 2);
      backward_->consume(w.q, spectrum_ref, lines_ref);
    }
    for (index_t i = 0; i < count; ++i) middle(first + i, memory + i * reals);
    if (!forth) return;
    for (index_t i = count; i < at_.batch; ++i) std::fill_n(memory + i * reals, at_.lx, T(0));
    forward_->consume(w.q, lines_ref, spectrum_ref);
    const index_t used = (at_.lx / 2 + 1) * 2;
    for (index_t i = 0; i < count; ++i) {
      T* const to = row(first + i);
      std::copy_n(spectra + i * at_.pitch * 2, used, to);
      std::fill(to + used, to + at_.pitch * 2, T(0));
    }
  }

  template <class Middle>
  void lines(const work& w, index_t k0, index_t k1, bool back, bool forth,
             const Middle& middle) const {
    const index_t first = k0 * at_.ny, end = k1 * at_.ny;
    share(w, (end - first + at_.batch - 1) / at_.batch, [&](index_t unit, T* memory) noexcept {
      transform_lines(w, first + unit * at_.batch, end, back, forth, memory, middle);
    });
  }

  void columns_forward(const work& w, index_t k0, index_t k1, fill how) const {
    if (at_.ly == 1) return;
    share(w, (k1 - k0) * at_.blocks, [&](index_t unit, T* block) noexcept {
      T* const corner = row_of(w, k0 + unit / at_.blocks, 0) + unit % at_.blocks * at_.width * 2;
      along_y_.load(corner, at_.pitch, at_.ny, block);
      extend_rows(geometry().y, how, block);
      along_y_.forward(block);
      along_y_.store(block, at_.ly, corner, at_.pitch);
    });
  }

  void columns_backward(const work& w, index_t k0, index_t k1, drain how) const {
    if (at_.ly == 1) return;
    share(w, (k1 - k0) * at_.blocks, [&](index_t unit, T* block) noexcept {
      T* const corner = row_of(w, k0 + unit / at_.blocks, 0) + unit % at_.blocks * at_.width * 2;
      along_y_.load(corner, at_.pitch, at_.ly, block);
      along_y_.inverse(block);
      if (how == drain::fold) fold_rows(geometry().y, block);
      along_y_.store(block, at_.ny, corner, at_.pitch);
    });
  }

  // Along z: transform, filter, transform back, in the cache.
  void filter(const work& w, const filtering& how) const {
    constexpr index_t elements_between_polls = index_t{1} << 24;
    const index_t stride = at_.ly * at_.pitch, units = at_.ly * at_.blocks;
    const index_t piece = std::max<index_t>(1, elements_between_polls / (at_.lz * at_.width));
    for (index_t begin = 0; begin < units; begin += piece) {
      w.q.poll();
      share(w, std::min(piece, units - begin), [&](index_t i, T* block) noexcept {
        const index_t y = (begin + i) / at_.blocks, b = (begin + i) % at_.blocks;
        T* const corner = row_of(w, 0, y) + b * at_.width * 2;
        along_z_.load(corner, stride, at_.nz, block);
        extend_rows(geometry().z, how.in, block);
        along_z_.forward(block);
        along_z_.multiply(block, table_of(y, b), how.by);
        along_z_.inverse(block);
        if (how.out == drain::fold) fold_rows(geometry().z, block);
        along_z_.store(block, at_.nz, corner, stride);
      });
    }
  }

  void start(const work& w, line_work load, fill how) const {
    each_slab(w, [&](index_t k0, index_t k1) {
      lines(w, k0, k1, false, true, [&](index_t line, T* values) noexcept {
        load.run(load.self, line, values);
        extend(geometry().x, how, values);
      });
      columns_forward(w, k0, k1, how);
    });
  }

  void finish(const work& w, drain how, line_work store) const {
    each_slab(w, [&](index_t k0, index_t k1) {
      columns_backward(w, k0, k1, how);
      lines(w, k0, k1, true, false, [&](index_t line, T* values) noexcept {
        if (how == drain::fold) fold(geometry().x, values);
        store.run(store.self, line, values);
      });
    });
  }

  // The end of H and the beginning of H' without a way through memory between them.
  void turn_round(const work& w, line_work between) const {
    each_slab(w, [&](index_t k0, index_t k1) {
      columns_backward(w, k0, k1, drain::crop);
      lines(w, k0, k1, true, true, [&](index_t line, T* values) noexcept {
        between.run(between.self, line, values);
        extend(geometry().x, fill::zeros, values);
      });
      columns_forward(w, k0, k1, fill::zeros);
    });
  }

  template <class Steps>
  void with_work(queue& q, const Steps& steps) const {
    const scratch spectrum(q, at_.spectrum_bytes());
    const scratch slots(q, at_.max_jobs * slot_bytes());
    steps(work{static_cast<T*>(spectrum.data()), static_cast<char*>(slots.data()), q});
  }

  void run(queue& q, const filtering& how, cref from, ref to, mode put_how) const {
    const T* const x = static_cast<const T*>(from.data);
    T* const y = static_cast<T*>(to.data);
    const index_t nx = at_.nx;
    const auto load = [=](index_t line, void* values) noexcept {
      std::memcpy(values, x + line * nx, static_cast<std::size_t>(nx) * sizeof(T));
    };
    const auto store = [=](index_t line, void* values) noexcept {
      const T* const v = static_cast<const T*>(values);
      for (index_t i = 0; i < nx; ++i) put(y[line * nx + i], v[i], put_how);
    };
    with_work(q, [&](const work& w) {
      start(w, lines_of(load), how.in);
      filter(w, how);
      finish(w, how.out, lines_of(store));
    });
  }

  void do_apply(queue& q, cref x, ref y, mode how) const override { run(q, straight, x, y, how); }
  void do_adjoint(queue& q, cref y, ref x, mode how) const override {
    run(q, transposed, y, x, how);
  }
  void do_through(queue& q, line_work load, line_work between, line_work store) const override {
    with_work(q, [&](const work& w) {
      start(w, load, fill::extend);
      filter(w, straight);
      turn_round(w, between);
      filter(w, transposed);
      finish(w, drain::fold, store);
    });
  }

  void make_table(queue&, const placed_psf&);
  void make_wiener_table(double balance);

  pruned_layout<T> at_;
  column_fft<T> along_z_, along_y_;
  std::shared_ptr<const fft_plan> forward_, backward_;
  array table_;
};

// The transfer function by the same passes, divided by the number of points of the grid. The
// spectrum of the PSF in memory has the PSF's extent along z.
template <class T>
void pruned_convolution<T>::make_table(queue& q, const placed_psf& psf) {
  const auto &at_z = psf.at[0], &at_y = psf.at[1], &at_x = psf.at[2];
  const auto pz = static_cast<index_t>(at_z.size()), py = static_cast<index_t>(at_y.size()),
             px = static_cast<index_t>(at_x.size());
  constexpr index_t width = column_fft<T>::width, row = column_fft<T>::row_reals;
  array memory(q, real_type(type()), shape{pz * at_.ly * at_.pitch * 2});
  const scratch slots(q, at_.max_jobs * slot_bytes());
  const work w{static_cast<T*>(memory.get().data), static_cast<char*>(slots.data()), q};
  std::fill_n(w.spectrum, memory.get().extents.count(), T(0));

  // Rows, added up where the PSF is longer than the axis and positions meet.
  const index_t reals = at_.row_reals();
  const T scale = T(1 / static_cast<double>(geometry().grid_count()));
  share(w, pz, [&](index_t k, T* memory_of_job) noexcept {
    T* const spectra = memory_of_job + at_.batch * reals;
    for (index_t j = 0; j < py; ++j) {
      std::fill_n(memory_of_job, at_.batch * reals, T(0));
      for (index_t i = 0; i < px; ++i)
        memory_of_job[at_x[i]] += T(psf.values[static_cast<std::size_t>((k * py + j) * px + i)]);
      forward_->consume(q, ref(memory_of_job, real_type(type()), shape{at_.batch * reals}),
                        ref(spectra, complex_type(type()), shape{at_.batch * at_.pitch}));
      T* const to = row_of(w, k, at_y[j]);
      for (index_t i = 0; i < (at_.lx / 2 + 1) * 2; ++i) to[i] += spectra[i];
    }
  });
  if (at_.ly > 1)
    share(w, pz * at_.blocks, [&](index_t unit, T* block) noexcept {
      T* const corner = row_of(w, unit / at_.blocks, 0) + unit % at_.blocks * width * 2;
      along_y_.load(corner, at_.pitch, at_.ly, block);
      along_y_.forward(block);
      along_y_.store(block, at_.ly, corner, at_.pitch);
    });
  share(w, at_.ly * at_.blocks, [&](index_t unit, T* block) noexcept {
    const index_t y = unit / at_.blocks, b = unit % at_.blocks;
    std::fill_n(block, at_.lz * row, T(0));
    for (index_t k = 0; k < pz; ++k) {
      const T* const from = row_of(w, k, y) + b * width * 2;
      for (index_t i = 0; i < width; ++i) {
        block[at_z[k] * row + i] += from[2 * i];
        block[at_z[k] * row + width + i] += from[2 * i + 1];
      }
    }
    along_z_.forward(block);
    std::transform(block, block + at_.lz * row, table_of(y, b), [=](T v) { return v * scale; });
  });
}

template <class T>
void pruned_convolution<T>::make_wiener_table(double balance) {
  constexpr index_t width = column_fft<T>::width, row = column_fft<T>::row_reals;
  const double points = static_cast<double>(geometry().grid_count());
  ir::run_blocks(at_.ly * at_.blocks, 1, [&](index_t begin, index_t end) noexcept {
    for (index_t unit = begin; unit < end; ++unit) {
      const index_t y = unit / at_.blocks, b = unit % at_.blocks;
      const double ly = laplacian_of(along_y_.frequency(y), at_.ly);
      for (index_t r = 0; r < at_.lz; ++r) {
        T* const t = table_of(y, b) + r * row;
        const double lz = laplacian_of(along_z_.frequency(r), at_.lz);
        for (index_t i = 0; i < width; ++i) {
          double re = points * t[i], im = points * t[width + i];
          invert_by_wiener(balance, lz + ly + laplacian_of(b * width + i, at_.lx), re, im);
          t[i] = T(re / points);
          t[width + i] = T(im / points);
        }
      }
    }
  });
}

}  // namespace

std::shared_ptr<const convolution> make_pruned(queue& q, const convolution_geometry& g, precision p,
                                               const placed_psf& psf, const response& r) {
  if (p == precision::f32) return std::make_shared<pruned_convolution<float>>(q, g, p, psf, r);
  return std::make_shared<pruned_convolution<double>>(q, g, p, psf, r);
}

index_t pruned_table_bytes(const convolution_geometry& g, precision p) {
  index_t bytes = 0;
  with_real(p, [&]<class T>() {
    bytes = pruned_layout<T>(g).table_reals() * static_cast<index_t>(sizeof(T));
  });
  return bytes;
}

index_t pruned_scratch_bytes(const convolution_geometry& g, precision p) {
  index_t bytes = 0;
  with_real(p, [&]<class T>() {
    const pruned_layout<T> at(g);
    const auto rows = [](index_t n) {  // as column_fft
      return is_fast_length(n) ? n : fast_length(2 * n - 1, device{});
    };
    const index_t block = std::max(rows(at.lz), rows(at.ly)) * column_fft<T>::row_reals *
                          static_cast<index_t>(sizeof(T));
    bytes = at.spectrum_bytes() + at.max_jobs * at.slot_bytes(block) + 128;
  });
  return bytes;
}

}  // namespace ir::detail
