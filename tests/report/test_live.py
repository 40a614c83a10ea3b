"""What a page carries of a run for its live part, and why it may have none."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.data.datasets import load
from narrows.data.graphs.graph import Graph, as_graph
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.report import live, render, render_live
from narrows.runs.folder import load_run
from narrows.runs.run import Run
from tests.commands import narrows
from tests.golden import HERE as GOLDEN
from tests.live_pages import BUILT
from tests.samples import communities


@pytest.fixture(scope="module", autouse=True)
def live_part(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages with a live part, of empty files where none is built; every model exported once."""
    built = tmp_path_factory.mktemp("built")
    for name in ("explorer.js", "explorer.css", *live.RUNTIME):
        (built / name).touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "BUILT", BUILT if BUILT.joinpath("explorer.js").is_file() else built)
        patch.setattr(live, "model_files", functools.cache(live.model_files))
        yield


def test_row_numbers_are_those_of_the_data(digits_run: Run) -> None:
    values = load("digits").array[digits_run.evidence.numbers]
    np.testing.assert_allclose(digits_run.encode(values), digits_run.evidence.codes, rtol=1e-6)


def test_the_estimator_explores(digits_run: Run, digits_folder: Path) -> None:
    page = Autoencoder.load(digits_folder).explore()
    assert "live-columns" in page.html
    assert "<iframe srcdoc" in page._repr_html_()


def test_a_graph_needs_no_model_and_no_runtime(digits_run: Run) -> None:
    graph = communities(40)
    brief = {"training": {"epochs": 1}}
    run = fit(as_graph(Graph(graph["edges"], graph["x"])), overrides=brief)
    assert live.contents_of([run])["runtime"] == {}
    assert set(live.contents_of([run, digits_run])["runtime"]) == set(live.RUNTIME)
    columns, header = live.shown_codes(run)
    step = header["code_step"]
    np.testing.assert_allclose(columns["codes"] * step, run.evidence.codes, atol=0.51 * step)
    assert live.shown_codes(digits_run)[1]["code_step"] == 0
    assert "live-columns" in render_live(run)


def test_a_model_too_large_for_a_page_is_left_out(digits_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEAVIEST", 1000)
    assert "live-columns" not in render(digits_run)
    assert "The live part is left out: the model takes" in render(digits_run)


def test_the_weights_of_a_large_model_are_carried_in_16_bits(
    digits_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = sum(value.nbytes for value in digits_run.model.state_dict().values())
    assert live.carried(digits_run) == weights
    assert live.originals_note(digits_run) == ""
    monkeypatch.setattr(live, "model_files", live.model_files.__wrapped__)
    exact = live.model_files(digits_run)
    monkeypatch.setattr(live, "EXACT", weights - 1)
    assert live.carried(digits_run) == weights / 2
    assert "rounded to 7 binary digits" in live.originals_note(digits_run)
    halves = live.model_files(digits_run)
    assert all(len(halves[name]) < 0.7 * len(exact[name]) for name in exact)


def test_a_model_with_skips_leaves_a_sentence_and_its_run_is_whole(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 16, 16), dtype="u1")
    np.save(tmp_path / "x.npy", images)
    run = tmp_path / "run"
    narrows(capsys, "fit", tmp_path / "x.npy", "--recipe", "inpainting", "--epochs", "1", "--out", run)
    page = (run / "report.html").read_text("utf-8")
    assert "The live part is left out: skips or a residual output bypass the latent code" in page
    assert "live-columns" not in page
    assert "The live part is left out" in render_live(load_run(run))


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_run_that_keeps_no_examples_leaves_a_sentence(version: str) -> None:
    page = render(load_run(GOLDEN / version / "images"))
    assert "The live part is left out: an earlier Narrows fitted this run" in page


def test_a_model_that_does_not_travel_leaves_a_sentence(
    digits_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch.onnx import OnnxExporterError

    def fail(*_: object, **__: object) -> None:
        raise OnnxExporterError("no such operator")

    monkeypatch.setattr(live, "model_files", live.model_files.__wrapped__)
    monkeypatch.setattr(live, "export_onnx", fail)
    assert "The live part is left out: no such operator." in render(digits_run)


def test_poses_are_carried_by_name() -> None:
    images = np.random.default_rng(0).random((60, 6, 6))
    pose = {"name": "found", "scale": True}
    run = fit(as_data(images), latent_dim=2, overrides={"training": {"epochs": 1}, "pose": pose})
    columns, _ = live.shown_codes(run)
    assert live.header_of(run)["pose_names"] == ("angle", "scale")
    found = run.poses(images[run.evidence.numbers])
    np.testing.assert_allclose(columns["poses"].T, [*found.values()], rtol=1e-4)
    assert "upright" in render_live(run)


def test_a_run_without_poses_carries_none(digits_run: Run) -> None:
    assert "poses" not in live.shown_codes(digits_run)[0]
    assert digits_run.evidence.poses is None
