// ir-write: a frame stream into a file of any format.
#include "cli/tool.hpp"
#include "stage/pass.hpp"

namespace {

struct options {};

void declare(ir::option_table& t, options&) {
  t.describe(
      "Writes the frames of standard input into OUTPUT, whose extension (or --to) says the format. "
      "The file appears under its name only "
      "when the whole stream has arrived: if any program of the pipeline fails, nothing is left "
      "behind, in any shell.\n\n"
      "Integers stay what they are. Values that were computed go back to the integer type of the "
      "file they came from (clamped, never rescaled; "
      "a note says how many were clamped) for PNG, JPEG and PNM, or with --out-dtype; without such "
      "a type --range says which values "
      "become black and white.");
  t.add_example("ir-read stack.tif | ir-write copy.h5:/entry/data --compression 4",
                "Into a dataset of an HDF5 file.");
  t.add_example("ir-read stack.tif | ir-write 'page_%05d.png'", "One file for each frame.");
  t.add_example("ir-read float.tif | ir-write view.png --range auto --out-dtype u8",
                "Least value black, greatest white.");
}

std::unique_ptr<ir::stage> make(const options&) { return ir::make_pass(); }

const ir::registered<ir::tool> entry{[] {
  ir::tool t = ir::filter<options>("ir-write", "Write a frame stream to a file", declare, make);
  t.input = ir::tool::takes::stream;
  t.light = true;
  return t;
}()};

}  // namespace
