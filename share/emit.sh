#!/bin/sh
# Writes man/ir-*.[17] and completions/ anew: what the built tools say of themselves.
# usage: share/emit.sh [BUILD-FOLDER]
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
bin=${1:-$top/build/release}/bin
unset IR_DEVICE IR_THREADS IR_MEMORY IR_TMPDIR IR_ISA  # defaults that help would show
tools=$(cd "$top/tools" && ls ir-*.cpp | sed 's/\.cpp$//')
for name in $tools; do
  [ -x "$bin/$name" ] || { echo "emit.sh: $bin/$name is not there: build it first" >&2; exit 66; }
done
mkdir -p "$top/man" "$top/completions/bash" "$top/completions/zsh"
rm -f "$top"/man/ir-*.1 "$top"/man/ir-expr.7 "$top"/completions/bash/ir-* "$top"/completions/zsh/_ir-*
for name in $tools; do
  "$bin/$name" --ir-emit man >"$top/man/$name.1"
  "$bin/$name" --ir-emit bash >"$top/completions/bash/$name"
  "$bin/$name" --ir-emit zsh >"$top/completions/zsh/_$name"
done
"$bin/ir-apply" --ir-emit expr >"$top/man/ir-expr.7"
