#!/bin/sh
# Tries share/demo.sh and share/check.sh on a machine that has nothing: a minimal Debian 12 in a
# temporary folder. Run by hand, as root, with debootstrap installed and the network at hand; the
# last line is PASS or FAIL.
# usage: tests/fresh-machine.sh [FOLDER]   (where the machine is made; default $TMPDIR or /var/tmp)
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d "${1:-${TMPDIR:-/var/tmp}}/ir-fresh-machine.XXXXXX") || exit 1
machine=$place/root

say() { printf '## %s\n' "$*"; }

clean_up() {
  for mounted in dev/pts proc; do
    if mountpoint -q "$machine/$mounted"; then umount "$machine/$mounted"; fi
  done
  rm -rf --one-file-system "$place"
}

finish() {
  clean_up
  echo "$1"
  [ "$1" = PASS ]
  exit
}
trap 'say interrupted; finish FAIL' INT TERM

# The first Debian archive among apt's sources, in either of their notations.
mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    awk '/^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) { print $i; break } }
         /^URIs:/ { print $2 }' |
    grep '/debian/*$' | head -n 1
}

try() {
  "$@" || {
    say "failed: $*"
    finish FAIL
  }
}

# shellcheck disable=SC2317  # called by try
# in_machine COMMAND...: within the new machine, without standard input, with a bare environment
# but for what leads to the network.
in_machine() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    chroot "$machine" "$@" </dev/null
}

[ "$(id -u)" -eq 0 ] || { say "must be run as root"; finish FAIL; }
command -v debootstrap >/dev/null || { say "debootstrap is not installed"; finish FAIL; }
archive=$(mirror)
say "Debian 12 from ${archive:-debootstrap's own mirror} in $machine"
try debootstrap --variant=minbase bookworm "$machine" ${archive:+"$archive"} \
  >"$place/debootstrap.log"
try mount -t proc proc "$machine/proc"
try mount -t devpts -o newinstance,ptmxmode=0666 devpts "$machine/dev/pts"
try cp /etc/resolv.conf "$machine/etc/resolv.conf"
for settings in /etc/apt/apt.conf /etc/apt/apt.conf.d/*proxy*; do
  if [ -f "$settings" ]; then try cp "$settings" "$machine/etc/apt/apt.conf.d/"; fi
done

say "the tree as committed"
try git clone -q --no-hardlinks "$top" "$machine/ir-tools"
for script in share/demo.sh share/check.sh; do
  say "$script"
  try in_machine "/ir-tools/$script"
done
say "share/demo.sh again: nothing to install, nothing to build"
try in_machine /ir-tools/share/demo.sh
finish PASS
