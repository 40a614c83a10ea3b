from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest

from narrows import AnomalyDetector, Autoencoder, Denoiser, InputError
from narrows.data.schema import Array


def waves(*lengths: int) -> list[Array]:
    rng = np.random.default_rng(0)
    made = []
    for n in lengths:
        angle = rng.uniform(0, 6) + rng.uniform(0.3, 0.6) * np.arange(n)[:, None]
        made.append(np.hstack([np.sin(angle), 5 + np.cos(angle)]) + 0.02 * rng.normal(size=(n, 2)))
    return made


def quick(**given: object) -> Autoencoder:
    return Autoencoder(3, kind="sequences", training={"epochs": 3}, **given)  # type: ignore[arg-type]


def test_a_list_of_recordings_of_any_length(tmp_path: Path) -> None:
    x = waves(*range(20, 60))
    ae = quick().fit(x, np.arange(40) % 2)
    assert ae.transform(x).shape == (40, 3)
    assert ae.n_features_in_ == 2
    made = ae.reconstruct(x)
    assert [len(each) for each in made] == [len(each) for each in x]
    np.testing.assert_allclose(ae.reconstruct(x[:1])[0], made[0], rtol=1e-12)
    assert ae.run_.evidence.labels is not None
    assert set(ae.run_.evidence.labels) <= {0, 1}
    np.testing.assert_array_equal(Autoencoder.load(ae.save(tmp_path / "run")).transform(x), ae.transform(x))
    with pytest.raises(InputError, match="80 time steps, more than the 59"):
        ae.transform(waves(80))


def test_recordings_of_one_channel_have_one_axis() -> None:
    x = [each[:, 0] for each in waves(*range(20, 40))]
    made = quick().fit(x).reconstruct(x)
    assert [each.shape for each in made] == [each.shape for each in x]


def test_one_recording_is_cut_into_windows_and_comes_back() -> None:
    (x,) = waves(900)
    ae = quick(window=16, stride=2).fit(x)
    assert ae.run_.schema.shape == (16, 2)
    assert ae.transform(x).shape == (443, 3)
    assert ae.reconstruct(x).shape == (900, 2)
    assert quick(window=16).fit(x[:, 0]).reconstruct(x[:, 0]).shape == (900,)


def test_a_data_frame_keeps_its_times() -> None:
    (x,) = waves(900)
    times = pandas.date_range("2024-03-30", periods=900, freq="h", tz="Europe/Berlin", name="when")
    frame = pandas.DataFrame(x, columns=["kW", "C"], index=times)
    ae = quick(window=24).fit(frame)
    made = ae.reconstruct(frame)
    assert list(made.columns) == ["kW", "C"]
    assert (made.index == frame.index).all()
    assert str(made.index.tz) == "Europe/Berlin"
    assert ae.run_.schema.channels == ("kW", "C")  # type: ignore[attr-defined]
    turned = ae.transform(frame[["C", "kW"]])
    np.testing.assert_array_equal(turned, ae.transform(frame))
    with pytest.raises(InputError, match="no channel kW"):
        ae.transform(frame[["C"]])


def test_other_estimators_take_them() -> None:
    x = waves(*range(20, 60))
    assert AnomalyDetector(quick()).fit(x).score_samples(x).shape == (40,)
    made = Denoiser(quick()).fit(x).transform(x)
    assert [len(each) for each in made] == [len(each) for each in x]


def test_windows_have_the_labels_of_their_recordings() -> None:
    x = waves(*[60] * 12)
    ae = quick(window=16, stride=8).fit(x, np.arange(12))
    labels = ae.run_.evidence.labels
    assert labels is not None
    assert len(set(labels)) > 1


@pytest.mark.parametrize("channels", [1, 2])
def test_an_array_of_shorter_sequences_is_taken(channels: int) -> None:
    x = np.stack(waves(*[30] * 40))[..., :channels]
    x = x[..., 0] if channels == 1 else x
    ae = quick().fit(x)
    codes = ae.transform(x[:, :12])
    np.testing.assert_allclose(codes, ae.transform([each[:12] for each in x]))
    assert ae.reconstruct(x[:, :12]).shape == x[:, :12].shape
    with pytest.raises(ValueError, match="34"):
        ae.transform(np.pad(x, [(0, 0), (0, 4), *[(0, 0)] * (x.ndim - 2)]))
