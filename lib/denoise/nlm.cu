#include "core/launch.cuh"
#include "denoise/nlm_columns.cuh"

namespace ir::cuda {
namespace {

// The functor under a name of its own, which the general launcher takes.
struct nlm_plain : kernel::nlm_pixel<float> {};

/// Whether the tuned kernel does it: the image is a plane with one sigma, of a size that a grid
/// has.
bool is_tuned(const kernel::nlm_pixel<float>& k) {
  const index_t r = k.patch[2];
  return k.sigma == nullptr && k.valid == nullptr && k.variance > 0 && k.cut == 1 &&
         k.patch[1] == r && r >= 1 && r <= 3 && (k.channels == 1 || k.channels == 3) &&
         k.n[1] <= 1000000000 && k.n[2] <= 1000000000 && k.kept <= 65535 * nlm_rows<3>;
}

/// False: the device has too little shared memory for so wide a search, and nothing was started.
template <int R, int C>
bool launch_columns(cudaStream_t stream, const kernel::nlm_pixel<float>& k) {
  constexpr int wide = nlm_warps * nlm_useful<R>, tall = nlm_rows<C>;
  const index_t halo = 2 * (R + k.search[1]);
  const index_t bytes = C * (tall + halo) * (wide + halo) * index_t{sizeof(float)};
  int device = 0, most = 0;
  check(cudaGetDevice(&device), "asking for the device");
  check(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device),
        "asking for the shared memory");
  if (bytes > most) return false;
  const auto size = static_cast<int>(bytes);
  check(cudaFuncSetAttribute(nlm_columns<R, C>, cudaFuncAttributeMaxDynamicSharedMemorySize, size),
        "asking for shared memory");
  const double falloff = 1.4426950408889634 / static_cast<double>(k.strength2);  // log2(e) / s^2
  const double mass = static_cast<double>(C * detail::nlm_mass(R) * detail::nlm_mass(R));
  const double scale = falloff / (static_cast<double>(k.variance) * mass);
  const dim3 blocks(static_cast<unsigned>((k.n[2] + wide - 1) / wide),
                    static_cast<unsigned>((k.kept + tall - 1) / tall));
  nlm_columns<R, C><<<blocks, 32 * nlm_warps, static_cast<std::size_t>(bytes), stream>>>(
      k, static_cast<float>(2 * falloff), static_cast<float>(scale));
  check(cudaGetLastError(), "starting a kernel");
  return true;
}

template <int R>
bool launch_columns_of(cudaStream_t stream, const kernel::nlm_pixel<float>& k) {
  return k.channels == 1 ? launch_columns<R, 1>(stream, k) : launch_columns<R, 3>(stream, k);
}

bool launch_tuned(queue& q, const kernel::nlm_pixel<float>& k) {
  if (!is_tuned(k)) return false;
  const auto stream = static_cast<cudaStream_t>(enter(q));
  switch (k.patch[2]) {
    case 1:
      return launch_columns_of<1>(stream, k);
    case 2:
      return launch_columns_of<2>(stream, k);
    default:
      return launch_columns_of<3>(stream, k);
  }
}

}  // namespace

template <>
void launch(queue& q, const index_t (&n)[3], const kernel::nlm_pixel<float>& k) {
  if (n[0] * n[1] * n[2] == 0 || launch_tuned(q, k)) return;
  launch(q, n, nlm_plain{k});
}
template void launch(queue&, const index_t (&)[3], const kernel::nlm_pixel<double>&);

}  // namespace ir::cuda
