#include "cli/scan_options.hpp"

namespace ir {

void declare_references(option_table& t) {
  t.input("--flat", role::flat, "the beam without object: a file, glob, folder or %05d pattern");
  t.input("--dark", role::dark, "the detector without beam, in the same way");
}

void declare_angles(option_table& t) {
  t.input("--angles", role::coordinate,
          "degrees: a:b for a + k (b - a) / views, a list, or a file of one number a view")
      .metavar("ANGLES");
}

}  // namespace ir
