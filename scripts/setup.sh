#!/usr/bin/env bash
# Installs the Debian packages that a build needs and that are missing. Without root it prints the
# command to run. A Swift 6 toolchain must be there already.
set -euo pipefail

if ! command -v swift >/dev/null; then
  echo "error: no swift on the PATH: install a Swift 6.2 or newer toolchain from swift.org" >&2
  exit 1
fi

missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v c++ >/dev/null || missing+=(g++)
[ -e /usr/include/openssl/evp.h ] || missing+=(libssl-dev)
# libxsmm is for x86-64 alone; elsewhere the portable kernels run
if [ "$(uname -m)" = x86_64 ] && [ ! -e /usr/include/libxsmm.h ]; then missing+=(libxsmm-dev); fi
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "error: please install what Debian calls: ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "error: missing packages; please run:  sudo apt-get install -y ${missing[*]}" >&2
  exit 1
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -qy --no-install-recommends "${missing[@]}"
