from __future__ import annotations

import base64
import re

import numpy as np

from narrows import Autoencoder
from narrows.data.kinds import describe
from narrows.report.kinds.sequences import BINS, Sequences, drawn_steps
from narrows.report.page import render
from narrows.runs.run import Run


def drawn(address: str) -> list[list[list[float]]]:
    """The points of each line of a picture."""
    text = base64.b64decode(address.split(",")[1]).decode()
    lines = re.findall(r'<path d="([^"]*)" stroke="#\w+"/>', text)
    return [[[*map(float, p.split())] for p in re.findall(r"[ML]([-\d. ]+)", line)] for line in lines]


def test_each_channel_has_a_line_on_its_own_scale() -> None:
    values = np.stack([np.arange(5.0), 1000 * np.arange(5.0)[::-1]], axis=-1)[None]
    schema, kind = describe(values, "sequences"), Sequences()
    low, high = kind.range_of(schema, [values], "float64")
    np.testing.assert_array_equal([low, high], [[0, 0], [4, 4000]])
    (address,) = kind.pictures(schema, values, low, high)
    first, second = (np.array(line) for line in drawn(address))
    assert (np.diff(first[:, 1]) < 0).all()  # upwards
    assert (np.diff(second[:, 1]) > 0).all()
    assert first[:, 1].max() < second[:, 1].min()
    assert "4</text>" in base64.b64decode(address.split(",")[1]).decode()  # the last time step


def test_a_line_has_a_gap_where_values_are_missing() -> None:
    values = np.array([[0.0, 1.0, np.nan, 1.0, 0.0]])
    (address,) = Sequences().pictures(describe(values, "sequences"), values, 0.0, 1.0)
    text = base64.b64decode(address.split(",")[1]).decode()
    assert (text.count("M", 0, text.index('stroke="#')), len(drawn(address)[0])) == (2, 4)


def test_a_long_line_keeps_its_peaks() -> None:
    line = np.zeros(100_000)
    line[[123, 77_777]] = 1.0, -1.0
    steps = drawn_steps(line)
    assert {0, 123, 77_777, 99_999} <= {*steps.tolist()}
    assert len(steps) <= 2 * BINS + 2


def test_the_page_shows_them() -> None:
    rng = np.random.default_rng(0)
    x = np.sin(rng.uniform(0, 6, (80, 1)) + np.linspace(0, 6, 20))[..., None].repeat(2, axis=-1)
    run: Run = Autoencoder(2, kind="sequences", training={"epochs": 2}).fit(x).run_
    page = render(run)
    assert "sequences of 20 time steps and 2 channels" in page
    assert page.count("data:image/svg+xml") > 20
    assert len(Sequences().live_sample(run)["ranges"]) == 2
