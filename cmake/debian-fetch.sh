#!/bin/sh
# SPDX-License-Identifier: MIT
#
# debian-fetch.sh DIRECTORY source|source-tar|binary PACKAGE...
#
# Downloads packages into DIRECTORY with apt-get; installs nothing and needs no rights. It keeps
# package lists of its own, so that neither source entries nor a fresh list on the system are
# needed, and it always asks for amd64 packages.
set -eu

dir=$1
kind=$2
shift 2

command -v apt-get >/dev/null || {
    echo "debian-fetch: this system has no apt-get" >&2
    exit 1
}

mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
cd "$dir"

case $kind in
source | source-tar) type=deb-src ;;
binary) type=deb ;;
*) exit 2 ;;
esac

# The repositories that the system already uses, in the one-line form of sources.list(5).
# shellcheck disable=SC2016  # the names in $() are for apt-get, not for the shell
apt-get indextargets --format "$type "'$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' | sort -u >apt/sources.list

private_apt() {
    apt-get -qq \
        -o "Dir::Etc::SourceList=$PWD/apt/sources.list" -o Dir::Etc::SourceParts=- \
        -o "Dir::State::Lists=$PWD/apt/lists" -o "Dir::Cache=$PWD/apt/cache" \
        -o APT::Architecture=amd64 -o APT::Architectures=amd64 \
        -o APT::Sandbox::User=root -o Acquire::Retries=1 -o Acquire::http::Timeout=30 "$@"
}

# Foreign repositories may lack sources or keys: what counts is whether the package is found.
private_apt update >apt/update.log 2>&1 || true
case $kind in
source) private_apt source --download-only "$@" ;;
source-tar) private_apt source --tar-only --download-only "$@" ;;
binary) private_apt download "$@" ;;
esac
