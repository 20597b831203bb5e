"""What an act on an entity asks for: another entity, one of its names, a new name, a kind."""

from collections.abc import Callable, Sequence

from textual import events
from textual.widgets import Input

from newsreader.model import Entity, EntityKind
from newsreader.tui.glyphs import Glyphs
from newsreader.tui.lines import Line, safe_line
from newsreader.tui.phrases import count
from newsreader.tui.screens.picker import Picker, Row

_KINDS = (EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE)


class EntityPicker(Picker):
    """Entities of the library by any word of their names; dismissed with an id.

    Args:
        glyphs: the signs to draw with.
        title: what is about to be done.
        verb: what Enter does.
        find: returns the entities that a beginning fits.
        but: an id that is not offered.
    """

    def __init__(
        self,
        glyphs: Glyphs,
        title: str,
        verb: str,
        find: Callable[[str], Sequence[Entity]],
        but: int,
    ) -> None:
        super().__init__(
            glyphs, [(title, "headline")], [], verb=verb, nothing="Nobody of that name."
        )
        self._signs = glyphs
        self._find = find
        self._but = but

    def on_mount(self) -> None:
        """Take the room that any answer may need."""
        self.box.styles.max_height = "84%"
        super().on_mount()

    def _show(self, typed: str) -> None:
        found = [each for each in self._find(typed) if each.id != self._but]
        rows = [_row(each, self._signs) for each in found]
        self._rows.show(rows or [Row(left=[(self._nothing, "muted")])])


def _row(entity: Entity, glyphs: Glyphs) -> Row:
    known = safe_line(", ".join(entity.aliases[:3]))
    left: Line = [
        (glyphs.of_kind(entity.kind) + " ", f"{entity.kind}-glyph"),
        (safe_line(entity.name), "text"),
        (f"  {known}" if known else "", "muted"),
    ]
    return Row(left=left, right=[(count(entity.articles), "muted")], key=str(entity.id))


class NamePrompt(Picker):
    """One line to write a name in, over ``words`` of what it is for; dismissed with it."""

    def __init__(
        self,
        glyphs: Glyphs,
        title: str,
        name: str,
        *,
        words: str = "The name that lists and pages show; texts stay as they are.",
        verb: str = "rename",
    ) -> None:
        row = Row(left=[(words, "muted")])
        super().__init__(glyphs, [(title, "headline")], [row], verb=verb, nothing="")
        self._given = name
        self._only = row

    def on_mount(self) -> None:
        """Begin with the name as it is, all of it selected."""
        super().on_mount()
        self._input.value = self._given
        self._input.select_all()

    def _show(self, typed: str) -> None:
        self._rows.show([self._only])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with what is written."""
        event.stop()
        self.dismiss(event.value)

    def on_click(self, event: events.Click) -> None:
        """Leave the rows alone: they are words."""
        event.stop()


def names_picker(glyphs: Glyphs, entity: Entity) -> Picker:
    """Return the overlay of an entity's other names; a row's key is the name."""
    rows = [
        Row(left=[(safe_line(name), "text")], key=name, words=safe_line(name))
        for name in entity.aliases
    ]
    return Picker(
        glyphs,
        [("Which name is somebody else?", "headline")],
        rows,
        verb="split off",
        nothing="It has no other name.",
    )


def kinds_picker(glyphs: Glyphs) -> Picker:
    """Return the overlay of kinds; a row's key is the kind."""
    rows = [
        Row(
            left=[(glyphs.of_kind(kind) + " ", f"{kind}-glyph"), (str(kind), "text")],
            key=str(kind),
            words=str(kind),
        )
        for kind in _KINDS
    ]
    return Picker(glyphs, [("What is it?", "headline")], rows, verb="choose", nothing="")
