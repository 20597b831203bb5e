"""The few signs the screen is drawn with, in Unicode and in plain ASCII."""

from typing import NamedTuple


class Glyphs(NamedTuple):
    """One set of signs; every one is a single cell, ``ellipsis`` may be longer."""

    unread: str = "●"
    star: str = "★"
    bar: str = "▌"
    rule: str = "─"
    heavy: str = "━"
    edge: str = "│"
    tee: str = "┬"
    thumb: str = "▐"
    quote: str = "▎"
    dot: str = "·"
    ellipsis: str = "…"
    person: str = "◆"
    organisation: str = "■"
    place: str = "▲"
    date: str = "○"
    caret: str = "▲"
    warning: str = "!"
    paused: str = "="
    gone: str = "×"
    silent: str = "~"
    bullet: str = "•"
    bars: str = "▁▂▃▄▅▆▇█"

    def of_kind(self, kind: str) -> str:
        """Return the sign of an entity kind."""
        return {
            "person": self.person,
            "organisation": self.organisation,
            "place": self.place,
            "demonym": self.place,
        }.get(kind, self.date)


UNICODE = Glyphs()
ASCII = Glyphs(
    unread="*",
    star="+",
    bar=">",
    rule="-",
    heavy="=",
    edge="|",
    tee="+",
    thumb="#",
    quote="|",
    dot="-",
    ellipsis="...",
    person="@",
    organisation="#",
    place="^",
    date="~",
    caret="^",
    warning="!",
    paused="=",
    gone="x",
    silent="~",
    bullet="*",
    bars=".:-=+*%#",
)
