"""Three themes as plain tokens, and the styles made of them.

A role never gets its meaning from colour alone: weight, slant, an underline or a glyph says it too.
"""

from functools import cache

from rich.style import Style
from textual.theme import Theme

LATE_EDITION = "late-edition"
BROADSHEET = "broadsheet"
HIGH_CONTRAST = "high-contrast"

TOKENS: dict[str, dict[str, str]] = {
    LATE_EDITION: {
        "paper": "#171513",
        "raised": "#24201c",
        "cursor": "#2d2823",
        "rule": "#453e37",
        "headline": "#f6f0e4",
        "text": "#d9d1c3",
        "read": "#a99f91",
        "muted": "#9a9183",
        "accent": "#ef8262",
        "person": "#8fbfe6",
        "organisation": "#c4aaf0",
        "place": "#94cc98",
        "date": "#dcb86a",
        "match": "#f3d47a",
        "on-match": "#171513",
    },
    BROADSHEET: {
        "paper": "#f8f3e8",
        "raised": "#fffcf4",
        "cursor": "#eae1cd",
        "rule": "#cabfa9",
        "headline": "#15110d",
        "text": "#2f2a24",
        "read": "#5d554a",
        "muted": "#635b4e",
        "accent": "#a62c15",
        "person": "#14568c",
        "organisation": "#6b3796",
        "place": "#1f6130",
        "date": "#754a05",
        "match": "#ffdc73",
        "on-match": "#15110d",
    },
    HIGH_CONTRAST: {
        "paper": "#000000",
        "raised": "#101010",
        "cursor": "#ffffff",
        "rule": "#9a9a9a",
        "headline": "#ffffff",
        "text": "#f4f4f4",
        "read": "#d2d2d2",
        "muted": "#d2d2d2",
        "accent": "#ffd400",
        "person": "#7fd6ff",
        "organisation": "#e6baff",
        "place": "#86f59c",
        "date": "#ffc38a",
        "match": "#ffd400",
        "on-match": "#000000",
    },
}
"""Warm ink on warm dark, ink on newsprint, and every pair at 7:1. Never pure black or white
except where contrast is the point."""

INKS = ("headline", "text", "read", "muted", "accent", "person", "organisation", "place", "date")
"""The tokens that carry text on paper, raised and cursor grounds."""


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of two "#rrggbb" colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def variables(name: str) -> dict[str, str]:
    """Return a theme's tokens as stylesheet variables, ``$news-paper`` and so on."""
    return {f"news-{token}": colour for token, colour in TOKENS[name].items()}


def themes() -> list[Theme]:
    """Return the themes for Textual."""
    return [
        Theme(
            name=name,
            dark=name != BROADSHEET,
            primary=tokens["accent"],
            accent=tokens["accent"],
            foreground=tokens["text"],
            background=tokens["paper"],
            surface=tokens["paper"],
            panel=tokens["raised"],
            variables=variables(name),
        )
        for name, tokens in TOKENS.items()
    ]


class Inks:
    """The styles of one theme by role; several roles, separated by spaces, lie one on the other."""

    def __init__(self, name: str) -> None:
        tokens = TOKENS[name]
        self.paper = Style(color=tokens["text"], bgcolor=tokens["paper"])
        self._styles = {"": self.paper}
        self._roles = _roles(tokens)
        if name == HIGH_CONTRAST:
            self._roles["cursor"] = Style(color="#000000", bgcolor=tokens["cursor"], bold=True)

    def style(self, roles: str) -> Style:
        """Return the style of ``roles``, the later ones over the earlier ones."""
        found = self._styles.get(roles)
        if found is None:
            found = self.paper
            for role in roles.split():
                found += self._roles[role]
            self._styles[roles] = found
        return found


def _roles(tokens: dict[str, str]) -> dict[str, Style]:
    roles = {token: Style(color=tokens[token]) for token in (*INKS, "rule")}
    roles |= {
        "headline": Style(color=tokens["headline"], bold=True),
        "strong": Style(color=tokens["headline"]),
        "bold": Style(bold=True),
        "italic": Style(italic=True),
        "code": Style(color=tokens["headline"], bgcolor=tokens["raised"]),
        "link": Style(color=tokens["accent"]),
        # Terminals agree on these attributes alone; dotted and dashed lines are lost in many.
        "person": Style(color=tokens["person"], underline=True),
        "organisation": Style(color=tokens["organisation"], underline2=True),
        "place": Style(color=tokens["place"], underline=True, italic=True),
        "date": Style(color=tokens["date"], italic=True),
        # Reversed, so that a match still shows where there are no colours.
        "match": Style(color=tokens["match"], bgcolor=tokens["on-match"], reverse=True, bold=True),
        "focus": Style(reverse=True),
        "cursor": Style(bgcolor=tokens["cursor"]),
        "raised": Style(bgcolor=tokens["raised"]),
    }
    roles |= {
        f"{kind}-glyph": Style(color=tokens[kind])
        for kind in ("person", "organisation", "place", "date")
    }
    return roles


@cache
def inks(name: str) -> Inks:
    """Return the styles of the theme ``name``; those of late-edition for a stranger."""
    return Inks(name if name in TOKENS else LATE_EDITION)
