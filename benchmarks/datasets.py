"""The data sets on real copies: what is read, in how many seconds of the processor, and what the audit says of each.

Run: python benchmarks/datasets.py emodb=PATH meld=PATH 'mosi-62=PATH?split=official&scores=PATH&allow=...'
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from common import save, table

from mien.research.datasets import load
from mien.research.datasets.audit import audit


def measure(source: str) -> tuple[str, dict[str, object]]:
    """Name with its options (paths left out), and the figures of one copy."""
    name, _, rest = source.partition("=")
    path, _, query = rest.partition("?")
    options = dict(one.split("=", 1) for one in query.split("&") if one)
    start = time.process_time()
    data = load(name, path, **options)
    read = time.process_time() - start
    found = audit(data)
    told = " ".join([name, *(f"{key}={value}" for key, value in options.items() if not Path(value).exists())])
    return told, {
        "samples": len(data.samples),
        "groups": len({one.group for one in data.samples}),
        "parts": "/".join(str(len(rows)) for rows in data.parts.values()) or "-",
        "read s": read,
        "audit s": time.process_time() - start - read,
        "refused": ", ".join(one.code for one in found.refused) or "-",
        "warned": ", ".join(sorted({one.code for one in found.findings if one.weight == "warn"})) or "-",
        "findings": [f"{one.weight}: {one.text}" for one in found.findings if not one.table],
    }


def main() -> None:
    rows = dict(measure(source) for source in sys.argv[1:])
    names = [name for name in next(iter(rows.values())) if name != "findings"]
    table(["data set", *names], [[told, *[row[name] for name in names]] for told, row in rows.items()])
    sys.argv[1:] = [f"'{told}=...'" for told in rows]  # paths of this machine are nobody's business
    save("datasets", {"rows": rows})


if __name__ == "__main__":
    main()
