"""What the foot says for where the reader is: the keys there, and why a feed there fails."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from newsreader.model import ScopeKind, Source
from newsreader.tui.commands import hints, key_of
from newsreader.tui.glyphs import Glyphs

if TYPE_CHECKING:
    from newsreader.tui.screens.main import MainScreen


class Hinting:
    """Writes hints and the reason of a failure, over one main screen."""

    def __init__(self, main: "MainScreen", glyphs: Glyphs, keys: Mapping[str, str]) -> None:
        self._main = main
        self._glyphs = glyphs
        self._keys = keys

    def show(self) -> None:
        """Say what the keys do where the reader is."""
        main = self._main
        place = {"source-list": "sources", "article-view": "article"}.get(main.at, "list")
        if place == "sources":
            place = main.listing.place_of(main.sources.here)
        elif place == "list" and not main.articles.ids and not main.finding.active:
            place = "empty"
        if main.typing:
            place = "search"
        elif main.finding.active:
            place = {"list": "results", "article": "match"}.get(place, place)
        shown = hints(place, self._keys)
        if place == "search":
            shown = [("enter", "to the first match"), *shown]
        main.hints.show(shown, key_of("help", self._keys))
        self._ail()

    def _ail(self) -> None:
        """Say what ails the feed under the cursor of the source list, if anything does."""
        main = self._main
        here = main.sources.here if main.at == "source-list" and not main.typing else None
        source = None
        if here is not None and here.kind is ScopeKind.SOURCE:
            source = next((s for s in main.listing.known if str(s.id) == here.key), None)
        words = "" if source is None else ailment(source)
        sign = (f"{self._glyphs.warning} ", "accent")
        main.bar.status.say("here", [sign, (words, "text")] if words else [])


def ailment(source: Source) -> str:
    """Return why a feed brings nothing, "" if nothing is amiss."""
    if source.gone:
        return source.error or "Its server says that this feed is no more"
    if source.paused:
        return "Paused: it is not fetched"
    return source.error or ""
