#include "io/hdf5_type.hpp"

#include <hdf5.h>

#include "core/error.hpp"

namespace ir::hdf5 {
namespace {

handle half() {
  handle t = type(H5Tcopy(H5T_NATIVE_FLOAT));
  H5Tset_fields(t, 15, 10, 5, 0, 10);  // IEEE binary16: sign, exponent, mantissa
  H5Tset_size(t, 2);
  H5Tset_ebias(t, 15);
  return t;
}

handle pair_of(id real) {
  const std::size_t size = H5Tget_size(real);
  handle t = type(H5Tcreate(H5T_COMPOUND, 2 * size));
  H5Tinsert(t, "r", 0, real);
  H5Tinsert(t, "i", size, real);
  return t;
}

std::string member(id compound, unsigned i) {
  char* name = H5Tget_member_name(compound, i);
  std::string copy = name ? name : "";
  H5free_memory(name);
  return copy;
}

stored_type integer(id t) {
  stored_type s;
  const std::size_t size = H5Tget_size(t);
  const bool is_signed = H5Tget_sign(t) == H5T_SGN_2;
  s.big_endian = H5Tget_order(t) == H5T_ORDER_BE;
  s.same_bytes = H5Tget_precision(t) == 8 * size && H5Tget_offset(t) == 0;
  if (size == 1) s.type = is_signed ? dtype::i8 : dtype::u8;
  if (size == 2) s.type = is_signed ? dtype::i16 : dtype::u16;
  if (size == 4) s.type = is_signed ? dtype::i32 : dtype::u32;
  if (size == 8)
    s.why = "64-bit integers are not held without loss; store it as i32 or f64";
  else if (!s.type)
    s.why = std::to_string(8 * size) + "-bit integers are not read";
  return s;
}

stored_type floating(id t) {
  stored_type s;
  s.big_endian = H5Tget_order(t) == H5T_ORDER_BE;
  const std::size_t size = H5Tget_size(t);
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
  H5Tget_fields(t, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits);
  const auto is = [&](std::size_t bytes, std::size_t e, std::size_t m) {
    return size == bytes && exponent_bits == e && mantissa_bits == m;
  };
  s.same_bytes = true;
  if (is(2, 5, 10)) {
    s.type = dtype::f16;
  } else if (is(4, 8, 23)) {
    s.type = dtype::f32;
  } else if (is(8, 11, 52)) {
    s.type = dtype::f64;
  } else if (exponent_bits <= 8 && mantissa_bits <= 23) {
    s.type = dtype::f32;  // converted without loss
    s.same_bytes = false;
  } else {
    s.why = std::to_string(8 * size) + "-bit floats are not held without loss; store it as f64";
  }
  return s;
}

stored_type enumeration(id t) {
  const handle base = type(H5Tget_super(t));
  stored_type s = integer(base);
  if (H5Tget_nmembers(t) == 2 && H5Tget_size(t) == 1 && member(t, 0) == "FALSE" &&
      member(t, 1) == "TRUE") {
    s.boolean = true;
    s.type = dtype::u8;
  }
  return s;
}

stored_type compound(id t) {
  stored_type s;
  s.why = "a table (compound type); complex numbers have two floats named r and i";
  if (H5Tget_nmembers(t) != 2) return s;
  const std::string a = member(t, 0), b = member(t, 1);
  if (!(a == "r" && b == "i") && !(a == "re" && b == "im") && !(a == "real" && b == "imag"))
    return s;
  const handle part = type(H5Tget_member_type(t, 0)), other = type(H5Tget_member_type(t, 1));
  if (H5Tget_class(part) != H5T_FLOAT || H5Tequal(part, other) <= 0) return s;
  const stored_type real = floating(part);
  if (real.type != dtype::f32 && real.type != dtype::f64) return s;
  s.type = real.type == dtype::f32 ? dtype::c64 : dtype::c128;
  s.big_endian = real.big_endian;
  const std::size_t size = H5Tget_size(part);
  s.same_bytes = real.same_bytes && H5Tget_size(t) == 2 * size && H5Tget_member_offset(t, 0) == 0 &&
                 H5Tget_member_offset(t, 1) == size;
  return s;
}

}  // namespace

stored_type type_of(id t) {
  switch (H5Tget_class(t)) {
    case H5T_INTEGER:
      return integer(t);
    case H5T_FLOAT:
      return floating(t);
    case H5T_ENUM:
      return enumeration(t);
    case H5T_COMPOUND:
      return compound(t);
    case H5T_STRING:
      return {{}, false, false, false, "text"};
    default:
      return {{}, false, false, false, "no numbers"};
  }
}

handle memory_type(dtype t) {
  switch (t) {
    case dtype::u8:
      return type(H5Tcopy(H5T_NATIVE_UINT8));
    case dtype::i8:
      return type(H5Tcopy(H5T_NATIVE_INT8));
    case dtype::u16:
      return type(H5Tcopy(H5T_NATIVE_UINT16));
    case dtype::i16:
      return type(H5Tcopy(H5T_NATIVE_INT16));
    case dtype::u32:
      return type(H5Tcopy(H5T_NATIVE_UINT32));
    case dtype::i32:
      return type(H5Tcopy(H5T_NATIVE_INT32));
    case dtype::f16:
      return half();
    case dtype::f32:
      return type(H5Tcopy(H5T_NATIVE_FLOAT));
    case dtype::f64:
      return type(H5Tcopy(H5T_NATIVE_DOUBLE));
    case dtype::c64:
      return pair_of(H5T_NATIVE_FLOAT);
    case dtype::c128:
      return pair_of(H5T_NATIVE_DOUBLE);
  }
  throw bug_error("a dtype without HDF5 type");
}

handle memory_type(dtype t, id file_type) {
  if (H5Tget_class(file_type) == H5T_ENUM)
    return type(H5Tget_native_type(file_type, H5T_DIR_ASCEND));
  if (!is_complex(t)) return memory_type(t);
  // Members are matched by name, and files have several for the same.
  const handle real = type(H5Tcopy(t == dtype::c64 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE));
  const std::size_t size = H5Tget_size(real);
  handle pair = type(H5Tcreate(H5T_COMPOUND, 2 * size));
  for (unsigned i = 0; i < 2; ++i) H5Tinsert(pair, member(file_type, i).c_str(), i * size, real);
  return pair;
}

}  // namespace ir::hdf5
