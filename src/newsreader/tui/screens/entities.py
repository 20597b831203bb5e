"""Who and what an article mentions, as a list to choose from; and its addresses likewise."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.binding import Binding

from newsreader.model import Article, Enclosure, Entity, EntityKind
from newsreader.text.addresses import SCHEMES
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import safe_line
from newsreader.tui.phrases import count, size
from newsreader.tui.screens.picker import Picker, Row

_OVERLAY = 84
"""Cells of an overlay where the window has room (newsreader.tcss)."""

_FIELDS = {
    EntityKind.PERSON: "person",
    EntityKind.ORGANISATION: "org",
    EntityKind.PLACE: "place",
    EntityKind.DEMONYM: "place",
}


def query_for(kind: EntityKind, name: str) -> str:
    """Return the search for everything about ``name``, such as ``person:"Roger Carstens"``."""
    bare = safe_line(name).replace('"', " ").strip()
    return f'{_FIELDS[kind]}:"{bare}"' if kind in _FIELDS else f'"{bare}"'


class NamesPicker(Picker):
    """Names of an article; dismissed with an id, or with "follow" and an id."""

    BINDINGS = [  # noqa: RUF012  # Textual's own way to declare bindings
        *Picker.BINDINGS,
        Binding("ctrl+f", "follow", show=False, priority=True),
    ]

    def action_follow(self) -> None:
        """Follow the name under the cursor, or no longer."""
        if self._rows.key:
            self.dismiss(f"follow {self._rows.key}")


def entities_picker(glyphs: Glyphs, entities: Sequence[Entity]) -> Picker:
    """Return the overlay of an article's names; a row's key is the entity's id."""
    rows: list[Row] = []
    for entity in entities:
        name = safe_line(entity.name)
        known = safe_line(", ".join(entity.aliases[:3]))
        rows.append(
            Row(
                left=[
                    (glyphs.of_kind(entity.kind) + " ", f"{entity.kind}-glyph"),
                    (name, "text"),
                    (f"  {known}" if known else "", "muted"),
                ],
                right=[
                    (f"{count(entity.here):>6}", "text"),
                    (f"{count(entity.articles):>9}", "muted"),
                ],
                key=str(entity.id),
                words=f"{name} {known} {entity.kind}",
            )
        )
    if rows:
        title = Row(left=[("", "")], right=[("  here", "muted"), ("  library", "muted")])
        rows.insert(0, title)
    return NamesPicker(
        glyphs,
        [("In this article", "headline")],
        rows,
        verb="its page",
        more=[("ctrl+f", "text"), (" follow   ", "muted")],
        nothing="No names have been found in this article yet.",
    )


def addresses(article: Article) -> list[tuple[str, str]]:
    """Return (label, address) of everything ``article`` points to on the web, each once.

    Only addresses that some program may be asked to open; see ``opening``.
    """
    pairs = [("the article", article.url), *((link.text, link.url) for link in article.links)]
    pairs += [(_file(enclosure), enclosure.url) for enclosure in article.enclosures]
    pairs.append(("the comments", article.comments))
    found: dict[str, str] = {}
    for label, url in pairs:
        if url and url == safe_line(url) and url.partition(":")[0].lower() in SCHEMES:
            found.setdefault(url, safe_line(label))
    return [(label, url) for url, label in found.items()]


def _file(enclosure: Enclosure) -> str:
    """Return what a file is: "Episode 12, audio/mpeg, 34 MB"."""
    length = size(enclosure.length) if enclosure.length else ""
    return ", ".join(part for part in (enclosure.title, enclosure.type, length) if part) or "file"


def seen_whole(url: str, width: int) -> bool:
    """Tell whether the overlay of a window of ``width`` cells shows an address to its end."""
    return cell_len(url) <= min(_OVERLAY, width) - 8


def links_picker(glyphs: Glyphs, article: Article) -> Picker:
    """Return the overlay of an article's addresses in full; a row's key is the address."""
    rows: list[Row] = []
    for label, url in addresses(article):
        rows.append(Row(left=[(url, "text")], key=url, words=f"{label} {url}"))
        if label and label != url:
            rows.append(Row(left=[(f"  {label}", "muted")], words=f"{label} {url}"))
    return Picker(
        glyphs,
        [("Addresses", "headline")],
        rows,
        verb="open",
        nothing="This article has no address on the web.",
    )
