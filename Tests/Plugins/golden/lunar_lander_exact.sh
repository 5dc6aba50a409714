#!/usr/bin/env bash
# Whether plugins/lunar_lander.cpp gives Gymnasium's bits on the Box2D that Gymnasium uses: compiles it with the sources
# of pybox2d 2.3.10 and compares what the two play, to six digits behind the point of a return.
#
#     git clone --branch 2.3.10 https://github.com/pybox2d/pybox2d
#     Tests/Plugins/golden/lunar_lander_exact.sh pybox2d
set -euo pipefail
sources=$(cd "$1" && pwd)
cd "$(dirname "$0")/../../.."
work=$(mktemp -d "${TMPDIR:-/tmp}/lunar-exact.XXXXXX")
trap 'rm -rf "$work"' EXIT

# pybox2d's assertions speak to Python; the headers' folder and a call have other names in 2.4
cp -r "$sources/Box2D" "$work"
sed -i 's/^#define USE_EXCEPTIONS/#include <assert.h>/' "$work/Box2D/Common/b2Settings.h"
mkdir "$work/box2d"
printf '#include <Box2D/Box2D.h>\n#define SetTwoSided Set\n' > "$work/box2d/box2d.h"
find "$work/Box2D" -name '*.cpp' -exec c++ -shared -fPIC -fvisibility=hidden -O2 -DNDEBUG -w -I"$work" -Iinclude \
    -o "$work/lunar_lander.so" plugins/lunar_lander.cpp {} +
cc -O2 -Iinclude Tests/Plugins/lunar_lander.c -o "$work/lunar_lander" -ldl -lm

golden=Tests/Plugins/golden/lunar_lander.returns
grep -v '^#' $golden > "$work/gymnasium.returns"
"$work/lunar_lander" "$work/lunar_lander.so" --play 0 500 > "$work/plugin.returns"
cmp "$work/gymnasium.returns" "$work/plugin.returns"
echo "all $(grep -c -v sample "$work/plugin.returns") episodes are Gymnasium's"
