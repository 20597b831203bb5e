"""Write the table of word vectors: ``python -m training.vectors OUT``.

The medium model's own (CC0), reduced to 64 numbers a word:

20,000 rows, unit length, principal components, one byte a number; half a million spellings lead to
them, each kept as its CRC-32.
"""

import sys
from typing import Any

import numpy as np

from newsreader.entities.tagger import spelling_key

SIZE = 64


def table(nlp: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Return rows (int8), scale (float32 by column), keys (uint32, ascending), of (uint16)."""
    vectors = nlp.vocab.vectors
    data = np.asarray(vectors.data, np.float32)
    data = data / np.maximum(np.linalg.norm(data, axis=1, keepdims=True), 1e-6)
    centred = data - data.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    reduced = centred @ axes[:SIZE].T
    scale = np.abs(reduced).max(axis=0) / 127
    rows = np.round(reduced / scale).astype(np.int8)
    found: dict[int, int] = {}
    for key, row in vectors.key2row.items():
        spelling = nlp.vocab.strings[key]
        if spelling and len(spelling) <= 40 and not spelling.isspace():
            found.setdefault(spelling_key(spelling), row)
    keys = np.fromiter(sorted(found), np.uint32, len(found))
    of = np.fromiter((found[int(key)] for key in keys), np.uint16, len(found))
    return {"rows": rows, "scale": scale.astype(np.float32), "keys": keys, "of": of}


if __name__ == "__main__":
    from training.label import Medium

    np.savez(sys.argv[1], allow_pickle=False, **table(Medium().nlp))
