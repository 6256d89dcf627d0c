"""Fuzz the doors of the package: ``python tests/fuzz [--seconds 60] [target ...]``; ``make fuzz`` runs all.

With atheris (``requirements-crosscheck.lock``, CPython on Linux) inputs are guided by the lines that they
reach. Without it the same targets get inputs that are cut, repeated and changed at random from a stated seed:
that finds less, and says so. Each target runs in a process of its own with bounded memory, so that a crash
inside a reader's C code is found as well. What broke a target is kept under ``--out``.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

MEMORY = 3 << 30
"""Bytes that a target may take: several times what the package itself needs, far below a bomb."""
LONGEST_INPUT = 1 << 14
EDITS = (1, 1, 2, 4, 16)
TELLING = (
    b"\0",
    b"\xff",
    b"\xff\xff\xff\x7f",
    b"\x7f\xff\xff\xff",
    b"\n",
    b'"',
    b";",
    b"nan",
    b"1e309",
    b"[",
    b"{",
)


def mutated(seeds: list[bytes], dice: random.Random) -> bytes:
    """Return one of ``seeds`` with some bytes changed, cut out, repeated or replaced by telling ones."""
    content = bytearray(dice.choice(seeds))
    for _ in range(dice.choice(EDITS)):
        at, length = dice.randrange(len(content) + 1), dice.randrange(1, 9)
        part = content[at : at + length]
        new = dice.choice([dice.randbytes(len(part)), b"", bytes(part) * 3, dice.choice(TELLING)])
        content[at : at + (len(new) if dice.random() < 0.5 else length)] = new
    return bytes(content[:LONGEST_INPUT])


def by_dice(name: str, seconds: float, seed: int, out: Path) -> int:
    """Run a target on mutated seeds for some time; return 1 at the first fault."""
    from targets import TARGETS

    target, dice, end, runs = TARGETS[name], random.Random(seed), time.monotonic() + seconds, 0
    seeds, current = target.seeds(), out / f"{name}-current"
    while time.monotonic() < end:
        content = mutated(seeds, dice)
        current.write_bytes(content)  # stays when C code takes the process down
        try:
            target.run(content)
        except BaseException:
            current.rename(out / f"{name}-fault")
            traceback.print_exc()
            return 1
        runs += 1
    current.unlink(missing_ok=True)
    print(
        f"[fuzz] {name}: {runs} random inputs (seed {seed}; atheris is not installed), no fault", flush=True
    )
    return 0


def by_atheris(name: str, seconds: float, seed: int, out: Path) -> None:
    """Run a target under atheris, which ends the process itself."""
    import atheris

    with atheris.instrument_imports(include=["lonely_analysis"]):
        from targets import TARGETS

    with tempfile.TemporaryDirectory() as corpus:
        for number, content in enumerate(TARGETS[name].seeds()):
            (Path(corpus) / f"{number}").write_bytes(content[:LONGEST_INPUT])
        limits = [f"-max_total_time={int(seconds)}", f"-seed={seed}", f"-max_len={LONGEST_INPUT}"]
        limits += [f"-rss_limit_mb={MEMORY >> 20}", f"-artifact_prefix={out}/{name}-", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], corpus, *limits], TARGETS[name].run)
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="*", help="default: all")
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.here:
        run = by_atheris if importlib.util.find_spec("atheris") else by_dice
        if run is by_dice:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        return run(options.target[0], options.seconds, options.seed, options.out) or 0
    from targets import TARGETS

    settings = ["--seconds", f"{options.seconds}", "--seed", f"{options.seed}", "--out", f"{options.out}"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    codes = {
        name: subprocess.run(
            [sys.executable, __file__, "--here", *settings, name], env=environment, check=False
        ).returncode
        for name in options.target or TARGETS
    }
    failed = [f"{name} (exit {code})" for name, code in codes.items() if code]
    print(f"[fuzz] {'faults: ' + ', '.join(failed) if failed else 'no fault'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
