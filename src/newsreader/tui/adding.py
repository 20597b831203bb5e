"""Adding a subscription: asked in a dialog, looked for by the worker, shown when there."""

from collections.abc import Callable, Mapping
from itertools import count as numbers
from typing import TYPE_CHECKING, TypeGuard

from newsreader.library import Library
from newsreader.model import Scope, ScopeKind, SourceID
from newsreader.text.plurals import plural
from newsreader.tui.background import Message
from newsreader.tui.commands import key_of
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import safe_line

if TYPE_CHECKING:
    from newsreader.tui.screens.add_panel import AddPanel, Wanted
    from newsreader.tui.screens.main import MainScreen


class Adding:
    """Asks, and hears what came of it, over one main screen.

    A dialog that is closed while the worker looks does not stop it: what it finds is said.
    """

    def __init__(
        self,
        main: "MainScreen",
        library: Library,
        glyphs: Glyphs,
        keys: Mapping[str, str],
        ask: Callable[[Message], bool],
    ) -> None:
        self._main = main
        self._library = library
        self._glyphs = glyphs
        self._keys = keys
        self._ask = ask
        self._numbers = numbers(1)
        self._panel: AddPanel | None = None
        self._asked: dict[int, Wanted] = {}
        self._before: frozenset[SourceID] = frozenset()
        self._offered: tuple[Wanted, list[tuple[str, str]]] | None = None

    def begin(self) -> None:
        """Ask for an address; what an earlier one offered is offered again."""
        from newsreader.tui.screens.add_panel import AddPanel

        main = self._main
        scope = main.sources.here if main.at == "source-list" else main.listing.scope
        folder = scope.key if scope is not None and scope.kind is ScopeKind.FOLDER else ""
        offered, self._offered = self._offered, None
        self._panel = AddPanel(
            self._glyphs, self._library.folders(), self._want, folder=folder, offered=offered
        )
        main.app.push_screen(self._panel, self._closed)

    def _closed(self, _: None) -> None:
        self._panel = None

    def _want(self, wanted: "Wanted") -> bool:
        """Ask the worker for a subscription; return whether there is one to ask."""
        number = next(self._numbers)
        self._before = frozenset(source.id for source in self._main.listing.known)
        request = {"do": "add", "request": number, "url": wanted.url, "folder": wanted.folder}
        if not self._ask(request):
            return False
        self._asked[number] = wanted
        return True

    def hear(self, event: Message) -> None:
        """Take the worker's answer to what was asked for."""
        kind, number = event.get("event"), event.get("request")
        if kind == "lost" and self._asked:
            self._asked.clear()
            if self._panel is not None:
                self._panel.refuse("it was lost on the way; enter tries again")
        wanted = self._asked.pop(number, None) if isinstance(number, int) else None
        if wanted is None:
            return
        panel = self._panel if self._panel is not None and self._panel.wants(wanted) else None
        if kind == "added":
            self._added(event, panel)
        elif kind == "choose":
            self._choose(event, wanted, panel)
        elif kind == "refused":
            reason = str(event.get("reason") or "it could not be read")
            if panel is not None:
                panel.refuse(reason)
            else:
                self._main.say(f"Not added: {reason}")

    def _added(self, event: Message, panel: "AddPanel | None") -> None:
        main = self._main
        given = event.get("sources")
        sources = [each for each in given if isinstance(each, int)] if _listed(given) else []
        known = len(sources) == 1 and sources[0] in self._before
        main.listing.recount()
        title = safe_line(str(event.get("title") or "")) or "the feed"
        if panel is not None:
            panel.dismiss(None)
            if len(sources) == 1:
                main.show_scope(Scope(ScopeKind.SOURCE, str(sources[0])))
        if len(sources) > 1:
            problems = event.get("problems")
            lost = len(problems) if _listed(problems) else 0
            more = f"; {lost} could not be taken" if lost else "; they are fetched now"
            main.say(f"Subscribed to {plural(len(sources), 'feed')}", more)
        elif known:
            main.say(f"You are subscribed to {title} already")
        else:
            articles = event.get("articles")
            number = articles if isinstance(articles, int) else 0
            main.say(f"Subscribed to {title}", f", {plural(number, 'article')}")

    def _choose(self, event: Message, wanted: "Wanted", panel: "AddPanel | None") -> None:
        found = _pairs(event.get("candidates"))
        if panel is not None:
            panel.offer(found)
        else:
            self._offered = (wanted, found)
            key = key_of("add", self._keys)
            self._main.say(f"{plural(len(found), 'feed')} found there; press {key} to choose")


def _listed(given: object) -> TypeGuard[list[object]]:
    return isinstance(given, list)


def _pairs(given: object) -> list[tuple[str, str]]:
    """Return the (address, title) of what a page offers."""
    if not _listed(given):
        return []
    return [(str(each[0]), str(each[1])) for each in given if _listed(each) and len(each) == 2]
