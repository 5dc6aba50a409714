#!/usr/bin/env bash
# Builds RLtools' program for `ppo-pendulum` into .bench-peers, after setup.sh; done once.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=benchmarks/peers
folder=.bench-peers
program=$folder/rltools_pendulum

stamp=$(cat $here/setup-rltools.sh $here/requirements-rltools.txt $here/drivers/rltools_pendulum.cpp | sha256sum)
if [ -x $program ] && [ "$(cat $program.stamp 2>/dev/null)" = "$stamp" ]; then exit 0; fi
command -v g++ >/dev/null || { echo "error: RLtools needs g++" >&2; exit 1; }

echo "installing RLtools and MKL into $folder, and building (once, 0.7 GB)" >&2
$folder/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $here/requirements-rltools.txt ||
  { echo "error: could not install RLtools or MKL: Python's package index must be reachable" >&2; exit 1; }
packages=$($folder/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# the flags are those of its own benchmark (src/rl/environments/pendulum/ppo/cpu in its repository)
g++ -std=c++17 -Ofast -march=native -DRL_TOOLS_BACKEND_ENABLE_MKL -DRL_TOOLS_DISABLE_TENSORBOARD \
  -I $folder/include -I "$packages/rltools/external/rl_tools/include" $here/drivers/rltools_pendulum.cpp -o $program \
  -L $folder/lib "-Wl,-rpath,$PWD/$folder/lib" -Wl,--no-as-needed -l:libmkl_intel_lp64.so.2 -l:libmkl_sequential.so.2 \
  -l:libmkl_core.so.2 -lpthread -lm -ldl || { echo "error: could not build RLtools' program; see above" >&2; exit 1; }
echo "$stamp" > $program.stamp
