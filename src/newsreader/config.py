"""Where things live and the few settings there are: one TOML file in the home."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from newsreader.errors import ConfigError


def default_home() -> Path:
    """Return ``$NEWSREADER_HOME``, else the per-user data directory, without creating it."""
    named = os.environ.get("NEWSREADER_HOME")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("newsreader", appauthor=False)


def expanded(path: Path) -> Path:
    """Return ``path`` as an absolute one, with ``~`` replaced.

    Raises:
        ConfigError: it names a user that there is not.
    """
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise ConfigError(f"{path}: there is no such user; write the folder out") from error


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, with its default. Adding one needs a reason in the changelog.

    Args:
        theme: name of the colour theme; empty for the one last chosen in the reader.
        ascii: draw with ASCII glyphs only.
        recognise: look for names in articles; without it they are only indexed.
        keys: command name -> keys, comma-separated, in place of the default ones.
    """

    theme: str = ""
    ascii: bool = False
    recognise: bool = True
    keys: dict[str, str] = field(default_factory=dict)


_KINDS: dict[type, str] = {str: "text in quotes", bool: "true or false", dict: "a table"}
"""What TOML's types are called in a sentence."""


def load_config(home: Path) -> Config:
    """Read ``config.toml`` of ``home``; a missing file gives the defaults.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown or wrong setting.
    """
    path = home / "config.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}; correct it or move it away") from error
    # Most homes have no such file, and the reader's start waits for this import (5 ms).
    import tomllib

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}; correct it or move it away") from error
    types = {"theme": str, "ascii": bool, "recognise": bool, "keys": dict}
    for name, value in values.items():
        if name not in types:
            raise ConfigError(f"{path}: unknown setting '{name}'; there are {', '.join(types)}")
        if not isinstance(value, types[name]):
            raise ConfigError(f"{path}: '{name}' must be {_KINDS[types[name]]}")
    if not all(isinstance(keys, str) for keys in values.get("keys", {}).values()):
        raise ConfigError(f"{path}: every value of [keys] must be a string, such as 'ctrl+n'")
    return Config(**values)
