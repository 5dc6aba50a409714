"""Facts of the machine and of the software that is compared."""

import importlib.metadata
import json
import os
import platform
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = Path(".bench-peers")
MKL_HELP = FOLDER / "mkl_avx512.so"
PATHS = {"clean_rl": FOLDER / "cleanrl-gymnasium", "puffer": FOLDER / "pufferlib-3.0.0"}  # before the others
PACKAGES = ("stable-baselines3", "torch", "gymnasium", "cleanrl", "rltools", "mkl")


def cpu() -> dict:
    """The first processor of /proc/cpuinfo."""
    fields = {}
    for line in Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines():
        name, _, value = line.partition(":")
        fields[name.strip()] = value.strip()
    return fields


def busy_cores(seconds: float) -> float:
    """How many cores something kept busy during so many seconds; call it where this program waits."""

    def busy() -> float:
        ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        idle, stolen = ticks[3] + ticks[4], ticks[7]
        return (sum(ticks[:8]) - idle - stolen) / os.sysconf("SC_CLK_TCK")

    start, clock = busy(), time.perf_counter()
    time.sleep(seconds)
    return (busy() - start) / (time.perf_counter() - clock)


def needs_mkl_help() -> bool:
    """Whether MKL leaves AVX-512 unused on this CPU, and the library that changes that is built."""
    fields = cpu()
    foreign = fields.get("vendor_id") != "GenuineIntel" and "avx512f" in fields.get("flags", "").split()
    return foreign and MKL_HELP.exists()


def environment(peer: str, threads: int, as_installed: bool) -> dict:
    """The environment variables of a peer's process."""
    variables = dict(os.environ)
    if peer == "rl-host":
        return variables
    variables.update(OMP_NUM_THREADS=str(threads), CUDA_VISIBLE_DEVICES="", PYTHONWARNINGS="ignore")
    if peer == "rltools":
        variables["MKL_NUM_THREADS"] = str(threads)
    if peer in PATHS:
        variables["PYTHONPATH"] = str(PATHS[peer].resolve())
    if not as_installed and needs_mkl_help():
        variables["LD_PRELOAD"] = str(MKL_HELP.resolve())
    return variables


def torch_facts(python: str, as_installed: bool) -> dict:
    """What torch computes with, and MKL's own words about its kernels."""
    answer = subprocess.run(
        [python, str(HERE / "drivers/torch_facts.py")],
        env=environment("sb3", 1, as_installed),
        capture_output=True,
        text=True,
        check=True,
    )
    lines = answer.stdout.strip().splitlines()
    said = next((line for line in lines if line.startswith("MKL_VERBOSE oneMKL")), "")
    return {**json.loads(lines[-1]), "mklSays": said.removeprefix("MKL_VERBOSE ")}


def installed(python: str) -> dict:
    """The variants of torch that are measured."""
    facts = {"as installed": torch_facts(python, True)}
    if needs_mkl_help():
        facts["with AVX-512 in MKL"] = torch_facts(python, False)
    return facts


def versions() -> dict:
    """Of the packages that are installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    if PATHS["puffer"].exists():
        found["pufferlib"] = PATHS["puffer"].name.removeprefix("pufferlib-")
    return found


def commit() -> str:
    """The sources that are measured; results that were written before are none."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")
    return git("rev-parse", "--short", "HEAD") + ("-dirty" if changed else "")


def facts(host: str) -> dict:
    fields = cpu()
    version = subprocess.run([host, "--version"], capture_output=True, text=True, check=True)
    return {
        "cpu": fields.get("model name", platform.processor()),
        "family": fields.get("cpu family", ""),
        "avx512": "avx512f" in fields.get("flags", "").split(),
        "cores": os.cpu_count(),
        "coresAllowed": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "host": version.stdout.split("\n")[0].split()[-1],
        "python": platform.python_version(),
        "packages": versions(),
    }
