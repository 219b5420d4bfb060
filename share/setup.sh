# shellcheck shell=sh disable=SC2034,SC2154
# Set-up that demo.sh and check.sh share (POSIX sh, to be sourced with `top` set to the source tree):
# installs what is missing from Debian and builds into $build. Nothing is asked; what is there
# already is left alone, so a second run needs neither root nor a network.

build=$top/build/release

# The one list of Debian packages.
packages_to_build='g++ make cmake pkg-config libcli11-dev libfmt-dev libfftw3-dev libtiff-dev
  libhdf5-dev libpng-dev libjpeg-dev zlib1g-dev libtbb-dev nlohmann-json3-dev libxxhash-dev'
packages_to_test='libboost-test-dev python3 python3-numpy python3-h5py python3-tifffile python3-pil
  mandoc zsh'

say() { printf '== %s\n' "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# The packages among the arguments that are not installed.
missing_packages() {
  for package in "$@"; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' ||
      printf '%s ' "$package"
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "needs root or sudo to run: $*"
  fi
}

# install_packages PACKAGE...: what is missing of these, from the Debian that this machine uses.
install_packages() {
  if ! command -v dpkg >/dev/null; then
    say "no Debian here: these must be installed already (by their Debian names): $*"
    return
  fi
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then
    say "every Debian package that is needed is installed"
    return
  fi
  say "installing from Debian: $missing"
  as_root apt-get update -qq </dev/null || say "apt-get update failed: trying with the old lists"
  # shellcheck disable=SC2086  # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    $missing </dev/null >/dev/null || fail "cannot install: $missing"
}

# As many compilers at once as there are processors, and 1.5 GB of memory for each.
job_count() {
  processors=$(nproc)
  by_memory=$(awk '/^MemTotal:/ { print int($2 / 1500000) }' /proc/meminfo)
  [ "$by_memory" -ge 1 ] || by_memory=1
  [ "$processors" -le "$by_memory" ] && echo "$processors" || echo "$by_memory"
}

# build_tree [CMAKE-OPTION...]: configures and builds; kernels for CUDA where there is nvcc.
build_tree() {
  if [ -z "${CUDACXX-}" ] && ! command -v nvcc >/dev/null && [ -x /usr/local/cuda/bin/nvcc ]; then
    CUDACXX=/usr/local/cuda/bin/nvcc
    export CUDACXX
  fi
  say "configuring $build"
  cmake -S "$top" -B "$build" "$@" </dev/null
  say "building with $(job_count) jobs"
  cmake --build "$build" --parallel "$(job_count)" </dev/null
}
