"""Kill `narrows fit` at random moments, continue with --resume, and compare every byte.

    python benchmarks/interruption.py [--kills N] [--every SECONDS] [--seed N] [-- FIT OPTIONS]

Three of four kills come at any moment from the start of the process to its end. The fourth comes while
the final files are written, within milliseconds after the first of them. Each folder is first loaded as
it is: this works, or is refused in one sentence. Then the run continues, and must end with the same files
as a run that was not killed, byte for byte except for times. Exits with 1 if one does not.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from narrows.core.errors import InputError
from narrows.core.files import unfinished
from narrows.runs.folder import load_run
from narrows.training.checkpoint import Checkpoint

FIT = ["fit", "digits", "--recipe", "denoising-vae", "--latent-dim", "4", "--epochs", "60"]
SCRIPT = (
    "import sys; from narrows.training.checkpoint import Checkpoint; from narrows.cli import main\n"
    "Checkpoint.__init__.__defaults__ = (float(sys.argv.pop(1)),)\n"
    "main()"
)


def started(words: list[str], every: float, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(every), *words, "--out", "run", "--quiet", "--resume"]
    return subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def without_clock(file: Path) -> bytes:
    """A file's bytes without times."""
    content = file.read_bytes()
    if file.name == "history.jsonl":
        return re.sub(rb'"(seconds|left)": [^,}]+', b"", content)
    if file.name == "report.html":
        return re.sub(rb" in \d+ s\.", b"", content)
    if file.name == "SHA256SUMS":
        return re.sub(rb"\w+  history\.jsonl", b"", content)
    return content


def differing(first: Path, second: Path) -> list[str]:
    """The names of the files in which two run folders differ."""
    names = {file.relative_to(folder) for folder in (first, second) for file in folder.rglob("*")}
    pairs = ((name, first / name, second / name) for name in sorted(names))
    return [
        str(name)
        for name, a, b in pairs
        if not (a.is_file() and b.is_file() and without_clock(a) == without_clock(b))
    ]


def kill(child: subprocess.Popen[str], run: Path, moment: float, late: bool) -> float:
    """Kill `child` at `moment`, or that long after the first final file; the seconds that it ran."""
    start = time.perf_counter()
    while late and child.poll() is None and not (run / "model.safetensors").exists():
        time.sleep(0.0005)
    time.sleep(moment)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    return time.perf_counter() - start


def stage(run: Path) -> str:
    """The stage that a killed run has reached."""
    if not run.exists():
        return "no folder"
    if not unfinished(run):
        return "finished"
    kept = Checkpoint(run).read()
    if not kept:
        return "no state"
    final = len([file for file in run.iterdir() if file.is_file()]) - 1
    epochs = f"epoch {len(kept[1]['history'])}"
    return f"{epochs}, {final} final files" if final else epochs


def loaded(run: Path) -> str:
    """The result of loading the folder as it is."""
    try:
        return "unfinished" if load_run(run).unfinished else "finished"
    except InputError as error:
        return "refused" if "\n" not in str(error) and "damaged" not in str(error) else str(error)


def leftovers(folder: Path) -> list[str]:
    """Temporary files that were left behind."""
    inside = [str(f.relative_to(folder)) for f in folder.rglob("*") if f.name.startswith(".")]
    return inside + [str(f) for f in folder.iterdir() if f.name != "run"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--every", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("words", nargs="*", default=FIT)
    asked = parser.parse_args()
    draw, faults = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place, "whole")
        whole.mkdir()
        start = time.perf_counter()
        out, err = (child := started(asked.words, asked.every, whole)).communicate()
        if child.returncode:
            raise SystemExit(out + err)
        life = time.perf_counter() - start
        epochs = [json.loads(line) for line in (whole / "run/history.jsonl").read_text().splitlines()]
        print(f"one run: {life:.1f} s, {len(epochs)} epochs in {epochs[-1]['seconds']:.1f} s of it")
        print(f"{'kill':>4} {'after s':>8} {'what was there':<26} {'loaded as':<11} {'resumed':<8} differs")
        for number in range(asked.kills):
            folder, late = Path(place, str(number)), number % 4 == 3
            folder.mkdir()
            moment = draw.uniform(0, 0.01) if late else draw.uniform(0, life)
            lived = kill(started(asked.words, asked.every, folder), folder / "run", moment, late)
            was, read = stage(folder / "run"), loaded(folder / "run")
            out, err = (child := started(asked.words, asked.every, folder)).communicate()
            ended = "0" if child.returncode == 0 else f"{child.returncode}: {out}{err}"
            wrong = [*differing(folder / "run", whole / "run"), *leftovers(folder)]
            faults += bool(wrong or ended != "0" or "damaged" in read)
            print(f"{number:>4} {lived:8.2f} {was:<26} {read:<11} {ended:<8} {', '.join(wrong) or 'nothing'}")
            sys.stdout.flush()
    print(f"{asked.kills} kills, {faults} faults")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
