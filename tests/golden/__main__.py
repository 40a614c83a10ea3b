"""Write the folders of the present version, with the codes and reconstructions of their first rows."""

from __future__ import annotations

import json

from narrows.fitting.fit import fit
from narrows.runs.folder import save_run

from . import EXAMPLES, HERE

written = {}
for name, (data, overrides) in EXAMPLES.items():
    run = fit(data, latent_dim=2, overrides={**overrides, "training": {"epochs": 2}})
    folder = HERE / str(run.config["schema_version"]) / name
    save_run(run, folder)
    first = data.array[:5]
    written[name] = {"codes": run.encode(first).tolist(), "values": run.reconstruct(first).tolist()}
(folder.parent / "expected.json").write_text(json.dumps(written, indent=1) + "\n")
