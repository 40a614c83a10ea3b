"""The README's moving picture: the cursor in the plane of the codes, and what is decoded under it.

    narrows fit digits --recipe vae --latent-dim 2 --out RUN
    python docs/moving_picture.py RUN/report.html docs/demo.webp

Needs chromium, playwright and Pillow (`pip install -e '.[dev]'`).
"""

from __future__ import annotations

import io
import math
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

FRAMES, MILLISECONDS, WIDTH = 60, 90, 720

LEGEND = 44
"""Pixels below the plane that the legend takes."""

CURSOR = """() => {
  const dot = document.createElement("div");
  dot.style.cssText = "position:fixed;z-index:9;width:14px;height:14px;margin:-7px;border-radius:50%;" +
    "border:2px solid #fff;background:#d95f02;pointer-events:none";
  document.body.append(dot);
  addEventListener("mousemove", (event) => {
    dot.style.left = event.clientX + "px";
    dot.style.top = event.clientY + "px";
  });
}"""
"""A dot at the place of the cursor, which no screenshot shows."""


def path(step: int) -> tuple[float, float]:
    """The place of the cursor in shares of the plane: a closed curve through its middle."""
    t = 2 * math.pi * step / FRAMES
    return 0.5 + 0.27 * math.sin(t), 0.5 + 0.3 * math.sin(2 * t + 0.6)


def frame(page: Any, step: int) -> Image.Image:
    """The live part of the page with the cursor at one place of its path."""
    plane = page.locator(".plane").bounding_box()
    x, y = path(step)
    page.mouse.move(plane["x"] + x * plane["width"], plane["y"] + y * plane["height"])
    page.wait_for_timeout(120)
    live = page.locator("#live").bounding_box()
    shot = page.screenshot(clip={**live, "height": plane["y"] + plane["height"] + LEGEND - live["y"]})
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    return picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)


def main(report: Path, out: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 1000}, device_scale_factor=1)
        page.goto(report.resolve().as_uri())
        page.wait_for_selector("#live[data-ready]")
        page.evaluate("document.querySelector('#live').scrollIntoView()")
        page.evaluate(f"({CURSOR})()")
        frames = [frame(page, step) for step in range(FRAMES)]
        browser.close()
    frames[0].save(
        out, save_all=True, append_images=frames[1:], duration=MILLISECONDS, loop=0, quality=60, method=6
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
