#include "cli/version.hpp"

#include <fftw3.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <jpeglib.h>
#include <png.h>
#include <tbb/version.h>
#include <tiffio.h>
#include <xxhash.h>
#include <zlib.h>

#include "core/resources.hpp"
#include "core/row_runner.hpp"

namespace ir {

std::string version_text(const std::string& tool, bool libraries) {
  std::string text = fmt::format("{} (ir-tools) {}\n", tool, IR_VERSION);
  if (!libraries) return text;
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  const std::string tiff = TIFFGetVersion();
#ifdef IR_WITH_CUDA
  const std::string cuda = fmt::format("compiled in, {} devices", cuda_device_count());
#else
  const std::string cuda = "not compiled in";
#endif
  text += fmt::format(
      "instruction set  {}\nCUDA             {}\nFFTW             {}\nHDF5             {}.{}.{}\n",
      name_of(isa_level()), cuda, fftwf_version, major, minor, release);
  text += fmt::format(
      "TIFF             {}\nPNG              {}\nJPEG             {}\nzlib             {}\n",
      tiff.substr(0, tiff.find('\n')), png_get_libpng_ver(nullptr), JPEG_LIB_VERSION,
      zlibVersion());
  text += fmt::format("oneTBB           {}\nxxHash           {}\nfmt              {}\n",
                      TBB_runtime_version(), XXH_versionNumber(), FMT_VERSION);
  return text;
}

}  // namespace ir
