#!/usr/bin/env bash
# Builds RLtools' programs, one a task, into .bench-peers, after setup.sh; done once.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=benchmarks/peers
folder=.bench-peers
stamp=$folder/rltools.stamp

version=$(cat $here/setup-rltools.sh $here/requirements-rltools.txt $here/drivers/rltools_*.cpp | sha256sum)
if [ "$(cat $stamp 2>/dev/null)" = "$version" ]; then exit 0; fi
command -v g++ >/dev/null || { echo "error: RLtools needs g++" >&2; exit 1; }

echo "installing RLtools and MKL into $folder, and building (once, 0.7 GB)" >&2
$folder/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $here/requirements-rltools.txt ||
  { echo "error: could not install RLtools or MKL: Python's package index must be reachable" >&2; exit 1; }
packages=$($folder/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

# program SOURCE TASK MACROS...
# the flags are those of its own benchmarks (src/rl/environments/pendulum in its repository)
program() {
  local source=$here/drivers/rltools_$1.cpp program=$folder/rltools_$2
  shift 2
  g++ -std=c++17 -Ofast -march=native -DRL_TOOLS_BACKEND_ENABLE_MKL -DRL_TOOLS_DISABLE_TENSORBOARD "$@" \
    -I $folder/include -I "$packages/rltools/external/rl_tools/include" "$source" -o "$program" \
    -L $folder/lib "-Wl,-rpath,$PWD/$folder/lib" -Wl,--no-as-needed -l:libmkl_intel_lp64.so.2 \
    -l:libmkl_sequential.so.2 -l:libmkl_core.so.2 -lpthread -lm -ldl ||
    { echo "error: could not build RLtools' program; see above" >&2; exit 1; }
}

narrow=(-DRUN_HIDDEN=64 -DRUN_BATCH=100 -DRUN_LEARNING_STARTS=100)
program ppo ppo-pendulum
program off_policy td3-pendulum -DRUN_TD3 "${narrow[@]}"
program off_policy sac-pendulum -DRUN_SAC "${narrow[@]}"
program off_policy sac-pendulum-wide -DRUN_SAC -DRUN_HIDDEN=256 -DRUN_BATCH=256 -DRUN_LEARNING_STARTS=256
echo "$version" > $stamp
