"""Write the tagger's weights: ``python -m training.export VECTORS PARAMETERS FILE``.

Tables of embeddings are kept as one byte a number with a scale for each column, matrices as half
precision; vectors as they are. Prints the sha256 that ``WEIGHTS_SHA256`` must be.
"""

import hashlib
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_TABLES = ("word", "prefix", "suffix", "shape")
_MOMENT = (2022, 1, 1, 0, 0, 0)
"""The same file every time: archives carry dates."""


def packed(name: str, values: NDArray[np.float32]) -> dict[str, NDArray[np.generic]]:
    """Return how an array of parameters is kept."""
    if name in _TABLES:
        scale = np.abs(values).max(axis=0) / 127
        scale[scale == 0] = 1
        return {name: np.round(values / scale).astype(np.int8), f"{name}.scale": scale}
    return {name: values.astype(np.float16)}


def main() -> None:
    """Write the file."""
    vectors, parameters, target = (Path(word) for word in sys.argv[1:4])
    arrays: dict[str, NDArray[np.generic]] = {}
    with np.load(vectors) as found:
        arrays |= {name: found[name] for name in found.files}
    with np.load(parameters) as found:
        for name in found.files:
            arrays |= packed(name, found[name])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in arrays.items():
            content = BytesIO()
            np.save(content, values, allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", _MOMENT), content.getvalue(), zipfile.ZIP_DEFLATED, 9
            )
    data = target.read_bytes()
    print(f"{len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
