#!/usr/bin/env bash
# Kills a training with SIGKILL at random moments, resumes it, and compares what it leaves with the run that was never
# interrupted: policies, episodes, the log without its times. The moments are spread over the run's steps and cluster
# where a checkpoint is being written.
#
#     Tests/Chaos/resume.sh [KILLS] [SEED]      200 kills; the seed that is printed repeats their moments
#
# CHAOS_ALGO and CHAOS_PRESET choose another training than DQN's preset fast, such as ppo and zoo; CHAOS_STEPS=60000.
#
# A run is killed some ten times on its way to its end; then the next one begins. Ends with "N of M".
set -u
cd "$(dirname "$0")/../.."
kills=${1:-200} seed=${2:-$(date +%s)}
host=${RL_HOST:-.build/release/rl-host} plugin=${RL_PLUGIN:-plugins/cartpole.so}
algo=${CHAOS_ALGO:-dqn} preset=${CHAOS_PRESET:-fast} steps=${CHAOS_STEPS:-20000} a_run=${CHAOS_KILLS_A_RUN:-10}
work=$(mktemp -d "${TMPDIR:-/tmp}/rl-host-chaos.XXXXXX")
trap '[ -n "${child:-}" ] && kill -KILL "$child" 2> /dev/null; [ "${failed:-0}" = 0 ] && rm -rf "$work"' EXIT
RANDOM=$((seed % 32768))

train() { # NAME: to its end, or to its kill
    exec "$host" train --env "$plugin" --algo "$algo" --preset "$preset" --steps "$steps" \
        --eval-every 4k --eval-episodes 20 \
        --checkpoint-every 500 --checkpoint-seconds 0 --runs "$work" --name "$1" --seed 7 --threads 1
}
resume() { exec "$host" resume "$work/$1" --threads "$2"; }

# What must be equal, a line a file.
fingerprint() { # NAME
    local folder=$work/$1 file
    for file in policy.safetensors policy-best.safetensors episodes.csv; do
        [ -s "$folder/$file" ] || echo "$file is missing in $1"
        echo "$file $(sha256sum < "$folder/$file")"
    done
    echo "metrics.jsonl $(sed -E 's/"time\/[^"]*":[^,}]*,?//g; s/,}/}/' "$folder/metrics.jsonl" | sha256sum)"
}

now() { date +%s%N; }
begun=$(now)
(train reference) > "$work/reference.log" 2>&1 || { tail "$work/reference.log"; exit 1; }
length=$((($(now) - begun) / 1000000))
fingerprint reference > "$work/reference.sum" 2> /dev/null
grep -q missing "$work/reference.sum" && { cat "$work/reference.sum"; exit 1; }
echo "seed $seed: the run takes $length ms without interruption; $kills kills"

# after MILLISECONDS: sleeps so long, then, one time in three, until a checkpoint is being written.
after() {
    local tries
    sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
    [ $((RANDOM % 3)) = 0 ] || return 0
    for tries in $(seq 200); do
        compgen -G "$work/$2/checkpoints/.tmp-*" > /dev/null && { in_writing=$((in_writing + 1)); return 0; }
        kill -0 "$child" 2> /dev/null || return 0
    done
    return 0
}

made=0 equal=0 failed=0 in_writing=0 number=0 resumed=0 unborn=0
while [ "$made" -lt "$kills" ] && [ "$failed" = 0 ]; do
    number=$((number + 1)) name=run$number here=0 threads=1
    (train "$name") > "$work/$name.log" 2>&1 &
    child=$!
    while :; do
        if [ "$made" -lt "$kills" ] && [ "$here" -lt "$a_run" ]; then
            # the mean is such that ten kills spread over the run, start-up included
            after $((20 + RANDOM * 2 * length / a_run / 32768)) "$name"
            if kill -KILL "$child" 2> /dev/null; then
                made=$((made + 1)) here=$((here + 1))
            fi
        fi
        wait "$child" 2> /dev/null
        status=$?
        child=
        [ "$status" = 137 ] || break
        threads=$((3 - threads))
        if [ -f "$work/$name/run.json" ]; then
            (resume "$name" $threads) >> "$work/$name.log" 2>&1 &
        else # it died before there was a run
            unborn=$((unborn + 1))
            rm -rf "${work:?}/$name"
            (train "$name") >> "$work/$name.log" 2>&1 &
        fi
        child=$!
    done
    resumed=$((resumed + $(grep -c "goes on from step" "$work/$name.log")))
    if [ "$status" = 0 ] && fingerprint "$name" | cmp -s - "$work/reference.sum"; then
        equal=$((equal + here))
        rm -rf "${work:?}/$name" "$work/$name.log"
    else
        failed=$((failed + here))
        echo "FAILED  $name after $here kills, status $status (kept in $work)"
        tail -5 "$work/$name.log"
        fingerprint "$name" | diff - "$work/reference.sum"
    fi
done
echo "$number runs, $resumed times from a checkpoint, $in_writing kills while one was being written, $unborn before the run began"
echo "$equal of $made"
[ "$equal" = "$made" ]
