from __future__ import annotations

import numpy as np

from narrows.tasks.anomalies.known_windows import KnownWindows, step_codes, window_codes


def test_equal_windows_have_equal_numbers_and_others_have_others() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, (400, 2)).astype(np.float64)
    x[7, 1] = np.nan
    codes = window_codes(step_codes(x), 5)
    windows = [x[i : i + 5].tobytes() for i in range(396)]
    assert len(codes) == 396
    for i in range(396):
        assert [c == codes[i] for c in codes] == [w == windows[i] for w in windows]


def test_order_and_channels_matter_and_types_do_not() -> None:
    x = np.array([[1.0, 2], [3, 4]])
    one = window_codes(step_codes(x), 2)
    assert one != window_codes(step_codes(x[::-1]), 2)
    assert one != window_codes(step_codes(x[:, ::-1]), 2)
    assert one == window_codes(step_codes(x.astype(np.int16)), 2)
    assert step_codes(np.array([[-0.0]])) == step_codes(np.array([[0.0]]))


def test_windows_of_kept_recordings_are_found_at_their_places() -> None:
    rng = np.random.default_rng(0)
    kept = [rng.normal(size=(n, 1)) for n in (50, 30)]
    known = KnownWindows([step_codes(each) for each in kept], np.array([0, 100]), 8)
    new = np.concatenate([rng.normal(size=(10, 1)), kept[1][3:], kept[0][:20]])
    found = known.find(step_codes(new), np.arange(len(new) - 7))
    expected = np.full(len(found), -16)
    expected[10:30] = 103 + np.arange(20)
    expected[37:50] = np.arange(13)
    np.testing.assert_array_equal(found, expected)
    some = np.array([45, 12, 30])
    np.testing.assert_array_equal(known.find(step_codes(new), some), expected[some])
    assert len(known.find(step_codes(new), some[:0])) == 0
