// ir-read: files of any format, or a part of them, as a frame stream.
#include "cli/scan_options.hpp"
#include "cli/tool.hpp"
#include "stage/pass.hpp"

namespace {

struct options {};

void declare(ir::option_table& t, options&) {
  t.describe(
      "Reads images, stacks and volumes of any format that ir-tools knows (by the first bytes, not "
      "by the name) and sends "
      "them as a frame stream to the next program, or to a file with --output.\n\n"
      "Ranges, regions and bins are applied while reading, at a cost proportional to what is asked "
      "for: "
      "of a 20 GB HDF5 dataset only the chunks of the region are touched. Origin and spacing "
      "follow, so that physical "
      "coordinates stay true.\n\n"
      "A file is cut into frames along its slowest axis (time before depth). --rank 3 joins the "
      "pages of a stack into one volume; "
      "--along y cuts it along another axis.\n\n"
      "A tomographic scan is recognised in an HDF5 file without a path, DXchange (exchange/data, "
      "data_white, data_dark, theta) or NXtomo (image_key, rotation_angle, also through links to "
      "other files), or is made of a stack by --flat, --dark and --angles. It is sent as darks, "
      "flats, angles in degrees and projections (v, u) along angle; --along v makes sinograms "
      "(angle, u) of it, read row by row, whose flats and darks still come whole before them. "
      "--frames, --roi and --bin apply to angles, flats and darks too.");
  ir::declare_references(t);
  ir::declare_angles(t);
  t.add_example("ir-read stack.tif | ir-info -", "What a stack holds.");
  t.add_example("ir-read volume.h5:/data --frames 0:8:2 --roi 4:20,0:32 -o part.tif",
                "Every second of eight frames, cropped.");
  t.add_example("ir-read stack.tif --rank 3 --bin 2 -o small.h5",
                "Pages joined to a volume, each voxel the mean of eight.");
  t.add_example("ir-read frame.raw --raw-shape 32,32 --raw-dtype u16 --to npy -o frame.npy",
                "A headerless file.");
  t.add_example("ir-read projections.tif --flat flat.tif --dark dark.tif --angles 0:180 -o scan.h5",
                "A stack of views as a scan.");
  t.add_example(
      "ir-read projections.tif --flat flat.tif --dark dark.tif --angles 0:180 --along v "
      "--frames 10:12 | ir-info",
      "Sinograms of two rows.");
}

std::unique_ptr<ir::stage> make(const options&) { return ir::make_pass(); }

const ir::registered<ir::tool> entry{[] {
  ir::tool t = ir::filter<options>("ir-read", "Read files as a frame stream", declare, make);
  t.light = true;
  return t;
}()};

}  // namespace
