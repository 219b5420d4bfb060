#!/bin/sh
# Makes the pictures and the table of share/doc/tomography.md from two public scans (tooth.h5 of TomoPy's repository; the
# TIFF folder image_test of Savu's, with angles of 2 degrees).
# usage: share/examples/tomography.sh DATA-FOLDER [BUILD-FOLDER [OUTPUT-FOLDER]]
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
data=$(cd "$1" && pwd)
build=$(cd "${2:-$top/build/release}" && pwd)
PATH=$build/bin:$PATH
out=${3:-$build/tomography}
mkdir -p "$out"
cd "$out"

picture() { # NAME BIN RANGE COMMAND...
  name=$1 bin=$2 range=$3
  shift 3
  "$@" --report "$name.json" -o "$name.npy" -f
  ir-read "$name.npy" --frames 0 --bin "$bin" | ir-write "fbp-$name.png" --out-dtype u8 --range "$range" -f -q
}
center() { sed 's/.*"center": *\([0-9.]*\).*/\1/' "$1.json"; }

picture tooth 2 -0.001:0.008 ir-fbp "$data/tooth.h5" --window shepp-logan --size 480
picture off 2 -0.001:0.008 ir-fbp "$data/tooth.h5" --window shepp-logan --size 480 --center 300
savu=$data/savu_24737
picture savu 1 -0.02:0.12 ir-fbp "$savu/tiffs/" --flat "$savu/flat_00001.tiff" --dark "$savu/dark_00001.tiff" \
  --angles 0:182 --slices 67

# Means of regions, rows and columns of the whole slice.
mean() { ir-info "$1" --stats --json | sed 's/.*"mean":\([-0-9.e]*\).*/\1/'; }
ir-fbp "$data/tooth.h5" --slices 0 --roi 310:340,365:400 -o dentin.npy -f
ir-fbp "$savu/tiffs/" --flat "$savu/flat_00001.tiff" --dark "$savu/dark_00001.tiff" --angles 0:182 --slices 67 \
  --roi 60:72,66:76 -o lump.npy -f
printf '| scan | centre found | mean of the region |\n|---|---|---|\n'
printf '| tooth | %s | %s |\n' "$(center tooth)" "$(mean dentin.npy)"
printf '| Savu | %s | %s |\n' "$(center savu)" "$(mean lump.npy)"
