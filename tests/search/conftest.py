from collections.abc import Iterator
from pathlib import Path

import pytest

from newsreader.search import Index


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    index = Index(tmp_path / "index", "home-1")
    yield index
    index.close()
