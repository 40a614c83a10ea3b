import numpy as np

from narrows.data.reading import INFERRED
from narrows.data.recordings.examples import from_recordings, padded
from narrows.data.recordings.recording import Recording, Recordings


def recordings(*lengths: int) -> Recordings:
    random = np.random.default_rng(0)
    return Recordings(
        tuple(Recording(f"r{i}", random.random((n, 2))) for i, n in enumerate(lengths)), ("a", "b")
    )


def test_shorter_recordings_end_in_nan() -> None:
    found = recordings(5, 3)
    values = padded(found.all)
    assert values.shape == (2, 5, 2)
    np.testing.assert_array_equal(np.isnan(values[1]).all(axis=1), [False, False, False, True, True])
    np.testing.assert_array_equal(values[1, :3], found.all[1].values)
    assert not np.isnan(values[0]).any()


def test_recordings_of_whole_numbers_keep_their_type_if_they_are_of_one_length() -> None:
    one = Recording("a", np.zeros((4, 1), dtype=np.int16))
    assert padded((one, one)).dtype == np.int16
    assert padded((one, Recording("b", one.values[:3]))).dtype == np.float32


def test_each_recording_is_an_example_with_its_name_and_label() -> None:
    found = recordings(4, 4, 4)
    data = from_recordings(found, "name", INFERRED, ("said",), labels=np.array(["x", "y", "x"]))
    assert data.schema.kind == "sequences"
    assert data.schema.shape == (4, 2)
    assert data.ids == ("r0", "r1", "r2")
    assert data.notes == ("said",)
    assert data.recordings is found
    assert data.rows(np.array([1])).labels.tolist() == ["y"]  # type: ignore[union-attr]
