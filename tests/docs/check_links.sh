#!/bin/sh
# SPDX-License-Identifier: MIT
#
# check_links.sh TREE: every relative link of every Markdown page leads to a file of the tree, and a
# "#heading" to a heading of its page.
set -eu

tree=$1
cd "$tree"

# One line for each link: page, line, target. Fenced blocks and code spans hold no links.
links() {
    awk '
    FNR == 1 { fenced = 0 }
    /^ *```/ { fenced = !fenced; next }
    fenced { next }
    {
        gsub(/`[^`]*`/, "")
        rest = $0
        while (match(rest, /\]\([^)]*\)/)) {
            print FILENAME "\t" FNR "\t" substr(rest, RSTART + 2, RLENGTH - 3)
            rest = substr(rest, RSTART + RLENGTH)
        }
    }' "$@"
}

# The anchors that headings of a page get: lower case, punctuation dropped, spaces to dashes.
anchors() {
    awk '
    /^ *```/ { fenced = !fenced; next }
    !fenced && /^#+ / {
        sub(/^#+ +/, "")
        text = tolower($0)
        gsub(/[^a-z0-9 _-]/, "", text)
        gsub(/ /, "-", text)
        print text
    }' "$1"
}

# check PAGE LINE TARGET
check() {
    case $3 in
    http://* | https://* | mailto:*) return 0 ;;
    esac
    path=${3%%#*}
    if [ -n "$path" ]; then
        path=$(dirname "$1")/$path
    else
        path=$1
    fi
    if [ ! -e "$path" ]; then
        echo "$1:$2: $3 leads nowhere"
        return 1
    fi
    case $3 in
    *#*)
        if ! anchors "$path" | grep -qxF "${3#*#}"; then
            echo "$1:$2: $path has no heading for #${3#*#}"
            return 1
        fi
        ;;
    esac
    return 0
}

pages=$(find . -name .git -prune -o -path './build*' -prune -o -name '*.md' -print | sort)
# shellcheck disable=SC2086 # names of pages have no spaces
links $pages | {
    tab=$(printf '\t')
    status=0
    total=0
    while IFS=$tab read -r page line target; do
        total=$((total + 1))
        check "$page" "$line" "$target" || status=1
    done
    echo "$total links checked"
    [ "$total" -gt 0 ] || status=1
    exit "$status"
}
