"""The three columns side by side, each under its rule."""

from collections.abc import Callable, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from newsreader.model import ArticleID, Headline
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.widgets.article_list import ArticleList
from newsreader.tui.widgets.article_view import ArticleView, NamesLine
from newsreader.tui.widgets.page import ColumnHead
from newsreader.tui.widgets.source_list import SourceList


class Columns(Horizontal):
    """Sources, articles, text; ``heads`` has the head of each by the id of what it stands over."""

    def __init__(
        self,
        glyphs: Glyphs,
        load: Callable[[Sequence[ArticleID]], Sequence[Headline]],
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(id="panes")
        self.sources = SourceList(glyphs)
        self.articles = ArticleList(glyphs, load, now)
        self.view = ArticleView(glyphs)
        self.names = NamesLine(glyphs)
        self.heads = {
            "source-list": ColumnHead(glyphs, id="source-head"),
            "article-list": ColumnHead(glyphs, tall=True, id="list-head"),
            "article-view": ColumnHead(glyphs, id="article-head"),
        }

    def compose(self) -> ComposeResult:
        """Lay out the columns."""
        with Vertical(id="source-column"):
            yield self.heads["source-list"]
            yield self.sources
        with Vertical(id="list-column"):
            yield self.heads["article-list"]
            yield self.articles
        with Vertical(id="article-column"):
            yield self.heads["article-view"]
            yield self.view
            yield self.names

    def activate(self, pane: str) -> None:
        """Draw the rule over ``pane`` heavy, those over the others thin."""
        for each, head in self.heads.items():
            head.activate(each == pane)
