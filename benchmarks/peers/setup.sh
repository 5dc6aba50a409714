#!/usr/bin/env bash
# Installs the peers into a virtual environment of their own, .bench-peers; done once, until a version here changes.
# Those that must be built have a script of their own, setup-NAME.sh, which run.py calls where a task needs it.
#
#     benchmarks/peers/setup.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
here=benchmarks/peers
folder=.bench-peers

command -v python3 >/dev/null || { echo "error: the peers need python3 (3.11 or newer)" >&2; exit 1; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "error: the peers need Python 3.11 or newer, this is $(python3 --version)" >&2; exit 1; }

stamp=$({ python3 --version; cat $here/setup.sh $here/requirements{,-cuda,-cleanrl,-cleanrl-gymnasium}.txt \
  $here/mkl_avx512.c; } | sha256sum)
if [ -x $folder/bin/python ] && [ "$(cat $folder/stamp 2>/dev/null)" = "$stamp" ]; then exit 0; fi

install() {
  $folder/bin/python -m pip install --quiet --disable-pip-version-check --no-warn-conflicts --no-deps "$@" || {
    echo "error: could not install ${*: -1}: Python's package index must be reachable the first time" >&2
    exit 1
  }
}

echo "installing Stable-Baselines3, torch and CleanRL into $folder (once, 1 to 5 GB)" >&2
python3 -m venv --clear $folder ||
  { echo "error: python3 has no venv; on Debian:  apt-get install -y python3-venv" >&2; exit 1; }
install -r $here/requirements.txt
packages=$($folder/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
if [ -e "$packages/torch/lib/libtorch_cuda.so" ]; then install -r $here/requirements-cuda.txt; fi
install --ignore-requires-python -r $here/requirements-cleanrl.txt
install --target $folder/cleanrl-gymnasium -r $here/requirements-cleanrl-gymnasium.txt

if command -v cc >/dev/null; then cc -shared -fPIC -O2 -o $folder/mkl_avx512.so $here/mkl_avx512.c; fi

$folder/bin/python -m compileall -q "$packages" $folder/cleanrl-gymnasium $here/drivers >/dev/null || true
$folder/bin/python - <<'CHECK' || { echo "error: torch does not train on this machine; see above" >&2; exit 1; }
import stable_baselines3, torch
layer = torch.nn.Linear(4, 4)
optimizer = torch.optim.Adam(layer.parameters())
layer(torch.ones(3, 4)).sum().backward()
optimizer.step()
CHECK
echo "$stamp" > $folder/stamp
