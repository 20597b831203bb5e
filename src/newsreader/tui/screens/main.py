"""The one screen: three columns, the prompt, and who tells whom what.

The list never moves by itself, the cursor never marks anything read, and no key waits for a
process or a commit.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.screen import Screen

from newsreader.config import Config
from newsreader.errors import NewsReaderError
from newsreader.library import Library
from newsreader.model import ArticleID, Scope
from newsreader.tui.acts import Acts
from newsreader.tui.background import Background, Message
from newsreader.tui.commands import action_of, bindings, key_of
from newsreader.tui.finding import Finding
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.hearing import Hearing
from newsreader.tui.hinting import Hinting
from newsreader.tui.listing import Listing
from newsreader.tui.marking import Marking
from newsreader.tui.naming import Naming
from newsreader.tui.overlays import Overlays
from newsreader.tui.previewing import Previewing
from newsreader.tui.prompting import Prompting
from newsreader.tui.reading import Reading
from newsreader.tui.retreating import step_back
from newsreader.tui.screens import wording
from newsreader.tui.searching import Searching
from newsreader.tui.stepping import Stepping
from newsreader.tui.widgets.article_list import ArticleList
from newsreader.tui.widgets.article_view import ArticleView
from newsreader.tui.widgets.columns import Columns
from newsreader.tui.widgets.completion_list import CompletionList
from newsreader.tui.widgets.masthead import Masthead
from newsreader.tui.widgets.page import Tiny
from newsreader.tui.widgets.search_bar import SearchBar
from newsreader.tui.widgets.source_list import SourceList
from newsreader.tui.widgets.status_line import Hints

if TYPE_CHECKING:
    from newsreader.tui.adding import Adding
    from newsreader.tui.fetching import Fetching
    from newsreader.tui.subscribing import Subscribing


class MainScreen(Screen[None], inherit_bindings=False):
    """Composition and message routing."""

    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (90, "-two"), (150, "-three")]  # noqa: RUF012
    AUTO_FOCUS = ""

    def __init__(
        self,
        library: Library,
        acts: Acts,
        *,
        config: Config,
        glyphs: Glyphs,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__()
        # Bindings of a class cannot know the configuration.
        self._bindings = BindingsMap(bindings(config.keys))
        self._library = library
        self._acts = acts
        self._background: Background | None = None
        self._config = config
        self._glyphs = glyphs
        self.now = now
        self.do = acts.do
        self.at = "article-list"
        self.finding = Finding()

    # Composition

    def compose(self) -> ComposeResult:
        """Lay out masthead, columns, prompt and hints."""
        glyphs = self._glyphs
        self.masthead = Masthead(glyphs, self.now())
        columns = self.columns = Columns(glyphs, self._library.headlines, self.now)
        self.sources, self.articles = columns.sources, columns.articles
        self.view, self.names = columns.view, columns.names
        self.bar = SearchBar(glyphs)
        self.hints = Hints(glyphs)
        self.reading = Reading(
            self._library, self._acts, self.view, self.names, glyphs=glyphs, now=self.now
        )
        self.listing = Listing(
            self._library,
            self._acts,
            self.finding,
            sources=self.sources,
            articles=self.articles,
            masthead=self.masthead,
            heading=columns.heads["article-list"],
            status=self.bar.status,
            keys=self._config.keys,
            glyphs=glyphs,
            now=self.now,
        )
        self.searching = Searching(
            self.finding, self.listing, self.reading, self.articles, self.bar, self.hints
        )
        self.completion = CompletionList(glyphs)
        self.prompting = Prompting(
            self._library, self._acts, self.finding, self.searching, self.bar, self.completion
        )
        self.stepping = Stepping(
            self.finding, self.listing, self.reading, columns, self.open_current, self.say
        )
        self.overlays = Overlays(self, glyphs, self._config)
        keys = self._config.keys
        self.naming = Naming(self, self._library, glyphs, keys)
        self.previewing = Previewing(self)
        self.hearing = Hearing(self, self._config, glyphs)
        self.hinting = Hinting(self, glyphs, keys)
        self.marking = Marking(
            self._library,
            self._acts,
            self.articles,
            self.reading,
            say=self.say,
            changed=self.changed,
            run=partial(self.run_worker, group="acts"),
            undo_key=key_of("undo", self._config.keys),
            redo_key=key_of("redo", self._config.keys),
            dot=f" {glyphs.dot} ",
        )
        yield Tiny(glyphs, id="tiny")
        yield self.masthead
        yield columns
        yield self.bar
        yield self.hints
        yield self.completion

    def on_mount(self) -> None:
        """Show what there is; all else comes after the first frame."""
        self.view.say(wording.no_article(self._glyphs))
        self.listing.start()
        self._filled()
        self.go_to("article-list")
        self.set_interval(1.0, self.poll)
        self.watch(self.bar.input, "selection", self.prompting.completing.moved, init=False)

    def attend(self, background: Background) -> None:
        """Use these processes from now on."""
        self._background = background
        self.finding.searcher = background.searcher

    @property
    def panes(self) -> int:
        """How many columns the width allows."""
        width = self.app.size.width
        return 1 if width < 90 else 2 if width < 150 else 3

    def on_resize(self, event: events.Resize) -> None:
        """Say so where there is no room, and keep the article beside the list."""
        self.set_class(event.size.width < 40 or event.size.height < 10, "-tiny")
        if self.panes > 1 and self.reading.article is None:
            self.previewing.soon()

    # Where the keys go

    def go_to(self, pane: str) -> None:
        """Give the keys to a column and show it."""
        for each in self.columns.heads:
            self.set_class(each == pane, f"-at-{each}")
        self.at = pane
        if pane != "article-view":
            self.naming.forget()
        # Not focus(), which is done later: the next key must already find its way.
        self.set_focus(self.query_one(f"#{pane}"), scroll_visible=False)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Follow the focus, also when the mouse moved it."""
        pane = event.widget.id or ""
        typing = pane == "search-input"
        self.set_class(typing, "-typing")
        if not typing:
            self.prompting.completing.close()
        if pane in self.columns.heads:
            self.at = pane
        self.columns.activate("" if typing else self.at)
        for each in self.columns.heads:
            self.set_class(each == self.at, f"-at-{each}")
        self.bar.lit()
        self.hinting.show()

    # What the first frame does not wait for

    @cached_property
    def fetching(self) -> "Fetching":
        """Asks for feeds and pages."""
        from newsreader.tui.fetching import Fetching

        return Fetching(self, self._library, self._glyphs, self._config.keys, self._ask)

    @cached_property
    def adding(self) -> "Adding":
        """Adds subscriptions."""
        from newsreader.tui.adding import Adding

        return Adding(self, self._library, self._glyphs, self._config.keys, self._ask)

    @cached_property
    def subscribing(self) -> "Subscribing":
        """Shows subscriptions and changes them."""
        from newsreader.tui.subscribing import Subscribing

        return Subscribing(self, self._library, self._glyphs, self._config.keys, self._ask)

    def _ask(self, request: Message) -> bool:
        """Ask the worker for something; return False if there is none."""
        return self._background is not None and self._background.ask(request)

    # The list

    def load(self, scope: Scope) -> None:
        """List the articles of ``scope``."""
        self.listing.load(scope)
        self._filled()

    def _filled(self) -> None:
        self.hinting.show()
        self.previewing.soon()
        if not self.listing.whole:
            rest: Callable[[], object] = self.listing.load_rest
            self.run_worker(rest, group="ids", exclusive=True)

    def poll(self) -> None:
        """See what other processes have changed; once a second."""
        try:
            if self.listing.poll():
                self._filled()
        except NewsReaderError as error:
            self.say(str(error))

    def on_source_list_chosen(self, event: SourceList.Chosen) -> None:
        """Show another scope; a search goes on in it."""
        self.listing.touched = True
        if not self.finding.active:
            self.load(event.scope)
        else:
            self.listing.scope = event.scope
            self.searching.begin(self.finding.query, typing=False)
        self.go_to("article-list")

    def show_scope(self, scope: Scope) -> None:
        """List the articles of ``scope`` and go to them; a search ends."""
        if self.finding.active:
            self.searching.leave()
        self.sources.choose(scope)
        self.load(scope)
        self.go_to("article-list")

    def on_article_list_moved(self, event: ArticleList.Moved) -> None:
        """Let the article follow the cursor, where both are on the screen."""
        self.listing.touched = True
        self.previewing.soon()

    def on_article_list_opened(self, event: ArticleList.Opened) -> None:
        """Read the article under the cursor."""
        self.open_current()

    def on_article_list_viewed(self) -> None:
        """Ask for the snippets of what came into sight."""
        self.searching.snip()

    # The article

    def show_article(self, article: ArticleID, *, opened: bool) -> bool:
        """Show an article where it was left; return whether it is there."""
        try:
            self.reading.show(article, opened=opened)
        except NewsReaderError as error:
            self.say(str(error))
            return False
        if self.finding.active and self.finding.query:
            self.searching.light()
        return True

    def open_current(self) -> None:
        """Read the article under the cursor: it takes the keys and is marked read."""
        current = self.articles.current
        if current is None:
            return
        self.listing.touched = True
        self.previewing.drop()
        if not self.reading.shows(current) and not self.show_article(current, opened=True):
            return
        self.reading.opened = True
        self.go_to("article-view")
        self.stepping.opened()
        row = self.articles.headline(self.articles.cursor)
        if row is not None and not row.read:
            self.marking.opened(current)

    def on_article_view_scrolled(self) -> None:
        """Remember the place once the reader rests."""
        self.previewing.rested()

    def on_article_view_name_clicked(self, event: ArticleView.NameClicked) -> None:
        """Open the name's page."""
        self.naming.open(event.mention)

    # Writes

    def say(self, sentence: str, more: str = "") -> None:
        """Put one sentence on the status line for a while, and on a page that covers it."""
        self.bar.status.notice([(sentence, "text"), (more, "muted")])
        self.naming.tell(sentence + more)
        if "subscribing" in self.__dict__:
            self.subscribing.tell(sentence + more)

    def changed(self) -> None:
        """Count anew after a write of our own."""
        self.listing.recount()
        self.listing.head()

    # The search

    def on_search_bar_typed(self, event: SearchBar.Typed) -> None:
        """Search as the reader types."""
        if self.typing:
            self.prompting.typed(event.query)

    def on_completion_list_clicked(self) -> None:
        """Write the completion under the mouse."""
        self.prompting.completing.take()
        self.set_focus(self.bar.input)

    async def _end_typing(self) -> None:
        """End typing, with the cursor on the first match; keys that follow find it there."""
        good = await self.prompting.finish()
        if good is None:
            self.leave_search()
        elif good:
            self.go_to("article-list")

    def search_for(self, query: str) -> None:
        """Search for ``query`` as if the reader had typed it."""
        if query:
            self.remove_class("-zen")
            self.searching.remember()
            self.bar.set_query(query)
            self.searching.begin(query, typing=False)
            self.go_to("article-list")

    def on_search_bar_found(self) -> None:
        """Follow the first match."""
        self.hinting.show()
        self.previewing.soon()

    def on_search_bar_wrong(self) -> None:
        """Let the reader put the query right."""
        self.set_focus(self.bar.input)

    def leave_search(self) -> None:
        """End the search: the list and the place are as they were."""
        self.searching.leave()
        self.go_to("article-list")
        self._filled()

    # The worker

    def hear(self, event: Message) -> None:
        """Show what the worker says."""
        self.hearing.hear(event)

    # The keys

    @property
    def typing(self) -> bool:
        """Whether the prompt takes the keys."""
        return self.focused is self.bar.input

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys that write to the prompt while it has them."""
        if action == "typed" and self.typing:
            return self.prompting.takes(str(parameters[0]))
        return True

    async def action_typed(self, name: str) -> None:
        """Do a command by a key that a prompt would write."""
        self.listing.touched = True
        await self.run_action(action_of(name))

    async def action_pressed(self, name: str) -> None:
        """Do a command by any other key."""
        self.listing.touched = True
        await self.run_action(action_of(name))

    # The keys for moving

    def action_move(self, rows: int, pages: float = 0.0) -> None:
        """Move by rows, or by pages where ``rows`` is 0; at the prompt, through what it offers."""
        if self.typing and rows and self.prompting.walk(rows):
            return
        if self.at == "source-list":
            self.sources.move(rows or round(pages * self.sources.size.height))
            self.hinting.show()
        elif self.at == "article-list":
            self.listing.touched = True
            self.articles.move(rows or round(pages * self.articles.rows_visible))
        elif rows:
            self.view.scroll_lines(rows)
        else:
            self.view.scroll_pages(pages)

    def action_edge(self, end: bool) -> None:
        """Go to the top or the end."""
        if self.at == "article-view":
            self.view.edge(end=end)
        elif self.at == "article-list":
            self.listing.touched = True
            self.articles.go(len(self.articles.ids) - 1 if end else 0)
        else:
            self.sources.move(1_000_000 if end else -1_000_000)
            self.hinting.show()

    async def action_step_pane(self, step: int, around: bool) -> None:
        """Go ``step`` columns on, from the last to the first if ``around``.

        Forward, what is offered is taken instead: a completion, or the query spelt otherwise.
        """
        if self.typing and step > 0:
            await self.bar.settle()
            if self.prompting.completing.take(partial(self.go_to, "article-list")):
                return
        if step > 0 and (suggestion := self.finding.suggestion):
            self.search_for(suggestion)
            return
        if self.typing:
            self.go_to("article-list")
            return
        order = list(self.columns.heads)
        at = order.index(self.at) + step
        if around or 0 <= at < len(order):
            self.action_enter(order[at % len(order)])

    def action_enter(self, pane: str) -> None:
        """Go to a column."""
        if self.at == "article-view" and pane != self.at:
            self.reading.keep_place()
        self.remove_class("-zen")
        if pane == "article-view":
            self.open_current()
        else:
            self.go_to(pane)

    # The keys for reading

    async def action_open(self) -> None:
        """Open what is under the cursor; in the text, the page of the name in focus."""
        if self.typing:
            await self._end_typing()
        elif self.at == "source-list":
            self.sources.open()
        elif self.at == "article-list":
            self.open_current()
        elif self.view.focused_mention >= 0:
            self.naming.open(self.view.focused_mention)

    async def action_onward(self) -> None:
        """Page down; at the end go to the next unread article."""
        if self.at != "article-view":
            await self.action_open()
        elif self.view.at_end:
            self.stepping.unread(1, reading=True)
        else:
            self.view.scroll_pages(1)

    def action_step(self, step: int, matches: bool) -> None:
        """Go to the next or previous match, if ``matches`` and one is read, else unread article."""
        if matches and self.finding.active and self.at == "article-view":
            self.stepping.match(step)
        else:
            self.stepping.unread(step, reading=self.at == "article-view")

    def _target(self) -> ArticleID | None:
        """The article a key acts on: the one being read, else the one under the cursor."""
        if self.at == "article-view" and self.reading.article is not None:
            return self.reading.article.id
        return self.articles.current

    def action_mark(self, how: str) -> None:
        """Bookmark, mark read, undo: what the reader does to articles."""
        target = self._target()
        {
            "bookmark": lambda: self.marking.bookmark(target),
            "read": lambda: self.marking.mark(target),
            "all": self.marking.mark_all,
            "undo": self.marking.undo,
            "redo": self.marking.redo,
        }[how]()

    def action_fresh(self) -> None:
        """Show articles that have arrived."""
        if self.finding.active:
            self.searching.begin(self.finding.query, typing=self.finding.typing)
        else:
            self.listing.recount()
            self.load(self.listing.scope)
        self.go_to("article-list")

    # The keys for names, addresses, search

    def action_step_name(self, step: int) -> None:
        """Focus the next or previous name in the text."""
        self.naming.step(step)

    def action_follow(self) -> None:
        """Follow the name under the cursor, or no longer."""
        self.naming.follow_focused()

    def action_fetch(self, what: str) -> None:
        """Fetch feeds or a page, or stop it."""
        self.fetching.do(what)

    def action_subscribe(self, what: str) -> None:
        """Open what deals with subscriptions."""
        self.subscribing.do(what)

    async def action_overlay(self, name: str) -> None:
        """Open what is laid over the screen to choose from."""
        await self.overlays.open(name)

    def ready(self) -> bool:
        """Show the article under the cursor, if none is; return whether one is shown."""
        current = self._target()
        if current is None:
            return False
        return self.reading.shows(current) or self.show_article(current, opened=False)

    def action_search(self) -> None:
        """Search as the reader types."""
        self.remove_class("-zen")
        self.searching.remember()
        if self.at != "article-list":
            self.go_to("article-list")
        self.set_focus(self.bar.input)
        self.prompting.begin()

    def action_sort(self) -> None:
        """Change between best first and newest first."""
        if self.finding.active and self.finding.query:
            self.finding.best_first = not self.finding.best_first
            self.searching.begin(self.finding.query, typing=self.finding.typing)

    # The keys for view and leave

    def action_zen(self) -> None:
        """Show nothing but the article, or everything again."""
        if self.has_class("-zen"):
            self.remove_class("-zen")
        elif self.reading.article is not None or self.articles.current is not None:
            if self.at != "article-view":
                self.open_current()
            self.add_class("-zen")

    async def action_back(self) -> None:
        """Go one level back."""
        await step_back(self)

    async def action_leave(self) -> None:
        """Go one level back; from the list, leave the reader."""
        if not await step_back(self):
            await self.action_quit()

    async def action_quit(self) -> None:
        """Leave."""
        await self.run_action("app.quit")

    async def action_copy(self) -> None:
        """Copy what the mouse has selected; with nothing selected, leave."""
        if selected := self.get_selected_text():
            self.app.copy_to_clipboard(selected)
            self.clear_selection()
            self.say("Copied")
        else:
            await self.action_quit()
