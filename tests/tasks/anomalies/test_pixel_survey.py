"""Scores of the pixels of images that patches were cut from, and the places found in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image

from narrows.data.lattice import Micrographs, lattice
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk
from narrows.fitting.fit import fit
from narrows.report.anomalies import render_anomalies
from narrows.runs.run import Run
from narrows.tasks.anomalies.contributions import write_contributions
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.survey import Survey

HOW = {"size": 96, "spacing": 12.0, "structure": "square", "tilt": 0.0, "dose": 60.0, "dopants": 0.0}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A small model of patches of a lattice, which begins at PCA."""
    file = tmp_path_factory.mktemp("lattice") / "x.npy"
    np.save(file, lattice(n=20, seed=1, **HOW).noisy)  # type: ignore[arg-type]
    how = {"encoder": {"channels": 8}, "loss": "squared", "training": {"epochs": 4}}
    return fit(read(file, Reading(patch=24)), latent_dim=16, overrides=how)


@pytest.fixture
def others(tmp_path: Path) -> tuple[Micrographs, Path]:
    """Other images, with vacancies."""
    made = lattice(n=4, seed=2, vacancies=0.03, **HOW)  # type: ignore[arg-type]
    np.save(tmp_path / "new.npy", made.noisy)
    return made, tmp_path / "new.npy"


def test_vacancies_are_found_at_their_places(
    run: Run, others: tuple[Micrographs, Path], tmp_path: Path
) -> None:
    made, file = others
    survey = Survey(run, read(file, Reading(patch=24)), Rule(None, None, None), explain=True)
    write_contributions(survey, tmp_path / "maps")
    table = pandas.read_csv(tmp_path / "maps" / "positions.csv")
    right = missed = 0
    for i in range(4):
        found = table.loc[table["image"] == f"new-{i}", ["y", "x"]].to_numpy()
        defects = made.defects(i)
        near = np.linalg.norm(found[:, None] - defects, axis=2) < 6
        right, missed = right + near.any(axis=1).sum(), missed + (~near.any(axis=0)).sum()
        scores = np.load(tmp_path / "maps" / f"new-{i}.npy")
        assert scores.shape == (96, 96)
        grey = np.asarray(Image.open(tmp_path / "maps" / f"new-{i}.png"))
        assert grey[tuple(found.T)].min() > 127
        np.testing.assert_allclose(
            scores[tuple(found.T)], table.loc[table["image"] == f"new-{i}", "score"], atol=1e-4
        )
    total = sum(len(made.defects(i)) for i in range(4))
    assert total > 10
    assert right / len(table) > 0.9
    assert missed / total < 0.2
    assert table["brighter"].mean() < 0.1
    assert survey.record()["places_found"] == len(table)
    page = render_anomalies(survey)
    assert f"{len(table)} places in 4 images" in page
    assert page.count('alt="scores of the pixels of') == 4


def test_no_place_is_found_in_images_without_defects(run: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "usual.npy", lattice(n=4, seed=3, vacancies=0.0, **HOW).noisy)  # type: ignore[arg-type]
    survey = Survey(run, read(tmp_path / "usual.npy", Reading(patch=24)), Rule(0.0, None, None))
    assert survey.pixels is not None
    found = survey.pixels.measure()
    assert [len(each.places) for each in found] == [0, 0, 0, 0]
    assert survey.record()["pixel_threshold"] is None
    assert survey.pixels.sentence == "No place in 4 images is brighter or darker than expected."


def test_images_on_disk_have_the_scores_of_those_in_memory(
    run: Run, others: tuple[Micrographs, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, file = others
    rule = Rule(None, None, None)
    in_memory = Survey(run, read(file, Reading(patch=24)), rule).pixels
    monkeypatch.setattr(on_disk, "LARGE", 1)
    monkeypatch.setattr(on_disk, "BLOCK", 5000)
    streamed = Survey(run, read(file, Reading(patch=24)), rule).pixels
    assert in_memory is not None
    assert streamed is not None
    assert not streamed.data.source.in_memory
    for a, b in zip(in_memory.each(), streamed.each(), strict=True):
        assert a.name == b.name
        np.testing.assert_array_equal(a.pixels, b.pixels)
        np.testing.assert_allclose(a.scores, b.scores, rtol=1e-4)
