"""Names in the reader: walked through, opened as pages, followed, merged, renamed, hidden."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from newsreader.errors import NewsReaderError
from newsreader.library import Library
from newsreader.model import (
    ArticleID,
    Entity,
    EntityID,
    EntityKind,
    EntityPage,
    Followed,
    Mention,
    Scope,
    ScopeKind,
)
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import safe_line

if TYPE_CHECKING:
    from newsreader.tui.screens.entity_page import EntityScreen, Wish
    from newsreader.tui.screens.main import MainScreen
    from newsreader.tui.screens.picker import Picker

_T = TypeVar("_T")


class _Left(NamedTuple):
    """A page that was left for one of its articles: the pages to it, and the row taken."""

    article: ArticleID
    trail: tuple[EntityID, ...]
    row: str


class Naming:
    """Does what the keys for names ask for, over one main screen."""

    def __init__(
        self, main: "MainScreen", library: Library, glyphs: Glyphs, keys: Mapping[str, str]
    ) -> None:
        self._main = main
        self._library = library
        self._glyphs = glyphs
        self._keys = keys
        self._screen: EntityScreen | None = None
        self._origin: ArticleID | None = None
        self._left: _Left | None = None

    # In the text

    def step(self, step: int) -> None:
        """Focus the next or previous name or date in the text, and say what it is."""
        main = self._main
        if main.reading.article is None:
            return
        if main.at != "article-view":
            main.open_current()
        mention = main.reading.step_name(step)
        if mention is None:
            main.say("No names have been found in this article yet")
        else:
            main.say(*self._about(mention))

    def _about(self, mention: Mention) -> tuple[str, str]:
        """Return what a mention is, and what Enter does with it."""
        dot = f" {self._glyphs.dot} "
        glyph = self._glyphs.of_kind(mention.kind)
        written = safe_line(self._main.reading.surface(mention))
        if mention.kind is EntityKind.DATE:
            from newsreader.text.dated import meaning as said

            meaning = said(mention.date, mention.precision) or "no day is known"
            return f"{glyph} {written}: {meaning}", f"{dot}enter searches for it"
        name = safe_line(mention.name)
        if mention.guessed:
            name = f"{written}, taken to be {name}"
        return f"{glyph} {name}, {mention.kind}", f"{dot}enter opens its page{dot}f follows"

    def open(self, mention: int) -> None:
        """Open the page of a name in the text; search for a date."""
        found = self._main.reading.mention(mention)
        if found is None:
            return
        if found.entity is not None:
            self.page(found.entity)
        elif found.date:
            self._main.search_for(f"mentions:{found.date}")

    def follow_focused(self) -> None:
        """Follow the name in focus, the followed one under the cursor, or no longer."""
        main = self._main
        followed = self.followed_here()
        found = main.reading.mention(main.view.focused_mention)
        if main.at == "source-list" and followed is not None:
            self._follow(followed.id, safe_line(followed.name), on=False)
        elif main.at == "article-view" and found is not None and found.entity is not None:
            self.follow(found.entity)
        else:
            main.say("Put the cursor on a name first, with ] or e")

    def followed_here(self) -> Followed | None:
        """Return the followed entity under the cursor of the source list, None if it is on none."""
        scope = self._main.sources.here
        if scope is None or scope.kind is not ScopeKind.ENTITY:
            return None
        return next((f for f in self._main.listing.followed if str(f.id) == scope.key), None)

    def follow(self, entity: EntityID) -> None:
        """Follow an entity, or no longer."""
        try:
            found = self._library.entity(entity)
        except NewsReaderError as error:
            self._main.say(str(error))
            return
        self._follow(found.id, safe_line(found.name), on=not found.followed)

    def _follow(self, entity: EntityID, name: str, *, on: bool) -> None:
        main = self._main

        def done(_: object) -> None:
            listed = main.listing.scope == Scope(ScopeKind.ENTITY, str(entity))
            if not on and listed:
                main.sources.choose(Scope(ScopeKind.ALL))
                main.load(main.sources.chosen)
            self._done(f"Following {name}" if on else f"No longer following {name}")

        main.marking.do(lambda library: library.follow(entity, on=on), done)

    def _done(self, words: str) -> None:
        """Say what was done: on the page where one is open, else on the status line."""
        main = self._main
        main.marking.done(words)
        main.reading.renew()
        screen = self._screen
        if screen is not None and screen.is_current:
            screen.read(stay=True)

    def tell(self, words: str) -> None:
        """Say something on the page too, where one is open: it covers the status line."""
        if self._screen is not None and self._screen.is_attached:
            self._screen.say(words)

    # The page

    def page(self, entity: EntityID) -> None:
        """Open the page of an entity."""
        shown = self._main.reading.article
        reading = self._main.at == "article-view" and shown is not None
        self._origin = shown.id if reading and shown is not None else None
        self._open((entity,))

    def _open(self, trail: Sequence[EntityID], row: str = "") -> None:
        from newsreader.tui.screens.entity_page import EntityScreen

        main = self._main
        self._left = None
        screen = EntityScreen(
            self._glyphs,
            self._keys,
            trail,
            self._read,
            self._wish,
            self._closed,
            now=main.now,
            row=row,
        )
        self._screen = screen
        main.app.push_screen(screen)

    def back(self) -> bool:
        """Open the page again that led to the article being read; return whether one did."""
        left = self._left
        if left is None or not self._main.reading.shows(left.article):
            return False
        self._main.reading.keep_place()
        self._open(left.trail, left.row)
        return True

    def forget(self) -> None:
        """Forget what led to the article: the reader has gone elsewhere."""
        self._left = None

    def _closed(self) -> None:
        """Show the article again from whose text the first page was opened."""
        if self._origin is not None and not self._main.reading.shows(self._origin):
            self._main.show_article(self._origin, opened=True)

    async def _read(self, entity: EntityID) -> EntityPage | str:
        try:
            return await self._main.do(lambda library: library.entity_page(entity))
        except NewsReaderError as error:
            return str(error)

    def _close(self) -> None:
        if self._screen is not None and self._screen.is_current:
            self._screen.dismiss(None)

    def _wish(self, wish: "Wish") -> None:
        from newsreader.tui.screens.entity_page import article_of

        entity = wish.page.entity
        match wish.act:
            case "follow":
                self._follow(entity.id, safe_line(entity.name), on=not entity.followed)
            case "search" | "with" | "outlet":
                self._close()
                self._main.search_for(_query(wish, self._library))
            case "article":
                self._close()
                self.read_about(article_of(wish.key), entity.id)
                if self._screen is not None:
                    row = f"article {wish.key}"
                    self._left = _Left(article_of(wish.key), self._screen.trail, row)
            case "hide":
                on, name = not wish.page.hidden, safe_line(entity.name)
                self._act(
                    lambda library: library.hide_entity(entity.id, on=on),
                    lambda _: f"{name} is hidden" if on else f"{name} is shown again",
                )
            case "undo" | "redo":
                self._act(
                    lambda library: library.undo() if wish.act == "undo" else library.redo(),
                    lambda what: (
                        f"{'Undone' if wish.act == 'undo' else 'Done again'}: {what}"
                        if what
                        else "There is nothing to undo"
                    ),
                )
            case _:
                self._choose(wish)

    def _act(self, act: Callable[[Library], _T], words: Callable[[_T], str]) -> None:
        self._main.marking.do(act, lambda result: self._done(safe_line(words(result))))

    def _choose(self, wish: "Wish") -> None:
        """Ask what an act still needs, then do it."""
        from newsreader.tui.screens import entity_choice as choice

        entity, glyphs = wish.page.entity, self._glyphs
        name = safe_line(entity.name)
        if wish.act == "merge":
            title = f"Whom is {name} the same as?"
            self._ask(
                choice.EntityPicker(glyphs, title, "merge", self._library.find_entities, entity.id),
                lambda library, other: library.merge_entity(entity.id, into=EntityID(int(other))),
                lambda found: f"{name} is merged into {found.name}",
            )
        elif wish.act == "split":
            self._ask(
                choice.names_picker(glyphs, entity),
                lambda library, alias: library.split_entity(entity.id, alias),
                lambda found: f"{found.name} is split off",
            )
        elif wish.act == "rename":
            self._ask(
                choice.NamePrompt(glyphs, f"Rename {name}", entity.name),
                lambda library, new: library.rename_entity(entity.id, new),
                lambda found: f"Renamed {found.name}",
            )
        elif wish.act == "kind":
            self._ask(
                choice.kinds_picker(glyphs),
                lambda library, kind: library.set_entity_kind(entity.id, EntityKind(kind)),
                lambda found: f"{found.name} is taken for: {found.kind}",
            )

    def _ask(
        self,
        picker: "Picker",
        act: Callable[[Library, str], Entity],
        words: Callable[[Entity], str],
    ) -> None:
        def chosen(answer: str | None) -> None:
            if answer is not None:
                self._act(lambda library: act(library, answer), words)

        self._main.app.push_screen(picker, chosen)

    def read_about(self, article: ArticleID, entity: EntityID) -> None:
        """Read an article, in the list or not, from where it names an entity."""
        main = self._main
        if main.show_article(article, opened=True):
            main.go_to("article-view")
            main.marking.opened(article)
            main.reading.find(entity)


def _query(wish: "Wish", library: Library) -> str:
    """Return the search that a key of the page asks for."""
    from newsreader.completion import written
    from newsreader.tui.screens.entities import query_for

    entity = wish.page.entity
    query = query_for(entity.kind, entity.name)
    if wish.act == "outlet":
        query += " " + written("source", safe_line(wish.key))
    elif wish.act == "with":
        other = library.entity(EntityID(int(wish.key)))
        query += " " + query_for(other.kind, other.name)
    return query
