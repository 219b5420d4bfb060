#include "core/isa.hpp"
#include "denoise/nlm_shift.hpp"

namespace ir::detail {
namespace {

template <class T>
struct nlm_level {
  [[gnu::flatten]] static void base(const nlm_tile<T>& t, const nlm_shifts& s) {
    nlm_add<T, false, 4>(t, s);
  }
#if IR_ISA_LEVELS > 1 && !defined(__SANITIZE_ADDRESS__)
  [[gnu::flatten, gnu::target("arch=x86-64-v3")]] static void v3(const nlm_tile<T>& t,
                                                                 const nlm_shifts& s) {
    nlm_add<T, true, 8>(t, s);
  }
  [[gnu::flatten, gnu::target("arch=x86-64-v4,prefer-vector-width=512")]] static void v4(
      const nlm_tile<T>& t, const nlm_shifts& s) {
    nlm_add<T, true, 16>(t, s);
  }
#endif
};

template <class T>
nlm_adder<T> in_use() {
#if IR_ISA_LEVELS > 1 && !defined(__SANITIZE_ADDRESS__)
  if (isa_level() == isa::v4) return &nlm_level<T>::v4;
  if (isa_level() == isa::v3) return &nlm_level<T>::v3;
#endif
  return &nlm_level<T>::base;
}

}  // namespace

template <>
nlm_adder<float> nlm_adder_in_use<float>() {
  return in_use<float>();
}
template <>
nlm_adder<double> nlm_adder_in_use<double>() {
  return in_use<double>();
}

}  // namespace ir::detail
