"""R and the Python peers, each in a process of its own: R from the system, the others from their lock."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
VENV = Path(".tools/crosscheck")
LOCK = Path("requirements-crosscheck.lock")


@cache
def python() -> str | None:
    """Return the interpreter of the peers' environment, which is made from its lock when it is absent."""
    interpreter, uv = VENV / "bin" / "python", Path(".tools/bin/uv")
    if interpreter.exists():
        return str(interpreter)
    if not uv.exists():
        return None
    print(f"[bench] installing the peers of {LOCK} into {VENV}", flush=True)
    made = subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, VENV], check=False)
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", interpreter, LOCK]
    done = made.returncode == 0 and subprocess.run(sync, check=False).returncode == 0
    return str(interpreter) if done else None


def svy(task: str, *arguments: object) -> float | str:
    return _run([python(), HERE / "peer_svy.py"], "svy", task, *arguments)


def pymare(sets: int, studies: int) -> float | str:
    return _run([python(), HERE / "peer_pymare.py"], "PyMARE", sets, studies)


def r(task: str, *arguments: object) -> float | str:
    return _run([shutil.which("Rscript"), HERE / "peer.R"], "R", task, *arguments)


def _run(program: list, name: str, *arguments: object) -> float | str:
    """Return the peer's best seconds, or the words that say why there are none."""
    if program[0] is None:
        return f"no {name}"
    command = [*map(str, program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"{name} failed: {(done.stderr.strip().splitlines() or ['no message'])[-1][:60]}"
    return float(json.loads(done.stdout.strip().splitlines()[-1]))
