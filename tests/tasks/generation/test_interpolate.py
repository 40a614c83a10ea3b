"""What is made of codes: walks, sums, maps and samples, their mathematics and their verbs."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from narrows import Autoencoder, InputError
from narrows.runs.run import Run
from narrows.tasks.generation.arithmetic import arithmetic
from narrows.tasks.generation.code_space import Space
from narrows.tasks.generation.grid import grid
from narrows.tasks.generation.interpolate import Walk, interpolate, line, slerp, walked
from narrows.tasks.generation.sample import sample, sample_by_epoch
from narrows.training.loop import Training
from tests.commands import as_json, narrows

X = load_digits().images
SHARE = np.linspace(0, 1, 7)


@pytest.fixture(scope="module")
def run() -> Run:
    choices = {"epochs": 5, "snapshots": 3}
    return Autoencoder(3, recipe="vae", training=choices).fit(X[:600]).run_


@pytest.fixture(scope="module")
def saved(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("making") / "run"
    run.save(folder)
    return folder


def test_an_arc_keeps_the_norm_and_turns_evenly() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 9))
    b *= np.linalg.norm(a) / np.linalg.norm(b)
    arc = slerp(a, b, SHARE)
    np.testing.assert_allclose(np.linalg.norm(arc, axis=1), np.linalg.norm(a))
    np.testing.assert_allclose(arc[[0, -1]], [a, b])
    cosines = (arc[1:] * arc[:-1]).sum(axis=1) / (a @ a)
    np.testing.assert_allclose(cosines, cosines[0])
    assert np.linalg.matrix_rank(arc, tol=1e-9) == 2
    longer = slerp(a, 3 * b, SHARE)
    np.testing.assert_allclose(np.linalg.norm(longer, axis=1), np.linalg.norm(a) * (1 + 2 * SHARE))


@pytest.mark.parametrize("factor", [2.0, -1.0, 0.0])
def test_where_there_is_no_arc_the_way_is_straight(factor: float) -> None:
    a = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(slerp(a, factor * a, SHARE), line(a, factor * a, SHARE))


def test_a_walk_is_measured_by_what_is_decoded_and_what_comes_back() -> None:
    """Decoded by squaring and encoded again half a unit off."""
    run: Any = SimpleNamespace(decode=lambda z: z**2, scaled=lambda v: v, encode=lambda v: v**0.5 + 0.5)
    space: Any = SimpleNamespace(emptiness=lambda z: np.zeros(len(z)))
    walk = walked(run, space, np.array([[0.0], [1.0], [2.0]]))
    np.testing.assert_allclose(walk.changes, [0, 0.5, 1.5])  # from 0 to 1 to 4, the mean change is 2
    np.testing.assert_allclose(walk.strays, 0.25)
    assert walk.unevenness == 1.5


def test_both_ways_have_the_same_ends_and_are_measured(run: Run) -> None:
    ways = interpolate(run, X[[3, 8]], 6)
    assert ways.keys() == {"linear", "spherical"}
    for way in ways.values():
        np.testing.assert_allclose(way.codes[[0, -1]], run.encode(X[[3, 8]]), atol=1e-5)
        assert way.values.shape == (6, 8, 8)
        assert way.changes[0] == 0
        assert way.changes[1:].mean() == pytest.approx(1)
        assert way.emptiness is not None
        assert ((way.emptiness >= 0) & (way.emptiness <= 1)).all()
    assert not np.allclose(ways["linear"].codes, ways["spherical"].codes)


def test_a_way_through_empty_space_is_said() -> None:
    walk = Walk(
        np.zeros((3, 1)), np.zeros((3, 1)), np.array([0, 0.5, 1.5]), np.zeros(3), np.array([0.1, 0.99, 0])
    )
    assert "step 2 is emptier" in walk.sentence
    assert "empty space" in walk.sentence
    assert "empty space" not in walk._replace(emptiness=np.array([0.1, 0.9, 0])).sentence
    assert walk._replace(emptiness=None).record() == {"unevenness": 1.5, "stray": 0}


def with_codes(run: Run, codes: Any) -> Space:
    space = Space(run)
    space.codes = np.asarray(codes, np.float64)
    return space


def test_between_two_heaps_of_codes_it_is_empty(run: Run) -> None:
    rng = np.random.default_rng(0)
    heaps = rng.standard_normal((400, 3))
    heaps[200:, 0] += 12
    found = with_codes(run, heaps).emptiness(np.array([[0, 0, 0], [6, 0, 0], [12, 0, 0], [0, 90, 0]]))
    assert found is not None
    assert found[0] < 0.3
    assert found[2] < 0.3
    assert (found[[1, 3]] > 0.99).all()
    assert with_codes(run, heaps[:5]).emptiness(heaps) is None
    itself = with_codes(run, heaps).emptiness(heaps)
    assert itself is not None
    assert itself.mean() < 0.5  # a code of the data has itself for a neighbour


def test_one_more_added_than_subtracted_is_the_sum_of_the_codes(run: Run) -> None:
    a, b, c = run.encode(X[:3])
    found = arithmetic(run, X[[0, 2]], X[[1]])
    np.testing.assert_allclose(found.code[0], a - b + c, atol=1e-5)
    np.testing.assert_allclose(found.value, run.decode(found.code))
    assert "emptier than around" in found.sentence


def test_adding_and_subtracting_the_same_leads_to_the_mean(run: Run) -> None:
    nothing = arithmetic(run, X[:2], X[:2]).code[0]
    np.testing.assert_allclose(nothing, Space(run).centre, atol=1e-5)
    np.testing.assert_allclose(arithmetic(run, X[:1], X[:0]).code[0], run.encode(X[:1])[0], atol=1e-6)
    with pytest.raises(InputError, match="at least one"):
        arithmetic(run, X[:0], X[:1])


def test_a_grid_is_a_plane_of_the_code(run: Run) -> None:
    found = grid(run, 5, (0, 2))
    codes = found.codes.reshape(5, 5, 3)
    np.testing.assert_allclose(codes[..., 1], Space(run).centre[1], atol=1e-6)
    assert (np.diff(codes[0, :, 0]) > 0).all()
    assert (np.diff(codes[:, 0, 2]) < 0).all()  # upwards on the page
    np.testing.assert_allclose(found.values, run.decode(found.codes))
    assert "dimensions 0 and 2" in found.sentence
    principal = grid(run, 4)
    assert np.linalg.matrix_rank(principal.codes - Space(run).centre, tol=1e-4) == 2
    inside = (Space(run).codes - Space(run).centre) @ Space(run).plane().directions.T
    assert np.quantile(inside[:, 0], 0.01) == pytest.approx(principal.places[:, 0].min())


def test_the_principal_plane_holds_what_varies_most(run: Run) -> None:
    rng = np.random.default_rng(0)
    space = with_codes(run, rng.standard_normal((500, 3)) * [1, 9, 5] + Space(run).centre)
    plane = space.plane()
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-9)
    assert np.abs(plane.directions[0, 1]) > 0.95
    assert np.abs(plane.directions[:, 0]).max() < 0.2
    for dims, message in (((0, 3), "dimension 3"), ((1, 1), "two different")):
        with pytest.raises(InputError, match=message):
            space.plane(dims)


def test_a_code_of_one_number_has_a_line() -> None:
    ae = Autoencoder(1, training={"epochs": 1}).fit(X[:200])
    assert ae.grid(6).shape == (6, 8, 8)


def test_epochs_that_are_kept_grow_and_leave_out_the_last() -> None:
    assert Training(epochs=100, snapshots=3).snapshot_epochs == [1, 5, 22]
    assert Training(epochs=3, snapshots=9).snapshot_epochs == [1, 2, 3]
    assert Training(epochs=9).snapshot_epochs == []


def test_a_run_can_be_looked_at_as_it_was(run: Run, saved: Path) -> None:
    assert list(run.earlier) == [1, 2, 3]
    again = Run.load(saved)
    for number, earlier in run.earlier.items():
        assert (again.earlier[number].encode(X[:5]) == earlier.encode(X[:5])).all()
        assert (sample(again.earlier[number], 4)[0] == sample(earlier, 4)[0]).all()
    assert not np.allclose(run.earlier[1].encode(X[:5]), run.encode(X[:5]))
    brief = Autoencoder(3, recipe="vae", training={"epochs": 5, "keep": "last"}).fit(X[:600]).run_
    with pytest.raises(InputError, match="snapshots"):
        sample_by_epoch(brief, 3)


def test_samples_by_epoch_are_the_same_draw(run: Run) -> None:
    found, note = sample_by_epoch(run, 6, seed=4)
    assert "prior" in note
    assert list(found)[:3] == ["epoch 1", "epoch 2", "epoch 3"]
    assert (list(found.values())[-1] == sample(run, 6, 4)[0]).all()
    plain = Autoencoder(2, training={"epochs": 4, "snapshots": 2}).fit(X[:300]).run_
    assert all(values.shape == (5, 8, 8) for values in sample_by_epoch(plain, 5)[0].values())


def test_the_verbs(saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = narrows(
        capsys, "interpolate", saved, "digits", 3, 9, "-o", tmp_path / "i.png", "--table", tmp_path / "i.csv"
    )[0]
    assert "linear: " in out
    assert "spherical: " in out
    with (tmp_path / "i.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == [str(i) for i in range(10)] * 2
    assert {row["way"] for row in rows} == {"linear", "spherical"}
    assert all(0 <= float(row["emptiness"]) <= 1 for row in rows)
    arcs = {}
    for flag in ([], ["--spherical"]):
        narrows(capsys, "interpolate", saved, "digits", 3, 9, "-o", tmp_path / "i.npy", *flag)
        arcs[bool(flag)] = np.load(tmp_path / "i.npy")
    assert arcs[True].shape == arcs[False].shape == (10, 8, 8)
    assert not np.allclose(arcs[True], arcs[False])
    sums = []
    for words in (["--add", 0, 2, "--subtract", 1], ["--add", 0, "--add", 2, "--subtract", 1]):
        found = as_json(capsys, "arithmetic", saved, "digits", *words, "-o", tmp_path / "a.npy")
        assert (found["add"], found["subtract"]) == ([0, 2], [1])
        sums.append(np.load(tmp_path / "a.npy"))
    assert (sums[0] == sums[1]).all()
    narrows(
        capsys, "arithmetic", saved, "digits", "--add", 0, 2, "-o", tmp_path / "a.png", "--subtract", 1, 3
    )
    assert Image.open(tmp_path / "a.png").height > 3 * 56
    note = as_json(
        capsys, "grid", saved, "-o", tmp_path / "g.png", "--side", 6, "--table", tmp_path / "g.csv"
    )["note"]
    assert "vary most" in note
    assert len((tmp_path / "g.csv").read_text().splitlines()) == 37
    narrows(capsys, "grid", saved, "-o", tmp_path / "g.npy", "--side", 6, "--dims", "0,1")
    assert np.load(tmp_path / "g.npy").shape == (36, 8, 8)
    epochs = as_json(capsys, "sample", saved, "-n", 7, "--by-epoch", "-o", tmp_path / "e.npy")["epochs"]
    assert np.load(tmp_path / "e.npy").shape == (len(epochs), 7, 8, 8)
    narrows(capsys, "sample", saved, "-n", 7, "--by-epoch", "-o", tmp_path / "e.png")


def test_what_the_verbs_cannot_do_is_said(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in (
        (("arithmetic", saved, "digits", "--add", 5000, "-o", "a.npy"), "no example 5000"),
        (("grid", saved, "-o", "g.png", "--dims", "0"), "two code dimensions"),
        (("grid", saved, "-o", "g.png", "--dims", "0,7"), "dimension 7"),
        (("grid", saved, "-o", "g.png", "--side", 1), "'side'"),
        (("sample", saved, "--by-epoch", "-o", "e.csv"), ".png, .npy"),
    ):
        assert message in narrows(capsys, *words, code=2)[1]
    assert not list(Path().glob("*.*"))


def test_the_estimator_makes_the_same() -> None:
    ae = Autoencoder(2, training={"epochs": 2}).fit(X[:300])
    assert (ae.interpolate(X[:2], 4) == interpolate(ae.run_, X[:2], 4)["linear"].values).all()
    assert ae.interpolate(X[:2], 4, spherical=True).shape == (4, 8, 8)
    assert (ae.arithmetic(X[:2], X[2:3]) == arithmetic(ae.run_, X[:2], X[2:3]).value).all()
    assert ae.arithmetic(X[:1]).shape == (1, 8, 8)
    assert ae.grid(3).shape == (9, 8, 8)
