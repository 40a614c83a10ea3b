from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from narrows import Autoencoder, PretrainedClassifier
from narrows.core.errors import InputError
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.data.schema import Data
from narrows.report.probe import render_probe
from narrows.tasks.few_labels.classifiers import LinearProbe
from narrows.tasks.few_labels.fine_tuning import Space, best, draw, labelled, moved, neighbours, spread
from narrows.tasks.few_labels.probe import WAYS, Classes, interval, probe
from tests.commands import as_json, narrows

RNG = np.random.default_rng(0)
SHORT = {"epochs": 2}


def moons() -> tuple[np.ndarray, np.ndarray]:
    """Two half circles, one inside the other: no line parts them, but neighbours are of one class."""
    from sklearn.datasets import make_moons

    return make_moons(400, noise=0.05, random_state=0)


def test_labels_spread_along_neighbours() -> None:
    x, y = moons()
    known = np.zeros(400, dtype=bool)
    known[[int(np.flatnonzero(y == c)[0]) for c in (0, 1)]] = True
    found = spread(neighbours(x), np.eye(2)[y] * known[:, None], known)
    assert (found.argmax(axis=1) == y).mean() > 0.97
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_what_no_label_reaches_stays_open() -> None:
    far = np.concatenate([RNG.normal(0, 1, (30, 2)), RNG.normal(1000, 1, (30, 2))])
    known = np.arange(60) < 2
    found = spread(neighbours(far), np.eye(2)[[0, 1] * 30] * known[:, None], known)
    np.testing.assert_array_equal(found[30:], 0.5)


def test_given_labels_stay_and_the_least_sure_are_not_settled() -> None:
    x = RNG.standard_normal((400, 4))
    told = np.where(RNG.random(400) < 0.1, RNG.integers(0, 2, 400), -1)
    found = labelled(x, [Space(x)], told, 2)
    assert len(found.values) == 400
    assert (found.target[found.known].argmax(axis=1) == told[told >= 0]).all()
    assert found.settled[found.known].all()
    assert found.settled[~found.known].mean() == pytest.approx(0.7, abs=0.02)
    assert (found.target[found.settled].max(axis=1) == 1).all()


def test_labels_spread_where_they_tell_hidden_ones() -> None:
    x, y = moons()
    told = np.where(np.arange(400) < 40, y, -1)
    good, bad = Space(x), Space(RNG.standard_normal((400, 2)))
    assert best([good, bad], told, 2, 0) is best([bad, good], told, 2, 0) is good
    assert best([bad, good], np.where(np.arange(400) < 1, y, -1), 2, 0) is bad


def test_images_move_by_whole_pixels_and_repeat_their_edge() -> None:
    x = torch.arange(36.0).reshape(1, 1, 6, 6).repeat(200, 1, 1, 1)
    torch.manual_seed(0)
    found = moved(x, 1)
    differences = {float((a - b)[0, 2, 2]) for a, b in zip(found, x, strict=True)}
    assert differences == {-7.0, -6.0, -5.0, -1.0, 0.0, 1.0, 5.0, 6.0, 7.0}
    assert set(found[:, 0, 0, 0].tolist()) <= {0.0, 1.0, 6.0, 7.0}


def test_draws_are_even() -> None:
    counts = torch.bincount(draw(torch.arange(7), 30), minlength=7)
    assert counts.sum() == 30
    assert counts.max() - counts.min() == 1
    assert len(draw(torch.arange(0), 0)) == 0


@pytest.mark.parametrize(("method", "least"), [("fine-tuned", 0.8), ("probe", 0.5)])
def test_rows_without_a_label_are_learned_from(method: str, least: float, tmp_path: Path) -> None:
    x, y = load_digits(return_X_y=True)
    some = np.where(np.arange(len(y)) < 100, y, -1)
    few = PretrainedClassifier(
        unlabelled=-1, method=method, image_shape=(8, 8), training={"epochs": 10}, fine_tuning={"epochs": 3}
    ).fit(x, some)
    assert few.score(x[100:], y[100:]) > least
    assert few.run_.config["spec"]["bottleneck"]["components"] == 10
    assert few.predict_proba(x[:5]).shape == (5, 10)
    assert few.transform(x[:5]).shape[0] == 5
    again = PretrainedClassifier.load(few.save(tmp_path / "few"))
    assert again.method == method
    np.testing.assert_array_equal(again.predict_proba(x), few.predict_proba(x))


@pytest.mark.parametrize(
    "names", [np.array(["ant", "bee", "ant"]), np.array([3, -1, 7]), np.array([True, False, True])]
)
def test_names_of_classes_come_back_as_they_were(names: np.ndarray, tmp_path: Path) -> None:
    x, which = load_digits(return_X_y=True)
    few = PretrainedClassifier(method="probe", training=SHORT).fit(x[:200], names[which[:200] % 3])
    again = PretrainedClassifier.load(few.save(tmp_path / "few"))
    np.testing.assert_array_equal(again.predict(x[:50]), few.predict(x[:50]))
    assert again.classes_.dtype == few.classes_.dtype


def test_a_run_without_a_classifier_is_none(tmp_path: Path) -> None:
    x = load_digits().data[:100]
    folder = Autoencoder(training=SHORT).fit(x).save(tmp_path / "plain")
    with pytest.raises(InputError, match="holds an autoencoder and no classifier"):
        PretrainedClassifier.load(folder)


def test_a_probe_gives_the_chances_that_scikit_learn_gives() -> None:
    from sklearn.linear_model import LogisticRegression

    for classes in (2, 3):
        codes, y = RNG.standard_normal((90, 4)), np.arange(90) % classes
        scale = codes.std(axis=0).mean()
        theirs = LogisticRegression(max_iter=1000).fit(codes / scale, y).predict_proba(codes / scale)
        np.testing.assert_allclose(LinearProbe.fit(codes, y).probabilities(codes), theirs, rtol=1e-9)


def test_a_classifier_says_what_is_wrong() -> None:
    x, y = load_digits(return_X_y=True)
    with pytest.raises(InputError, match="No row has a label"):
        PretrainedClassifier(unlabelled=-1, training=SHORT).fit(x, np.full(len(x), -1))
    with pytest.raises(InputError, match=r"Did you mean .probe"):
        PretrainedClassifier(method="prob", training=SHORT).fit(x, y)
    with pytest.raises(InputError, match="3 labels for 1,797 rows"):
        PretrainedClassifier(training=SHORT).fit(x, y[:3])


def test_every_way_is_measured_on_the_same_labels() -> None:
    found = probe(load("digits"), [1, 5], draws=2, epochs=4)
    assert [row["labels"] for row in found["rows"]] == [1, 5]
    assert [row["total"] for row in found["rows"]] == [10, 50]
    for row in found["rows"]:
        for way in WAYS:
            assert 0 < row[way] < 1
            assert row[f"{way}_ci95"][0] <= row[way] <= row[f"{way}_ci95"][1]
    assert found["rows"][1]["pixels"] > found["rows"][0]["pixels"]
    page = render_probe(found, "digits")
    assert "With 1 label per class" in page
    assert "5 (50 in all)" in page


def test_draws_are_of_training_rows_alone() -> None:
    classes = Classes(load("digits"), 0)
    told = classes.draw(3, 0)
    assert len(told) + len(classes.test_y) == 1797
    np.testing.assert_array_equal(np.bincount(told[told >= 0]), 3)
    np.testing.assert_array_equal(told[told >= 0], classes.y[told >= 0])
    assert (classes.draw(3, 1) != told).any()


def test_an_interval_is_students() -> None:
    low, high = interval(np.array([0.4, 0.5, 0.6])) or (0, 0)
    assert (low + high) / 2 == pytest.approx(0.5)
    assert high - 0.5 == pytest.approx(0.1 * 4.302653 / np.sqrt(3), rel=1e-5)
    assert interval(np.ones(1)) is None


def test_data_without_classes_are_refused() -> None:
    plain = Data(RNG.random((40, 3)), load("iris").schema, "plain")
    with pytest.raises(InputError, match="plain has no labels to learn"):
        probe(plain)
    with pytest.raises(InputError, match="wanted are at least 2 classes"):
        probe(replace(plain, labels=RNG.random(40)))


def test_the_verb_reads_a_column_a_file_or_the_sets_own_labels(capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["--labels", "2", "--draws", "1", "--epochs", "2", "--quiet"]
    iris = load("iris")
    assert iris.labels is not None
    np.save("x.npy", iris.array)
    words = [("ant", "bee", "cat")[i] for i in iris.labels]
    Path("y.txt").write_text("\n".join(words))
    head, rows = "a,b,c,d,kind\n", zip(iris.array, words, strict=True)
    Path("t.csv").write_text(head + "".join(f"{','.join(map(str, x))},{w}\n" for x, w in rows))
    found = as_json(capsys, "probe", "x.npy", "--label", "y.txt", *quick)
    again = as_json(capsys, "probe", "t.csv", "--label", "kind", *quick)
    assert found["rows"][0].keys() >= {"labels", *WAYS}
    assert found["rows"][0]["labels"] == 2
    assert found["rows"][0]["pixels"] == again["rows"][0]["pixels"]
    assert Path("runs/x-probe.html").is_file()
    Path("y.txt").write_text("ant\nbee")
    told = narrows(capsys, "probe", "x.npy", "--label", "y.txt", *quick, "--json", code=2)[0]
    assert "holds 2 labels for 150 examples" in json.loads(told)["error"]


def test_a_finished_run_is_taken_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, "fit", "iris", "--epochs", "2", "--out", "run", "--quiet")
    quick = ["--labels", "2", "--draws", "1", "--run", "run", "--quiet"]
    assert as_json(capsys, "probe", "iris", *quick)["recipe"] == "autoencoder"


def judged_on(test_labels: list[str]) -> Data:
    """Sixty rows of two classes, ten of which have none, with others to be judged on."""
    x = RNG.standard_normal((60, 3))
    labels = np.array(["cat", "dog", "dog", "cat", "dog", ""] * 10)
    test = as_data(RNG.standard_normal((len(test_labels), 3)), labels=np.array(test_labels))
    return replace(as_data(x, labels=labels), test=test)


def test_rows_without_a_label_are_no_class_of_their_own() -> None:
    classes = Classes(judged_on(["cat", "", "dog", "dog"]), 0)
    assert classes.names.tolist() == ["cat", "dog"]
    assert (classes.y == -1).mean() == pytest.approx(1 / 6, abs=0.06)
    assert classes.test_y.tolist() == [0, 1, 1]
    assert len(classes.test_values) == 3
    assert (classes.draw(99, 0) == classes.y).all()
    numbers = as_data(RNG.standard_normal((60, 3)), labels=np.array([0.0, 1.0, np.nan] * 20))
    assert Classes(numbers, 0).names.tolist() == [0.0, 1.0]


@pytest.mark.parametrize(("labels", "said"), [(["cat", "bird"], "have bird"), (["", ""], "have no labels")])
def test_labels_that_cannot_be_judged_are_refused(labels: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Classes(judged_on(labels), 0)


def test_a_page_is_not_written_over_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.csv").write_text("a,kind\n1,x\n2,y\n" * 30)
    for verb in (["probe", "mine.csv", "--label", "kind"], ["compare", "mine.csv"]):
        for out in ("mine.csv", "other.csv"):
            narrows(capsys, *verb, "--out", out, code=2)
    assert Path("mine.csv").read_text().startswith("a,kind")


def test_a_run_finds_its_columns_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    rows = RNG.standard_normal((90, 2)) + 4 * (np.arange(90) % 2)[:, None] * [1, -1]
    kinds = np.where(np.arange(90) % 2, "x", "y")
    lines = [f"{a},{b},{kind}" for (a, b), kind in zip(rows, kinds, strict=True)]
    Path("ab.csv").write_text("\n".join(["a,b,kind", *lines]))
    turned = [f"{b},{a},{kind}" for (a, b), kind in zip(rows, kinds, strict=True)]
    Path("ba.csv").write_text("\n".join(["b,a,kind", *turned]))
    narrows(capsys, "fit", "ab.csv", "--label", "kind", "--epochs", "3", "--out", "run")
    found = [
        as_json(capsys, "probe", f, "--label", "kind", "--run", "run", "--labels", "5", "--draws", "1")[
            "rows"
        ]
        for f in ("ab.csv", "ba.csv")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("given", [["--draws", "0"], ["--epochs", "0"], ["--run", "r", "--epochs", "3"]])
def test_numbers_that_make_no_sense_are_refused(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, "probe", "digits", *given, code=2)


def test_an_interval_of_shares_is_one() -> None:
    low, high = interval(np.array([0.6, 0.9]))
    assert (low, high) == (0.0, 1.0)


def test_a_class_of_one_row_is_judged_wrong_whatever_the_seed() -> None:
    labels = np.array(["a", "b"] * 45)
    labels[7] = "only here"
    for seed in range(12):
        classes = Classes(as_data(RNG.standard_normal((90, 3)), labels=labels), seed)
        assert set(classes.test_y) <= {-1, 0, 1, 2}


@pytest.mark.parametrize(
    "y", [np.array(["2020-01-01"] * 20, "M8[D]"), np.array(["a", None] * 10, dtype=object)]
)
def test_labels_that_are_no_names_are_refused_before_the_training(y: np.ndarray) -> None:
    with pytest.raises(InputError, match="numbers, words or booleans"):
        PretrainedClassifier(training=SHORT).fit(RNG.standard_normal((20, 3)), y)


def test_nan_may_stand_for_no_label() -> None:
    y = np.where(np.arange(60) < 30, np.arange(60) % 2, np.nan)
    few = PretrainedClassifier(unlabelled=np.nan, method="probe", training=SHORT)
    assert few.fit(RNG.standard_normal((60, 3)), y).classes_.tolist() == [0.0, 1.0]
