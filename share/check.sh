#!/bin/sh
# Installs what is missing from Debian, builds, runs every test, and says how many were skipped and
# why. Ends with a status other than 0 if anything fails.
# usage: share/check.sh [CMAKE-OPTION...]   (continuous integration: -DIR_WERROR=ON)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/share/setup.sh"

# What tests left out: "reason: test test ...", from the lines "skipped: reason" in CTest's log.
reasons() {
  awk '/^[0-9]+\/[0-9]+ Test: / { test = $3 }
       /^skipped: / { sub(/^skipped: /, ""); tests[$0] = tests[$0] " " test }
       END { for (reason in tests) print "   " reason ":" tests[reason] }' "$1" | sort
}

# shellcheck disable=SC2086  # lists of words
install_packages $packages_to_build $packages_to_test
build_tree -DIR_TESTS=ON "$@"

say "running the tests"
summary=$build/check.txt
status=0
ctest --test-dir "$build" --output-on-failure --parallel "$(job_count)" --no-tests=error \
  </dev/null >"$summary" 2>&1 || status=$?
cat "$summary"

skipped=$(grep -c '\*\*\*Skipped' "$summary" || true)
say "$skipped tests skipped; what was left out, and where:"
reasons "$build/Testing/Temporary/LastTest.log"
[ "$status" -eq 0 ] || fail "tests failed: see $summary"
say "every test that could run has passed"
