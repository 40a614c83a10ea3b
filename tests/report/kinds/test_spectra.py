from __future__ import annotations

import numpy as np

from narrows.data.readers import from_array
from narrows.data.reading import Reading
from narrows.data.sources import InMemory
from narrows.fitting.fit import fit
from narrows.report.kinds.spectra import Spectra


def test_spectra_are_drawn_as_curves_over_their_axis() -> None:
    peaks = np.exp(-((np.arange(40) - np.linspace(10, 30, 400)[:, None]) ** 2) / 20).astype(np.float32)
    data = from_array(InMemory(peaks.reshape(20, 20, 40)), "peaks", Reading(axes="YX|E"))
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 2}})
    drawing = Spectra()
    assert drawing.size(run) == "spectra of 40 channels"
    assert "From left to right: channel 0 to channel 39" in drawing.examples(run)
    low, high = drawing.range_of(run.schema, [peaks], "")
    assert (low, high) == (peaks.min(axis=1).min(), peaks.max(axis=1).max())
    sample = drawing.live_sample(run)
    assert (drawing.live_drawing(run), len(sample["columns"])) == ("curves", 40)
    assert "svg" in drawing.residual_direction(run, np.ones(40))
    assert run.config["data"]["scan"]["axes"][0]["size"] == 20
