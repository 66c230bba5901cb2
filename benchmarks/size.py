"""How large an installation is, and how long it takes from `pip install` to the first result in a fresh environment.

    python benchmarks/size.py

Sizes are apparent sizes of the files as unpacked from the wheels (`pip install --no-compile`), 1 MB = 1e6 bytes; pip
and setuptools of the fresh environment and the bytecode that Python makes later are not counted.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, save, table


def megabytes(paths: list[Path]) -> float:
    """Bytes of all files below the paths, in 1e6."""
    files = {file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))}
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink()) / 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        place = next(Path(folder).glob("lib/python*/site-packages"), Path(folder) / "Lib" / "site-packages")
        before = set(place.iterdir())
        python = next(p for p in (Path(folder) / "bin/python", Path(folder) / "Scripts/python.exe") if p.exists())
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        began = time.perf_counter()
        subprocess.run([*pip, "--no-compile", str(ROOT)], check=True)
        installed = time.perf_counter()
        added = [path for path in place.iterdir() if path not in before]
        own = [path for path in added if path.name.lower().startswith("mien")]
        others = [path for path in added if path not in own]
        sizes = {"dependencies": megabytes(others), "mien, weights included": megabytes(own)}
        weights = [p for path in own for p in path.rglob("weights/*") if p.suffix in (".onnx", ".npz")]
        sizes["of it weights"] = megabytes(weights)
        ran = time.perf_counter()
        clip = ROOT / "examples" / "talking.mp4"
        subprocess.run([str(python), "-m", "mien", "analyze", str(clip)], check=True, capture_output=True)
        first = time.perf_counter()
    packages = sum(path.name.endswith(".dist-info") for path in others)
    seconds = {
        "pip install": installed - began,
        "first result, cold": first - ran,
        "pip install to first result": installed - began + first - ran,
    }
    table(["part", "MB"], [[name, size] for name, size in sizes.items()])
    table(["step", "seconds"], [[name, value] for name, value in seconds.items()])
    save("size", {"megabytes": sizes, "seconds": seconds, "packages": packages})


if __name__ == "__main__":
    main()
