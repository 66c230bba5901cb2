"""Where features are kept: the store's shards against one file an item, Parquet, safetensors and SQLite.

Made-up log-mel features of a corpus (5000 items of 50 to 400 steps, 64 columns, float32, about 290 MB). Measured, each
in a fresh process: writing all, the size on disk, opening and reading every item in random order, opening and reading
100 items, and two readers at once (seconds of the slower, and the memory of each that is not pages of a file). Every
value read is summed, so that nothing stays unread. Our writing syncs every shard to the disk, the others do not. Run: python benchmarks/store.py [--items N] [--folder DIR]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

import numpy as np
from common import save, table

from mien.research.encoders import Plain
from mien.research.encoders.store import Store

WIDTH, BATCH = 64, 1000


def items(count: int):
    """Keys and features, the same each time."""
    rng = np.random.default_rng(0)
    for number in range(count):
        yield f"{number:064x}", rng.normal(size=(int(rng.integers(50, 400)), WIDTH)).astype(np.float32)


def encoder():
    return Plain("made", "1", "sound", WIDTH, None, {})


class Shards:
    """The store of mien.research.encoders.store."""

    def write(self, folder, rows):
        with Store(folder, encoder()) as held:
            for key, values in rows:
                held.put(key, values)

    def open(self, folder):
        return Store(folder, encoder()).get


class Files:
    """One .npy an item."""

    def write(self, folder, rows):
        for key, values in rows:
            np.save(folder / f"{key}.npy", values)

    def open(self, folder):
        return lambda key: np.load(folder / f"{key}.npy")


class Parquet:
    """Tables of 1000 items: key, steps, bytes."""

    def write(self, folder, rows):
        import pyarrow as arrow
        from pyarrow import parquet

        held, number = [], 0
        for key, values in rows:
            held.append({"key": key, "values": values.tobytes()})
            if len(held) == BATCH:
                parquet.write_table(arrow.Table.from_pylist(held), folder / f"{number}.parquet", compression="none")
                held, number = [], number + 1
        if held:
            parquet.write_table(arrow.Table.from_pylist(held), folder / f"{number}.parquet", compression="none")

    def open(self, folder):
        from pyarrow import parquet

        tables = [parquet.read_table(path, memory_map=True) for path in sorted(folder.glob("*.parquet"))]
        where = {key: (t, row) for t, one in enumerate(tables) for row, key in enumerate(one["key"].to_pylist())}

        def get(key):
            number, row = where[key]
            return np.frombuffer(tables[number]["values"][row].as_buffer(), np.float32).reshape(-1, WIDTH)

        return get


class Safetensors:
    """Files of 1000 items, a tensor each."""

    def write(self, folder, rows):
        from safetensors.numpy import save_file

        held, number = {}, 0
        for key, values in rows:
            held[key] = values
            if len(held) == BATCH:
                save_file(held, folder / f"{number}.safetensors")
                held, number = {}, number + 1
        if held:
            save_file(held, folder / f"{number}.safetensors")

    def open(self, folder):
        from safetensors import safe_open

        files = [safe_open(path, "numpy") for path in sorted(folder.glob("*.safetensors"))]
        where = {key: file for file in files for key in file.keys()}  # noqa: SIM118
        return lambda key: where[key].get_tensor(key)


class Sqlite:
    """One table of key and bytes."""

    def write(self, folder, rows):
        base = sqlite3.connect(folder / "features.db")
        base.execute("create table features (key text primary key, bytes blob)")
        with base:
            base.executemany("insert into features values (?, ?)", ((key, values.tobytes()) for key, values in rows))
        base.close()

    def open(self, folder):
        base = sqlite3.connect(f"file:{folder / 'features.db'}?mode=ro", uri=True)

        def get(key):
            found = base.execute("select bytes from features where key = ?", (key,)).fetchone()
            return np.frombuffer(found[0], np.float32).reshape(-1, WIDTH)

        return get


KINDS = {
    "shards (ours)": Shards,
    "one .npy an item": Files,
    "Parquet": Parquet,
    "safetensors": Safetensors,
    "SQLite": Sqlite,
}


def _write(kind, folder, count, out):
    rows = items(count)
    made = list(rows)
    start = time.perf_counter()
    KINDS[kind]().write(folder, iter(made))
    out.put(time.perf_counter() - start)


def _read(kind, folder, keys, out):
    start = time.perf_counter()
    get = KINDS[kind]().open(folder)
    total = 0.0
    for key in keys:
        total += float(get(key).sum())
    took = time.perf_counter() - start
    out.put((took, _private(), total))


def _private() -> float:
    """MB of this process that are no pages of a file and no other shares (Linux), else its peak."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) / 1e3
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _apart(function, *arguments, copies=1):
    """What the function put, run in so many fresh processes at once."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    held = [context.Process(target=function, args=(*arguments, out)) for _ in range(copies)]
    for one in held:
        one.start()
    found = [out.get(timeout=120) for _ in held]
    for one in held:
        one.join()
    return found


def measure(kind: str, home: Path, count: int) -> dict[str, float]:
    """All figures of one kind."""
    folder = home / kind.split()[0]
    folder.mkdir()
    rng = np.random.default_rng(1)
    keys = [f"{number:064x}" for number in rng.permutation(count)]
    written = _apart(_write, kind, folder, count)[0]
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    every = min(_apart(_read, kind, folder, keys)[0] for _ in range(3))
    few = min(_apart(_read, kind, folder, keys[:100])[0] for _ in range(3))
    two = _apart(_read, kind, folder, keys, copies=2)
    shutil.rmtree(folder)
    return {
        "write s": written,
        "MB": size,
        "read all s": every[0],
        "read 100 s": few[0],
        "two readers s": max(took for took, _, _ in two),
        "private MB": sum(private for _, private, _ in two) / 2,
        "sum": every[2],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(dir=given.folder))
    try:
        rows = {kind: measure(kind, home, given.items) for kind in KINDS}
    finally:
        shutil.rmtree(home)
    assert len({round(row["sum"], 1) for row in rows.values()}) == 1, "every kind must give the same values"
    names = [name for name in next(iter(rows.values())) if name != "sum"]
    table(["kept as", *names], [[kind, *[row[name] for name in names]] for kind, row in rows.items()])
    save("store", {"items": given.items, "width": WIDTH, "cores": os.cpu_count(), "rows": rows}, seed=0)


if __name__ == "__main__":
    main()
