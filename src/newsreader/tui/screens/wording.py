"""What the main screen says in words: headings, empty lists, progress. Pure."""

from collections.abc import Mapping

from newsreader.model import Scope, ScopeKind
from newsreader.text.plurals import plural
from newsreader.tui.commands import key_of
from newsreader.tui.finding import Found
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, safe_line
from newsreader.tui.phrases import count

_EMPTY = {
    ScopeKind.ALL: (
        "There is nothing to read yet.",
        "{add} adds a feed, or the feed of any web page.",
        "newsreader import PATH brings along what you have:",
        "newsboat's folder, an OPML file, articles.",
    ),
    ScopeKind.TODAY: ("Nothing from today.", "All, at the left, has the rest."),
    ScopeKind.UNREAD: ("Everything is read.", "u brings back what was marked by mistake."),
    ScopeKind.BOOKMARKS: ("No bookmarks yet.", "b keeps the article under the cursor."),
    ScopeKind.FOLDER: ("This folder is empty.", "All, at the left, has the rest."),
    ScopeKind.SOURCE: ("This source has no articles.", "All, at the left, has the rest."),
    ScopeKind.ENTITY: ("Nothing names it any more.", "D stops following."),
    ScopeKind.SAVED: ("Nothing matches this saved search.", "S changes it, D removes it."),
}
SLOW_WRITE = "Writing takes long; another program may keep the library locked"
FINISHING = "writing what you did last, another program keeps the library busy; Ctrl+C gives it up"
_STAGES = {"import": "read in", "index": "indexed", "entities": "searched for names"}


def _lines(*texts: str) -> list[Line]:
    first, *rest = texts
    return [[("  " + first, "strong")], [], *([("  " + text, "muted")] for text in rest)]


def empty_list(scope: Scope, keys: Mapping[str, str], *, arriving: bool) -> list[Line]:
    """Return what stands in a list without articles: why, and what to do."""
    if arriving and scope.kind is ScopeKind.ALL:
        return _lines(
            "A small sample library is being read in.",
            f"{key_of('add', keys)} adds a feed.",
            "newsreader import PATH brings along what you have.",
        )
    if arriving and scope.kind is ScopeKind.SAVED:
        return _lines("Its matches are being looked for.", "They appear here as soon as they are.")
    return _lines(*(line.format(add=key_of("add", keys)) for line in _EMPTY[scope.kind]))


def no_matches(query: str, scope: Scope, label: str, suggestion: str = "") -> list[Line]:
    """Return what stands in a list without matches: what would loosen the search."""
    hints = []
    if suggestion:
        hints += [f"Did you mean  {safe_line(suggestion)} ?", "tab searches for that."]
    if scope.kind is not ScopeKind.ALL:
        hints.append(f"You are looking in {label}; All, at the left, is wider.")
    if '"' in query:
        hints.append("Without quotation marks the words may stand apart.")
    if ":" in query:
        hints.append("A word without its field is found anywhere.")
    if len(query.split()) > 1:
        hints.append("Fewer words match more; OR between them, too.")
    hints.append("esc goes back to the list.")
    return _lines("Nothing matches.", *hints)


def no_answer() -> list[Line]:
    """Return what stands in a list while the query cannot be read."""
    return [[("  The search waits for the query.", "muted")]]


def no_article(glyphs: Glyphs) -> list[Line]:
    """Return what stands in the pane while no article is shown."""
    return [[], [("   Nothing is open.", "muted")]]


def list_heading(
    label: str, total: int, *, searching: bool, best_first: bool, more: str = ""
) -> tuple[Line, Line]:
    """Return the heading of the list column, left and right; ``more`` follows the total."""
    if searching:
        words = " match" if total == 1 else " matches"
        left: Line = [(count(total) + more, "headline"), (words, "text")]
        if label != "All":
            left.append((f" in {label}", "muted"))
        return left, [("best first" if best_first else "newest first", "muted")]
    return [(label, "headline"), (f"  {count(total)}", "muted")], [("newest first", "muted")]


def found(answer: Found, among: int, glyphs: Glyphs) -> Line:
    """Return "37 of 12,408 · 8 ms", or that it is not all of them yet, or never will be."""
    total, time = count(answer.total), f"{answer.took_ms:.0f} ms"
    if answer.stopped:
        return [
            (f"{total} found", "text"),
            (
                f" {glyphs.dot} stopped after {answer.took_ms / 1000:.0f} s, there may be more",
                "muted",
            ),
        ]
    if not answer.complete:
        total += glyphs.ellipsis
    return [(f"{total} of {count(among)}", "text"), (f" {glyphs.dot} {time}", "muted")]


def progress(stage: str, done: int, total: int, glyphs: Glyphs) -> Line:
    """Return a short bar and "12 of 40 read in"."""
    width = 10
    filled = width * done // total if total else 0
    return [
        (glyphs.heavy * filled, "accent"),
        (glyphs.rule * (width - filled), "rule"),
        (f"  {count(done)} of {count(total)} {_STAGES.get(stage, stage)}", "muted"),
    ]


def arrived(number: int, key: str) -> Line:
    """Return "12 new, press ."."""
    return [(f"{count(number)} new", "text"), (", press ", "muted"), (key, "text")]


def marked(number: int, *, read: bool) -> str:
    """Return "12 marked read", or that there was nothing to mark."""
    return (
        f"{plural(number, 'article')} marked {'read' if read else 'unread'}"
        if number
        else "All of them were read already"
    )


def notified(event: Mapping[str, object], glyphs: Glyphs) -> tuple[str, str]:
    """Return what an event "notify" says: which saved search found how many, and the first."""
    number, titles = event.get("count"), event.get("titles")
    many = f"{count(number)} new" if isinstance(number, int) else "New"
    first = str(titles[0]) if isinstance(titles, list) and titles else ""
    return f"{many} in {event.get('saved')}", f" {glyphs.dot} {first}" if first else ""


def worker(event: Mapping[str, object], glyphs: Glyphs) -> Line | None:
    """Return what an event of the worker puts on the status line; None to leave it."""
    kind = event.get("event")
    if kind == "progress":
        done, total = event.get("done"), event.get("total")
        if isinstance(done, int) and isinstance(total, int) and done < total:
            return progress(str(event.get("stage")), done, total, glyphs)
        return []
    return [] if kind in ("idle", "standby", "failed") else None


# Fetching


def _number(event: Mapping[str, object], name: str) -> int:
    value = event.get(name)
    return value if isinstance(value, int) else 0


def starting(*, every: bool) -> Line:
    """Return what stands until the first feed has been fetched."""
    return [("Fetching all feeds" if every else "Fetching", "muted")]


def waiting_for(pages: int) -> Line:
    """Return what stands while pages are fetched; nothing for none."""
    if not pages:
        return []
    return [("Fetching the full text" if pages == 1 else f"Fetching {pages} full texts", "muted")]


def text_of(origin: str) -> str:
    """Return which of an article's texts is shown."""
    return "The full text, from its page" if origin == "page" else "The text as the feed gave it"


def fetching(event: Mapping[str, object], stop: str, glyphs: Glyphs) -> Line:
    """Return "12/80 · 3 new · 2 failed", and how to stop."""
    dot = f" {glyphs.dot} "
    done, total = _number(event, "done"), _number(event, "total")
    line: Line = [(f"{count(done)}/{count(total)}", "text")]
    line.append((f"{dot}{count(_number(event, 'new'))} new", "text"))
    if failed := _number(event, "failed"):
        line.append((f"{dot}{count(failed)} failed", "text"))
    return [*line, (f"{dot}{stop} stops", "muted")]


def fetched(
    event: Mapping[str, object], keys: Mapping[str, str], glyphs: Glyphs, *, failures: bool
) -> tuple[str, str]:
    """Return what a round came to, and what more there is to say of it.

    ``failures`` says whether those are told.
    """
    dot = f" {glyphs.dot} "
    done, total = _number(event, "done"), _number(event, "total")
    new, failed = _number(event, "new"), _number(event, "failed")
    if event.get("offline") is True:
        return "You are offline", f"{dot}feeds are fetched when you are back"
    if event.get("stopped") is True:
        return f"Stopped after {count(done)} of {plural(total, 'feed')}", f"{dot}{count(new)} new"
    if not total:
        return "No feed is due yet", f"{dot}{key_of('refresh_due', keys)} again fetches all"
    updated = _number(event, "updated")
    words = (
        f"{count(new)} new" if new else f"{count(updated)} changed" if updated else "Nothing new"
    )
    if total > 1 and (new or not failed):
        words += f" from {plural(total, 'feed')}"
    if not failures or not failed:
        return words, ""
    if total == 1:
        return _reason(event) or "It could not be fetched", ""
    return f"{words}; {plural(failed, 'feed')} failed", f"{dot}{key_of('feeds', keys)} shows them"


def _reason(event: Mapping[str, object]) -> str:
    """Return why the first of the feeds that failed did, with its name."""
    failures = event.get("failures")
    first = failures[0] if isinstance(failures, list) and failures else None
    if not isinstance(first, list) or len(first) != 3:
        return ""
    return f"{first[1]}: {first[2]}"
