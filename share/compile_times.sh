#!/bin/sh
# Compiles everything anew in build/times and prints the processor seconds of every translation unit,
# the slowest last, and their sum. Ends with 1 if one takes more than 8 s.
# usage: share/compile_times.sh [CMAKE-OPTION...]
set -eu
if [ "${1-}" = --unit ]; then # the compiler launcher: the rest is a command line
  shift 2
  "$@"
  times >"$IR_TIMES/$$"
  printf '%s\n' "$*" | sed 's/.* -c //; s/ -o .*//' >>"$IR_TIMES/$$"
  exit
fi
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/share/setup.sh"
build=$top/build/times
rm -rf "$build"
IR_TIMES=$build/units
mkdir -p "$IR_TIMES"
export IR_TIMES
launcher="$top/share/compile_times.sh;--unit;--"
build_tree "-DCMAKE_CXX_COMPILER_LAUNCHER=$launcher" "-DCMAKE_CUDA_COMPILER_LAUNCHER=$launcher" "$@" >&2
# Second line of `times`: user and system time of the children, as 0m7.120000s.
for unit in "$IR_TIMES"/*; do
  awk 'function seconds(t) { split(t, part, /[ms]/); return 60 * part[1] + part[2] }
       NR == 2 { spent = seconds($1) + seconds($2) } NR == 3 { printf "%7.2f %s\n", spent, $NF }' "$unit"
done | sort -n | awk '{ print; sum += $1; slow += $1 > 8 }
  END { printf "%7.2f s in all, %d units above 8 s\n", sum, slow; exit slow > 0 }'
