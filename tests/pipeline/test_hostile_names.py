"""What a careless or hostile name may do to a library."""

import os
from pathlib import Path

import pytest

from newsreader.errors import NotFoundError
from newsreader.intake import import_paths
from newsreader.store import Store

TEXT = "Quiet day in the harbour\n\nNothing much happened on Tuesday, people said.\n"


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_an_empty_name_means_no_source(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    store = Store(tmp_path / "home")
    import_paths(store, [tmp_path / "a.txt"])
    with pytest.raises(NotFoundError):
        store.find_sources(name)
    store.close()


def test_a_pipe_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    os.mkfifo(folder / "a.fifo")
    (folder / "b.txt").write_text(TEXT, encoding="utf-8")
    store = Store(tmp_path / "home")
    taken = import_paths(store, [folder])
    store.close()
    assert taken.imported == 1
    assert taken.failed == [(str(folder / "a.fifo"), "is not a regular file")]
