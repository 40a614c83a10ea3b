"""The page and the figure of what `speed.py` measured."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any


def page(record: dict[str, Any]) -> str:
    """docs/performance.md."""
    units = " and ".join(record["bf16"]) or "none"
    parts = [
        "# Performance",
        f"Measured by `python benchmarks/speed.py` on an {record['processor']}, "
        f"{record['cores']} core(s), torch {record['torch']}, on {record['rows']:,} images of MNIST"
        f"{BUSY if record['cores'] == 1 else ''}. Instructions for bfloat16: {units}. The machine multiplies "
        f"matrices of 2048² at {record['float32_rate'] / 1e9:.0f} GFLOP/s in float32 and "
        f"{record['bfloat16_rate'] / 1e9:.0f} in bfloat16. This page is written from its figures "
        f"(`--out FILE.json`, then `--page FILE.json`).",
        *section("VAE 784-400-20, batch 128", record["dense"], record),
        *section("Convolutional VAE P3, batch 128", record["p3"], record),
    ]
    if record["missing"]:
        parts.append(f"Not installed: {', '.join(record['missing'])}.")
    if record["to_the_loss"]:
        parts += ["## Time to a test objective of 105.0", losses(record["to_the_loss"])]
    parts += ["## Claims", table(["claim", "found", "claimed", ""], [claim(e) for e in record["claims"]])]
    return "\n\n".join([*parts, ENGINES]) + "\n"


BUSY = ", in seconds of the processor, because other work was done beside"

ENGINES = """## Engines

`narrows fit --engine auto`, the default, chooses how a training is computed and says so in one line:

- Steps below 10⁹ operations in a training below 5·10¹¹ have one thread, and nothing is measured.
- A longer training of 700 steps or more is measured on its first batches for about 3 % of its estimated
  time: one thread, matrix products by oneDNN, bfloat16, channels last, and, if there is time for it, torch's
  compiler. What takes at most 90 % of the time is chosen; one thread also when it costs up to 10 % more.
  The codes of the recipe `compression` are finer than bfloat16 and stay in float32.
- The choice is in `config.json` (`engine`, `threads`), and `--resume` keeps it: the same seed, machine and
  stored engine give the same bytes.
- The batch size is never changed: it changes what is learned.

`--engine plain` is float32, not compiled, with all threads. Precision is lowered inside the encoder and the
decoder alone: codes, costs, penalties, weights and all that is measured after the training are float32.
`python benchmarks/engine_quality.py` compares the held-out errors. On other devices than the CPU nothing is
measured, and training is plain."""


def section(title: str, found: dict[str, Any], record: dict[str, Any]) -> list[str]:
    rows = []
    for name, rates in found["rates"].items():
        times = f"{found['ratios'][name]:.2f}" if name in found["ratios"] else ""
        rows.append([name, f"{statistics.median(rates):,.0f}", times])
    share = found["operations"] / record["float32_rate"]
    half = found["operations"] / record["bfloat16_rate"]
    return [
        f"## {title}",
        f"Ours: {found['engine']} ({found['why']}), {found['operations'] / 1e9:.0f} GFLOP/s in layers, "
        f"{share:.0%} of the machine's float32 rate and {half:.0%} of its bfloat16 rate.",
        table(["", "samples/s", "ours is so many times as fast"], rows),
    ]


def losses(timed: list[dict[str, float]]) -> str:
    rows = [
        [
            str(seed),
            f"{e['ours']:.1f}",
            f"{e['loss']:.2f}",
            f"{e['lecture']:.1f}",
            f"{e['lecture'] / e['ours']:.1f}",
        ]
        for seed, e in enumerate(timed)
    ]
    return table(["seed", "ours, s", "objective", "lectures' loop, s", "ratio"], rows)


def claim(found: dict[str, Any]) -> list[str]:
    value = "not measured" if found["found"] is None else f"{found['found']:.2f}"
    return [found["claim"], value, f"≥ {found['wanted']}", "holds" if found["holds"] else "fails"]


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def draw(record: dict[str, Any], path: Path) -> None:
    """Bars of samples per second."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
    for axis, key, title in zip(axes, ("dense", "p3"), ("VAE 784-400-20", "P3"), strict=True):
        rates = {name: statistics.median(found) for name, found in record[key]["rates"].items()}
        axis.barh(list(rates)[::-1], list(rates.values())[::-1])
        axis.set(title=title, xlabel="samples per second")
    figure.savefig(path, dpi=120)
