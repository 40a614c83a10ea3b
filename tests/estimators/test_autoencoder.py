"""At home in scikit-learn: its own checks, and its pipelines with PCA replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.tasks.generation.arithmetic import arithmetic
from narrows.tasks.generation.interpolate import interpolate
from tests.samples import DIGITS, curve, mixed

SHORT = {"epochs": 2}


def test_in_a_pipeline_as_pca_would_be() -> None:
    """The digits of scikit-learn's "Pipelining: chaining a PCA and a logistic regression"."""
    x, y = load_digits(return_X_y=True)
    steps = [
        ("scaler", StandardScaler()),
        ("code", Autoencoder(16, training={"epochs": 10})),
        ("logistic", LogisticRegression(max_iter=2000)),
    ]
    assert Pipeline(steps).fit(x[:1200], y[:1200]).score(x[1200:], y[1200:]) > 0.8


def test_a_grid_search_over_the_code_and_the_options_of_parts() -> None:
    x, y = load_iris(return_X_y=True)
    pipe = make_pipeline(Autoencoder(recipe="vae", training=SHORT), LogisticRegression())
    grid = {"autoencoder__latent_dim": [1, 2], "autoencoder__bottleneck__beta": [0.1, 4.0]}
    search = GridSearchCV(pipe, grid, cv=2, error_score="raise").fit(x, y)
    assert len(search.cv_results_["params"]) == 4
    fitted = search.best_estimator_[0]
    assert (
        fitted.run_.config["spec"]["bottleneck"]["beta"]
        == search.best_params_["autoencoder__bottleneck__beta"]
    )


def test_among_the_columns_of_a_transformer() -> None:
    frame = pandas.DataFrame(curve(120), columns=list("abcdef")).assign(town=["x", "y", "z"] * 40)
    columns = ColumnTransformer(
        [("code", Autoencoder(2, training=SHORT), list("abcdef")), ("word", OneHotEncoder(), ["town"])]
    )
    assert columns.fit_transform(frame).shape == (120, 5)
    assert columns.get_feature_names_out()[0] == "code__autoencoder0"


def test_output_as_a_named_frame() -> None:
    frame = pandas.DataFrame(curve(100), columns=list("abcdef"), index=range(7, 107))
    codes = Autoencoder(2, training=SHORT).set_output(transform="pandas").fit_transform(frame)
    assert list(codes.columns) == ["autoencoder0", "autoencoder1"]
    assert list(codes.index) == list(frame.index)


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


def test_joblib_and_clone() -> None:
    x = curve(60)
    models = joblib.Parallel(n_jobs=2, prefer="threads")(
        joblib.delayed(clone(Autoencoder(2, training=SHORT, random_state=i)).fit)(x) for i in range(2)
    )
    assert not np.allclose(models[0].transform(x), models[1].transform(x))


def test_codes_of_64_bits_are_computed_in_64_bits() -> None:
    x = curve(90)
    ae = Autoencoder(2, training=SHORT).fit(x)
    wide, narrow = ae.transform(x), ae.transform(x.astype(np.float32))
    assert (wide.dtype, narrow.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose(wide, narrow, atol=1e-5)
    np.testing.assert_allclose(ae.transform(x[:1]), wide[:1], rtol=1e-12, atol=1e-14)
    assert next(ae.run_.model.parameters()).dtype.itemsize == 4


def test_options_of_parts_are_parameters() -> None:
    ae = Autoencoder(bottleneck={"name": "gaussian", "beta": 2.0})
    assert ae.get_params()["bottleneck__beta"] == 2.0
    assert ae.set_params(bottleneck__beta=3.0, training__epochs=5).bottleneck == {
        "name": "gaussian",
        "beta": 3.0,
    }
    assert ae.training == {"epochs": 5}
    assert Autoencoder(encoder="mlp").set_params(encoder__widths=[4]).encoder == {
        "name": "mlp",
        "widths": [4],
    }
    assert Autoencoder().set_params(bottleneck__beta=3.0, bottleneck="gaussian").bottleneck == {
        "name": "gaussian",
        "beta": 3.0,
    }
    with pytest.raises(InputError, match="Did you mean 'bottleneck'"):
        ae.set_params(botleneck__beta=3)


def test_a_warm_start_begins_where_the_last_fit_ended() -> None:
    x = curve(200)
    how = {"epochs": 15, "keep": "last"}
    cold = Autoencoder(2, training=how, warm_start=True).fit(x)
    first = cold.run_.history[0]["train"]["total"]
    assert cold.fit(x).run_.history[0]["train"]["total"] < 0.5 * first
    with pytest.raises(InputError, match="The model to begin with"):
        cold.set_params(latent_dim=3).fit(x)


def test_a_warm_start_holds_out_no_row_that_its_weights_were_fitted_to() -> None:
    x = curve(200)
    drawn = Autoencoder(2, training=SHORT, warm_start=True, random_state=None).fit(x)
    held_out = drawn.run_.evidence["reference_held_out"]
    np.testing.assert_array_equal(drawn.fit(x).run_.evidence["reference_held_out"], held_out)
    assert "may have been fitted" not in drawn.verdict_
    assert "may have been fitted to the held-out rows" in drawn.set_params(random_state=5).fit(x).verdict_
    assert "may have been fitted to the held-out rows" in drawn.fit(x).verdict_, "and so it stays"
    assert (
        "may have been fitted to the held-out rows"
        in Autoencoder(2, training=SHORT, warm_start=True).fit(x).fit(curve(300)).verdict_
    )


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


def test_a_score_can_be_cross_validated() -> None:
    scores = cross_val_score(Autoencoder(1, training={"epochs": 40}), curve(200), cv=2)
    assert scores.min() > 0.5


def test_the_estimator_makes_the_same() -> None:
    ae = Autoencoder(2, training={"epochs": 2}).fit(DIGITS[:300])
    assert (ae.interpolate(DIGITS[:2], 4) == interpolate(ae.run_, DIGITS[:2], 4)["linear"].values).all()
    assert ae.interpolate(DIGITS[:2], 4, spherical=True).shape == (4, 8, 8)
    assert (
        ae.arithmetic(DIGITS[:2], DIGITS[2:3]) == arithmetic(ae.run_, DIGITS[:2], DIGITS[2:3]).value
    ).all()
    assert ae.arithmetic(DIGITS[:1]).shape == (1, 8, 8)
    assert ae.grid(3).shape == (9, 8, 8)


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


IMAGES = (np.random.default_rng(0).random((90, 6, 5)) * 255).astype(np.uint8)


def test_labels_colour_pictures_and_change_nothing_else() -> None:
    x, y = curve(80), np.array(["a", "b"] * 40)
    coloured, plain = (Autoencoder(2, training=SHORT).fit(x, labels) for labels in (y, None))
    np.testing.assert_array_equal(coloured.transform(x), plain.transform(x))
    assert coloured.run_.config["label_names"] == ["a", "b"]
    assert "labels" not in plain.run_.evidence
    assert "labels" not in Autoencoder(2, training=SHORT).fit(x, np.full(80, np.nan)).run_.evidence


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


def test_the_estimator_does_what_it_says(tmp_path: Path) -> None:
    X = load_digits().images
    ae = Autoencoder(latent_dim=3, recipe="vae", training={"epochs": 3}, random_state=1)
    assert clone(ae).get_params() == ae.get_params()
    with pytest.raises(NotFittedError):
        ae.transform(X)
    Z = ae.fit(X).transform(X)
    assert Z.shape == (len(X), 3)
    assert (ae.transform(X) == Z).all()
    assert ae.inverse_transform(Z).shape == X.shape
    np.testing.assert_allclose(ae.inverse_transform(Z), ae.reconstruct(X), atol=1e-4)
    assert ae.score_samples(X).shape == (len(X),)
    assert ae.score(X) < 1
    assert ae.verdict_
    assert list(ae.get_feature_names_out()) == ["autoencoder0", "autoencoder1", "autoencoder2"]
    again = Autoencoder.load(ae.save(tmp_path / "a"))
    assert (again.transform(X) == Z).all()
    assert (again.sample(5) == ae.sample(5)).all()
    assert again.get_params()["bottleneck"]["name"] == "gaussian"
    assert "<html" in again.report()


def test_scores_agree_with_their_definitions() -> None:
    X = load_digits().data
    ae = Autoencoder(4, training={"epochs": 3}).fit(X)
    x, y = ae.run_.scaled(X), ae.run_.reconstruct_scaled(X)
    np.testing.assert_allclose(ae.score_samples(X), -((x - y) ** 2).mean(1), rtol=1e-6)
    assert ae.score(X) == pytest.approx(1 - ((x - y) ** 2).sum() / ((x - x.mean(0)) ** 2).sum())


def test_parts_can_be_given_as_names_and_dicts() -> None:
    X = load_digits().images[:200]
    ae = Autoencoder(
        2,
        corruption={"name": "gaussian", "std": 0.3},
        encoder="conv",
        loss="absolute",
        training={"epochs": 1},
    ).fit(X)
    spec = ae.run_.config["spec"]
    assert spec["corruption"] == {"name": "gaussian", "std": 0.3}
    assert spec["encoder"]["name"] == spec["decoder"]["name"] == "conv"
    with pytest.raises(ValueError, match="Did you mean 'gaussian'"):
        Autoencoder(corruption="gausian").fit(X)


@pytest.mark.parametrize(
    "bad", [[[np.inf, 1, 2]], [[1e300, 1, 2]], [[1e25, 1, 2]], [[1j, 1, 2]], [["a", "b", "c"]]]
)
def test_values_that_are_no_measurements_are_refused(bad: list[list[object]]) -> None:
    ae = Autoencoder(2, training={"epochs": 1}).fit(np.random.default_rng(0).random((40, 3)))
    with pytest.raises(ValueError, match=r"infinity|far out|measurement|[Cc]omplex|numeric|1e\+300"):
        ae.transform(np.array(bad))
    with pytest.raises(InputError):
        ae.inverse_transform(np.array([[np.nan, 1.0]]))


@pytest.mark.parametrize("n", [3, 4, 5])
def test_a_handful_of_examples_can_be_fitted_and_shown(n: int, tmp_path: Path) -> None:
    ae = Autoencoder(4, training={"epochs": 1}).fit(np.random.default_rng(0).random((n, 9, 9)))
    assert "Cannot tell" in ae.verdict_
    assert (ae.save(tmp_path / "a") / "report.html").is_file()


def test_numbers_of_numpy_and_random_states_are_taken(tmp_path: Path) -> None:
    X = np.random.default_rng(0).random((40, 3))
    how = {"epochs": np.int64(1), "learning_rate": np.float32(0.01)}
    ae = Autoencoder(np.int64(2), training=how, random_state=np.int64(1)).fit(X)
    ae.save(tmp_path / "a")
    for state in (None, np.random.RandomState(0)):
        Autoencoder(2, training={"epochs": 1}, random_state=state).fit(X).sample(2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"encoder": 5},
        {"loss": []},
        {"training": "fast"},
        {"device": []},
        {"penalties": "l1"},
        {"penalties": ["l1"]},
    ],
)
def test_parts_of_a_wrong_type_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Autoencoder(2, **wrong).fit(np.random.default_rng(0).random((40, 3)))  # type: ignore[arg-type]


def test_the_score_of_constant_rows_is_a_number() -> None:
    ae = Autoencoder(2, training={"epochs": 1}).fit(np.random.default_rng(0).random((40, 3)))
    assert ae.score(np.full((4, 3), 0.5)) == 0.0
