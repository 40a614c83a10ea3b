"""Data frames come back as they went in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.estimators.frames import typed
from tests.samples import curve

SHORT = {"epochs": 2}

NUMBERS = pandas.DataFrame(curve(80), index=np.arange(80) + 100)
"""Its columns are called 0 to 5, as pandas names them."""


def fitted(frame: Any) -> Autoencoder:
    return Autoencoder(2, training=SHORT).fit(frame)


def mixed() -> pandas.DataFrame:
    rng = np.random.default_rng(0)
    grades = pandas.Categorical(rng.choice([3, 1, 2], 80), categories=[3, 1, 2], ordered=True)
    return NUMBERS.assign(
        grade=grades,
        text=pandas.Series(["u", "v"] * 40, dtype="string", index=NUMBERS.index),
        byte=rng.integers(0, 250, 80).astype("uint8"),
        whole=pandas.array([None, 1, 2, 3] * 20, dtype="Int64"),
    )


def test_integer_labels_and_the_index_are_kept() -> None:
    ae = fitted(NUMBERS)
    rest = NUMBERS - ae.reconstruct(NUMBERS)
    assert rest.shape == NUMBERS.shape
    assert not rest.isna().any().any()
    codes = ae.set_output(transform="pandas").transform(NUMBERS)
    back = ae.inverse_transform(codes)
    pandas.testing.assert_frame_equal(back, ae.reconstruct(NUMBERS))


def test_types_of_pandas_come_back_everywhere() -> None:
    frame = mixed()
    ae = fitted(frame)
    made = [ae.reconstruct(frame), ae.impute(frame), ae.sample(3), ae.inverse_transform(ae.transform(frame))]
    for each in made:
        pandas.testing.assert_series_equal(each.dtypes, frame.dtypes)
    assert made[0]["grade"].cat.ordered
    assert (made[1]["grade"] == frame["grade"]).all(), "impute keeps the cells that are there"


@pytest.mark.filterwarnings("ignore:X has feature names")
def test_a_loaded_estimator_takes_types_from_the_frame_that_it_is_given(tmp_path: Path) -> None:
    frame = mixed()
    loaded = Autoencoder.load(fitted(frame).save(tmp_path / "run"))
    pandas.testing.assert_series_equal(loaded.reconstruct(frame).dtypes, frame.dtypes)
    few = frame.assign(grade=pandas.Categorical([3] * 80, categories=[3]))
    assert set(loaded.reconstruct(few)["grade"]) <= {"1", "2", "3"}, "not all are categories of this one"


def test_what_a_type_cannot_hold_stays() -> None:
    words = pandas.Series(["a", "b"])
    assert typed(words, np.dtype("int64")) is words
    assert typed(words, pandas.CategoricalDtype(["a"])) is words


def test_polars_frames_come_back_as_such() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(
        {
            "number": curve(80)[:, 0],
            "whole": [None, 1, 2, 3] * 20,
            "byte": polars.Series(list(range(80)), dtype=polars.UInt8),
            "truth": [True, False] * 40,
            "word": polars.Series(["p", "q"] * 40, dtype=polars.Enum(["p", "q", "r"])),
        }
    )
    ae = fitted(frame)
    made = [ae.reconstruct(frame), ae.impute(frame), ae.sample(3), ae.inverse_transform(ae.transform(frame))]
    for each in made:
        assert each.schema == frame.schema
    assert made[1]["whole"].null_count() == 0
    assert isinstance(ae.reconstruct(frame.to_pandas()), pandas.DataFrame)


def test_a_model_of_an_array_takes_a_frame() -> None:
    ae = fitted(NUMBERS.to_numpy())
    with pytest.warns(UserWarning, match="fitted without feature names"):
        back = ae.reconstruct(NUMBERS.add_prefix("c"))
    assert list(back.columns) == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert isinstance(ae.reconstruct(NUMBERS.to_numpy()), np.ndarray)


def test_an_integer_beyond_its_type_does_not_wrap_around() -> None:
    frame = pandas.DataFrame({"byte": np.arange(80, dtype="uint8"), "same": np.arange(80.0)})
    ae = Autoencoder(1, recipe="linear").fit(frame)
    far = pandas.DataFrame({"byte": np.full(3, 255, dtype="uint8"), "same": np.full(3, 5000.0)})
    assert (ae.reconstruct(far)["byte"] == 255).all()


def test_sparse_columns_are_read_and_come_back() -> None:
    sparse = NUMBERS.astype(pandas.SparseDtype("float64", 0.0))
    back = fitted(sparse).reconstruct(sparse)
    pandas.testing.assert_series_equal(back.dtypes, sparse.dtypes)
    pandas.testing.assert_frame_equal(back.sparse.to_dense(), fitted(NUMBERS).reconstruct(NUMBERS))


@pytest.mark.parametrize("twice", ["1", True, 1])
def test_two_labels_with_the_same_text_are_refused(twice: object) -> None:
    frame = NUMBERS.set_axis([str(twice), twice, 2, 3, 4, 5], axis="columns")
    with pytest.raises(InputError, match="X names a column twice: "):
        fitted(frame)


def test_codes_that_may_not_be_written_to_are_decoded() -> None:
    ae = fitted(NUMBERS)
    codes = ae.transform(NUMBERS)
    wanted = ae.inverse_transform(codes)
    codes.flags.writeable = False
    np.testing.assert_array_equal(ae.inverse_transform(codes), wanted)
