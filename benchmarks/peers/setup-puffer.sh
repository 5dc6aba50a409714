#!/usr/bin/env bash
# Builds PufferLib's trainer and its CartPole for `ppo-cartpole-large` into .bench-peers, after setup.sh; done once.
# Its own setup.py would fetch graphics libraries for all of its environments; two of its files are all that is needed.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=benchmarks/peers
folder=.bench-peers
version=3.0.0
source=$PWD/$folder/pufferlib-$version

stamp=$(cat $here/setup-puffer.sh $here/requirements-puffer.txt | sha256sum)
if [ "$(cat "$source/stamp" 2>/dev/null)" = "$stamp" ]; then exit 0; fi
command -v g++ >/dev/null || { echo "error: PufferLib needs g++" >&2; exit 1; }

echo "fetching PufferLib into $folder, and building (once, 0.2 GB)" >&2
pip="$folder/bin/python -m pip"
$pip install --quiet --disable-pip-version-check --no-deps -r $here/requirements-puffer.txt ||
  { echo "error: could not install what PufferLib imports: Python's package index must be reachable" >&2; exit 1; }
hooks=$(mktemp -d)
trap 'rm -rf "$hooks"' EXIT
# without its environments its setup.py trips over a name that it has not set
echo 'import builtins; builtins.c_extension_paths = []' > "$hooks/sitecustomize.py"
NO_OCEAN=1 PYTHONPATH=$hooks $pip download --quiet --disable-pip-version-check --no-deps --no-build-isolation \
  --dest "$hooks" pufferlib==$version || { echo "error: could not fetch PufferLib" >&2; exit 1; }
rm -rf "$source"
tar -xzf "$hooks/pufferlib-$version.tar.gz" -C $folder

read -r python numpy torch < <($folder/bin/python -c \
  'import numpy, sysconfig, torch; print(sysconfig.get_path("include"), numpy.get_include(), torch.__path__[0])')
cd "$source"
gcc -shared -fPIC -O2 -flto -fwrapv -w -DPLATFORM_DESKTOP -I "$python" -I "$numpy" -I raylib-5.5_linux_amd64/include \
  pufferlib/ocean/cartpole/binding.c raylib-5.5_linux_amd64/lib/libraylib.a -o pufferlib/ocean/cartpole/binding.so \
  -lm -lpthread -ldl
g++ -shared -fPIC -O3 -std=c++20 -w -I "$python" -I "$torch/include" -I "$torch/include/torch/csrc/api/include" \
  pufferlib/extensions/pufferlib.cpp -o pufferlib/_C.so -L "$torch/lib" -ltorch -ltorch_cpu -lc10
echo "$stamp" > stamp
