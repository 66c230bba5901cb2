"""What the field's usual packages and Mien each need before they answer for the first time, offline.

    python benchmarks/peers.py [--only mien,deepface] [--timeout 1500]

Each package goes into a fresh virtual environment with `pip install PACKAGE` as its documentation says (its own
optional backend where the documentation asks for one). Then the network is taken away (a network namespace of its own
with no interface: `unshare --net`, Linux, needs the right to do so) and the snippet of the package's documentation is
run once on the same face (examples/portrait.jpg), voice (a wav made of examples/dialogue.flac) and clip
(examples/talking.mp4). Measured: time and size of the installation, time to the first answer, the answer, or the last
line of the error. Nothing is repaired by hand; what is reported is what a person meets.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from common import ROOT, save, table


@dataclass(frozen=True)
class Peer:
    """A package: what to install, and what its documentation says to run (paths in the variables face, voice, clip)."""

    name: str
    install: tuple[str, ...]
    runs: dict[str, str]


PEERS = (
    Peer(
        "mien",
        (str(ROOT),),
        {
            "face": "import mien; print(mien.analyze(face).affects[0].distribution.top)",
            "voice": "import mien; print(mien.analyze(voice).affects[0].distribution.top)",
            "clip": "import mien; print(mien.analyze(clip).affects[0].distribution.top)",
        },
    ),
    Peer(
        "deepface",
        ("deepface", "tf-keras"),
        {
            "face": "from deepface import DeepFace; print(DeepFace.analyze(face, actions=['emotion'])[0]['dominant_emotion'])"
        },
    ),
    Peer(
        "fer",
        ("fer", "tensorflow"),
        {
            "face": "import cv2\nfrom fer import FER\nprint(FER().top_emotion(cv2.imread(face)))",
            "face (its inner module)": "import cv2\nfrom fer.fer import FER\nprint(FER().top_emotion(cv2.imread(face)))",
        },
    ),
    Peer(
        "py-feat",
        ("py-feat",),
        {
            "face": "from feat import Detectorv2; print(Detectorv2().detect_image(face).emotions)",
            "clip": "from feat import Detectorv2; print(Detectorv2().detect_video(clip).emotions)",
        },
    ),
    Peer(
        "hsemotion-onnx",
        ("hsemotion-onnx", "opencv-python-headless"),
        {
            "face": "import cv2\nfrom hsemotion_onnx.facial_emotions import HSEmotionRecognizer\n"
            "print(HSEmotionRecognizer(model_name='enet_b0_8_best_afew').predict_emotions(cv2.imread(face)[..., ::-1], logits=False)[0])"
        },
    ),
    Peer(
        "transformers",
        ("transformers", "torch", "librosa"),
        {
            "voice": "from transformers import pipeline\n"
            "print(pipeline('audio-classification', model='superb/wav2vec2-base-superb-er')(voice)[0]['label'])"
        },
    ),
    Peer(
        "speechbrain",
        ("speechbrain", "torchaudio"),
        {
            "voice": "from speechbrain.inference.interfaces import foreign_class\n"
            "c = foreign_class(source='speechbrain/emotion-recognition-wav2vec2-IEMOCAP', pymodule_file='custom_interface.py', classname='CustomEncoderWav2vec2Classifier')\n"
            "print(c.classify_file(voice)[3])"
        },
    ),
)


def materials(folder: Path) -> dict[str, str]:
    """The same face, voice and clip for everybody."""
    import av

    voice = folder / "voice.wav"
    with av.open(str(ROOT / "examples" / "dialogue.flac")) as source, av.open(str(voice), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=16000, layout="mono")
        resampler = av.AudioResampler("s16", "mono", 16000)
        for frame in source.decode(audio=0):
            if frame.time is not None and frame.time > 3.4:
                break
            for piece in resampler.resample(frame):
                out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return {
        "face": str(ROOT / "examples/portrait.jpg"),
        "voice": str(voice),
        "clip": str(ROOT / "examples/talking.mp4"),
    }


def size_mb(folder: Path) -> float:
    """Bytes on disk of everything below."""
    return sum(p.lstat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) / 1e6


def offline() -> list[str]:
    """The prefix that takes the network away; empty (and said so) where that is not possible."""
    works = (
        shutil.which("unshare") and subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode == 0
    )
    if not works:
        print(
            "unshare --net is not possible here: the network cannot be taken away, nothing is measured", file=sys.stderr
        )
        sys.exit(3)
    return ["unshare", "--net"]


def measure(peer: Peer, files: dict[str, str], timeout: float) -> dict[str, object]:
    """Install into a fresh environment, then the first answers without network."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "env"
        subprocess.run([sys.executable, "-m", "venv", str(where)], check=True)
        empty = size_mb(where)
        began = time.perf_counter()
        pip = [str(where / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *peer.install]
        try:
            done = subprocess.run(pip, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return {"package": peer.name, "install": f"not finished in {timeout:.0f} s"}
        result: dict[str, object] = {
            "package": peer.name,
            "install": "ok" if done.returncode == 0 else last_line(done.stderr),
            "install_s": time.perf_counter() - began,
            "size_mb": size_mb(where) - empty,
            "runs": {},
        }
        if done.returncode:
            return result
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL", "PIP_"))}
        environment |= {"HOME": folder, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
        for what, code in peer.runs.items():
            text = f"face, voice, clip = {files['face']!r}, {files['voice']!r}, {files['clip']!r}\n{code}\n"
            began = time.perf_counter()
            try:
                run = subprocess.run(
                    [*offline(), str(where / "bin" / "python"), "-c", text],
                    capture_output=True,
                    text=True,
                    timeout=300,
                    env=environment,
                    cwd=folder,
                )
                answer = last_line(run.stdout) if run.returncode == 0 else f"failed: {last_line(run.stderr)}"
            except subprocess.TimeoutExpired:
                answer = "failed: no answer in 300 s"
            result["runs"][what] = {"seconds": time.perf_counter() - began, "answer": answer}  # type: ignore[index]
        return result


def last_line(text: str) -> str:
    """The last line that says something, shortened."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(peer.name for peer in PEERS))
    parser.add_argument("--timeout", type=float, default=1500)
    given = parser.parse_args()
    offline()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        files = materials(Path(folder))
        for peer in PEERS:
            if peer.name in given.only.split(","):
                results.append(measure(peer, files, given.timeout))
                print(json.dumps(results[-1]), flush=True)
    rows = []
    for one in results:
        runs = one.get("runs") or {"-": {"seconds": 0.0, "answer": one["install"]}}
        for what, run in runs.items():  # type: ignore[attr-defined]
            rows.append(
                [
                    one["package"],
                    one.get("install_s", 0.0),
                    one.get("size_mb", 0.0),
                    what,
                    run["seconds"],
                    run["answer"][:90],
                ]
            )
    table(["package", "install s", "MB", "on", "first answer s", "answer, offline"], rows)
    save("peers", {"results": results})


if __name__ == "__main__":
    main()
