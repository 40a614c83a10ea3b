"""What goes into an estimator and what comes out: arrays, data frames, flat images, labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import torch

from narrows import Autoencoder, Denoiser
from narrows.cli.inputs import reading_for
from narrows.core.errors import InputError
from narrows.estimators.containers import as_labels
from tests.samples import curve, mixed

SHORT = {"epochs": 2}

IMAGES = (np.random.default_rng(0).random((90, 6, 5)) * 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        ([1, 0, 2], [1, 0, 2]),
        (["a", "b", "a"], ["a", "b", "a"]),
        (np.array(["a", 1, None], dtype=object), ["a", "1", "None"]),
        (None, None),
        ([[1], [0], [2]], [1, 0, 2]),
        ([1.0, np.nan, 2.0], None),
    ],
)
def test_labels_are_a_number_or_a_word_for_each_point(y: Any, labels: list[Any] | None) -> None:
    found = as_labels(y, 3)
    assert (None if found is None else found.tolist()) == labels


def test_what_is_neither_a_label_nor_a_target_is_said() -> None:
    with pytest.raises(InputError, match="y holds 2 labels for 3 examples"):
        as_labels([1, 0], 3)
    with pytest.warns(UserWarning, match="y of the shape 3x2 is not used"):
        assert as_labels(np.ones((3, 2)), 3) is None


def test_polars_frames_go_in() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": curve(80)[:, 0], "b": curve(80)[:, 1], "word": ["x", "y"] * 40})
    ae = Autoencoder(1, training=SHORT).fit(frame)
    assert ae.transform(frame).shape == (80, 1)
    assert list(ae.feature_names_in_) == ["a", "b", "word"]


def test_columns_in_another_order_are_noticed() -> None:
    frame = pandas.DataFrame(curve(80), columns=list("abcdef"))
    ae = Autoencoder(2, training=SHORT).fit(frame)
    with pytest.raises(ValueError, match="feature names"):
        ae.transform(frame[list("fedcba")])


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((9, 2)) * 1j, "Complex data not supported"),
        (np.array([["a", "b"]] * 9), "Convert your data to numeric values"),
        (np.ones((2, 3)), "2 sample"),
        (np.full((9, 2), np.inf), "infinity"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(x: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Autoencoder().fit(x)


def test_types_come_back_and_hidden_cells_are_filled() -> None:
    frame = mixed(600, missing=0.1)
    truth = mixed(600)
    ae = Autoencoder(latent_dim=2, training={"epochs": 60}).fit(frame)
    back = ae.reconstruct(frame)
    assert isinstance(back, pandas.DataFrame)
    assert not back.isna().any().any()
    assert list(back.columns) == list(frame.columns)
    hidden = frame.isna()
    for name in "de":
        usual = frame[name].mode()[0]
        right = (back[name].astype(str) == truth[name].astype(str))[hidden[name]].mean()
        assert right > (truth[name].astype(str) == usual)[hidden[name]].mean()
    for name in "ab":
        ours = ((back[name] - truth[name]) ** 2)[hidden[name]].mean()
        assert ours < 0.5 * ((frame[name].astype(float).mean() - truth[name]) ** 2)[hidden[name]].mean()
    whole = Autoencoder(latent_dim=2, training={"epochs": 1}).fit(truth)
    pandas.testing.assert_series_equal(whole.reconstruct(truth).dtypes, truth.dtypes)
    pandas.testing.assert_series_equal(whole.sample(3).dtypes, truth.dtypes)
    with pytest.raises(ValueError, match="same order"):  # as scikit-learn has it
        whole.transform(truth[["e", "d", "c", "b", "a"]])


def test_a_word_that_was_never_seen_counts_as_missing_with_one_warning() -> None:
    frame = mixed(200)
    ae = Autoencoder(latent_dim=2, training=SHORT).fit(frame)
    new, missing = frame[:4].astype({"d": str}), frame[:4].astype({"d": str})
    new.loc[1, ["d", "e"]] = ["higher", "blue"]
    missing.loc[1, ["d", "e"]] = None
    words = r"X holds words .* missing: 'd' in 1 cell \('higher'\), 'e' in 1 cell \('blue'\)\."
    with pytest.warns(UserWarning, match=words) as told:
        codes = ae.transform(new)
    assert len(told) == 1
    np.testing.assert_array_equal(codes, ae.transform(missing))


def test_missing_cells_are_filled_in_and_the_others_stay() -> None:
    frame = mixed(300)
    ae = Autoencoder(latent_dim=2, training={"epochs": 20}).fit(frame)
    lacking = frame[:50].mask(np.random.default_rng(0).random((50, 5)) < 0.2).set_index(np.arange(50) + 7)
    filled = ae.impute(lacking)
    assert isinstance(filled, pandas.DataFrame)
    assert list(filled.index) == list(lacking.index)
    assert not filled.isna().any().any()
    there, before = lacking.notna().to_numpy(), frame[:50].astype(str).to_numpy()
    assert (filled.astype(str).to_numpy() == before)[there].all()


def test_flat_images_are_images(tmp_path: Path) -> None:
    flat = IMAGES.reshape(90, 30)
    ours = Autoencoder(3, image_shape=(6, 5), encoder="conv", training=SHORT).fit(flat)
    square = Autoencoder(3, encoder="conv", training=SHORT).fit(IMAGES)
    np.testing.assert_array_equal(ours.transform(flat), square.transform(IMAGES))
    np.testing.assert_array_equal(ours.reconstruct(flat), square.reconstruct(IMAGES).reshape(90, 30))
    assert ours.n_features_in_ == 30
    assert ours.sample(2).shape == ours.inverse_transform(ours.transform(flat[:2])).shape == (2, 30)
    again = Autoencoder.load(ours.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.transform(flat), ours.transform(flat))
    with pytest.raises(InputError, match="Images of shape 7x5 have 35 values, but a row of X has 30"):
        Autoencoder(image_shape=(7, 5)).fit(flat)
    with pytest.raises(ValueError, match="4 features"):
        ours.transform(flat[:, :4])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ([[np.inf, 1, 2]], "contains infinity"),
        ([[1e300, 1, 2]], r"not finite or larger than 1e\+30, the first \(1e\+300\) in row 0"),
        ([[1e25, 1, 2]], "Row 0 holds a value over .* far outside of the training part"),
        ([[1j, 1, 2]], "Complex data not supported"),
        ([["a", "b", "c"]], "Convert your data to numeric values"),
    ],
)
def test_values_that_are_no_measurements_are_refused(bad: list[list[object]], message: str) -> None:
    ae = Autoencoder(2, training={"epochs": 1}).fit(np.random.default_rng(0).random((40, 3)))
    with pytest.raises(ValueError, match=message):
        ae.transform(np.array(bad))
    with pytest.raises(
        InputError, match=r"not finite .* the first \(nan\) in row 0, counted from 0, at position \(0,\)"
    ):
        ae.inverse_transform(np.array([[np.nan, 1.0]]))


def test_labels_colour_pictures_and_change_nothing_else() -> None:
    x, y = curve(80), np.array(["a", "b"] * 40)
    coloured, plain = (Autoencoder(2, training=SHORT).fit(x, labels) for labels in (y, None))
    np.testing.assert_array_equal(coloured.transform(x), plain.transform(x))
    assert coloured.run_.evidence.label_names == ("a", "b")
    assert plain.run_.evidence.labels is None
    assert Autoencoder(2, training=SHORT).fit(x, np.full(80, np.nan)).run_.evidence.labels is None


def test_axes_say_which_is_which() -> None:
    images = np.moveaxis(IMAGES, 0, -1)  # (height, width, n)
    ae = Autoencoder(2, axes="YXN", training=SHORT).fit(images)
    usual = Autoencoder(2, training=SHORT).fit(IMAGES)
    assert np.array_equal(ae.transform(images), usual.transform(IMAGES))
    assert np.array_equal(ae.transform(images[..., :9]), ae.transform(images)[:9])
    ae.save("run")
    assert np.array_equal(Autoencoder.load("run").transform(images), ae.transform(images))
    assert reading_for(ae.run_).axes == "YXN"
    table = Autoencoder(2, axes="fn", training=SHORT).fit(curve(80).T)
    assert table.transform(curve(80).T).shape == (80, 2)
    assert table.n_features_in_ == curve(80).shape[1]
    spectra = Autoencoder(2, axes="YXF", training=SHORT).fit(np.random.default_rng(0).random((8, 9, 12)))
    assert spectra.run_.schema.shape == (12,)
    scan = Denoiser(Autoencoder(2, axes="NNYX", training=SHORT)).fit(IMAGES.reshape(9, 10, 6, 5))
    assert scan.transform(IMAGES.reshape(9, 10, 6, 5)).shape == (90, 6, 5)


@pytest.mark.parametrize(
    ("options", "x", "message"),
    [
        (
            {"axes": "NHW"},
            np.ones((9, 6, 5, 3)),
            r"axes NHW are 3, .* 9x6x5x3; give a letter for each of its 4",
        ),
        ({"axes": "NQ"}, curve(80), "The axes are a letter for each axis"),
        ({"axes": ("N", "F")}, curve(80), "The axes are a letter for each axis"),
        ({"axes": "YXF", "kind": "images"}, np.ones((9, 6, 5)), "axes YXF are those of table"),
        ({"axes": "NF", "image_shape": (2, 3)}, curve(80), "image_shape says those of flat images"),
        ({"axes": "NF"}, pandas.DataFrame(curve(80)), "a data frame has its own"),
        ({}, np.ones((2, 3, 4, 5, 6)), "in Python axes='TZCYX'"),
    ],
)
def test_axes_that_do_not_fit_are_refused(options: dict[str, Any], x: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Autoencoder(2, **options).fit(x)


def test_doubtful_axes_are_said() -> None:
    with pytest.warns(UserWarning, match=r"60x60x4 is read as .* --axes \(in Python axes=\) says otherwise"):
        Autoencoder(2, training=SHORT).fit(np.random.default_rng(0).random((60, 60, 4)))


def test_nan_in_images_is_filled_and_said() -> None:
    images = IMAGES.astype(np.float32)
    images[4, 0] = np.nan
    with pytest.warns(UserWarning, match="NaN in 1 of 90 images .* image 4; they are filled"):
        ae = Autoencoder(2, training=SHORT).fit(images)
    with pytest.warns(UserWarning, match="NaN in 1 of 90 images"):
        codes = ae.transform(images)
    images[4, 0] = images[4, 1]
    np.testing.assert_array_equal(ae.transform(images), codes)


def test_tensors_in_a_graph_of_gradients_are_read() -> None:
    images = torch.as_tensor(IMAGES / np.float32(255)).requires_grad_()
    assert Autoencoder(2, training=SHORT).fit(images).transform(images).shape == (90, 2)


@pytest.mark.parametrize(("axes", "kind"), [("YX|E", "spectra"), ("EYX", "spectra"), ("X|KyKx", "images")])
def test_a_scan_is_fitted_and_transformed_as_it_comes(axes: str, kind: str) -> None:
    cube = np.random.default_rng(0).random((12, 14, 16)).astype(np.float32)
    ae = Autoencoder(2, axes=axes, training=SHORT).fit(cube)
    places = {"YX|E": 12 * 14, "EYX": 14 * 16, "X|KyKx": 12}[axes]
    assert ae.run_.schema.kind == kind
    assert ae.transform(cube).shape == (places, 2)
    assert ae.score_samples(cube).shape == (places,)
