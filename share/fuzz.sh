#!/bin/sh
# Builds the fuzz targets (preset fuzz: clang 14, libFuzzer, address and undefined behaviour) and runs each
# for SECONDS (60), beginning with the lines of tests/fuzz/TARGET.seeds. Ends with a status other than 0 at the
# first finding; the input that shows it is named.
#   share/fuzz.sh [SECONDS [TARGET...]]
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
seconds=${1:-60}
[ $# -eq 0 ] || shift
cd "$top"
cmake --preset fuzz -G Ninja >/dev/null
cmake --build --preset fuzz
build=$top/build/fuzz
[ $# -gt 0 ] || set -- $(cd "$build/bin" && ls -- *_fuzz)
for target in "$@"; do
  corpus=$build/corpus/$target
  mkdir -p "$corpus"
  [ ! -f "tests/fuzz/$target.seeds" ] || split -a 3 -l 1 "tests/fuzz/$target.seeds" "$corpus/seed-"
  echo "== $target, $seconds s"
  # A reader may be asked for 2 GiB by a header; it has to refuse that before it takes the memory.
  "$build/bin/$target" -max_total_time="$seconds" -rss_limit_mb=1024 -malloc_limit_mb=512 -timeout=10 \
    -max_len=4096 -artifact_prefix="$build/$target-" -print_final_stats=1 "$corpus" 2>"$build/$target.log" || {
    tail -n 40 "$build/$target.log" >&2
    echo "fuzz.sh: $target has a finding: see above and $build/$target-*" >&2
    exit 1
  }
  grep -E 'stat::number_of_executed_units|cov:' "$build/$target.log" | tail -n 2
done
echo "no findings"
