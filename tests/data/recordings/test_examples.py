from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.reading import INFERRED, Reading
from narrows.data.recordings.examples import from_loaded, from_recordings, padded
from narrows.data.recordings.recording import Loaded, Recording, Recordings, TimeAxis
from narrows.fitting.fit import fit


def recordings(*lengths: int) -> Recordings:
    random = np.random.default_rng(0)
    return Recordings(
        tuple(Recording(f"r{i}", random.random((n, 2))) for i, n in enumerate(lengths)), ("a", "b")
    )


def test_shorter_recordings_end_in_nan() -> None:
    found = recordings(5, 3)
    values = padded(found.all, 5)
    assert values.shape == (2, 5, 2)
    np.testing.assert_array_equal(np.isnan(values[1]).all(axis=1), [False, False, False, True, True])
    np.testing.assert_array_equal(values[1, :3], found.all[1].values)
    assert not np.isnan(values[0]).any()


def test_recordings_of_whole_numbers_keep_their_type_if_they_are_of_one_length() -> None:
    one = Recording("a", np.zeros((4, 1), dtype=np.int16))
    assert padded((one, one), 4).dtype == np.int16
    assert padded((one, Recording("b", one.values[:3])), 4).dtype == np.float32


def test_each_recording_is_an_example_with_its_name_and_label() -> None:
    found = recordings(4, 4, 4)
    data = from_recordings(found, "name", INFERRED, ("said",), labels=np.array(["x", "y", "x"]))
    assert data.schema.kind == "sequences"
    assert data.schema.shape == (4, 2)
    assert data.ids == ("r0", "r1", "r2")
    assert data.notes == ("said",)
    assert data.recordings is found
    assert data.rows(np.array([1])).labels.tolist() == ["y"]  # type: ignore[union-attr]


def waves(steps: int, period: int = 20, channels: tuple[str, ...] = ("a", "b")) -> Recordings:
    angle = 2 * np.pi * np.arange(steps)[:, None] / period + np.arange(len(channels))
    noise = np.random.default_rng(0).normal(size=(steps, len(channels)))
    return Recordings((Recording("w", np.sin(angle) + 0.1 * noise),), channels, TimeAxis("t", "number", 2.0))


def test_one_recording_is_cut_into_windows_of_its_period() -> None:
    data = from_recordings(waves(2000), "w", INFERRED)
    assert (data.window, data.schema.shape, data.schema.channels) == (20, (20, 2), ("a", "b"))  # type: ignore[attr-defined]
    assert data.schema.time == TimeAxis("t", "number", 2.0)  # type: ignore[attr-defined]
    assert "20 time steps, is from its period" in data.notes[0]
    assert (len(data), data.ids[1]) == (661, "w[3]")
    assert from_recordings(waves(2000), "w", Reading(window=50, stride=10)).source.shape == (196, 50, 2)


def test_parts_of_windows_share_no_time_step() -> None:
    data = from_recordings(waves(4000), "w", Reading(window=20, stride=4))
    parts = data.parts(0)
    assert data.patches is not None
    assert parts.held_out is not None
    start = data.patches.corners[:, 0]
    seen = [
        set((start[rows][:, None] + np.arange(20)).ravel())
        for rows in (parts.train, parts.validation, parts.held_out)
    ]
    assert seen[0].isdisjoint(seen[1] | seen[2])
    assert seen[1].isdisjoint(seen[2])
    # Between two parts there is a gap of a window.
    others = np.array(sorted(seen[1] | seen[2]))
    assert min(np.abs(others - step).min() for step in seen[0]) > 20
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 2}})
    assert data.stretches is not None
    assert run.metrics["held_out"]["groups"] == len(np.unique(data.stretches[parts.held_out])) == 40


def test_a_model_takes_its_channels_in_its_order() -> None:
    like = from_recordings(waves(400), "w", Reading(window=20)).schema
    how = Reading(window=20, like=like)
    turned = waves(100, channels=("b", "x", "a"))
    data = from_recordings(turned, "w", how)
    np.testing.assert_array_equal(data.array[0], turned.all[0].values[:20, [2, 0]])
    with pytest.raises(InputError, match="have no channel b, to which the model was fitted; they have a, c"):
        from_recordings(waves(100, channels=("a", "c")), "w", how)
    padded_like = from_recordings(recordings(5, 3), "p", INFERRED).schema
    again = from_recordings(recordings(2, 4), "p", replace(INFERRED, like=padded_like))
    assert again.source.shape == (2, 5, 2)
    with pytest.raises(InputError, match="r1 has 6 time steps, more than the 5 of the longest"):
        from_recordings(recordings(2, 6), "p", replace(INFERRED, like=padded_like))


def test_recordings_are_grouped_by_their_names() -> None:
    found = Recordings(
        tuple(
            Recording(f"{who}-{i}", np.random.default_rng(i).random((40, 1))) for who in "ab" for i in (1, 2)
        ),
        ("x",),
    )
    by_name = Reading(groups="([ab])-")
    assert from_recordings(found, "g", by_name).groups.tolist() == [0, 0, 1, 1]  # type: ignore[union-attr]
    data = from_recordings(found, "g", replace(by_name, window=10, stride=10))
    assert data.groups is not None
    assert data.groups.tolist() == [0] * 8 + [1] * 8


def test_one_recording_must_be_long_enough_for_windows() -> None:
    with pytest.raises(InputError, match=r"r0 is one recording of 3 time steps, too short .* --window 2"):
        from_recordings(recordings(3), "name", INFERRED)


def test_values_that_are_not_finite_are_named() -> None:
    found = recordings(4, 5)
    found.all[1].values[2, 1] = np.inf
    for how in (INFERRED, Reading(window=2)):
        with pytest.raises(InputError, match=r"r1 holds 1 values .* in row 2, counted from 0, in column 'b'"):
            from_recordings(found, "name", how)


def test_recordings_are_not_cut_into_patches() -> None:
    with pytest.raises(InputError, match="--patch cuts images, but s holds recordings, which --window cuts"):
        from_loaded(Loaded(recordings(4, 5), "s"), Reading(patch=2))


def test_time_steps_of_another_length_than_those_of_the_model_are_warned_of() -> None:
    times = np.arange(8) / 100
    sound = Recordings(
        (Recording("s", np.sin(times)[:, None], times),), ("a",), TimeAxis("seconds", "number")
    )
    loaded = Loaded(sound, "s", places=(str,))
    fitted = from_loaded(loaded, Reading(window=4)).schema
    assert from_loaded(loaded, Reading(window=4, like=fitted)).warnings == ()
    slower = Recordings((replace(sound.all[0], times=times * 2),), ("a",), sound.axis)
    warnings = from_loaded(loaded._replace(recordings=slower), Reading(window=4, like=fitted)).warnings
    assert "The time steps of s are 0.02 long, but those that the model was fitted to 0.01" in warnings[0]


def test_loaded_recordings_have_groups_and_checked_times() -> None:
    times = np.datetime64("2024-01-01", "ns") + np.arange(4) * np.timedelta64(1, "m")
    parts = tuple(Recording(f"r{i}", np.arange(8.0).reshape(4, 2) + i, times) for i in range(3))
    axis = TimeAxis("t", "date")
    places = tuple((lambda row: f"Row {row}") for _ in parts)
    found = Loaded(Recordings(parts, ("a", "b"), axis), "set", groups=np.array([0, 1, 0]), places=places)
    whole = from_loaded(found, INFERRED)
    assert whole.groups is not None
    assert whole.groups.tolist() == [0, 1, 0]
    assert "usually 1min apart" in whole.notes[0]
    cut = from_loaded(found, Reading(window=2, stride=2))
    assert cut.groups is not None
    assert cut.groups.tolist() == [0, 0, 1, 1, 0, 0]
    backwards = Recordings((replace(parts[0], times=times[::-1]),), ("a", "b"), axis)
    with pytest.raises(InputError, match="has the time"):
        from_loaded(Loaded(backwards, "set", places=places[:1]), INFERRED)
