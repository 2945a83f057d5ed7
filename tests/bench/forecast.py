"""How well the end of a paper roll is forecast: simulated kiosks over weeks, each forecast held against what came.

    python -m tests.bench.forecast [--kiosks N] [--json]

Every kiosk is played for sixteen weeks, with rolls changed when they are empty. After the fifth week, each working
morning the watch says when the roll in the printer will end; the truth is when it did.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime, timedelta
from random import Random
from statistics import median, quantiles

from backend.watch.paper import CONFIDENCE, forecast, usage_of
from backend.watch.simulation import BRUSSELS, ROLL_MM, SimulatedKiosk

WEEKS, LEARNING = 16, 5
START = datetime(2026, 1, 5, tzinfo=BRUSSELS)  # a Monday
KEPT = timedelta(days=62)


def play(seed: int) -> list[dict[str, float]]:
    """One kiosk's forecasts against the truth: days ahead, error in hours, whether the end lay in the interval."""
    random = Random(seed)
    kiosk = SimulatedKiosk(seed, busy=random.uniform(12, 60), left_mm=random.randrange(20_000, ROLL_MM))
    samples: list[tuple[datetime, int | None]] = []
    said = []
    ends: list[datetime] = []
    now, end = START, START + timedelta(weeks=WEEKS)
    while now < end:
        if now.hour == 9 and now.weekday() < 6 and now >= START + timedelta(weeks=LEARNING):
            told = forecast(kiosk.left_mm, usage_of(s for s in samples if s[0] > now - KEPT), now)
            if told is not None and told.likely and told.earliest:
                said.append((now, told))
        for visit in kiosk.visits(now, now + timedelta(hours=1)):
            if kiosk.left_mm < 210:
                ends.append(visit.at)
                kiosk.refill()
        now += timedelta(hours=1)
        samples.append((now, kiosk.left_mm))
    results = []
    for at, told in said:
        true = next((moment for moment in ends if moment > at), None)
        if true is None:
            continue
        inside = told.earliest <= true <= (told.latest or end)
        results.append(
            {
                "ahead_days": (true - at) / timedelta(days=1),
                "error_hours": (told.likely - true) / timedelta(hours=1),
                "inside": float(inside),
                "too_early": float(true < told.earliest),
                "width_days": ((told.latest or end) - told.earliest) / timedelta(days=1),
            }
        )
    return results


def measure(kiosks: int) -> dict[str, object]:
    """The numbers, by how far ahead was looked."""
    results = [result for seed in range(kiosks) for result in play(seed)]
    table = {}
    for name, low, high in (("0-2 days", 0, 2), ("2-5 days", 2, 5), ("5-10 days", 5, 10), ("over 10", 10, 999)):
        rows = [row for row in results if low <= row["ahead_days"] < high]
        if len(rows) < 20:
            continue
        errors = [row["error_hours"] for row in rows]
        tenths = quantiles(errors, n=10)
        table[name] = {
            "forecasts": len(rows),
            "median_error_hours": round(median(errors), 1),
            "median_absolute_error_hours": round(median(map(abs, errors)), 1),
            "p10_hours": round(tenths[0], 1),
            "p90_hours": round(tenths[-1], 1),
            "inside_percent": round(100 * sum(row["inside"] for row in rows) / len(rows)),
            "ended_before_percent": round(100 * sum(row["too_early"] for row in rows) / len(rows)),
            "median_width_days": round(median(row["width_days"] for row in rows), 1),
        }
    inside = round(100 * sum(row["inside"] for row in results) / len(results))
    return {
        "kiosks": kiosks,
        "weeks": WEEKS,
        "forecasts": len(results),
        "meant_percent": CONFIDENCE,
        "inside_percent": inside,
        "by_days_ahead": table,
    }


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kiosks", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.kiosks)
    if arguments.json:
        print(json.dumps(found))
        return
    print(f"{found['kiosks']} kiosks, {found['weeks']} weeks, {found['forecasts']} forecasts on working mornings")
    print(f"the end lay in the {CONFIDENCE} % interval in {found['inside_percent']} % of them")
    for name, row in found["by_days_ahead"].items():
        print(f"  {name:<10} " + "  ".join(f"{key}={value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
