#pragma once
#include <memory>
#include <string_view>

#include "solver/tv_deconvolution.hpp"
#include "solver/tv_problem.hpp"

namespace ir::detail {

/// What tv_deconvolution does where the blur is not circular, data are missing or weighted, or x
/// has bounds: more is split off than the differences, so that the quadratic step stays exact.
///
///   min  phi(u) + lambda sum |z| + (v is an extended image within the bounds)
///        with u = B x, z = D x, v = x on a torus with room for what the blur reaches
///
/// phi knows data inside the image alone, where the blur has them; z counts inside the image; v
/// is the image, extended to where the blur reaches as its boundary says. Each is updated point by
/// point (v over the copies of a pixel); x by division in the Fourier domain, so that a step is
/// four real transforms, two without u: circular blurs of complete data need none.
///
/// The penalty of u is 0.2 of the data's mean weight (a constant of few trials, see tv_padded.cpp);
/// that of v is that of z, rho.
///
/// source  Almeida, Figueiredo, IEEE Trans. Image Process. 22 (2013) 3074-3086

/// Empty: the terms are circular convolutions without weights, or one blur, any boundary, before
/// which data are picked and weighted; a box or nothing. Else what it does not take.
std::string_view obstacle_to_padded(const tv_problem&);
std::unique_ptr<tv_deconvolution> make_tv_padded(queue&, const tv_problem&, precision,
                                                 const tv_deconvolution::options&);

}  // namespace ir::detail
