"""Values as the command line shows them: JSON documents and plain text."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from newsreader.model import (
    Article,
    Block,
    BlockKind,
    Entity,
    EntityKind,
    EntityPage,
    FeedHealth,
    Followed,
    Headline,
    Hit,
    Mention,
    Precision,
    SavedSearch,
    Snippet,
    Source,
)
from newsreader.text.clean import clean_text
from newsreader.text.plurals import plural


def time_json(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC with a Z, null where unknown."""
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def date_text(moment: datetime | None, precision: Precision = Precision.DAY) -> str:
    """Return a date as a person writes it, no more exact than it is known."""
    if moment is None:
        return "undated"
    match precision:
        case Precision.YEAR:
            return f"{moment.year}"
        case Precision.MONTH:
            return f"{moment:%b} {moment.year}"
        case Precision.DAY:
            return f"{moment.day} {moment:%b} {moment.year}"
        case _:
            local = moment.astimezone()
            return f"{local.day} {local:%b} {local.year}"


def source_json(source: Source) -> dict[str, Any]:
    """Return a row of ``sources --json``."""
    return {
        "id": f"s{source.id}",
        "title": source.title,
        "url": source.url,
        "folder": source.folder,
        "kind": source.kind,
        "unread": source.unread,
        "total": source.total,
        "last_fetched": time_json(source.fetched),
        "next_due": time_json(source.due),
        "error": source.error,
    }


def feed_json(health: FeedHealth) -> dict[str, Any]:
    """Return a row of ``feeds --json``: a source, how it does, and what the user set."""
    settings = health.settings._asdict()
    del settings["title"], settings["folder"]
    return {
        **source_json(health.source),
        "last_success": time_json(health.succeeded),
        "last_new": time_json(health.brought),
        "failures": health.failures,
        "per_week": round(health.per_week, 1),
        "gone": health.gone,
        "moved_to": health.moved_to,
        "note": health.note,
        "settings": settings,
    }


def feed_text(health: FeedHealth) -> str:
    """Return one line about a feed, and another one where something is wrong."""
    source = health.source
    state = "gone" if health.gone else "paused" if health.settings.paused else ""
    due = "" if source.due is None else f"next {_moment(source.due)}"
    last = f"fetched {_moment(health.succeeded)}" if health.succeeded else "never fetched"
    parts = [f"s{source.id}", source.title, last, due, f"{health.per_week:.1f} a week", state]
    wrong = [health.error or "", health.note or ""]
    if health.moved_to:
        wrong.append(f"moves to {health.moved_to}")
    lines = ["  ".join(part for part in parts if part)]
    lines += [f"    {line}" for line in wrong if line]
    return clean_text("\n".join(lines))


def _moment(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local.day} {local:%b} {local:%H:%M}"


def saved_json(search: SavedSearch) -> dict[str, Any]:
    """Return a row of ``saved --json``."""
    return {
        "name": search.name,
        "query": search.query,
        "unread": search.unread,
        "total": search.total,
        "actions": list(search.actions),
    }


def saved_text(search: SavedSearch) -> str:
    """Return a row of ``saved``."""
    does = f"  → {', '.join(search.actions)}" if search.actions else ""
    counts = f"{search.unread:>6,} of {search.total:>7,}"
    asks = "" if search.name == search.query else f": {search.query}"
    return clean_text(f"{counts}  {search.name}{asks}{does}")


def headline_json(headline: Headline) -> dict[str, Any]:
    """Return an article as lists have it."""
    return {
        "id": f"a{headline.id}",
        "title": headline.title,
        "source": headline.outlet,
        "author": headline.author,
        "published": time_json(headline.published),
        "url": headline.url,
        "read": headline.read,
        "bookmarked": headline.bookmarked,
    }


def hit_json(hit: Hit, headline: Headline, snippet: Snippet) -> dict[str, Any]:
    """Return a hit of ``search --json``."""
    return {
        **headline_json(headline),
        "score": round(hit.score, 6),
        "snippet": {"text": snippet.text, "matches": [list(match) for match in snippet.matches]},
    }


def article_json(article: Article, mentions: Sequence[Mention]) -> dict[str, Any]:
    """Return the document of ``show --json``."""
    return {
        "id": f"a{article.id}",
        "title": article.title,
        "title_derived": article.title_derived,
        "source": article.outlet,
        "author": article.author,
        "published": time_json(article.published),
        "published_precision": article.precision if article.published else None,
        "updated": time_json(article.updated),
        "arrived": time_json(article.arrived),
        "url": article.url,
        "language": article.language,
        "revision": article.revision,
        "text": article.body.text,
        "words": article.words,
        "read": article.read,
        "bookmarked": article.bookmarked,
        "tags": list(article.tags),
        "note": article.note,
        "blocks": [
            {"kind": block.kind, "start": block.start, "end": block.end, "level": block.level}
            for block in article.body.blocks
        ],
        "mentions": [
            {
                "start": mention.start,
                "end": mention.end,
                "text": article.body.text[mention.start : mention.end],
                "kind": mention.kind,
                "entity": None if mention.entity is None else f"e{mention.entity}",
                "name": mention.name or None,
                "guessed": mention.guessed,
                "date": mention.date,
                "precision": mention.precision,
            }
            for mention in mentions
        ],
        "via": [{"id": f"s{source}", "title": title} for source, title in article.via],
        "credits": [{"kind": credit.kind, "text": credit.text} for credit in article.credits],
        "cites": [],
        "links": [{"text": link.text, "url": link.url} for link in article.links],
        "enclosures": [
            {"url": enclosure.url, "type": enclosure.type, "length": enclosure.length}
            for enclosure in article.enclosures
        ],
        "related": [],
        "story": None,
    }


def entity_json(entity: Entity) -> dict[str, Any]:
    """Return a row of ``entities --json``."""
    return {
        "id": f"e{entity.id}",
        "name": entity.name,
        "kind": entity.kind,
        "aliases": list(entity.aliases),
        "articles": entity.articles,
        "mentions": entity.mentions,
        "first": time_json(entity.first),
        "last": time_json(entity.last),
        "followed": entity.followed,
    }


def page_json(page: EntityPage) -> dict[str, Any]:
    """Return the document of ``entity --json``."""
    return {
        **entity_json(page.entity),
        "hidden": page.hidden,
        "merged": [_brief_json(entity) for entity in page.merged],
        "per_month": [list(month) for month in page.per_month],
        "sources": [list(outlet) for outlet in page.outlets],
        "with": [{**_brief_json(other), "articles": other.here} for other in page.beside],
        "latest": [
            {
                **headline_json(sighting.headline),
                "snippet": {
                    "text": sighting.sentence,
                    "matches": [list(match) for match in sighting.matches],
                },
            }
            for sighting in page.latest
        ],
    }


def _brief_json(entity: Entity) -> dict[str, Any]:
    return {"id": f"e{entity.id}", "name": entity.name, "kind": entity.kind}


def followed_json(row: Followed) -> dict[str, Any]:
    """Return a row of ``follow --json``."""
    return {
        "id": f"e{row.id}",
        "name": row.name,
        "kind": row.kind,
        "unread": row.unread,
        "total": row.total,
    }


def article_text(article: Article) -> str:
    """Return the article as plain text."""
    parts = [article.title, byline(article), ""]
    parts += [_plain(article.body.text, block) for block in article.body.blocks]
    parts += after_text(article)
    return clean_text("\n".join(parts)).rstrip() + "\n"


def byline(article: Article) -> str:
    """Return where an article is from, who wrote it, when."""
    facts = [article.source, article.author, date_text(article.published, article.precision)]
    return " · ".join(fact for fact in facts if fact)


def _plain(text: str, block: Block) -> str:
    words = text[block.start : block.end]
    match block.kind:
        case BlockKind.HEADING:
            return f"{words}\n"
        case BlockKind.ITEM:
            return f"{'  ' * block.level}{block.label} {words}\n"
        case BlockKind.QUOTE:
            return f"  | {words}\n"
        case BlockKind.CODE:
            return "\n".join(f"    {line}" for line in words.split("\n")) + "\n"
        case BlockKind.ROW:
            return " | ".join(text[start:end] for start, end in block.cells)
        case BlockKind.IMAGE:
            return f"[picture: {block.label}]\n" if block.label else ""
        case BlockKind.RULE:
            return "* * *\n"
        case BlockKind.PARAGRAPH:
            return f"{words}\n"


def after_text(article: Article) -> list[str]:
    """Return the lines that stand after an article's text; empty, or the first one is blank."""
    lines = [credit.text for credit in article.credits]
    lines += [link.text + (f": {link.url}" if link.url else "") for link in article.links]
    if article.url:
        lines.append(article.url)
    if article.note:
        lines.append(f"Note: {article.note}")
    return ["", *lines] if lines else []


def hit_text(headline: Headline, snippet: Snippet) -> str:
    """Return a hit as three lines: title, where and when, words."""
    marks = ("● " if not headline.read else "  ") + ("★ " if headline.bookmarked else "")
    facts = [headline.source, date_text(headline.published, headline.precision)]
    about = " · ".join(fact for fact in facts if fact)
    words = " ".join(snippet.text.split())
    return clean_text(f"{marks}{headline.title}\n    {about}  (a{headline.id})\n    {words}")


def source_text(source: Source) -> str:
    """Return a source as one line."""
    place = f"{source.folder} / " if source.folder else ""
    error = f"  ! {source.error}" if source.error else ""
    counts = f"{source.unread:>6} unread of {source.total:<6}"
    return clean_text(f"{counts} {place}{source.title}  (s{source.id}){error}")


GLYPHS = {EntityKind.PERSON: "◆", EntityKind.ORGANISATION: "■", EntityKind.PLACE: "▲"}


def entity_text(entity: Entity) -> str:
    """Return an entity as one line."""
    return clean_text(
        f"{entity.mentions:>6} in {entity.articles:<5} {GLYPHS.get(entity.kind, ' ')} {entity.name}"
        f"  (e{entity.id})"
    )


def followed_text(row: Followed) -> str:
    """Return a followed entity as one line."""
    counts = f"{row.unread:>6,} of {row.total:>7,}"
    return clean_text(f"{counts}  {GLYPHS.get(row.kind, ' ')} {row.name}  (e{row.id})")


def page_text(page: EntityPage, *, bars: bool) -> str:
    """Return an entity's page as lines.

    Args:
        page: the page.
        bars: draw the months as bars; else they are numbers.
    """
    entity = page.entity
    facts = [f"e{entity.id}", str(entity.kind)]
    facts += ["followed"] * entity.followed + ["hidden"] * page.hidden
    lines = [f"{GLYPHS.get(entity.kind, ' ')} {entity.name}  ({', '.join(facts)})"]
    if entity.aliases:
        lines.append(f"  also: {', '.join(entity.aliases)}")
    if page.merged:
        merged = ", ".join(f"{other.name} (e{other.id})" for other in page.merged)
        lines.append(f"  merged into it: {merged}")
    seen = ""
    if entity.first is not None:
        seen = f", {date_text(entity.first)} to {date_text(entity.last)}"
    lines.append(
        f"  {plural(entity.mentions, 'mention')} in {plural(entity.articles, 'article')}{seen}"
    )
    lines += _months(page.per_month, bars=bars)
    lines += _section("Sources", [f"{n:>7,}  {name}" for name, n in page.outlets])
    beside = [f"{e.here:>7,}  {GLYPHS.get(e.kind, ' ')} {e.name}  (e{e.id})" for e in page.beside]
    lines += _section("Named with", beside)
    latest = [hit_text(s.headline, Snippet(s.sentence)) for s in page.latest]
    lines += _section("Latest articles", latest)
    return clean_text("\n".join(lines))


def _section(heading: str, lines: list[str]) -> list[str]:
    return ["", heading, *lines] if lines else []


def _months(months: Sequence[tuple[str, int]], *, bars: bool) -> list[str]:
    if not months:
        return []
    if not bars:
        return _section("By month", [f"{n:>7,}  {month}" for month, n in months if n])
    most, when = max((n, month) for month, n in months)
    line = sparkline([n for _, n in months])
    return [f"  {months[0][0]} {line} {months[-1][0]}  (most: {most:,} in {when})"]


_BARS = " ▁▂▃▄▅▆▇█"
_BARS_WIDE = 60


def sparkline(counts: Sequence[int], width: int = _BARS_WIDE) -> str:
    """Return counts as a line of bars, at most ``width``: neighbours are added up to fit.

    Only nothing is an empty place, and only the most is a full bar.
    """
    together = -(-len(counts) // width) or 1
    sums = [sum(counts[at : at + together]) for at in range(0, len(counts), together)]
    most = max(sums, default=0)
    full = len(_BARS) - 1
    return "".join(_BARS[-(-n * (full - 1) // most) + (n == most) if n else 0] for n in sums)
