"""Few labels on MNIST: an encoder trained without labels compared with random weights, pixels and PCA.

    python benchmarks/few_labels.py [--data NAME] [--labels 1,10] [--draws N] [--run RUN] [--out FILE.json]

Prints the accuracy of every method on the 10,000 test images by the number of labels per class, as
`narrows probe` does with its defaults. Labelled images are drawn from the 60,000 training images. The
encoder is that of `narrows fit mnist --recipe mixture-vae`, trained here or read with --run.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path
from typing import Any

from narrows.data.readers import read
from narrows.runs.folder import load_run
from narrows.tasks.few_labels.probe import METHODS, probe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--labels", default="1,10,100")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    start = time.perf_counter()

    def show(row: dict[str, Any]) -> None:
        accuracies = ", ".join(f"{method} {row[method]:.4f}" for method in METHODS)
        print(f"{time.perf_counter() - start:6.0f} s, {row['labels']} per class: {accuracies}", flush=True)

    measured = probe(
        read(given.data),
        [int(part) for part in given.labels.split(",")],
        draws=given.draws,
        pretrained=None if given.run is None else load_run(given.run),
        on_row=show,
    )
    print(f"{'labels':>6} " + " ".join(f"{method:>16}" for method in METHODS))
    for row in measured["rows"]:
        cells = (f"{100 * row[method]:8.2f} ± {spread(row, method):5.2f}" for method in METHODS)
        print(f"{row['labels']:>6} " + " ".join(cells))
    if given.out:
        given.out.write_text(json.dumps({"machine": platform.machine(), **measured}, indent=1))


def spread(row: dict[str, Any], method: str) -> float:
    """Half the width of the 95 % interval, in percent."""
    ends = row[f"{method}_ci95"]
    return 100 * (row[method] - ends[0]) if ends else 0.0


if __name__ == "__main__":
    main()
