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
        refresh: fetch feeds that are due while the reader is open.
        trusted_hosts: names in the user's own network that look public; feeds there may be fetched.
        notify: how the saved searches that say so give notice outside the reader: "terminal", or
            a program and its arguments, to which the words are added as one more; "" not at all.
        open: what opens addresses: "browser", "mailto", "gemini" or "gopher" -> a program and its
            arguments, "{}" standing for the address; "terminal" -> programs that take the terminal.
        keys: command name -> keys, comma-separated, in place of the default ones.
    """

    theme: str = ""
    ascii: bool = False
    recognise: bool = True
    refresh: bool = True
    trusted_hosts: tuple[str, ...] = ()
    notify: str | tuple[str, ...] = ""
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


_OPENED = ("browser", "mailto", "gemini", "gopher", "terminal")
_SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "fish", "env", "eval")
_NOTIFY = "'notify' must be \"terminal\", or a list of a program and its arguments"
_KINDS: dict[type, str] = {
    str: "text in quotes",
    bool: "true or false",
    dict: "a table",
    list: "a list of texts",
}
"""What TOML's types are called in a sentence."""


def load_config(home: Path) -> Config:
    """Read ``config.toml`` of ``home``; a missing file gives the defaults.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown or wrong setting.
    """
    path = home / "config.toml"
    try:
        if path.is_fifo():
            raise ConfigError(f"{path}: is a pipe, not a file; move it away")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}; correct it or move it away") from error
    return read_config(text, path)


def read_config(text: str, path: Path | str) -> Config:
    """Return what the text of a ``config.toml`` says; ``path`` is how errors call it.

    Raises:
        ConfigError: it is not TOML, or has an unknown or wrong setting.
    """
    # Most homes have no such file, and the reader's start waits for this import (5 ms).
    import tomllib

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}; correct it or move it away") from error
    types = {
        "theme": str,
        "ascii": bool,
        "recognise": bool,
        "refresh": bool,
        "trusted_hosts": list,
        "notify": object,
        "open": dict,
        "keys": dict,
    }
    _check_types(values, types, path)
    if not all(isinstance(keys, str) for keys in values.get("keys", {}).values()):
        raise ConfigError(f"{path}: every value of [keys] must be a string, such as 'ctrl+n'")
    hosts = values.pop("trusted_hosts", [])
    if not all(isinstance(host, str) for host in hosts):
        raise ConfigError(f"{path}: every value of 'trusted_hosts' must be a name in quotes")
    if "notify" in values:
        values["notify"] = _notify(values["notify"], path)
    if "open" in values:
        values["open"] = _programs(values["open"], path)
    return Config(**values, trusted_hosts=tuple(hosts))


def _check_types(values: dict[str, object], types: dict[str, type], path: Path | str) -> None:
    for name, value in values.items():
        if name not in types:
            raise ConfigError(f"{path}: unknown setting '{name}'; there are {', '.join(types)}")
        if not isinstance(value, types[name]):
            raise ConfigError(f"{path}: '{name}' must be {_KINDS[types[name]]}")


def _programs(table: dict[str, object], path: Path | str) -> dict[str, tuple[str, ...]]:
    programs = {}
    for name, value in table.items():
        if name not in _OPENED:
            raise ConfigError(f"{path}: [open] has no '{name}'; there are {', '.join(_OPENED)}")
        words = value if isinstance(value, list) else []
        if not words or not all(isinstance(word, str) and word for word in words):
            raise ConfigError(f"{path}: '{name}' of [open] must be a list, such as [\"firefox\"]")
        if not all(_is_plain(word, words[0]) for word in words[1:]) and name != "terminal":
            raise ConfigError(
                f"{path}: '{name}' of [open] must have {{}} as a word of its own: an address is"
                ' never part of what a shell reads; for one, write ["sh", "-c", \'w3m "$1"\','
                ' "sh", "{}"]'
            )
        programs[name] = tuple(words)
    return programs


def _is_plain(word: str, program: str) -> bool:
    """Tell whether an address in a word of a command line stays an address."""
    if "{}" not in word or word == "{}":
        return True
    return word.startswith("-") and Path(program).name not in _SHELLS


def _notify(value: object, path: Path | str) -> str | tuple[str, ...]:
    if value in ("", "terminal"):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(each, str) and each for each in value):
        return tuple(value)
    raise ConfigError(f"{path}: {_NOTIFY}")
