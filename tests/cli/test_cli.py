from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import as_json, narrows

WRONG = {
    ("fit", "digit"): "Did you mean 'digits'",
    ("fit", "digits", "--recipe", "vea"): "Did you mean 'vae'",
    ("fit", "iris", "--set", "bottleneck.betta=1", "--recipe", "vae"): "Did you mean 'beta'",
    ("fit", "iris", "--set", "botleneck.beta=1"): "Did you mean 'bottleneck'",
    ("fit", "iris", "--set", "nonsense"): "PART.OPTION=VALUE",
    ("fit", "iris", "--set", "training.epoch=1"): "Did you mean 'epochs'",
    ("fit", "iris", "--latent-dim", "0"): "at least 1",
    ("fit", "iris", "--epochs", "0"): "between 1 and",
    ("fit", "iris", "--device", "gpu"): "There is no device 'gpu'",
    ("fit", "iris", "--kind", "pictures"): "No kind of data is called 'pictures'",
    ("fit", "iris", "--set", "encoder.name=conv"): "is for images",
    ("fit", "diabetes", "--set", "loss.name=bernoulli"): "values in [0, 1]",
    ("fit",): "Missing argument",
    ("fit", "iris", "--latent-dim", "many"): "--latent-dim takes a whole number, as 8, but got 'many'.",
    ("fitt", "iris"): "No such command",
    ("recipes", "vea"): "Did you mean 'vae'",
    ("encode", "nowhere", "iris", "-o", "a.csv"): "is not a run folder",
    ("report", "nowhere"): "is not a run folder",
    ("compare", "iris", "--latent-dims", "2,many"): "takes whole numbers",
    ("compare", "iris", "--seeds", "0"): "The option 'seeds' is 0",
    ("compare", "iris", "--recipes", "autoencoder,vea"): "Did you mean 'vae'",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = narrows(capsys, *words, code=2)
    assert WRONG[words] in err
    assert (out, len(err.splitlines())) == ("", 1)
    assert WRONG[words] in as_json(capsys, *words, code=2)["error"]
    assert not Path("runs").exists()
