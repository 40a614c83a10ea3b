import numpy as np

from narrows.data.recordings.recording import Recording, Recordings


def test_lengths_are_those_of_the_recordings() -> None:
    parts = tuple(Recording(f"r{n}", np.zeros((n, 2))) for n in (5, 3))
    found = Recordings(parts, ("a", "b"))
    assert found.lengths.tolist() == [5, 3]
    assert found.names == ("r5", "r3")
    assert [len(each) for each in found] == [5, 3]
