"""Subscriptions in the reader: how they do, what is set for them, and giving them up."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from newsreader.errors import NewsReaderError
from newsreader.library import Library
from newsreader.model import FeedHealth, FeedSettings, Scope, ScopeKind, Source, SourceID
from newsreader.text.plurals import plural
from newsreader.tui.background import Message
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import safe_line

if TYPE_CHECKING:
    from newsreader.tui.screens.feed_health import FeedsScreen
    from newsreader.tui.screens.feed_page import FeedScreen, Wish
    from newsreader.tui.screens.main import MainScreen
    from newsreader.tui.screens.picker import Picker

_T = TypeVar("_T")


class Subscribing:
    """Opens the pages of feeds over one main screen, and does what is asked there."""

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
        self._pages: list[FeedScreen | FeedsScreen] = []
        main.fetching.done, main.fetching.told = self.renew, self.tell

    def do(self, what: str) -> None:
        """Open what a key asks for: "add", "feed" or "feeds"."""
        {"add": self._main.adding.begin, "feed": self.feed, "feeds": self.feeds}[what]()

    # The pages

    def here(self) -> Source | None:
        """Return the source that the keys act on: under the cursor, listed, or of the article."""
        main = self._main
        scope = main.sources.here if main.at == "source-list" else main.listing.scope
        wanted: set[str] = set()
        if scope is not None and scope.kind is ScopeKind.SOURCE:
            wanted = {scope.key}
        elif main.at != "source-list" and main.ready() and main.reading.article is not None:
            wanted = {str(source) for source, _ in main.reading.article.via}
        found = [source for source in main.listing.known if str(source.id) in wanted]
        return next((s for s in found if s.kind == "feed"), next(iter(found), None))

    def feed(self) -> None:
        """Open the page of the feed that the keys act on."""
        source = self.here()
        if source is None:
            self._main.say("Put the cursor on a feed first, among the sources")
        elif source.kind != "feed":
            self._main.say("It was imported from a file: there is no feed")
        else:
            self.open(source.id)

    def open(self, source: SourceID) -> None:
        """Open the page of a feed."""
        from newsreader.tui.screens.feed_page import FeedScreen

        screen = FeedScreen(
            self._glyphs,
            self._keys,
            lambda: self._health(source),
            self._wish,
            now=self._main.now,
        )
        self._pages.append(screen)
        self._main.app.push_screen(screen, lambda _: self._closed(screen))

    def feeds(self) -> None:
        """Open the table of all feeds."""
        from newsreader.tui.screens.feed_health import FeedsScreen

        screen = FeedsScreen(
            self._glyphs, self._keys, self._healths, self._wish, now=self._main.now
        )
        self._pages.append(screen)
        self._main.app.push_screen(screen, lambda _: self._closed(screen))

    def _closed(self, screen: "FeedScreen | FeedsScreen") -> None:
        self._pages.remove(screen)
        self.renew()

    def _health(self, source: SourceID) -> FeedHealth | str:
        try:
            return self._library.feed(source)
        except NewsReaderError as error:
            return str(error)

    def _healths(self) -> Sequence[FeedHealth] | str:
        try:
            return self._library.feeds()
        except NewsReaderError as error:
            return str(error)

    def renew(self) -> None:
        """Read the pages anew that are open."""
        for page in self._pages:
            page.read()

    def tell(self, words: str) -> None:
        """Say something on the page that covers the status line, where one does."""
        for page in self._pages[-1:]:
            page.say(words)

    def _close(self) -> None:
        for page in reversed(self._pages):
            page.dismiss(None)

    # What is asked for on them

    def _wish(self, wish: "Wish") -> None:
        health, fetching = wish.health, self._main.fetching
        source, settings = health.source, health.settings
        match wish.act:
            case "open":
                self.open(source.id)
            case "refresh":
                fetching.fetch([source.id])
            case "all":
                self._try_all()
            case "halt":
                fetching.halt()
            case "list":
                self._close()
                self._main.show_scope(Scope(ScopeKind.SOURCE, str(source.id)))
            case "pause":
                on = not settings.paused
                words = "is no longer fetched" if on else "is fetched again"
                self._set(lambda library: library.pause_feed(source.id, on=on), source, words)
            case "remove":
                self.remove(source)
            case "undo":
                self._act(lambda library: library.undo(), _undone)
            case "redo":
                self._act(lambda library: library.redo(), _redone)
            case _:
                self._change(wish.act, source, settings)

    def _try_all(self) -> None:
        """Fetch all feeds that fail."""
        found = self._healths()
        failing = [] if isinstance(found, str) else found
        wanted = [h.source.id for h in failing if h.error is not None and not h.settings.paused]
        if wanted:
            self._main.fetching.fetch(wanted)
        else:
            self._main.say("No feed fails")

    def _act(self, act: Callable[[Library], _T], words: Callable[[_T], str]) -> None:
        def done(result: _T) -> None:
            self._main.marking.done(safe_line(words(result)))
            self.renew()

        self._main.marking.do(act, done)

    def _set(self, act: Callable[[Library], bool], source: Source, words: str) -> None:
        title = safe_line(source.title)
        self._act(act, lambda changed: f"{title} {words}" if changed else "It is so already")

    def _keep(self, source: Source, settings: FeedSettings) -> None:
        self._set(lambda library: library.keep_feed(source.id, settings), source, "is changed")

    def _change(self, what: str, source: Source, settings: FeedSettings) -> None:
        """Turn a setting on or off, or ask what it is to be."""
        if what == "full_text":
            self._keep(source, settings._replace(full_text=not settings.full_text))
        elif what == "cookies":
            self._keep(source, settings._replace(cookies=not settings.cookies))
        elif what == "insecure":
            self._trust(source, settings)
        elif what == "login":
            self._log_in(source)
        elif what in ("title", "user_agent"):
            self._name(what, source, settings)
        else:
            self._choose(what, source, settings)

    def _name(self, what: str, source: Source, settings: FeedSettings) -> None:
        """Ask for a setting that is a line of text, then set it."""
        from newsreader.tui.screens.entity_choice import NamePrompt

        glyphs, title = self._glyphs, safe_line(source.title)
        if what == "title":
            prompt = NamePrompt(
                glyphs,
                f"Rename {title}",
                safe_line(settings.title or source.title),
                words="Empty, it is called as it calls itself.",
            )
            self._ask_for(
                prompt,
                source,
                lambda library, new: library.rename_source(source.id, new.strip() or None),
                "is renamed",
            )
        else:
            prompt = NamePrompt(
                glyphs,
                f"What does the reader call itself to {title}?",
                safe_line(settings.user_agent or ""),
                words="Empty, it says what it is.",
                verb="keep",
            )
            self._ask_for(
                prompt,
                source,
                lambda library, new: library.keep_feed(
                    source.id, settings._replace(user_agent=new.strip() or None)
                ),
                "is changed",
            )

    def _choose(self, what: str, source: Source, settings: FeedSettings) -> None:
        """Ask which of several a setting is to be, then set it."""
        from newsreader.tui.screens import feed_choice as choice

        glyphs, title = self._glyphs, safe_line(source.title)
        if what == "folder":
            self._ask_for(
                choice.FolderPicker(glyphs, f"Where does {title} go?", self._library.folders()),
                source,
                lambda library, key: library.move_source(source.id, choice.folder_of(key)),
                "is moved",
            )
        elif what == "interval":
            self._ask_for(
                choice.interval_picker(glyphs),
                source,
                lambda library, key: library.keep_feed(
                    source.id, settings._replace(interval=int(key) or None)
                ),
                "is changed",
            )

    def _ask_for(
        self,
        picker: "Picker",
        source: Source,
        act: Callable[[Library, str], bool],
        words: str,
    ) -> None:
        def chosen(answer: str | None) -> None:
            if answer is not None:
                self._set(lambda library: act(library, answer), source, words)

        self._main.app.push_screen(picker, chosen)

    def _trust(self, source: Source, settings: FeedSettings) -> None:
        """Verify a feed's certificate again, or no longer, after a warning."""
        if settings.insecure:
            self._keep(source, settings._replace(insecure=False))
            return
        from newsreader.tui.screens.feed_choice import confirm

        def answered(answer: str | None) -> None:
            if answer == "yes":
                self._keep(source, settings._replace(insecure=True))

        warning = (
            "Its certificate could then be anybody's: whoever is between you and the server may"
            " read the password and what you read, and change it."
        )
        title = f"Trust {safe_line(source.title)} without proof?"
        question = confirm(
            self._glyphs,
            title,
            warning,
            "Fetch it without proof",
            "Leave it as it is",
            self._main.app.size.width,
        )
        self._main.app.push_screen(question, answered)

    def _log_in(self, source: Source) -> None:
        """Ask for a password and hand it to the worker; it is kept nowhere here."""
        from newsreader.tui.screens.feed_choice import Login, LoginPanel, login_picker

        title = safe_line(source.title)

        def tell(kind: str | None, name: str, secret: str) -> None:
            request: Message = {
                "do": "login",
                "source": source.id,
                "kind": kind,
                "name": name,
                "secret": secret,
            }
            if not self._ask(request):
                self._main.say("Nothing can be kept now; leave the reader and start it again")
            elif kind is None:
                self._main.say(f"The password of {title} is forgotten")
            else:
                self._main.say(f"The password of {title} is kept")

        def chosen(kind: str | None) -> None:
            if kind == "none":
                tell(None, "", "")
            elif kind is not None:

                def given(login: Login | None) -> None:
                    if login is not None:
                        tell(kind, login.name, login.secret)

                self._main.app.push_screen(LoginPanel(self._glyphs, kind, title), given)

        self._main.app.push_screen(login_picker(self._glyphs), chosen)

    # Giving up

    def remove(self, source: Source) -> None:
        """Unsubscribe, after saying what goes and what stays."""
        from newsreader.tui.screens.feed_choice import confirm

        title = safe_line(source.title) or "(no name)"
        feed = source.kind == "feed"

        def answered(answer: str | None) -> None:
            if answer == "yes":
                self._main.marking.do(lambda library: library.remove([source.id]), removed)

        def removed(numbers: tuple[int, int]) -> None:
            gone, kept = numbers
            self._close()
            if self._main.listing.scope == Scope(ScopeKind.SOURCE, str(source.id)):
                self._main.sources.choose(Scope(ScopeKind.ALL))
                self._main.load(self._main.sources.chosen)
            else:
                self._main.poll()
            self._main.changed()
            left = f"; {plural(gone, 'article')} gone, {kept:,} kept" if gone or kept else ""
            self._main.say(f"{'Unsubscribed from' if feed else 'Removed'} {title}", left)

        goes = (
            f"{plural(source.total, 'article')} came by it. They go too, but for those that you"
            " bookmarked, tagged or noted, and those that another source brings."
        )
        warning = f"{goes if source.total else 'Nothing has come by it.'} This cannot be undone."
        question = confirm(
            self._glyphs,
            f"Unsubscribe from {title}?" if feed else f"Remove {title}?",
            warning,
            "Unsubscribe" if feed else "Remove it",
            "Keep it",
            self._main.app.size.width,
        )
        self._main.app.push_screen(question, answered)


def _undone(what: str | None) -> str:
    return f"Undone: {what}" if what else "There is nothing to undo"


def _redone(what: str | None) -> str:
    return f"Done again: {what}" if what else "There is nothing to do again"
