"""The nouns: immutable values with no behaviour that needs the outside world.

Times are timezone-aware UTC. Offsets count code points of ``Article.text``.
``None`` means "not known", never "error". Identifiers are made by ``store`` alone.

They are named tuples because a frozen data class takes 0.8 CPU-ms to make when the module is
imported and a named tuple 0.06 (measured November 2026), and every start of the reader makes all.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, NewType

SourceID = NewType("SourceID", int)
ArticleID = NewType("ArticleID", int)
EntityID = NewType("EntityID", int)


class EntityKind(StrEnum):
    """What a name names."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    DATE = "date"
    DEMONYM = "demonym"


class Precision(StrEnum):
    """How exact a time is; the rest of the value is padding."""

    SECOND = "second"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class BlockKind(StrEnum):
    """What a stretch of an article's text is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"
    CODE = "code"
    ROW = "row"
    IMAGE = "image"
    RULE = "rule"


class CreditKind(StrEnum):
    """Who a line taken out of the body speaks of."""

    CONTRIBUTOR = "contributor"
    OWNER = "owner"
    PHOTO = "photo"
    COPYRIGHT = "copyright"
    OTHER = "other"


class Block(NamedTuple):
    """``text[start:end]`` is one block; blocks are in order and never overlap.

    Blocks are separated in the text by one blank line, rows of one table and items of one
    list by one line feed. IMAGE and RULE are empty (``start == end``). ``label`` is drawn, never
    part of the text: a list marker ("•", "3."), an image's alternative text. ``level`` is a
    heading's level (1-6) or the depth of a list or quote (from 1). ``cells`` are the (start, end)
    of a row's cells in the article's text; between cells the text has a single space.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    label: str = ""
    url: str | None = None
    cells: tuple[tuple[int, int], ...] = ()


class SpanKind(StrEnum):
    """Inline structure of a body."""

    EMPHASIS = "emphasis"
    STRONG = "strong"
    CODE = "code"
    LINK = "link"


class Span(NamedTuple):
    """``text[start:end]`` is emphasised, a link …; spans may nest but never cross a block."""

    kind: SpanKind
    start: int
    end: int
    url: str | None = None


class Link(NamedTuple):
    """A line or address the article points to; ``url`` is None where only words were given."""

    text: str
    url: str | None = None


class Credit(NamedTuple):
    """A line about the article that is not its text."""

    kind: CreditKind
    text: str


class Enclosure(NamedTuple):
    """A file that comes with an entry, such as a podcast episode.

    ``title`` is what the feed says of it: its title or description, one line.
    """

    url: str
    type: str = ""
    length: int | None = None
    title: str = ""


class Body(NamedTuple):
    """The canonical text and everything that stands on its offsets."""

    text: str
    blocks: tuple[Block, ...] = ()
    spans: tuple[Span, ...] = ()


class ParsedEntry(NamedTuple):
    """One article exactly as a feed or file gave it, cleaned, before it is stored.

    Args:
        guid: the publisher's id of the entry, unique within its feed or file only.
        link: http(s) address of the article, trackers stripped.
        title_derived: the title was made from the lead because none was given.
        outlet: the publication a person would name, if the text or feed says so.
        published: None when unknown; ``published_derived`` when found in the text's words.
        credits, links: what was taken out of the body (nothing is thrown away), then the
            body's own links in reading order.
        comments: http(s) address of the page where readers talk about it.
    """

    title: str
    body: Body
    guid: str | None = None
    link: str | None = None
    title_derived: bool = False
    author: str | None = None
    outlet: str | None = None
    published: datetime | None = None
    published_precision: Precision = Precision.SECOND
    published_derived: bool = False
    updated: datetime | None = None
    language: str | None = None
    direction: str = "ltr"
    links: tuple[Link, ...] = ()
    credits: tuple[Credit, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    tags: tuple[str, ...] = ()
    comments: str | None = None


class ParsedDocument(NamedTuple):
    """A file or feed after parsing.

    Args:
        kind: "feed", "jsonl", "html", "markdown" or "text".
        key: the feed's own stable address or id; None for single-article files.
        address: where the feed says it is to be fetched (``rel=self``, ``feed_url``).
        minutes: how often the feed wants to be asked at most (``ttl``, ``sy:updatePeriod``).
        problems: (where, reason) of parts that could not be read; the rest is here.
    """

    kind: str
    entries: tuple[ParsedEntry, ...]
    title: str | None = None
    key: str | None = None
    home_page: str | None = None
    problems: tuple[tuple[str, str], ...] = ()
    address: str | None = None
    minutes: int | None = None


class Source(NamedTuple):
    """A row of the source pane: a subscribed feed, or files the user imported.

    Args:
        error: why the feed could not be fetched, in words.
        paused, gone: the user stopped it; its server said that it is no more.
        fetched, due: the last attempt and the next; None for an import.
    """

    id: SourceID
    kind: str
    title: str
    url: str | None
    folder: str | None
    unread: int
    total: int
    error: str | None = None
    paused: bool = False
    gone: bool = False
    fetched: datetime | None = None
    due: datetime | None = None


class FeedSettings(NamedTuple):
    """What the user set for one feed.

    Args:
        interval: seconds between fetches; None lets the feed's own rhythm decide.
        full_text: fetch the page of each new article.
        user_agent: in place of the reader's own.
        login: "basic" or "header" where a secret is kept for it, else None.
        insecure: accept a certificate that cannot be verified. The user was told what it means.
        cookies: keep what cookies the host sets, for that host, until the reader ends.
    """

    title: str | None = None
    folder: str | None = None
    paused: bool = False
    interval: int | None = None
    full_text: bool = False
    user_agent: str | None = None
    login: str | None = None
    insecure: bool = False
    cookies: bool = False


class FeedHealth(NamedTuple):
    """How a subscribed feed does.

    Args:
        fetched, succeeded: the last attempt, and the last that worked; None before the first.
        brought: when it last had something new.
        due: when it is fetched next; None while it is paused or gone.
        error: why the last fetch failed, in words; None if it worked.
        failures: failed fetches in a row.
        per_week: new articles a week, over the last eight weeks or since it was added.
        gone: its server said that it is no more (410).
        moved_to: where it redirects to for good, before that is taken over.
        note: what is worth knowing of its last fetch though it worked.
    """

    source: "Source"
    settings: FeedSettings
    fetched: datetime | None = None
    succeeded: datetime | None = None
    brought: datetime | None = None
    due: datetime | None = None
    error: str | None = None
    failures: int = 0
    per_week: float = 0.0
    gone: bool = False
    moved_to: str | None = None
    note: str | None = None


class Change(NamedTuple):
    """What a publisher changed in an article after it had arrived.

    ``fields`` are (what, before): "title", "author", "published", "link", "text" and their like;
    of a text the old words are kept in ``revision``.
    """

    at: datetime
    revision: int
    fields: tuple[tuple[str, str], ...]


class Counts(NamedTuple):
    """Totals of the fixed rows of the source pane; ``hidden`` articles count in no other."""

    all: int
    today: int
    unread: int
    bookmarks: int
    hidden: int = 0


class Headline(NamedTuple):
    """One row of the article list; it never carries the text.

    ``source`` is the outlet, else (``outlet`` is None) the title of what it came by. ``lead`` is
    the first ~200 characters of the body. ``names`` are the most mentioned entities but the source,
    at most three.
    """

    id: ArticleID
    title: str
    source: str
    author: str | None
    published: datetime | None
    precision: Precision
    arrived: datetime
    url: str | None
    read: bool
    bookmarked: bool
    title_derived: bool = False
    lead: str = ""
    names: tuple[str, ...] = ()
    outlet: str | None = None
    hidden: bool = False


class Article(NamedTuple):
    """A stored entry. Its body never changes under the same ``revision``.

    ``origin`` is where its text is from: "feed" (or file), or "page", the publisher's own page;
    ``other_revision`` is the one from the other, where there is one. ``page_error`` says why the
    page could not be read.
    """

    id: ArticleID
    revision: int
    title: str
    title_derived: bool
    source: str
    outlet: str | None
    author: str | None
    published: datetime | None
    precision: Precision
    published_derived: bool
    updated: datetime | None
    arrived: datetime
    url: str | None
    language: str | None
    direction: str
    words: int
    body: Body
    links: tuple[Link, ...]
    credits: tuple[Credit, ...]
    enclosures: tuple[Enclosure, ...]
    tags: tuple[str, ...]
    note: str
    read: bool
    bookmarked: bool
    via: tuple[tuple[SourceID, str], ...]
    recognised: bool
    hidden: bool = False
    comments: str | None = None
    origin: str = "feed"
    other_revision: int | None = None
    page_error: str | None = None


class Recognised(NamedTuple):
    """``text[start:end]`` names ``name``, the canonical form of its ``kind``.

    A demonym's ``name`` is the place it belongs to. A date has an empty ``name`` and carries
    ``date`` (ISO 8601, as long as its precision: "2022-03-05", "2022-06", "2020"; None when it
    cannot be anchored) and ``precision``.
    """

    start: int
    end: int
    kind: EntityKind
    name: str
    date: str | None = None
    precision: Precision | None = None


class Mention(NamedTuple):
    """A stored :class:`Recognised`, with the entity it names.

    ``guessed``: the text has a surname alone, and other articles tell whose it most likely is.
    """

    start: int
    end: int
    kind: EntityKind
    entity: EntityID | None
    name: str
    date: str | None = None
    precision: Precision | None = None
    guessed: bool = False


class Entity(NamedTuple):
    """A person, organisation or place that articles mention.

    ``articles`` and ``mentions`` count the library; ``here`` one article, where that was asked.
    """

    id: EntityID
    kind: EntityKind
    name: str
    aliases: tuple[str, ...] = ()
    articles: int = 0
    mentions: int = 0
    here: int = 0
    first: datetime | None = None
    last: datetime | None = None
    followed: bool = False


class Sighting(NamedTuple):
    """A sentence of an article that names an entity; ``matches`` are offsets in ``sentence``."""

    headline: Headline
    sentence: str
    matches: tuple[tuple[int, int], ...] = ()


class EntityPage(NamedTuple):
    """What the library knows of one entity.

    Args:
        entity: its row.
        per_month: (month as "2022-06", articles of it), from the first to the last month it is
            named in, those without articles too; undated articles count in none.
        outlets: (outlet, articles), most first.
        beside: those it is named with, the most telling first: ranked by how much oftener they
            meet than chance would have it. ``here`` counts the articles that name both.
        latest: its newest articles, newest first.
        merged: the entities that the user merged into it.
        hidden: the user does not want to see it.
    """

    entity: Entity
    per_month: tuple[tuple[str, int], ...] = ()
    outlets: tuple[tuple[str, int], ...] = ()
    beside: tuple[Entity, ...] = ()
    latest: tuple[Sighting, ...] = ()
    merged: tuple[Entity, ...] = ()
    hidden: bool = False


class Followed(NamedTuple):
    """An entity the user follows: a row of the source pane, with counts kept at arrival."""

    id: EntityID
    kind: EntityKind
    name: str
    unread: int
    total: int


class ScopeKind(StrEnum):
    """The kinds of row in the source pane."""

    ALL = "all"
    TODAY = "today"
    UNREAD = "unread"
    BOOKMARKS = "bookmarks"
    FOLDER = "folder"
    SOURCE = "source"
    SAVED = "saved"
    ENTITY = "entity"


class Scope(NamedTuple):
    """What a row of the source pane selects.

    ``key`` is a folder's name, or the id of a source, saved search or entity.
    """

    kind: ScopeKind
    key: str = ""


class SavedSearch(NamedTuple):
    """A query with a name.

    ``actions`` are done to each article that matches when it arrives: "notify", "read", "hide",
    "bookmark" and "tag:NAME". Until it is ``ready`` its matches are not known, and both counts 0.
    """

    id: int
    name: str
    query: str
    actions: tuple[str, ...] = ()
    unread: int = 0
    total: int = 0
    ready: bool = True


class Position(NamedTuple):
    """Where the reader was: the code point at the top of the screen, in one revision."""

    revision: int
    offset: int


class Snippet(NamedTuple):
    """Part of an article's text around what matched; ``matches`` are offsets in ``text``.

    ``title`` has the offsets in the article's title.
    """

    text: str
    matches: tuple[tuple[int, int], ...] = ()
    title: tuple[tuple[int, int], ...] = ()


class Hit(NamedTuple):
    """One result of a search."""

    article: ArticleID
    score: float


class Completion(NamedTuple):
    """What an unfinished query may go on with, and how many articles it would find.

    ``articles`` is None where that is not known without a search; ``kind`` is an entity's.
    """

    label: str
    articles: int | None = None
    kind: str = ""


class Facet(NamedTuple):
    """A value that some of a search's matches share: ``field`` is one of the query language."""

    field: str
    value: str
    articles: int


class Facets(NamedTuple):
    """How a search's matches divide; not ``complete`` where time sufficed for the newest alone."""

    rows: tuple[Facet, ...] = ()
    complete: bool = True


class SearchDocument(NamedTuple):
    """What the index is given of one article.

    ``entities`` are (kind, name, id), a row for each name of an entity; ``dates`` those that its
    text names, as in :class:`Recognised`.
    """

    id: ArticleID
    title: str
    text: str
    source: str = ""
    author: str = ""
    url: str = ""
    language: str = ""
    published: datetime | None = None
    tags: tuple[str, ...] = ()
    entities: tuple[tuple[EntityKind, str, int], ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Derived work that waits, in articles."""

    index: int
    entities: int

    @property
    def total(self) -> int:
        """All waiting work."""
        return self.index + self.entities
