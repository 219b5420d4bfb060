#!/bin/sh
# Wall and CPU seconds of a Wiener deblur of a 4096 x 4096 16-bit PNG, file to file: three runs.
#   tests/bench/wiener_png.sh [folder of the programs]     default build/release/bin
set -eu
bin=${1:-build/release/bin}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$bin/ir-phantom" shepp-logan --size 4096,4096 | "$bin/ir-noise" --sigma 0.01 |
  "$bin/ir-convolve" --gaussian 2 | "$bin/ir-write" --range 0:1 --out-dtype u16 -q "$folder/in.png"
"$bin/ir-phantom" gaussian --sigma 2 -o "$folder/psf.npy"
for run in 1 2 3; do
  rm -f "$folder/out.png"
  time -p "$bin/ir-deconvolve" -q "$folder/in.png" --psf "$folder/psf.npy" --method wiener --balance 0.001 \
    -o "$folder/out.png"
done
