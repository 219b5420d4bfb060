#!/bin/sh
# Writes man/*.1 and completions/ anew: what the built tools say of themselves.
# usage: share/emit.sh [BUILD-FOLDER]
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
bin=${1:-$top/build/release}/bin
unset IR_DEVICE IR_THREADS IR_MEMORY IR_TMPDIR IR_ISA  # defaults that help would show
for source in "$top"/tools/ir-*.cpp; do
  name=$(basename "$source" .cpp)
  [ -x "$bin/$name" ] || { echo "emit.sh: build $name first: $bin/$name is not there" >&2; exit 66; }
done
mkdir -p "$top/man" "$top/completions/bash" "$top/completions/zsh"
rm -f "$top"/man/ir-*.1 "$top"/completions/bash/ir-* "$top"/completions/zsh/_ir-*
for tool in "$bin"/ir-*; do
  name=${tool##*/}
  "$tool" --ir-emit man >"$top/man/$name.1"
  "$tool" --ir-emit bash >"$top/completions/bash/$name"
  "$tool" --ir-emit zsh >"$top/completions/zsh/_$name"
done
