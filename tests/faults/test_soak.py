"""A short run of the soak: a library is killed a dozen times and must have lost nothing."""

from bench.soak import Soak


def test_a_dozen_kills_lose_nothing(tmp_path):
    soak = Soak(tmp_path, seed=7, most=200)
    try:
        soak.run(12)
    finally:
        soak.close()
    assert soak.killed.total() >= 12 and soak.acts.model.texts
