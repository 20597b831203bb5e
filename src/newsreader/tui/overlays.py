"""What is laid over the screen to choose from: help, palette, names, addresses, facets, saving.

The screens are imported when they are first used: they are no part of the first frame (5 ms).
"""

from typing import TYPE_CHECKING

from newsreader.library import Library
from newsreader.model import EntityID, SavedSearch, Scope, ScopeKind
from newsreader.tui.commands import action_of
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import safe_line

if TYPE_CHECKING:
    from newsreader.config import Config
    from newsreader.tui.opening import Opening
    from newsreader.tui.screens.main import MainScreen
    from newsreader.tui.screens.saving import Kept


class Overlays:
    """Opens them over one main screen, and does what was chosen."""

    def __init__(self, main: "MainScreen", glyphs: Glyphs, config: "Config") -> None:
        self._main = main
        self._programs = config.open
        self._opening: Opening | None = None
        self._glyphs = glyphs
        self._keys = config.keys

    async def open(self, name: str) -> None:
        """Open the overlay ``name``."""
        await {
            "entities": self.entities,
            "links": self.links,
            "help": self.help,
            "palette": self.palette,
            "facets": self.facets,
            "save": self.save,
            "remove": self.remove,
        }[name]()

    async def entities(self) -> None:
        """List the article's names; the page of the one taken is opened."""
        main = self._main
        followed = main.naming.followed_here() if main.at == "source-list" else None
        if followed is not None:
            main.naming.page(followed.id)
        elif main.ready():
            from newsreader.tui.screens.entities import entities_picker

            picker = entities_picker(self._glyphs, main.reading.entities)
            await main.app.push_screen(picker, self._page)

    def _page(self, answer: str | None) -> None:
        act, _, entity = (answer or "").rpartition(" ")
        if act:
            self._main.naming.follow(EntityID(int(entity)))
        elif entity:
            self._main.naming.page(EntityID(int(entity)))

    async def links(self) -> None:
        """Show the article's addresses in full; the one taken opens in the browser."""
        main = self._main
        if main.ready() and main.reading.article is not None:
            from newsreader.tui.screens.entities import links_picker

            picker = links_picker(self._glyphs, main.reading.article)
            await main.app.push_screen(picker, self._link)

    async def _link(self, url: str | None) -> None:
        from newsreader.tui.opening import Opening
        from newsreader.tui.screens.entities import seen_whole

        if self._opening is None:
            main = self._main
            self._opening = Opening(main, self._glyphs, self._programs, main.say)
        seen = bool(url) and seen_whole(url or "", self._main.app.size.width)
        await self._opening.ask(url, seen=seen)

    async def help(self) -> None:
        """Show every key; the one taken is done."""
        from newsreader.tui.screens.help import help_picker

        await self._main.app.push_screen(help_picker(self._glyphs, self._keys), self._run)

    async def palette(self) -> None:
        """Show every command and theme by name; the one taken is done."""
        from newsreader.tui.screens.help import palette

        picker = palette(self._glyphs, self._keys, self._main.app.theme)
        await self._main.app.push_screen(picker, self._run)

    async def _run(self, key: str | None) -> None:
        from newsreader.tui.screens.help import THEME

        main = self._main
        if key is None:
            return
        if key.startswith(THEME):
            name = key.removeprefix(THEME)
            main.app.theme = name
            main.marking.do(lambda library: library.keep_setting("theme", name), lambda _: None)
        else:
            await main.run_action(action_of(key))

    # Searches

    async def facets(self) -> None:
        """Show what the matches divide into; each key taken makes another search."""
        from newsreader.tui.screens.facets import FacetPanel

        main = self._main
        scope = main.listing.scope
        query = main.bar.query_text.strip() if main.finding.active else ""
        if main.finding.typing and query:
            # Its last word was a beginning; another filter after it makes it a whole one.
            main.search_for(query)

        def search(query: str) -> None:
            if query:
                main.search_for(query)
            else:
                main.leave_search()

        panel = FacetPanel(
            self._glyphs, query, lambda query: main.finding.facets(query, scope), search
        )
        await main.app.push_screen(panel)

    async def save(self) -> None:
        """Ask for name and actions of the search, or of the saved one under the cursor."""
        from newsreader.tui.screens.saving import Kept, SavePanel

        main = self._main
        saved = self._saved()
        if saved is not None:
            kept = Kept(saved.name, saved.query, saved.actions)
            panel = SavePanel(self._glyphs, kept, "Change this saved search", main.finding.fault)
            await main.app.push_screen(panel, lambda new: self._keep(new, saved.name))
        elif main.finding.active and main.finding.query:
            query = main.finding.query.strip()
            kept = Kept(query, query)
            panel = SavePanel(self._glyphs, kept, "Save this search", main.finding.fault)
            await main.app.push_screen(panel, lambda new: self._keep(new, None))
        else:
            main.say("Search first, then save what you searched for")

    def _keep(self, kept: "Kept | None", old: str | None) -> None:
        if kept is None:
            return

        def act(library: Library) -> str:
            if old is not None and old != kept.name:
                library.rename_search(old, kept.name)
            return library.keep_search(kept.name, kept.query, kept.actions).name

        def done(name: str) -> None:
            words = "Saved as" if old is None else "Changed:"
            self._main.marking.done(f"{words} {safe_line(name)}")

        self._main.marking.do(act, done)

    def _saved(self) -> SavedSearch | None:
        """Return the saved search that the keys act on: under the cursor, or listed."""
        main = self._main
        if main.at == "source-list":
            return main.listing.saved_of(main.sources.here)
        return None if main.finding.active else main.listing.saved_of(main.listing.scope)

    async def remove(self) -> None:
        """Remove a saved search or follow no longer, which undo brings back; or unsubscribe."""
        main, saved = self._main, self._saved()
        if saved is None and main.naming.followed_here() is not None:
            main.naming.follow_focused()
            return
        if saved is None:
            source = main.subscribing.here() if main.at == "source-list" else None
            if source is not None:
                main.subscribing.remove(source)
            else:
                main.say("Put the cursor on a feed, a saved search or who is followed first")
            return

        def done(_: None) -> None:
            if main.listing.scope == Scope(ScopeKind.SAVED, str(saved.id)):
                main.sources.choose(Scope(ScopeKind.ALL))
                main.load(main.sources.chosen)
            main.marking.done(f"Removed: {safe_line(saved.name)}")

        main.marking.do(lambda library: library.remove_search(saved.name), done)
