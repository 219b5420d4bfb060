#include "op/bidiagonalisation.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"

namespace ir {
void fill_gaussian(queue& q, std::uint64_t seed, vec x) {
  fill(q, 0, x);
  for (int i = 0; i < static_cast<int>(x.in().blocks().size()); ++i) {
    const ref b = x.block(i);
    const index_t n = b.extents.count() * (is_complex(b.type) ? 2 : 1);
    add_gaussian(q, {seed, i, 0}, 1, ref(b.data, real_type(x.type()), shape{n}, b.where));
  }
}

void fill_ones(queue& q, vec x) {
  fill(q, 0, x);
  for (int i = 0; i < static_cast<int>(x.in().blocks().size()); ++i) {
    const ref b = x.block(i);
    const index_t n = b.extents.count() * (is_complex(b.type) ? 2 : 1);
    const space reals({n});
    fill(q, 1, vec(b.data, x.type(), reals, b.where));
  }
}

bidiagonalisation::bidiagonalisation(queue& q, const linear_operator& A, cvec start,
                                     orthogonality kept, const vectors* locked)
    : A_(A),
      type_(start.type()),
      locked_(locked),
      kept_(kept),
      w_(q, A.domain(), type_),
      u_(q, A.range(), type_),
      Av_(q, A.range(), type_) {
  q.reserve(A.scratch_bytes(type_));
  copy(q, start, w_);
  if (kept_ == orthogonality::full) orthogonalise(q, w_);
  beta_ = product_.norm(q, w_);
  complete_ = !(beta_ > 0) || (locked != nullptr && std::ssize(*locked) >= real_count(A.domain()));
}

void bidiagonalisation::orthogonalise(queue& q, vec w) const {
  const auto remove = [&](const vectors& from) {
    std::vector<std::pair<cvec, cvec>> pairs;
    for (const auto& v : from) pairs.emplace_back(*v, w);
    std::vector<double> share(pairs.size());
    product_.dots(q, pairs, share);
    for (std::size_t i = 0; i < share.size(); ++i) axpby(q, -share[i], pairs[i].first, 1, w);
  };
  for (int pass = 0; pass < 2; ++pass) {
    if (locked_ != nullptr) remove(*locked_);
    remove(v_);
  }
}

// w_ is the next v times beta_. After the step alpha_, u_ and w_ are those of the one that follows.
bool bidiagonalisation::step(queue& q) {
  if (complete_) return false;
  q.poll();
  const bool first = lanczos_.diagonal.empty();
  scale(q, 1 / beta_, w_);
  A_.apply(q, w_, Av_);
  if (!first) axpby(q, -beta_, u_, 1, Av_);
  alpha_ = product_.norm(q, Av_);
  if (!std::isfinite(alpha_))
    throw numeric_error("an operator made NaN or infinite values of finite ones");
  lanczos_.diagonal.push_back(alpha_ * alpha_ + (first ? 0 : beta_ * beta_));

  auto v = std::make_unique<owned_vec>(q, A_.domain(), type_);
  copy(q, w_, *v);
  if (alpha_ > 0) {
    scale(q, 1 / alpha_, Av_);
    std::swap(u_, Av_);
    A_.adjoint(q, u_, w_);
    axpby(q, -alpha_, *v, 1, w_);
  } else {
    fill(q, 0, u_);
    fill(q, 0, w_);
  }
  if (kept_ == orthogonality::full) {
    v_.push_back(std::move(v));
    orthogonalise(q, w_);
  }
  beta_ = product_.norm(q, w_);
  const index_t locked = locked_ == nullptr ? 0 : std::ssize(*locked_);
  complete_ = alpha_ == 0 || beta_ == 0 || steps() >= real_count(A_.domain()) - locked;
  // Rounding is left in the coupling: a larger one only widens the bounds that come from it.
  lanczos_.beside.push_back(complete_ ? 0 : alpha_ * beta_);
  return true;
}

void bidiagonalisation::combine(queue& q, const std::vector<double>& s, vec x) const {
  if (s.size() > v_.size()) throw bug_error("bidiagonalisation: vectors were not kept");
  fill(q, 0, x);
  for (std::size_t j = 0; j < s.size(); ++j) axpby(q, s[j], *v_[j], 1, x);
}

}  // namespace ir
