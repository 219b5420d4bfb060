// ir-apply: a linear operator on every frame.
#include "cli/tool.hpp"
#include "core/error.hpp"
#include "stage/apply.hpp"

namespace {

struct options {
  std::string expression;
  std::optional<ir::shape> domain;
  bool adjoint = false, normal = false;
};

void declare(ir::option_table& t, options& o) {
  t.describe(
      "Applies a linear operator to every frame: y = A x, with --adjoint A^H y, with --normal "
      "A^H A x. The language of -A is that of ir-expr(7): numbers scale, '*' composes, + and - "
      "add, "
      "[A; B] stacks, A.H is the adjoint, @file an array.\n\n"
      "A frame is an element of the domain: an image, with its channels, or a volume (--rank 3). "
      "What A does along space it does not do along channels. The result is f32, or f64 with "
      "--precision double. The header of the result tells A and its domain, so that --adjoint "
      "finds it again where several would fit.\n\n"
      "Rows of a stack that give images of one size make one array, with an axis \"row\" before. "
      "Rows of different sizes make an array each: together in a pipe and in .irs and .h5 files, "
      "one by one in files that -o 'y_{row}.tif' names, counted from 0. --adjoint takes what a "
      "stack gives in any of these forms; of files, as many as it has rows, in their order.");
  t.add("-A,--operator", o.expression, "the operator, as in ir-expr(7)").required().metavar("EXPR");
  t.add("--adjoint", o.adjoint, "apply A^H");
  t.add("--normal", o.normal, "apply A^H A");
  t.add("--domain", o.domain, "extents of the domain of A, where they do not follow from the data")
      .metavar("N,N");
  t.add_example("ir-apply clean.tif -A 'downsample(2) * blur(gaussian(1.5))' -o low.tif",
                "What a camera with larger pixels would see.");
  t.add_example("ir-apply clean.tif -A '[downsample(2); downsample(3)]' -o 'low_{row}.tif'",
                "Two cameras, and a file for each.");
  t.add_example("ir-apply clean.tif -A gradient --normal -o edges.tif",
                "Minus the Laplacian, as the gradient's normal operator.");
}

std::unique_ptr<ir::stage> make(const options& o) {
  if (o.adjoint && o.normal) throw ir::usage_error("--adjoint and --normal exclude each other");
  using how = ir::apply_options::how;
  return ir::make_apply({o.adjoint  ? how::adjoint
                         : o.normal ? how::normal
                                    : how::forward,
                         o.expression, o.domain});
}

const ir::registered<ir::tool> entry{
    ir::filter<options>("ir-apply", "Apply a linear operator", declare, make)};

}  // namespace
