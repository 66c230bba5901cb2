"""Cut the example export: `python recipes/stress/example.py --data DIR/stress-predict --out examples/wearable`."""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

SUBJECT, FIRST, LAST = 12, 258, 1878


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    read = {
        n: pd.read_parquet(args.data / f"{n}.parquet") for n in ("sessions", "signals_4hz", "hr_1hz", "ibi", "segments")
    }
    mine = {name: table[table.subject == SUBJECT] for name, table in read.items()}
    start = int(mine["sessions"].start_unix.iloc[0]) + FIRST
    raw = mine["signals_4hz"]
    raw = raw[(raw.i >= FIRST * 4) & (raw.i < LAST * 4)]
    heart = mine["hr_1hz"]
    heart = heart[(heart.t >= FIRST + 10) & (heart.t < LAST)]
    beat = mine["ibi"]
    beat = beat[(beat.t >= FIRST) & (beat.t < LAST)]
    segments = mine["segments"]
    press = segments[(segments.start_s > FIRST) & (segments.start_s < LAST)].start_s
    head = f"{start}.000000\n4.000000\n"
    axes = [f"{x},{y},{z}" for x, y, z in zip(raw.acc_x, raw.acc_y, raw.acc_z, strict=True)]
    stamp, rate = ", ".join([f"{start}.000000"] * 3), ", ".join(["4.000000"] * 3)
    files = {
        "ACC.csv": "\n".join([stamp, rate, *axes, ""]),
        "EDA.csv": head + "".join(f"{v:.6f}\n" for v in raw.eda_us),
        "TEMP.csv": head + "".join(f"{v:.2f}\n" for v in raw.temp_c),
        "HR.csv": f"{start + 10}.000000\n1.000000\n" + "".join(f"{v:.2f}\n" for v in heart.hr_bpm),
        "IBI.csv": f"{start}.000000, IBI\n"
        + "".join(f"{t - FIRST:.6f},{v:.6f}\n" for t, v in zip(beat.t, beat.ibi_s, strict=True)),
        "tags.csv": "".join(f"{start + t - FIRST}.00\n" for t in press),
    }
    args.out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (args.out / name).write_text(text, newline="\n")


if __name__ == "__main__":
    main()
