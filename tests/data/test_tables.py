"""Tables as people have them: columns of words, missing cells, types that come back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from torch.nn import functional

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.core.records import Batch, Block, Code, Domain, Features, Pass
from narrows.data.columns import Column, narrow, widen
from narrows.data.readers import Reading, from_table, read
from narrows.data.scaling import choose
from narrows.data.schema import Schema
from narrows.data.summary import summarise
from narrows.data.tables import from_frame, to_frame
from narrows.data.writers import write_examples
from narrows.evaluation.errors import column_errors, errors
from narrows.fitting.fit import fit
from narrows.model.losses import Bernoulli, Gaussian, Mixed, Squared
from narrows.runs.run import Run

HOUSES = "size;rooms;garden;town\n" + "".join(
    f"{50 + 3.5 * (i % 17):.1f};{1 + i % 5};{'yes' if i % 3 else 'no'};{('Ulm', 'Bonn', 'Köln')[i % 3]}\n"
    for i in range(60)
)


def mixed(n: int = 400, missing: float = 0.0, seed: int = 0) -> pandas.DataFrame:
    """Columns of every nature that all follow one hidden number."""
    rng = np.random.default_rng(seed)
    t = rng.uniform(-2, 2, n)
    frame = pandas.DataFrame(
        {
            "a": np.sin(2 * t) + 0.05 * rng.standard_normal(n),
            "b": np.rint(100 * np.cos(t)).astype("int64"),
            "c": t + 0.5 * rng.standard_normal(n) > 0,
            "d": pandas.Categorical(np.array(["low", "mid", "high"])[np.digitize(t, [-0.7, 0.7])]),
            "e": np.array(["red", "green"])[(np.cos(3 * t) > 0).astype(int)],
        }
    )
    hidden = rng.random(frame.shape) < missing
    return frame.mask(hidden) if missing else frame


def of_frame(frame: pandas.DataFrame):  # type: ignore[no-untyped-def]
    return from_table(from_frame(frame, "X"), "X")


def test_a_file_of_every_nature(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(HOUSES.replace(".", ","), "utf-8")
    found = read("houses.csv")
    assert found.schema.columns == (
        Column("size", "float64"),
        Column("rooms", "int64"),
        Column("garden", "bool", ("no", "yes")),
        Column("town", "str", ("Bonn", "Köln", "Ulm")),
    )
    assert found.values[1].tolist() == [53.5, 2, 1, 0]
    assert found.schema.model_shape == (6,)
    columns = summarise(found)["columns"]
    assert [column["nature"] for column in columns] == ["number", "number", "boolean", "category"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("5.1,setosa\n4.9,setosa\n6.0,virginica\n6.1,virginica\n", ("x0", "x1")),
        ("country,2019,2020\nA,1,2\nB,3,4\nA,5,6\nB,1,2\n", ("country", "2019", "2020")),
        ("a\tb\n1\t2\n3\t4\n", ("a", "b")),
        ("1,2\n3,4\n", ("x0", "x1")),
    ],
)
def test_the_line_of_names_is_told_from_data(text: str, names: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert read("a.csv").schema.names == names


def test_one_word_among_numbers_is_a_mistake_and_no_category(tmp_path: Path) -> None:
    rows = [f"{i},{i % 7}" for i in range(40)]
    rows[20] = "20,n.a.?"
    (tmp_path / "a.csv").write_text("a,b\n" + "\n".join(rows))
    with pytest.raises(InputError, match=r"Line 22 of a\.csv has the text 'n\.a\.\?' in column 'b'"):
        read("a.csv")


@pytest.mark.parametrize(
    ("cells", "nature", "levels"),
    [
        (["YES", "no"] * 5, "boolean", ("no", "YES")),
        (["True"] * 10, "boolean", ("False", "True")),
        (["Yes", "yes", "no"] * 5, "category", ("Yes", "no", "yes")),
        (["red", "no"] * 5, "category", ("no", "red")),
    ],
)
def test_yes_and_no_in_any_spelling(cells: list[str], nature: str, levels: tuple[str, ...]) -> None:
    (column,) = of_frame(pandas.DataFrame({"a": cells})).schema.columns
    assert (column.nature, column.levels) == (nature, levels)


def test_a_boolean_column_without_a_value_is_named() -> None:
    frame = pandas.DataFrame({"a": range(40), "b": pandas.array([None] * 40, dtype="boolean")})
    with pytest.raises(InputError, match="'b' has no value"):
        fit(of_frame(frame))


def test_whole_numbers_stay_whole_where_some_are_missing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,x\n1,0.5\n,1.5\n3,2.5\n4,9.5\n")
    data = read("a.csv")
    assert [column.dtype for column in data.schema.columns] == ["int64", "float64"]
    write_examples(np.where(np.isnan(data.values), 2.0, data.values), data.schema, Path("b.csv"))
    assert Path("b.csv").read_text().split() == ["n,x", "1,0.5", "2,1.5", "3,2.5", "4,9.5"]


def test_a_word_that_was_never_seen_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HOUSES, "utf-8")
    schema = read("a.csv").schema
    (tmp_path / "b.csv").write_text("town;garden;rooms;size\nUlm;yes;3;50\nRom;no;2;70\n", "utf-8")
    with pytest.raises(InputError, match=r"Line 3 of b\.csv has 'Rom' in column 'town', which the model"):
        read("b.csv", Reading(like=schema))
    (tmp_path / "b.csv").write_text("town;garden;rooms;size\nUlm;yes;3;50\n;no;;70\n", "utf-8")
    again = read("b.csv", Reading(like=schema))
    np.testing.assert_array_equal(again.values, [[50, 3, 1, 2], [70, np.nan, 0, np.nan]])


COLUMNS = (
    Column("c", "str", ("p", "q", "r")),
    Column("n"),
    Column("b", "bool", ("no", "yes")),
    Column("i", "int64"),
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.floats(-9, 9), st.integers(0, 1), st.integers(-5, 5)), min_size=1
    )
)
def test_wide_and_narrow_again(rows: list[tuple[float, ...]]) -> None:
    values = np.array(rows, dtype=np.float64)
    wide = widen(values, COLUMNS)
    assert wide.shape == (len(rows), 6)
    assert (wide[:, 3:].sum(axis=1) == 1).all()
    np.testing.assert_array_equal(narrow(wide, COLUMNS), values)


def test_a_missing_category_is_missing_at_every_level() -> None:
    wide = widen(np.array([[np.nan, 1.0, np.nan, 2.0]]), COLUMNS)
    np.testing.assert_array_equal(np.isnan(wide[0]), [False, False, True, True, True, True])


def test_a_category_counts_as_one_cell_with_its_one_hot_error() -> None:
    x = widen(np.array([[0, 1.0, 1, 2.0], [np.nan, 3.0, 0, np.nan]]), COLUMNS)
    guess = np.zeros((2, 6))
    found = errors(x, guess, np.array([0, 1, 2, 3]))
    np.testing.assert_array_equal(found.values, [4, 2])
    np.testing.assert_array_equal(found.squared, [1 + 4 + 1 + 1, 9])
    np.testing.assert_array_equal(column_errors(x, guess, np.array([0, 1, 2, 3])), [5, 4, 0.5, 1])


def a_pass(x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor | None = None) -> Pass:
    return Pass(x, x, mask, {}, Features(x), Code(y), y)


def test_the_mixed_loss_is_the_sum_of_its_columns() -> None:
    torch.manual_seed(0)
    domain = Domain(
        (7,),
        blocks=(*[Block("number", 1)] * 2, Block("boolean", 1), Block("category", 3), Block("category", 1)),
    )
    x = torch.cat(
        [torch.randn(5, 2), torch.ones(5, 1), functional.one_hot(torch.arange(5) % 3), torch.ones(5, 1)], 1
    )
    y = torch.randn(1, 5, 7)
    word = functional.cross_entropy(y[0, :, 3:6], torch.arange(5) % 3, reduction="none")
    yes = functional.binary_cross_entropy_with_logits(y[0, :, 2], x[:, 2], reduction="none")
    expected = ((y[0, :, :2] - x[:, :2]) ** 2).sum(1) + yes + word
    torch.testing.assert_close(Mixed(domain)(a_pass(x, y))[0], expected)
    mean = Mixed(domain).mean(y)
    torch.testing.assert_close(mean[..., 3:6].sum(-1), torch.ones(1, 5))
    kinds = [type(part) for part in Mixed(domain, numbers="gaussian").parts]
    assert kinds[:2] == [Gaussian, Bernoulli]
    assert isinstance(Mixed(domain).parts[0], Squared)


def test_a_missing_cell_costs_nothing() -> None:
    domain = Domain((5,), blocks=(Block("number", 1), Block("boolean", 1), Block("category", 3)))
    x, y = torch.zeros(1, 5), torch.randn(1, 1, 5)
    mask = torch.tensor([[False, True, False, False, False]])
    only = functional.softplus(y[0, 0, 1])
    torch.testing.assert_close(Mixed(domain)(a_pass(x, y, mask))[0, 0], only)


def test_the_yardstick_is_pca_on_one_hot_columns() -> None:
    """PCA by scikit-learn on columns made by hand gives the verdict's number."""
    frame = mixed(300)
    data = of_frame(frame)
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 1}})
    parts = np.random.default_rng(0).permutation(300)
    numbers = frame[["a", "b"]].to_numpy(dtype=float)
    sizes = run.metrics["held_out"]["n"]
    train, held_out = parts[: 300 - 2 * sizes], parts[300 - sizes :]
    standard = (numbers - numbers[train].mean(0)) / numbers[train].std(0)
    wide = np.column_stack([standard, frame["c"], pandas.get_dummies(frame[["d", "e"]])]).astype(float)
    pca = PCA(2).fit(wide[train])
    residual = wide[held_out] - pca.inverse_transform(pca.transform(wide[held_out]))
    assert run.metrics["held_out"]["pca_mse"] == pytest.approx((residual**2).sum() / (5 * sizes), rel=1e-4)


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


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_come_back_as_they_were(ending: str, tmp_path: Path) -> None:
    frame = mixed(80)
    frame.to_csv("in.csv", index=False) if ending == "csv" else frame.to_parquet("in.parquet")
    data = read(f"in.{ending}")
    write_examples(data.values, data.schema, Path(f"out.{ending}"))
    if ending == "csv":
        again, first = pandas.read_csv("out.csv"), pandas.read_csv("in.csv")
    else:
        again, first = pandas.read_parquet("out.parquet"), pandas.read_parquet("in.parquet")
    pandas.testing.assert_frame_equal(again, first)
    with pytest.raises(InputError, match=r"wanted is \.csv or \.parquet\."):
        write_examples(data.values, data.schema, Path("out.npy"))


def test_a_run_on_words_travels(tmp_path: Path) -> None:
    data = of_frame(mixed(200, missing=0.05))
    run = fit(data, recipe="vae", latent_dim=2, overrides={"training": {"epochs": 2}})
    run.save(tmp_path / "run")
    again = Run.load(tmp_path / "run")
    assert again.schema == data.schema
    assert (again.encode(data.values) == run.encode(data.values)).all()
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    config["schema"]["columns"][3]["levels"].append("none")
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError):
        Run.load(tmp_path / "run")


def test_numbers_that_stand_for_no_word_are_refused() -> None:
    schema = Schema("table", "float64", (1,), "F", (Column("d", "str", ("p", "q")),))
    with pytest.raises(InputError, match="Row 1 has 2 in column 'd'"):
        schema.check(np.array([[1.0], [2.0]]))
    assert to_frame(np.array([[1.0], [np.nan]]), schema)["d"].isna().tolist() == [False, True]


def test_dates_and_complex_columns_are_named() -> None:
    dates = pandas.DataFrame({"when": pandas.date_range("2020", periods=30), "a": range(30)})
    with pytest.raises(InputError, match="'when' of X holds dates"):
        of_frame(dates)
    with pytest.raises(InputError, match="'z' of X holds complex"):
        of_frame(pandas.DataFrame({"z": np.ones(5) * 1j}))


def test_levels_that_the_training_part_lacks_are_never_given_back() -> None:
    values = np.array([[0.0], [0.0], [1.0]] * 10)
    schema = Schema("table", "float64", (1,), "F", (Column("d", "str", ("p", "q", "r")),))
    choice = choose(schema.arrange(values), schema)
    x = choice.scaling.restore(torch.tensor([[0.1, 0.2, 0.7]]))
    assert schema.restore(x)[0, 0] == 1


def test_a_test_part_of_ones_own(tmp_path: Path) -> None:
    mixed(200).to_csv("a.csv", index=False)
    mixed(60, seed=1)[["e", "d", "c", "b", "a"]].to_csv("b.csv", index=False)
    data = read("a.csv", Reading(test="b.csv"))
    assert data.test is not None
    assert fit(data, overrides={"training": {"epochs": 1}}).metrics["held_out"]["n"] == 60


def test_missing_cells_of_a_batch_are_masked_for_words() -> None:
    data = of_frame(mixed(200, missing=0.3))
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 1}})
    scaled = run.scaled(data.values)
    starts = data.schema.starts
    assert np.isnan(scaled[:, starts]).sum() == np.isnan(data.values).sum()
    assert run.model(Batch(torch.zeros(1, 8)), torch.zeros(1, 8)).y.shape == (1, 1, 8)


def test_words_without_a_header_keep_their_codes(tmp_path: Path) -> None:
    """A file that lacks a word gives the others the codes that they had in training."""
    (tmp_path / "all.csv").write_text("0.1,red\n0.2,green\n0.3,blue\n" * 20)
    (tmp_path / "some.csv").write_text("0.1,red\n0.2,green\n" * 20)
    fitted = read(str(tmp_path / "all.csv"), Reading())
    assert fitted.schema.names == ("x0", "x1")
    later = read(str(tmp_path / "some.csv"), Reading(like=fitted.schema))
    np.testing.assert_array_equal(later.array[:2], fitted.array[:2])
    (tmp_path / "three.csv").write_text("0.1,red,2\n0.2,green,1\n" * 20)
    with pytest.raises(InputError, match="shape 3"):
        read(str(tmp_path / "three.csv"), Reading(like=fitted.schema))
