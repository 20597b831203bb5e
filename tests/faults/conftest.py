"""Homes to be damaged, and a disk of the test's own."""

import shutil
import subprocess

import pytest
from tests.terminal import fill


@pytest.fixture
def disk(tmp_path):
    """A folder on a small filesystem of its own (4 MB); skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0777", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no filesystem can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A home with the sample library, for copying."""
    return fill(tmp_path_factory.mktemp("whole") / "home")


@pytest.fixture
def copied(whole, home):
    """A home of the test's own with the sample library."""
    shutil.copytree(whole, home)
    return home
