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
# what only a plugin needs: without it that plugin is left out
wanted=()
[ -e /usr/include/box2d/box2d.h ] || wanted+=(libbox2d-dev)
[ ${#missing[@]} -eq 0 ] && [ ${#wanted[@]} -eq 0 ] && exit 0
if [ ${#missing[@]} -eq 0 ] && { [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; }; then
  echo "note: for all plugins install what Debian calls: ${wanted[*]}" >&2
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "error: please install what Debian calls: ${missing[*]} ${wanted[*]}" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "error: missing packages; please run:  sudo apt-get install -y ${missing[*]} ${wanted[*]}" >&2
  exit 1
fi
echo installing "${missing[@]}" "${wanted[@]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q || [ ${#missing[@]} -eq 0 ]
if [ ${#missing[@]} -gt 0 ]; then apt-get install -qy --no-install-recommends "${missing[@]}"; fi
if [ ${#wanted[@]} -gt 0 ] && ! apt-get install -qy --no-install-recommends "${wanted[@]}"; then
  echo "note: the plugins that need ${wanted[*]} are left out" >&2
fi
