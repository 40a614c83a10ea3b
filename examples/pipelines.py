"""Three pipelines from scikit-learn's examples, with `PCA(k)` and with `Autoencoder(k)` instead.

    python examples/pipelines.py

Prints the score of each pipeline with either compression, and the seconds it took. On the digits the
classifier is more accurate with 2 or 5 latent dimensions of the autoencoder than with as many components of
PCA, and less accurate with 30.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from narrows import Autoencoder

SIZES = (2, 5, 15, 30)


def digits(compress: Callable[[int], Any], size: str) -> str:
    """Search the latent dimensions and the regularisation of a compression and a logistic regression."""
    x, y = load_digits(return_X_y=True)
    with TemporaryDirectory() as cache:
        steps = [
            ("scaler", StandardScaler()),
            ("compress", compress(2)),
            ("logistic", LogisticRegression(max_iter=10_000, tol=0.1)),
        ]
        pipe = Pipeline(steps, memory=cache)
        grid = {f"compress__{size}": list(SIZES), "logistic__C": np.logspace(-4, 4, 4)}
        search = GridSearchCV(pipe, grid, cv=3).fit(x, y)
    results = search.cv_results_
    best = {
        k: max(
            s
            for s, n in zip(results["mean_test_score"], results[f"param_compress__{size}"], strict=True)
            if n == k
        )
        for k in SIZES
    }
    return ", ".join(f"{k} dimensions {score:.3f}" for k, score in best.items())


def union(compress: Callable[[int], Any], size: str) -> str:
    """Combine codes with the best columns, and search the sizes of both."""
    x, y = load_iris(return_X_y=True)
    features = FeatureUnion([("codes", compress(2)), ("best", SelectKBest(k=1))])
    pipe = Pipeline([("features", features), ("svm", SVC(kernel="linear"))])
    grid = {f"features__codes__{size}": [1, 2, 3], "features__best__k": [1, 2], "svm__C": [0.1, 1, 10]}
    search = GridSearchCV(pipe, grid, cv=5).fit(x, y)
    return f"{search.best_score_:.3f} with {search.best_params_}"


def columns(compress: Callable[[int], Any], size: str) -> str:
    """Compress six of ten columns, keep the others, and predict with a ridge regression."""
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    serum = [f"s{i}" for i in range(1, 7)]
    pipe = make_pipeline(
        ColumnTransformer([("serum", compress(2), serum)], remainder="passthrough"),
        StandardScaler(),
        RidgeCV(),
    )
    return f"R² {cross_val_score(pipe, x, y, cv=5).mean():.3f}"


def main() -> None:
    for example in (digits, union, columns):
        print((example.__doc__ or "").splitlines()[0])
        for compress, size in ((PCA, "n_components"), (Autoencoder, "latent_dim")):
            start = time.perf_counter()
            score = example(compress, size)
            print(f"  {compress.__name__:<12}{score}  ({time.perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
