"""Speed and size of the page: from the cursor's event to the drawn picture, start, and panning.

    python benchmarks/explorer.py [--out FILE]

Prints a table and writes JSON. Pages are opened from disk in Debian's Chromium without a graphics card.
The load of the machine is printed as well, because other processes make all times longer.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.data.sources import InMemory
from narrows.fitting.fit import fit
from narrows.report import live, render
from narrows.runs.run import Run

MOVES, FRAMES = 300, 60
"""Timed moves of the cursor, and frames of panning."""


def mnist() -> Run:
    """A convolutional VAE of MNIST, trained for one epoch; the speed does not depend on training."""
    data = load("mnist")
    small = replace(data, source=InMemory(data.array[:2000]), labels=data.labels[:2000])  # type: ignore[index]
    return fit(small, recipe="vae", latent_dim=2, overrides={"encoder": "conv", "training": {"epochs": 1}})


def colours() -> Run:
    """A convolutional autoencoder of images of 128×128×3."""
    values = np.random.default_rng(0).integers(0, 256, (60, 128, 128, 3), dtype=np.uint8)
    return fit(as_data(values, None, "colours"), latent_dim=8, overrides={"training": {"epochs": 1}})


def with_points(run: Run, n: int) -> Run:
    """The run with `n` held-out codes: the codes repeated, with noise added."""
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(run.evidence.codes), n)
    noise = 0.2 * rng.standard_normal((n, run.model.code_size))
    arrays = {name: getattr(run.evidence, name) for name in ("errors", "labels", "rows", "numbers")}
    repeated = {name: value[rows] for name, value in arrays.items() if value is not None}
    codes = (run.evidence.codes[rows] + noise).astype(np.float32)
    return replace(run, evidence=replace(run.evidence, **repeated, codes=codes))


@contextmanager
def opened(run: Run, folder: Path) -> Iterator[tuple[Any, Path]]:
    """Open the run's page in a browser, and wait until it is ready."""
    from playwright.sync_api import sync_playwright

    file = folder / "page.html"
    file.write_text(render(run), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(file.as_uri())
        page.wait_for_selector("#live[data-ready]", timeout=120_000)
        page.locator(".plane").scroll_into_view_if_needed()
        yield page, file
        browser.close()


def quantiles(values: list[float]) -> dict[str, float]:
    return {"median": float(np.median(values)), "p95": float(np.quantile(values, 0.95)), "n": len(values)}


def cursor(page: Any) -> dict[str, float]:
    """Milliseconds from the event of the cursor to the drawn picture."""
    box = page.locator(".plane").bounding_box()
    rng = np.random.default_rng(0)
    page.evaluate("performance.clearMeasures()")
    for x, y in rng.uniform(0.05, 0.95, (MOVES, 2)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.wait_for_timeout(300)
    return quantiles(page.evaluate("performance.getEntriesByName('narrows:picture').map((e) => e.duration)"))


def panning(page: Any) -> dict[str, float]:
    """Milliseconds from frame to frame while the plane is dragged, with one move per frame."""
    drag = f"""async () => {{
      const plane = document.querySelector(".plane"), box = plane.getBoundingClientRect(), times = [];
      plane.setPointerCapture = () => {{}};
      const send = (name, i) => plane.dispatchEvent(new PointerEvent(name, {{
        pointerId: 1, pointerType: "mouse", clientX: box.x + 300 + 4 * i, clientY: box.y + 200 + 2 * i }}));
      send("pointerdown", 0);
      for (let i = 1; i <= {FRAMES}; i++) {{
        send("pointermove", i);
        times.push(await new Promise(requestAnimationFrame));
      }}
      send("pointerup", {FRAMES});
      return times.slice(1).map((time, i) => time - times[i]);
    }}"""
    page.evaluate("performance.clearMeasures()")
    frames = quantiles(page.evaluate(drag))
    drawn = page.evaluate("performance.getEntriesByName('narrows:points').map((e) => e.duration)")
    return {
        **frames,
        "drawing_median": float(np.median(drawn)),
        "drawing_p95": float(np.quantile(drawn, 0.95)),
    }


def measure(run: Run, folder: Path) -> dict[str, Any]:
    with opened(run, folder) as (page, file):
        ready = page.evaluate("performance.getEntriesByName('narrows:ready')[0].startTime")
        return {
            "points": len(run.evidence.codes),
            "megabytes": file.stat().st_size / 1e6,
            "start_ms": ready,
            "cursor_ms": cursor(page),
            "panning_ms": panning(page),
            "load": os.getloadavg()[0],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/explorer.json"))
    out = parser.parse_args().out
    live.model_files = functools.cache(live.model_files)
    digits, large = mnist(), colours()
    cases = {
        "mnist, convolutional VAE": digits,
        "mnist, 70,000 points": with_points(digits, 70_000),
        "mnist, 300,000 points": with_points(digits, 300_000),
        "128×128×3": large,
    }
    measured = {}
    print(f"{'':<26}{'MB':>6}{'start':>8}{'cursor p95':>12}{'frame p95':>11}{'drawing p95':>13}{'load':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for name, run in cases.items():
            row = measured[name] = measure(run, Path(folder))
            times = row["cursor_ms"]["p95"], row["panning_ms"]["p95"], row["panning_ms"]["drawing_p95"]
            numbers = "{:>12.1f}{:>11.1f}{:>13.1f}".format(*times)
            print(
                f"{name:<26}{row['megabytes']:>6.1f}{row['start_ms']:>8.0f}{numbers}{row['load']:>7.1f}",
                flush=True,
            )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(measured, indent=1), "utf-8")


if __name__ == "__main__":
    main()
