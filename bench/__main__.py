"""`make bench`: measures every row (or those named) and writes `results/latest.json`."""

import argparse
import asyncio
import gc
import json
import platform
import statistics
import time
from pathlib import Path

from bench import cart, fan_out, intake, listeners, loyalty, page, rebuild, settle, studio
from bench.rows import Row
from bench.stage import Stage

MEASURES = {
    "page": page.measure,
    "rebuild": rebuild.measure,
    "intake": intake.measure,
    "settle": settle.measure,
    "fan_out": fan_out.measure,
    "listeners": listeners.measure,
    "studio": studio.measure,
    "cart": cart.measure,
    "loyalty": loyalty.measure,
}
RESULTS = Path(__file__).parent / "results" / "latest.json"


async def run(names: list[str], rounds: int) -> list[Row]:
    """Every row named, each measured `rounds` times."""
    rows: list[Row] = []
    with Stage() as stage:
        for name in names:
            begun = time.monotonic()
            rows += await MEASURES[name](stage, rounds)
            print(f"… {name}: {time.monotonic() - begun:.0f} s", flush=True)
            gc.collect()
    return rows


def main() -> None:
    """Read the command line, measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[[], *MEASURES], help="without: all")
    parser.add_argument("--rounds", type=int, default=3, help="how often each row is measured")
    told = parser.parse_args()
    rows = asyncio.run(run(told.rows or list(MEASURES), told.rounds))
    width = max(len(row.what) for row in rows)
    print(f"\n{'':{width}}  {'ours':>12}  {'floor':>12}  {'ratio':>7}  goal")
    for row in rows:
        print(row.line(width))
    RESULTS.parent.mkdir(exist_ok=True)
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"rows": []}
    fresh = {row.what for row in rows}
    kept = [row for row in before["rows"] if row["what"] not in fresh]
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    told_rows = kept + [row.told() for row in rows]
    RESULTS.write_text(json.dumps({"machine": machine, "rows": told_rows}, indent=1) + "\n")


def median(figures: list[float]) -> float:
    """The middle of what was measured."""
    return statistics.median(figures)


if __name__ == "__main__":
    main()
