"""An autoencoder in scikit-learn's pipelines, searches and cross-validation."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pandas
import pytest
from scipy.sparse import csr_matrix
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
from tests.samples import communities, curve

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
    held_out = drawn.run_.evidence.reference.held_out
    np.testing.assert_array_equal(drawn.fit(x).run_.evidence.reference.held_out, held_out)
    assert "may have been fitted" not in drawn.verdict_
    assert "may have been fitted to the held-out rows" in drawn.set_params(random_state=5).fit(x).verdict_
    assert "may have been fitted to the held-out rows" in drawn.fit(x).verdict_, "and so it stays"
    assert (
        "may have been fitted to the held-out rows"
        in Autoencoder(2, training=SHORT, warm_start=True).fit(x).fit(curve(300)).verdict_
    )


def test_a_score_can_be_cross_validated() -> None:
    scores = cross_val_score(Autoencoder(1, training={"epochs": 40}), curve(200), cv=2)
    assert scores.min() > 0.5


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


@pytest.mark.parametrize("n", [3, 4, 5])
def test_a_handful_of_examples_can_be_fitted_and_shown(n: int, tmp_path: Path) -> None:
    ae = Autoencoder(4, axes="NYX", training={"epochs": 1})
    ae.fit(np.random.default_rng(0).random((n, 9, 9)))
    assert "Cannot tell" in ae.verdict_
    assert (ae.save(tmp_path / "a") / "report.html").is_file()


def test_the_score_of_constant_rows_is_a_number() -> None:
    ae = Autoencoder(2, training={"epochs": 1}).fit(np.random.default_rng(0).random((40, 3)))
    assert ae.score(np.full((4, 3), 0.5)) == 0.0


def test_a_graph_has_codes_and_no_results_of_single_nodes() -> None:
    rng = np.random.default_rng(0)
    member = np.arange(60) % 3
    chosen = np.triu(rng.random((60, 60)) < np.where(member[:, None] == member, 0.5, 0.05), 1)
    graph = csr_matrix((chosen | chosen.T).astype(float)), np.eye(3)[member] + 0.3 * rng.normal(size=(60, 3))
    ae = Autoencoder(2, kind="nodes", epochs=2).fit(graph)
    assert ae.transform(graph).shape == (60, 2)
    for use in (ae.reconstruct, ae.score, ae.score_samples, ae.impute, ae.interpolate, ae.arithmetic):
        with pytest.raises(InputError, match="the nodes of a graph do"):
            use(graph)


def test_a_graph_in_data_frames_is_read_alike_by_the_fitted_estimator(tmp_path: Path) -> None:
    found = communities(40)
    names = np.array([f"n{i}" for i in range(40)])
    edges = pandas.DataFrame(names[found["edges"]], columns=["source", "target"])
    hue = np.array(["red", "blue", "green", "grey"])[found["labels"]]
    nodes = pandas.DataFrame({"age": np.arange(40.0) % 7, "hue": hue}, index=names)
    ae = Autoencoder(2, kind="graphs", epochs=2).fit((edges, nodes))
    codes = ae.transform((edges, nodes))
    assert codes.shape == (40, 2)
    ae.save(tmp_path / "run")
    fewer = (edges, nodes[["hue", "age"]])  # the columns are found by name
    np.testing.assert_array_equal(Autoencoder.load(tmp_path / "run").transform(fewer), codes)
    with pytest.raises(InputError, match="the frame of nodes has no column 'hue'"):
        ae.transform((edges, nodes[["age"]]))


def test_poses_are_found_and_kept(tmp_path: Path) -> None:
    x = np.random.default_rng(0).random((40, 8, 8))
    ae = Autoencoder(2, pose={"name": "found", "scale": True}, epochs=2).fit(x)
    found = ae.poses(x)
    assert {name: each.shape for name, each in found.items()} == {"angle": (40,), "scale": (40,)}
    ae.save(tmp_path / "run")
    again = Autoencoder.load(tmp_path / "run")
    assert again.pose == {"name": "found", "scale": True}
    np.testing.assert_array_equal(again.poses(x)["angle"], found["angle"])
    assert Autoencoder(2, epochs=2).fit(x).poses(x) == {}
