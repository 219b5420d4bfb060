#pragma once

namespace ir::butterfly {

/// A complex number as two scalars of a vectorised loop.
template <class T>
struct pair {
  T re, im;
  friend pair operator+(pair a, pair b) { return {a.re + b.re, a.im + b.im}; }
  friend pair operator-(pair a, pair b) { return {a.re - b.re, a.im - b.im}; }
  friend pair operator*(pair a, pair b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  }
  friend pair operator*(T s, pair a) { return {s * a.re, s * a.im}; }
};

/// Sign of the exponent.
enum class way : bool { forward, inverse };

/// exp(-i pi/2) a forward, exp(+i pi/2) a inverse.
template <way W, class T>
pair<T> quarter(pair<T> a) {
  if constexpr (W == way::inverse) return {-a.im, a.re};
  return {a.im, -a.re};
}

/// x[k] <- sum_j x[j] exp(-+ 2 pi i j k / R), in natural order.
template <way W, class T>
void dft(pair<T> (&x)[2]) {
  const pair<T> a = x[0];
  x[0] = a + x[1];
  x[1] = a - x[1];
}

template <way W, class T>
void dft(pair<T> (&x)[3]) {
  const T sin60 = T(0.86602540378443864676);
  const pair<T> sum = x[1] + x[2], turned = quarter<W>(sin60 * (x[1] - x[2]));
  const pair<T> middle = x[0] - T(0.5) * sum;
  x[0] = x[0] + sum;
  x[1] = middle + turned;
  x[2] = middle - turned;
}

template <way W, class T>
void dft(pair<T> (&x)[4]) {
  const pair<T> a = x[0] + x[2], b = x[0] - x[2], c = x[1] + x[3], d = quarter<W>(x[1] - x[3]);
  x[0] = a + c;
  x[1] = b + d;
  x[2] = a - c;
  x[3] = b - d;
}

template <way W, class T>
void dft(pair<T> (&x)[5]) {
  const T c1 = T(0.30901699437494742410), c2 = T(-0.80901699437494742410);
  const T s1 = T(0.95105651629515357212), s2 = T(0.58778525229247312917);
  const pair<T> a = x[1] + x[4], b = x[2] + x[3], c = x[1] - x[4], d = x[2] - x[3];
  const pair<T> p = x[0] + (c1 * a + c2 * b), q = x[0] + (c2 * a + c1 * b);
  const pair<T> u = quarter<W>(s1 * c + s2 * d), v = quarter<W>(s2 * c - s1 * d);
  x[0] = x[0] + (a + b);
  x[1] = p + u;
  x[2] = q + v;
  x[3] = q - v;
  x[4] = p - u;
}

// 2 and 3 are coprime: two of length 3, then three of length 2, without twiddles.
template <way W, class T>
void dft(pair<T> (&x)[6]) {
  pair<T> even[] = {x[0], x[2], x[4]}, odd[] = {x[3], x[5], x[1]};
  dft<W>(even);
  dft<W>(odd);
  for (int k = 0; k < 3; ++k) {
    x[4 * k % 6] = even[k] + odd[k];
    x[(4 * k + 3) % 6] = even[k] - odd[k];
  }
}

template <way W, class T>
void dft(pair<T> (&x)[7]) {
  const T c[] = {T(0.62348980185873353053), T(-0.22252093395631440429), T(-0.90096886790241912624)};
  const T s[] = {T(0.78183148246802980871), T(0.97492791218182360702), T(0.43388373911755812048)};
  const pair<T> a1 = x[1] + x[6], a2 = x[2] + x[5], a3 = x[3] + x[4];
  const pair<T> d1 = x[1] - x[6], d2 = x[2] - x[5], d3 = x[3] - x[4];
  const pair<T> p1 = x[0] + (c[0] * a1 + c[1] * a2 + c[2] * a3);
  const pair<T> p2 = x[0] + (c[1] * a1 + c[2] * a2 + c[0] * a3);
  const pair<T> p3 = x[0] + (c[2] * a1 + c[0] * a2 + c[1] * a3);
  const pair<T> q1 = quarter<W>(s[0] * d1 + s[1] * d2 + s[2] * d3);
  const pair<T> q2 = quarter<W>(s[1] * d1 - s[2] * d2 - s[0] * d3);
  const pair<T> q3 = quarter<W>(s[2] * d1 - s[0] * d2 + s[1] * d3);
  x[0] = x[0] + (a1 + a2 + a3);
  x[1] = p1 + q1;
  x[2] = p2 + q2;
  x[3] = p3 + q3;
  x[4] = p3 - q3;
  x[5] = p2 - q2;
  x[6] = p1 - q1;
}

template <way W, class T>
void dft(pair<T> (&x)[8]) {
  const T r = T(0.70710678118654752440);
  pair<T> even[] = {x[0], x[2], x[4], x[6]}, odd[] = {x[1], x[3], x[5], x[7]};
  dft<W>(even);
  dft<W>(odd);
  const pair<T> odd1 = r * (odd[1] + quarter<W>(odd[1])), odd2 = quarter<W>(odd[2]);
  const pair<T> odd3 = r * (quarter<W>(odd[3]) - odd[3]);
  x[0] = even[0] + odd[0];
  x[1] = even[1] + odd1;
  x[2] = even[2] + odd2;
  x[3] = even[3] + odd3;
  x[4] = even[0] - odd[0];
  x[5] = even[1] - odd1;
  x[6] = even[2] - odd2;
  x[7] = even[3] - odd3;
}

}  // namespace ir::butterfly
