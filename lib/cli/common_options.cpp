#include "cli/common_options.hpp"

#include <algorithm>
#include <charconv>

#include "core/error.hpp"

namespace ir {
namespace {

const std::vector<std::string> dtype_names{"u8",  "i8",  "u16", "i16", "u32", "i32",
                                           "f16", "f32", "f64", "c64", "c128"};

std::optional<dtype> dtype_or_none(const std::string& name) {
  return name.empty() ? std::nullopt : dtype_named(name);
}

double number(std::string_view text, std::string_view option) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size())
    throw usage_error(std::string(option) + ": '" + std::string(text) + "' is not a number");
  return value;
}

std::array<double, 2> value_range(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos)
    throw usage_error("--range: '" + std::string(text) + "' is neither 'low:high' nor 'auto'");
  const std::array<double, 2> r{number(text.substr(0, colon), "--range"),
                                number(text.substr(colon + 1), "--range")};
  if (!(r[0] < r[1]))
    throw usage_error("--range: low must be below high, not '" + std::string(text) + "'");
  return r;
}

std::optional<device> device_named(const std::string& name) {
  if (name == "auto") return {};
  if (name == "cpu") return device{};
  if (name == "gpu") return device{device::cuda, 0};
  int ordinal = 0;
  const char* end = name.data() + name.size();
  if (name.starts_with("gpu:")) {
    const auto [at, failed] = std::from_chars(name.data() + 4, end, ordinal);
    if (failed == std::errc() && at == end && ordinal >= 0) return device{device::cuda, ordinal};
  }
  throw usage_error("--device: '" + name + "' is none of auto, cpu, gpu, gpu:N");
}

}  // namespace

void common_options::declare(option_table& t) {
  const auto from_environment = [](const char* name, std::string& value) {
    if (const char* text = std::getenv(name); text && *text) value = text;
  };
  from_environment("IR_DEVICE", device);
  t.group("Common options");
  // ir-lipschitz -f EXPR is a functional, and it writes nothing but --report.
  const bool taken =
      std::ranges::any_of(t.options(), [](const option_info& o) { return o.short_name == "-f"; });
  t.add(taken ? "--force" : "-f,--force", force, "replace existing outputs");
  t.add("-q,--quiet", quiet, "no progress, no notes");
  t.add("-v,--verbose", verbose, "tell device, plan and findings on standard error");
  t.add("-j,--threads", threads,
        "threads; else IR_THREADS, OMP_NUM_THREADS, or what this process may use")
      .at_least(1);
  t.add("--device", device, "auto, cpu, gpu or gpu:N; cpu and gpu are orders, without fallback")
      .metavar("DEVICE");
  t.add("--memory", memory,
        "memory to plan with: 8G, 512M, 50%; else IR_MEMORY, or a share of what is installed")
      .metavar("SIZE");
  t.add("--tmpdir", tmpdir, "folder for spooled input; else IR_TMPDIR, TMPDIR, or /var/tmp")
      .metavar("FOLDER")
      .file();
  t.add("--precision", precision, "arithmetic").choices({"single", "double"});
  t.add("--seed", seed, "of random numbers: the same seed, the same result");
  t.add(
      "--json", json,
      "report as one JSON object: on standard output, or standard error where that carries frames");
  t.add("--report", report, "write that JSON object to a file").metavar("FILE").file();
  t.add("--progress", progress,
        "auto: a bar on a terminal; json: one object a line on standard error")
      .choices({"auto", "on", "off", "json"});
  t.add("--dry-run", dry_run, "print the plan (shapes, device, memory, time) and stop");
  t.add("--no-provenance", no_provenance, "do not record the command in the output");
  t.add("-h,--help", help, "this text").informational();
  t.add("--version", version, "version; with -v also of the libraries").informational();
  t.add("--ir-emit", emit, "man, bash, zsh or expr").hidden().informational();
}

resources common_options::available(memory_share share) const {
  resources r;
  r.where = device_named(device);
  if (r.where && r.where->kind == ir::device::cuda && cuda_device_count() <= r.where->ordinal)
    throw device_error("--device " + device + ": " +
                       (cuda_device_count() == 0
                            ? "no CUDA device here, or a build without CUDA"
                            : "there are " + std::to_string(cuda_device_count()) +
                                  " CUDA devices, counted from 0"));
  r.type = precision == "double" ? ir::precision::f64 : ir::precision::f32;
  r.host_bytes =
      memory_budget(memory.empty() ? std::nullopt : std::optional(parse_bytes(memory)), share);
  r.threads = thread_count(threads);
  r.seed = static_cast<std::uint64_t>(seed);
  r.tmpdir = tmpdir;
  return r;
}

void input_group::declare(option_table& t, tool::takes what) {
  t.group("Input");
  if (what != tool::takes::stream)
    t.add("INPUT", names,
          "file of any format, FILE.h5:/path, glob, folder, %05d pattern, several of them; "
          "none or -: standard input")
        .repeatable()
        .file();
  t.add("--rank", rank,
        "spatial axes worked on together; frames are joined until they have so many")
      .at_least(1);
  t.add("--axes", axes, "names of the axes of a file that does not say, slowest first: c,y,x")
      .metavar("NAMES");
  t.add("--along", along, "axis that frames are cut along: its name, or its number from 0")
      .metavar("AXIS");
  t.add("--frames", frames, "which frames: begin:end:step as in Python").metavar("RANGE");
  if (!t.has("--roi"))
    t.add("--roi", roi, "region of the spatial axes, slowest first: 10:500,20:600")
        .metavar("RANGES");
  t.add("--bin", bin, "mean of so many pixels: one number, or one for each spatial axis")
      .at_least(1);
  t.add("--dtype", dtype, "convert to this type while reading").choices(dtype_names);
  t.add("--raw-shape", raw_shape, "extents of a headerless file, slowest first");
  t.add("--raw-dtype", raw_dtype, "type of a headerless file, little-endian").choices(dtype_names);
  t.add("--raw-skip", raw_skip, "bytes before the data of a headerless file").at_least(0);
  t.add("--concat", concatenated, "take several streams, one after the other, as one");
  if (what == tool::takes::frames)
    t.add("--each", each,
          "run once for each INPUT; {stem} in --output is its name without folder and extension");
}

input_options input_group::resolve(const common_options& c, index_t memory) const {
  input_options o;
  o.file.axis_names = axes;
  o.file.raw_shape = raw_shape;
  o.file.raw_type = dtype_or_none(raw_dtype);
  o.file.raw_skip = raw_skip;
  if (raw_shape.has_value() != o.file.raw_type.has_value())
    throw usage_error("--raw-shape and --raw-dtype belong together");
  o.cut.rank = rank;
  o.cut.axes = axes;
  o.cut.along = along;
  if (!frames.empty()) o.cut.frames = parse_range(frames);
  for (const std::string& r : roi) o.cut.roi.push_back(parse_range(r));
  o.cut.bin = bin;
  o.cut.type = dtype_or_none(dtype);
  o.stream.concatenated = concatenated;
  o.memory = memory;
  o.tmpdir = c.tmpdir;
  return o;
}

void output_group::declare(option_table& t, tool::takes input) {
  t.group("Output");
  if (input == tool::takes::stream)
    t.add("OUTPUT", target,
          "file by its extension, FILE.h5:/path, %05d pattern; - for standard output")
        .required()
        .file();
  else
    t.add("-o,--output", target,
          "file by its extension, FILE.h5:/path, %05d pattern; - for standard output")
        .metavar("OUTPUT")
        .file();
  t.add("--to", to, "format, whatever the name")
      .choices({"irs", "raw", "npy", "h5", "tiff", "png", "nrrd", "pnm"});
  t.add("--out-dtype", out_dtype, "type to store").choices(dtype_names);
  t.add("--range", range,
        "low:high that becomes the whole range of an integer type; auto: least and greatest of the "
        "stack")
      .metavar("RANGE");
  t.add("--compression", compression, "deflate level; 0 is none, in PNG the fastest").at_least(0);
  t.add("--append", append, "add a dataset to an existing HDF5 file");
  t.add("--allow-empty", allow_empty, "an output without frames is no error");
}

output_options output_group::resolve(const common_options& c) const {
  output_options o;
  o.to = to;
  o.tmpdir = c.tmpdir;
  o.file.compression = compression;
  if (compression > 9) throw usage_error("--compression: levels are 0 to 9");
  o.file.force = c.force;
  o.file.append = append;
  o.file.allow_empty = allow_empty;
  o.file.type = dtype_or_none(out_dtype);
  o.file.range_auto = range == "auto";
  if (!range.empty() && !o.file.range_auto) o.file.range = value_range(range);
  return o;
}

}  // namespace ir
