"""A kind of data that the package does not have works everywhere once its lines stand in the tables."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas
import pytest
from numpy.typing import NDArray
from torch import Tensor

from narrows import AnomalyDetector, Autoencoder, InputError
from narrows.data.columns import Array
from narrows.data.kinds import KINDS
from narrows.data.readers import from_table, read
from narrows.data.reading import Reading
from narrows.data.scaling import Choice, one_scale
from narrows.data.schema import Schema
from narrows.data.tables.table import from_frame
from narrows.report.kinds import DRAWN
from narrows.report.kinds.base import PictureDrawing
from tests.commands import as_json


@dataclass(frozen=True)
class Traces(Schema):
    """A value at each time step, `(1, time)` in the model's layout."""

    kind: ClassVar[str] = "traces"
    noun: ClassVar[str] = "trace"
    spatial: ClassVar[int] = 1

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        if len(shape) != 1:
            raise InputError("Traces have the axis time.")
        return "T"

    def to_model(self, values: Tensor) -> Tensor:
        return values[:, None]

    def from_model(self, values: Tensor) -> Tensor:
        return values[:, 0]

    def network(self) -> dict[str, Any]:
        return {"name": "mlp", "widths": [16]}

    def by_part(self, amounts: Array) -> Array:
        return amounts

    def scaling_for(self, values: Array) -> Choice:
        span = float(values.min()), float(values.max())
        mean = float(values.mean())
        scaling = one_scale("real", mean, float(values.std()), span, self.dtype, 1.0, mean)
        return Choice(scaling, "standard", ("One mean for all values.",))


class TraceDrawing(PictureDrawing):
    """A line for the highest value of each trace."""

    def pictures(self, schema: Schema, values: Array, low: float, high: float) -> list[str]:
        svg = '<svg xmlns="http://www.w3.org/2000/svg"><line y2="{:.2f}"/></svg>'
        drawn = (svg.format(trace.max()) for trace in values)
        return ["data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode() for text in drawn]


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "traces", Traces)
    monkeypatch.setitem(DRAWN, "traces", TraceDrawing())


def waves(n: int = 120, seed: int = 0) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    phase, time = rng.uniform(0, 6, (n, 1)), np.linspace(0, 6, 20)
    return np.sin(time + phase) + 0.05 * rng.standard_normal((n, 20))


FITTED = Autoencoder(2, kind="traces", training={"epochs": 4})


def test_estimators_take_arrays_and_frames(tmp_path: Path) -> None:
    X = waves()
    ae, of_frame = FITTED.fit(X), Autoencoder(2, kind="traces", training={"epochs": 4})
    of_frame.fit(pandas.DataFrame(X))
    assert (ae.run_.schema.kind, ae.run_.schema.model_shape) == ("traces", (1, 20))
    np.testing.assert_array_equal(of_frame.transform(pandas.DataFrame(X)), ae.transform(X))
    assert ae.reconstruct(X).shape == ae.sample(len(X)).shape == X.shape
    again = Autoencoder.load(ae.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.transform(X), ae.transform(X))
    assert "data:image/svg+xml" in again.report()


def test_an_odd_trace_is_found_and_its_time_is_named() -> None:
    detector = AnomalyDetector(Autoencoder(2, kind="traces", training={"epochs": 4})).fit(waves())
    odd = waves(5, seed=1)
    odd[2, 10:12] += 3
    assert detector.predict(odd)[2] == -1
    assert detector.contributions(odd)[2].argmax() in (9, 10, 11, 12)


def test_verbs_take_it(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", waves())
    assert as_json(capsys, "data", "x.npy", "--kind", "traces")["kind"] == "traces"
    found = as_json(capsys, "fit", "x.npy", "--kind", "traces", "--epochs", 3, "--out", "run")
    assert found["kind"] == "traces"
    for verb in (("doctor", "run"), ("anomalies", "run", "x.npy", "-o", "scores.csv", "--maps", "maps")):
        as_json(capsys, *verb)
    assert np.load("maps/maps.npy").shape == (120, 20)
    as_json(capsys, "reconstruct", "run", "x.npy", "-o", "y.npy")
    assert np.load("y.npy").shape == (120, 20)
    as_json(capsys, "export", "run", "--onnx", "onnx")
    assert json.loads(Path("run/config.json").read_text())["schema"]["axes"] == "T"


def test_layers_normalise_along_one_axis() -> None:
    encoder = {"name": "layers", "down": "batchnorm, flatten, linear 8, relu"}
    up = {"name": "layers", "up": "linear 8, relu, linear *"}
    ae = Autoencoder(2, kind="traces", encoder=encoder, decoder=up, training={"epochs": 1}).fit(waves())
    assert ae.transform(waves(3)).shape == (3, 2)


def test_words_and_patches_are_refused_in_a_sentence() -> None:
    frame = pandas.DataFrame({"a": np.arange(40.0), "b": ["red", "green"] * 20})
    with pytest.raises(InputError, match="column 'b' holds words or dates, but traces are numbers"):
        from_table(from_frame(frame, "X"), "X", Reading("traces"))
    np.save("x.npy", waves())
    with pytest.raises(InputError, match="Only images are cut into patches, but x is to be read as traces"):
        read("x.npy", Reading("traces", patch=8))
