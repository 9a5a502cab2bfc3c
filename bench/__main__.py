"""Runs the suites: `python -m bench` all of them, `python -m bench accepted memory` some."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from bench import daemon_suites

HERE = Path(__file__).parent
SUITES = {
    "accepted": daemon_suites.accepted,
    "to_ticket": daemon_suites.to_ticket,
    "growth": daemon_suites.growth,
    "memory": daemon_suites.memory,
}
SCRIPTS = {path.stem.removesuffix("_bench"): path for path in sorted(HERE.glob("*.py")) if path.stem.endswith("_bench")}
SCRIPTS["accounts"] = HERE / "accounts.py"


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in SUITES and name not in SCRIPTS]
    if unknown:
        print(f"There is no suite {', '.join(unknown)}. Choose from: {', '.join([*SUITES, *SCRIPTS])}.")
        return 2
    daemon_suites.machine()
    missed = 0
    for name in wanted or [*SUITES, *SCRIPTS]:
        print(f"\n== {name}")
        if name in SUITES:
            SUITES[name]()
        else:
            sys.argv = [str(SCRIPTS[name])]
            try:
                runpy.run_path(str(SCRIPTS[name]), run_name="__main__")
            except SystemExit as end:  # one that missed a target says so by its code; the others run all the same
                missed = missed or (end.code if isinstance(end.code, int) else int(bool(end.code)))
    return missed


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
