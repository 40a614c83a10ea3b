"""At home in scikit-learn: its own checks, and its pipelines with PCA replaced."""

from __future__ import annotations

import warnings
from typing import Any

import joblib
import numpy as np
import pandas
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from narrows import AnomalyDetector, Autoencoder, Denoiser, PretrainedClassifier
from narrows.core.errors import InputError
from tests.conftest import curve

SHORT = {"epochs": 2}

ESTIMATORS: list[BaseEstimator] = [
    Autoencoder(training=SHORT),
    Denoiser(training=SHORT),
    PretrainedClassifier(training=SHORT, fine_tuning=SHORT),
    PretrainedClassifier(method="probe", training=SHORT),
    AnomalyDetector(training=SHORT),
]
"""Every estimator of the package, fast."""


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        check(estimator)


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
