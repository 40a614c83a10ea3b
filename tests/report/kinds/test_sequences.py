from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.data.kinds import describe
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.readers import as_data
from narrows.data.reading import Reading
from narrows.data.recordings.examples import from_recordings
from narrows.data.recordings.recording import Recording, Recordings, TimeAxis
from narrows.fitting.fit import fit
from narrows.report.kinds.curves import BANDS
from narrows.report.kinds.sequences import Sequences
from narrows.report.page import render
from narrows.runs.folder import load_run, save_run
from narrows.runs.run import Run

RNG = np.random.default_rng(0)


def waves(lengths: list[int], channels: int = 2) -> Recordings:
    """Noisy waves of these lengths, of two named channels, in steps of a quarter of an hour."""
    phases = RNG.uniform(0, 6, (len(lengths), channels))
    made = (np.sin(phase + np.arange(n)[:, None] / 3) for n, phase in zip(lengths, phases, strict=True))
    noisy = [each + 0.1 * RNG.normal(size=each.shape) for each in made]
    recordings = tuple(Recording(f"r{i}", each.astype(np.float32)) for i, each in enumerate(noisy))
    return Recordings(recordings, ("load", "<heat>")[:channels], TimeAxis("when", "date", 900.0))


def fitted(recordings: Recordings, window: int | None = None) -> Run:
    data = from_recordings(recordings, "plant", Reading(kind="sequences", window=window))
    return fit(data, latent_dim=2, overrides={"training": {"epochs": 2}})


@pytest.fixture(scope="module")
def unequal() -> Run:
    return fitted(waves(RNG.integers(8, 25, 60).tolist()))


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


def test_the_legend_names_channels_and_time_and_says_which_are_not_drawn() -> None:
    values = np.zeros((1, 48, BANDS + 2))
    schema = describe(values, "sequences")
    assert isinstance(schema, SequenceSchema)
    told = Sequences().legend(replace(schema, time=TimeAxis("when", "date", 3600.0)))
    assert ("channel 7" in told, "channel 8" in told) == (True, False)
    assert "2 more of 10 channels are not drawn" in told
    assert "from 0 to 47 h" in told
    assert len(Sequences().pictures(schema, values, 0, 1)) == 1


def test_the_page_shows_unequal_lengths_with_names_and_time(unequal: Run) -> None:
    page = render(unequal)
    assert "sequences of up to 24 time steps (6 h) and 2 channels" in page
    assert "load" in page
    assert "&lt;heat&gt;" in page
    assert "<heat>" not in page
    assert page.count("data:image/svg+xml") > 20


def test_a_run_of_unequal_lengths_is_stored_and_drawn_as_it_was(unequal: Run, tmp_path: Path) -> None:
    save_run(unequal, tmp_path / "run")
    assert render(load_run(tmp_path / "run")) == render(unequal)


def test_windows_say_how_long_they_are_and_of_how_many_recordings() -> None:
    run = fitted(waves([600], channels=1), window=16)
    assert "windows of 16 time steps (4 h) and 1 channel, of 1 recording" in render(run)


def test_the_live_part_knows_ranges_names_and_time(unequal: Run) -> None:
    found = json.loads(json.dumps(Sequences().live_sample(unequal), allow_nan=False))
    assert found["channels"] == ["load", "<heat>"]
    assert found["time"] == {"step": 0.25, "unit": "h", "label": "time in h"}
    assert np.array(found["ranges"]).shape == (2, 2)


def test_a_channel_without_values_among_the_examples_has_the_range_of_the_training(unequal: Run) -> None:
    assert unequal.evidence.originals is not None
    originals = unequal.evidence.originals.copy()
    originals[..., 1] = np.nan
    run = replace(unequal, evidence=replace(unequal.evidence, originals=originals))
    low, high = Sequences().live_sample(run)["ranges"][1]
    assert (low, high) == (unequal.scaling.floor[1], unequal.scaling.ceiling[1])


def test_arrays_of_one_length_are_drawn_by_time_step() -> None:
    x = np.sin(RNG.uniform(0, 6, (80, 1)) + np.linspace(0, 6, 20))
    run: Run = Autoencoder(2, kind="sequences", training={"epochs": 2}).fit(x).run_
    page = render(run)
    assert "sequences of 20 time steps and 1 channel" in page
    assert "The axis is the time step, from 0 to 19." in page


def test_values_hidden_beside_missing_ones_are_not_shown_as_damaged() -> None:
    assert "sequences, by epoch" not in render(hiding := gapped("mask"))
    assert hiding.config["spec"]["corruption"]["name"] == "mask"
    assert "sequences, by epoch" in render(gapped("gaussian"))


def gapped(corruption: str) -> Run:
    """A fit with a corruption to sequences with a gap."""
    values = RNG.normal(size=(60, 8, 1)).cumsum(axis=1)
    values[3, 2] = np.nan
    data = as_data(values, "sequences")
    return fit(data, latent_dim=2, overrides={"training": {"epochs": 1}, "corruption": {"name": corruption}})


def test_contributions_end_where_the_sequence_ends() -> None:
    values = np.array([[0.0, 1.0, 2.0, np.nan, np.nan]])
    (address,) = Sequences().contributions(describe(values, "sequences"), np.ones((1, 5)), values)
    assert len(drawn(address)[0]) == 3
