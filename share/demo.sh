#!/bin/sh
# Installs what is missing from Debian, builds, and runs the tools' main job: two deconvolutions
# through pipes, of a photograph and of a volume, each blurred and made noisy before. Prints the
# figures and where the pictures before and after are.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/share/setup.sh"

# Shows a command line and runs it.
run() {
  printf '$ %s\n' "$1"
  sh -c "$1" </dev/null
}

# figures TRUTH BEFORE AFTER
figures() {
  say "PSNR in dB against the truth, before and after:"
  for picture in "$2" "$3"; do
    run "ir-metric $picture --reference $1 --metric psnr"
  done
}

# shellcheck disable=SC2086  # a list of words
install_packages $packages_to_build
build_tree -DIR_TESTS=OFF

PATH=$build/bin:$PATH
demo=$top/build/demo
rm -rf "$demo"
mkdir -p "$demo"
cp "$top/share/examples/chelsea.png" "$demo/photo.png"
cd "$demo"

say "a photograph, blurred and noisy, and restored"
run "ir-phantom gaussian --sigma 2.5 -o psf.tif"
run "ir-read photo.png | ir-convolve --psf psf.tif --boundary reflect |
  ir-noise --sigma 1 --seed 1 | ir-write photo-before.png"
run "ir-read photo-before.png | ir-deconvolve --psf psf.tif --iterations 50 |
  ir-write photo-after.png"
figures photo.png photo-before.png photo-after.png
for moment in before after; do
  run "ir-read photo-$moment.png --roi 50:290,110:370 -o face-$moment.png"
done

say "a volume, blurred and noisy, and restored"
run "ir-phantom shepp-logan --size 96,96,96 -o volume.tif"
run "ir-phantom gaussian --sigma 2,1.5,1.5 -o psf3.tif"
run "ir-read volume.tif --rank 3 | ir-convolve --psf psf3.tif |
  ir-noise --sigma 0.01 --seed 1 | ir-write volume-before.tif"
run "ir-read volume-before.tif --rank 3 | ir-deconvolve --psf psf3.tif --iterations 50 |
  ir-write volume-after.tif"
figures volume.tif volume-before.tif volume-after.tif
for moment in before after; do
  run "ir-read volume-$moment.tif --frames 48:49 |
  ir-write --range 0:1 --out-dtype u8 volume-$moment.png"
done

say "pictures before and after:"
ls "$demo"/*-before.png "$demo"/*-after.png
