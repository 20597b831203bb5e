"""The article in the pane: shown, marked, left where the reader was."""

from collections.abc import Callable, Sequence
from datetime import datetime

from newsreader.library import Library
from newsreader.model import Article, ArticleID, Entity, EntityID, Mention, Position
from newsreader.tui.acts import Acts
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.render import Paragraph, paragraphs
from newsreader.tui.widgets.article_view import ArticleView, NamesLine


class Reading:
    """Fills the pane from the library; ``opened`` is false for a preview.

    ``lit`` is called when the matches of a search are known, and ``lit_for_query`` is set then.
    """

    def __init__(
        self,
        library: Library,
        acts: Acts,
        view: ArticleView,
        names: NamesLine,
        *,
        glyphs: Glyphs,
        now: Callable[[], datetime],
    ) -> None:
        self._library = library
        self._acts = acts
        self._view = view
        self._names = names
        self._glyphs = glyphs
        self._now = now
        self._mentions: Sequence[Mention] = ()
        self._matches: Sequence[tuple[int, int]] = ()
        self._title: Sequence[tuple[int, int]] = ()
        self._reasons: Sequence[str] = ()
        self._changes = 0
        self._kept: Position | None = None
        self.article: Article | None = None
        self.entities: Sequence[Entity] = ()
        self.opened = False
        self.lit: Callable[[], None] = lambda: None
        self.lit_for_query = False

    def show(self, article: ArticleID, *, opened: bool) -> None:
        """Show an article where it was left.

        Raises:
            NotFoundError: it is gone.
        """
        self.keep_place()
        found = self._library.article(article)
        self._mentions = self._library.mentions(article)
        self.entities = self._library.article_entities(article)
        position = self._library.position(article)
        if position is not None and position.revision != found.revision:
            position = None
        self.article, self.opened, self._kept = found, opened, position
        self._matches = self._title = ()
        self.lit_for_query = False
        self._reasons = self._library.reasons(article)
        self._changes = len(self._library.changes(article))
        self._view.show(self._parts(found), position.offset if position else 0)
        self._names.show([entity for entity in self.entities if entity.here])

    def refresh(self) -> None:
        """Read the article anew, as after an act on it; the reader stays where he is."""
        if self.article is not None:
            if self._stale():
                self.swap()
                return
            self.article = self._library.article(self.article.id)
            self._reasons = self._library.reasons(self.article.id)
            self._changes = len(self._library.changes(self.article.id))
            self._view.update(self._parts(self.article))

    def swap(self) -> None:
        """Show the article's other text, which is read from now on, at the words being read.

        Raises:
            NotFoundError: it is gone.
        """
        before = self.article
        if before is None:
            return
        place = self._view.place
        found = self._library.article(before.id)
        self.article, self._kept = found, None
        self._matches, self.lit_for_query = (), False
        self._reasons = self._library.reasons(found.id)
        self._changes = len(self._library.changes(found.id))
        self._mentions = self._library.mentions(found.id)
        self.entities = self._library.article_entities(found.id)
        offset = same_place(before.body.text, found.body.text, place)
        self._view.show(self._parts(found), offset)
        self._names.show([entity for entity in self.entities if entity.here])
        self.keep_place()

    def shows(self, article: ArticleID) -> bool:
        """Return whether this is the article in the pane."""
        return self.article is not None and self.article.id == article

    def clear(self) -> None:
        """Show nothing."""
        self.keep_place()
        self.article, self.opened, self.entities = None, False, ()
        self._view.show([])
        self._names.show(())

    def light(
        self,
        article: ArticleID,
        matches: Sequence[tuple[int, int]],
        title: Sequence[tuple[int, int]],
    ) -> None:
        """Light the matches of a search in text and title, if ``article`` is still shown."""
        if self.article is None or self.article.id != article:
            return
        if (matches, title) != (self._matches, self._title):
            self._matches, self._title = matches, title
            self._view.update(self._parts(self.article))
        self.lit_for_query = True
        self.lit()

    def keep_place(self) -> None:
        """Remember where the reader is in an opened article."""
        if self.article is None or not self.opened:
            return
        position = Position(revision=self.article.revision, offset=self._view.place)
        if position != (self._kept or Position(revision=position.revision, offset=0)):
            self._kept = position
            article = self.article.id
            self._acts.submit(lambda library: library.keep_position(article, position))

    def step_name(self, step: int) -> Mention | None:
        """Focus the next or previous name or date; None if there is none."""
        wanted = [bool(mention.entity or mention.date) for mention in self._mentions]
        at = self._view.step_name(step, wanted)
        return self._mentions[at] if at >= 0 else None

    def mention(self, number: int) -> Mention | None:
        """Return a mention of the text by its number, None where there is none."""
        return self._mentions[number] if 0 <= number < len(self._mentions) else None

    def surface(self, mention: Mention) -> str:
        """Return how the text writes what it mentions."""
        text = "" if self.article is None else self.article.body.text
        return " ".join(text[mention.start : mention.end].split())

    def find(self, entity: EntityID) -> None:
        """Focus the first place that names an entity."""
        every = enumerate(self._mentions)
        at = next((n for n, mention in every if mention.entity == entity), -1)
        if at >= 0:
            self._view.focus_name(at)

    def renew(self) -> None:
        """Read the names anew, as after an act on an entity; the reader stays where he is."""
        if self.article is not None and not self._stale():
            self._mentions = self._library.mentions(self.article.id)
            self.entities = self._library.article_entities(self.article.id)
            self._view.update(self._parts(self.article))
            self._names.show([entity for entity in self.entities if entity.here])

    def catch_up(self) -> None:
        """Show the names that have been found in the article since it was opened."""
        if self.article is None:
            return
        if self._stale():
            # A text that is being read does not change under the reader.
            if not self.opened:
                self.swap()
        elif self._library.mentions(self.article.id) != self._mentions:
            self.renew()

    def _stale(self) -> bool:
        """Return whether another text of the article has come: its names are of that one."""
        shown = self.article
        return shown is not None and self._library.article(shown.id).revision != shown.revision

    def _parts(self, article: Article) -> list[Paragraph]:
        return paragraphs(
            article,
            self._mentions,
            self._matches,
            title=self._title,
            reasons=self._reasons,
            changes=self._changes,
            now=self._now(),
            glyphs=self._glyphs,
        )


_CONTEXT = 60
"""Characters that find a place again in another text: about a line."""


def same_place(before: str, after: str, offset: int) -> int:
    """Return where ``before[offset]`` is in ``after``: unchanged start, else its next words.

    The offset itself where those are not in it, as far as it goes.
    """
    if not offset or before[:offset] == after[:offset]:
        return min(offset, len(after))
    words = before[offset : offset + _CONTEXT].strip()
    found = after.find(words) if words else -1
    return found if found >= 0 else min(offset, len(after))
