#!/usr/bin/env bash
# The C side: headers and plugins under every standard and compiler, the layout of version 1.0, the golden traces under
# several flags, snapshots and growth, the three consumers, the plain C host. Uses gcc and clang, rustc and nm, where
# they are. Ends with "N passed, M failed".
#
#     Tests/Plugins/run.sh [-v]
set -u
cd "$(dirname "$0")/../.."
tests=Tests/Plugins
golden=$tests/golden
work=$(mktemp -d "${TMPDIR:-/tmp}/rlenv-tests.XXXXXX")
trap 'rm -rf "$work"' EXIT
warnings="-Wall -Wextra -Wpedantic -Werror"
passed=0 failed=0 verbose=${1:-}

# check NAME COMMAND...: one test
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
        [ "$verbose" = -v ] && echo "ok      $name"
    else
        failed=$((failed + 1))
        echo "FAILED  $name"
        echo "        $*"
        echo "$output" | head -20 | sed 's/^/        /'
    fi
    return 0
}
c_compilers=() cxx_compilers=()
for compiler in gcc clang; do command -v $compiler >/dev/null && c_compilers+=($compiler); done
for compiler in g++ clang++; do command -v $compiler >/dev/null && cxx_compilers+=($compiler); done
[ ${#c_compilers[@]} -gt 0 ] && [ ${#cxx_compilers[@]} -gt 0 ] ||
    { echo "no C and C++ compiler: install gcc and g++, or clang"; echo "0 passed, 1 failed"; exit 1; }
cc=${c_compilers[0]} cxx=${cxx_compilers[0]}

# The plugins of this project: those that git knows, so that a file of one's own in plugins/ is left alone; all of them
# where there is no git.
sources() {
    local files
    files=$(git ls-files "$@" 2>/dev/null)
    echo "${files:-$(ls "$@")}"
}
c_plugins=$(sources plugins/*.c)
cpp_plugins=$(sources plugins/*.cpp)
# what includes Box2D is tested where Box2D is
uses_box2d() { grep -q '<box2d/' "$1"; }
has_box2d=
$cxx -x c++ -E -include box2d/box2d.h /dev/null >/dev/null 2>&1 && has_box2d=yes
if [ -z "$has_box2d" ]; then
    for file in $cpp_plugins; do
        uses_box2d "$file" && echo "not tested, for want of libbox2d-dev: $file" || kept+=" $file"
    done
    cpp_plugins=${kept:-}
fi

echo '#include "rlenv.h"
#include "rlenv.h"
extern int nothing;' > "$work/header.c"
sed 's/rlenv\.h/rlenv_simple.h/' "$work/header.c" > "$work/simple.c"
cp "$work/header.c" "$work/header.cpp"
cp "$work/simple.c" "$work/simple.cpp"

# --- headers, templates and plugins under every standard
for compiler in "${c_compilers[@]}"; do
    for standard in c99 c11 c17; do
        for file in "$work/header.c" "$work/simple.c" $c_plugins tools/rlenv-run.c; do
            check "$(basename "$file") as $standard with $compiler" \
                $compiler -std=$standard -fsyntax-only -Iinclude $warnings "$file"
        done
    done
done
for compiler in "${cxx_compilers[@]}"; do
    for standard in c++11 c++17 c++20; do
        for file in "$work/header.cpp" "$work/simple.cpp" $cpp_plugins $tests/consumers/classes.cpp; do
            check "$(basename "$file") as $standard with $compiler" \
                $compiler -std=$standard -fsyntax-only -Iinclude $warnings "$file"
        done
    done
done

# --- the layout of 1.0, now and as released; old plugins compile against the new header
for compiler in "${c_compilers[@]}"; do
    check "layout of include/ with $compiler" $compiler -std=c11 -fsyntax-only -Iinclude $warnings $tests/layout.c
    check "layout of abi-1.0/ with $compiler" \
        $compiler -std=c11 -fsyntax-only -I$tests/abi-1.0 $warnings $tests/layout.c
done
for compiler in "${cxx_compilers[@]}"; do
    check "layout in C++ with $compiler" $compiler -std=c++11 -x c++ -fsyntax-only -Iinclude $warnings $tests/layout.c
done
check "a positional table of 1.0 compiles against include/" \
    $cc -std=c99 -c -Iinclude -Wall -Wpedantic -Werror $tests/abi-1.0/plugin.c -o "$work/old.o"

# --- build the plugins as the README says, and the programs that look at them
plugins=()
for file in $c_plugins; do
    name=$(basename "$file" .c)
    check "build $name.so" $cc -shared -fPIC -O2 -Iinclude "$file" -o "$work/$name.so" -lm
    plugins+=("$name")
done
for file in $cpp_plugins; do
    name=$(basename "$file" .cpp)-cpp more=
    uses_box2d "$file" && more="-fvisibility=hidden -lbox2d"
    check "build $name.so" $cxx -shared -fPIC -O2 -Iinclude "$file" -o "$work/$name.so" $more -lm
    plugins+=("$name")
done
if command -v rustc >/dev/null; then
    check "build template-rs.so" \
        rustc --edition 2021 -D warnings -O --crate-type cdylib plugins/template.rs -o "$work/template-rs.so"
    plugins+=(template-rs)
fi
for compiler in "${c_compilers[@]}"; do
    check "conformance.c with $compiler" \
        $compiler -std=gnu11 -fsyntax-only -Iinclude $warnings $tests/fixtures/conformance.c
done
for program in growth options properties square golden/replay golden/generator consumers/worker consumers/bridge_test \
    consumers/classes_test; do
    check "build $program" $cc -std=c99 -O1 -g -Iinclude $warnings $tests/$program.c \
        -o "$work/$(basename $program)" -ldl -lm -lpthread
done
check "build rlenv-run" $cc -O2 -g -Iinclude tools/rlenv-run.c -o "$work/rlenv-run" -ldl -lm

# --- the environment of README.md, as it stands
awk '/^```c$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' README.md > "$work/readme.c"
check "the environment of README.md builds" \
    $cc -shared -fPIC -O2 -Iinclude $warnings "$work/readme.c" -o "$work/readme.so" -lm
plugins+=(readme)

# --- each exports one symbol of ours
exports_one_symbol() {
    local symbols
    local linker='^(_init|_fini|__bss_start|_edata|_end|rust_eh_personality)$'
    symbols=$(nm -D --defined-only "$1" | awk -v linker="$linker" '$3 !~ linker { print $3 }')
    [ "$symbols" = rlenv_plugin ] || { echo "exports: $symbols"; return 1; }
}
if command -v nm >/dev/null; then
    for name in "${plugins[@]}"; do
        check "$name.so exports rlenv_plugin alone" exports_one_symbol "$work/$name.so"
    done
fi

check "options at reset" "$work/options" "$work/cartpole.so"
check "squares are those of pow" "$work/square"
check "the generator is numpy's" "$work/generator" $golden/generator.txt

# --- classic control is Gymnasium's, whatever the compiler does
classic_control="cartpole mountain_car mountain_car_continuous pendulum acrobot"
for name in $classic_control; do
    check "$name is equal to Gymnasium" "$work/replay" "$work/$name.so" $golden/$name.trace
    for compiler in "${c_compilers[@]}"; do
        for flags in "-O0" "-O1" "-O2" "-O3" "-O3 -march=native" "-O2 -std=c99 -fvisibility=hidden"; do
            check "build $name with $compiler $flags" \
                $compiler $flags -shared -fPIC -Iinclude plugins/$name.c -o "$work/variant.so" -lm
            check "$name is equal to Gymnasium with $compiler $flags" \
                "$work/replay" "$work/variant.so" $golden/$name.trace
        done
    done
done
for name in mountain_car_continuous pendulum; do
    check "$name beyond its actions is equal to Gymnasium" "$work/replay" "$work/$name.so" $golden/$name.beyond.trace
done

# --- episodes of LunarLander come out as Gymnasium's, and leave no memory behind
if [ -n "$has_box2d" ]; then
    check "build lunar_lander" $cc -std=c99 -O1 -g -Iinclude $warnings $tests/lunar_lander.c \
        -o "$work/lunar_lander" -ldl -lm
    check "LunarLander is like Gymnasium's" \
        "$work/lunar_lander" "$work/lunar_lander-cpp.so" $golden/lunar_lander.returns
    sanitized="-fsanitize=address,undefined -fno-sanitize-recover=undefined -g -O1"
    check "build lunar_lander with sanitizers" \
        $cxx $sanitized -shared -fPIC -Iinclude plugins/lunar_lander.cpp -o "$work/sanitized.so" -lbox2d
    check "build rlenv-run with sanitizers" \
        $cc $sanitized -Iinclude tools/rlenv-run.c -o "$work/rlenv-run-sanitized" -ldl -lm
    for id in LunarLander-v3 LunarLanderContinuous-v3; do
        check "$id under the sanitizers" "$work/rlenv-run-sanitized" "$work/sanitized.so:$id" --lanes 3 --steps 2000 \
            -E enable_wind=true --quiet
    done
fi

# --- what every plugin promises; old plugins and hosts with new ones
check "an old plugin, built with the header of 1.0, builds" \
    $cc -std=c99 -shared -fPIC -O2 -I$tests/abi-1.0 $tests/abi-1.0/plugin.c -o "$work/old.so"
for name in "${plugins[@]}" old; do
    check "$name keeps the contract" "$work/properties" "$work/$name.so"
    check "$name on a newer host" "$work/growth" "$work/$name.so"
done
newer=$tests/fixtures/newer.c
check "a newer plugin builds" \
    $cc -shared -fPIC -Iinclude $warnings -DCASE='"newer-plugin"' $newer -o "$work/newer.so" -lm
check "a newer plugin plays" "$work/rlenv-run" "$work/newer.so:Good-v0" --quiet
check "build a plugin with a newer need" \
    $cc -shared -fPIC -Iinclude $warnings -DCASE='"newer-needs"' $newer -o "$work/needs.so" -lm
# ends_with STATUS WORD COMMAND...: refused with this exit status and a message that holds the word
ends_with() {
    local status=$1 word=$2 output
    shift 2
    output=$("$@" 2>&1)
    local answer=$?
    [ $answer -eq "$status" ] && [[ $output == *"$word"* ]] || { echo "status $answer: $output"; return 1; }
}
check "a newer need is refused" ends_with 69 needs "$work/rlenv-run" "$work/needs.so:Good-v0"

# --- three consumers of the ABI
for pair in cartpole:CartPole-v1 probes:MaskedBandit-v0 probes:ImageProbe-v0 probes:Memory-v0 template:Walk-v0; do
    check "another process: ${pair#*:}" timeout 30 "$work/worker" "$work/${pair%:*}.so" "${pair#*:}"
done
check "build the bridge" \
    $cc -std=c11 -O2 -shared -fPIC -Iinclude $warnings $tests/consumers/bridge.c -o "$work/bridge.so" -lpthread
check "a bridge to another runtime" "$work/bridge_test" "$work/bridge.so"
check "a bridge in the C host" "$work/rlenv-run" "$work/bridge.so:other/grid-4x5-v0" --quiet
check "build the classes" \
    $cxx -std=c++11 -O2 -shared -fPIC -Iinclude $warnings $tests/consumers/classes.cpp -o "$work/classes.so"
check "a C++ plugin" "$work/classes_test" "$work/classes.so"
check "a C++ plugin keeps the contract" "$work/properties" "$work/classes.so"

# --- the plain C host over every environment
for name in "${plugins[@]}" classes; do
    [ -e "$work/$name.so" ] || continue
    for id in $("$work/rlenv-run" "$work/$name.so" --list | awk '/^[^ ].*-v[0-9]/ { print $1 }'); do
        check "rlenv-run $name:$id" "$work/rlenv-run" "$work/$name.so:$id" --lanes 3 --steps 2000 --seed 5 --quiet
    done
done
check "rlenv-run names the environments" ends_with 64 DictEcho-v0 "$work/rlenv-run" "$work/probes.so"
check "rlenv-run refuses an unknown option" ends_with 64 mass "$work/rlenv-run" "$work/cartpole.so" -E mass=3
check "rlenv-run refuses a value out of bounds" ends_with 64 tau "$work/rlenv-run" "$work/cartpole.so" -E tau=9
check "rlenv-run takes options" "$work/rlenv-run" "$work/cartpole.so" -E kinematics_integrator=semi-implicit --quiet

# stray NAME LANES WORD: the plain C host refuses this case of strays.c with a message that holds the word
stray() {
    $cc -std=c99 -shared -fPIC -O1 -Iinclude $warnings -DCASE="\"$1\"" $tests/strays.c -o "$work/stray.so" -lm &&
        ends_with 69 "$3" "$work/rlenv-run" "$work/stray.so" --lanes "$2" --quiet
}
check "build strays.c" $cc -shared -fPIC -Iinclude $warnings -DCASE='"none"' $tests/strays.c -o "$work/stray.so" -lm
check "rlenv-run plays strays.c without a case" "$work/rlenv-run" "$work/stray.so" --lanes 3 --quiet
for lanes in 1 4; do
    check "bytes behind an observation, $lanes lanes" stray observation-behind $lanes "behind the row of observation"
    check "bytes before an observation, $lanes lanes" stray observation-before $lanes "the row of observation"
    for row in mask metrics; do
        check "bytes behind the $row, $lanes lanes" stray $row-behind $lanes "behind the row of the $row"
        check "bytes before the $row, $lanes lanes" stray $row-before $lanes "before the row of the $row"
    done
done
check "bytes of the next lane" stray neighbour 4 "lane 1, step 0"
for lanes in 1 4; do
    check "a reset that is not seeded, $lanes lanes" stray reset-static $lanes "observation '' differs"
    check "a reward that is not seeded, $lanes lanes" stray reward-static $lanes "the reward differs"
done
for id in Stray Stray-1 -v0 Stray-v Stray-v1a a/b/Stray-v0 /Stray-v0 Stray:x-v0 "Stray one-v0"; do
    $cc -shared -fPIC -Iinclude -DCASE='"none"' "-DID=\"$id\"" $tests/strays.c -o "$work/id.so" -lm
    check "the id $id is refused" ends_with 69 Name-vN "$work/rlenv-run" "$work/id.so"
done
check "--help is the usage alone" ends_with 0 usage "$work/rlenv-run" --help
check "an unlisted status breaks the instance" stray status-unlisted 2 "status -9"
check "a listed status breaks the lane" stray status-lane 2 "status -8 (lane 0)"
check "unknown flags reach the host" stray flags-unknown 2 "flags are 0x7"
check "large flags reach the host" stray flags-large 2 "flags are 0xff"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
