#!/bin/sh
# Makes the pictures and the table of share/doc/denoising.md: a photograph with noise, and what each method makes of it.
# usage: share/examples/denoising.sh [BUILD-FOLDER [OUTPUT-FOLDER]]
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:-$top/build/release}" && pwd)
PATH=$build/bin:$PATH
out=${2:-$build/denoising}
sigma=20
mkdir -p "$out"
cd "$out"
ir-read "$top/share/examples/chelsea.png" | ir-noise --sigma $sigma --seed 1 | ir-write noisy.png -f -q

psnr() { ir-metric "$1" --reference "$top/share/examples/chelsea.png" --json | sed 's/.*"psnr": *\([0-9.]*\).*/\1/'; }
crop() { ir-read "$1.png" --roi 60:190,110:240 -o "denoise-$1.png" -f; }

printf '| command | PSNR, dB | CPU seconds |\n|---|---|---|\n'
printf '| the noisy photograph | %s | |\n' "$(psnr noisy.png)"
crop noisy
while read -r name options; do
  # shellcheck disable=SC2086  # a list of words
  ir-denoise noisy.png $options --report "$name.json" -o "$name.png" -f
  seconds=$(sed 's/.*"cpu_seconds": *\([0-9.]*\).*/\1/' "$name.json")
  printf '| `ir-denoise noisy.png %s` | %s | %s |\n' "$options" "$(psnr "$name.png")" "$seconds"
  crop "$name"
done <<METHODS
nlm --method nlm
tv --method tv
gaussian --method gaussian --width 0.9
median --method median --radius 1
METHODS
