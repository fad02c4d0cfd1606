#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_skips.sh JUNIT_FILE ALLOWED_FILE: lists the tests that did not run and, in CI, fails when one
# of them is not in ALLOWED_FILE. The last line printed is the summary of the run.
set -eu

junit=$1
allowed=$2

is_allowed() {
    while IFS= read -r pattern; do
        # shellcheck disable=SC2254  # the lines are patterns
        case $1 in
        $pattern) return 0 ;;
        esac
    done <<EOF
$(grep -v -e '^#' -e '^$' "$allowed")
EOF
    return 1
}

# One line for each test: its state and name.
tests=$(sed -n 's/.*<testcase name="\([^"]*\)".* status="\([^"]*\)".*/\2 \1/p' "$junit")

status=0
skipped=0
for name in $(echo "$tests" | sed -n -e 's/^notrun //p' -e 's/^disabled //p'); do
    skipped=$((skipped + 1))
    if is_allowed "$name"; then
        echo "skipped, as allowed: $name"
    elif [ "${CI:-}" = true ]; then
        echo "skipped, which CI does not allow: $name"
        status=1
    else
        echo "skipped: $name"
    fi
done

total=$(echo "$tests" | grep -c .) || true
failed=$(echo "$tests" | grep -c '^fail ') || true
echo "tests: $((total - failed - skipped)) passed, $failed failed, $skipped skipped"
[ "$total" -gt 0 ] || status=1
exit "$status"
