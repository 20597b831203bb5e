"""Small tables of facts: countries, regions, cities, organisations, titles.

The tables are text files beside this module; each says in its head where its facts come from.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from newsreader.entities.names import NameIndex, bare, fold, plain
from newsreader.model import EntityKind


@dataclass(frozen=True, slots=True)
class Entry:
    """What a known form names; ``sure`` when the form alone is enough to believe it."""

    name: str
    kind: EntityKind
    sure: bool


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All tables together.

    Args:
        forms: every known form, folded, with what it names.
        exact: every known form as it is written, without accents.
        sure: the forms that may be believed where nothing else saw a name.
        titles: titles before a person's name, folded, the longest first.
    """

    forms: dict[str, Entry]
    exact: frozenset[str]
    sure: NameIndex
    titles: tuple[str, ...]

    def get(self, surface: str) -> Entry | None:
        """Return what ``surface`` names, whatever its case, accents and possessive.

        Forms of up to three letters (US, IT, Pa.) are known in their own case only.
        """
        name = bare(surface)
        entry = self.forms.get(fold(name))
        if len(name) <= 3 and plain(name) not in self.exact:
            return None
        return entry


def _rows(file: str) -> list[list[str]]:
    text = files(__package__).joinpath("data", file).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return [
        [field.strip() for field in line.split(";")]
        for line in lines
        if line and not line.startswith("#")
    ]


class _Table:
    """The forms while they are being read; the first file to claim a form keeps it."""

    def __init__(self) -> None:
        self.forms: dict[str, Entry] = {}
        self.exact: set[str] = set()
        self.sure: list[str] = []

    def add(self, form: str, name: str, kind: EntityKind) -> None:
        sure = not form.endswith("?")
        form = form.removesuffix("?")
        entry = Entry(name.removesuffix("?"), kind, sure)
        # Another spelling of the same ("POLITICO") is found by its own case.
        if not form or self.forms.setdefault(fold(form), entry) != entry:
            return
        self.exact.add(plain(form))
        if sure:
            self.sure.append(plain(form))

    def add_places(self, file: str) -> None:
        for name, aliases, demonyms in _rows(file):
            for form in (name, *aliases.split("|")):
                self.add(form, name, EntityKind.PLACE)
            for form in demonyms.split("|"):
                self.add(form, name, EntityKind.DEMONYM)

    def add_cities(self, file: str) -> None:
        for _country, cities in _rows(file):
            for city in cities.split("|"):
                name, *aliases = city.split("=")
                for form in (name, *aliases):
                    self.add(form, name, EntityKind.PLACE)

    def add_organisations(self, file: str) -> None:
        for name, aliases in _rows(file):
            for form in (name, *aliases.split("|")):
                self.add(form, name, EntityKind.ORGANISATION)


@cache
def gazetteer() -> Gazetteer:
    """Return the tables, read once a process."""
    table = _Table()
    table.add_places("countries.txt")
    table.add_places("regions.txt")
    table.add_cities("cities.txt")
    table.add_organisations("organisations.txt")
    titles = sorted((fold(row[0]) for row in _rows("titles.txt")), key=len, reverse=True)
    return Gazetteer(table.forms, frozenset(table.exact), NameIndex(table.sure), tuple(titles))


@cache
def word_list(name: str) -> frozenset[str]:
    """Return one of the word lists, in lower case."""
    return next(frozenset(row[1].split()) for row in _rows("words.txt") if row[0] == name)


@cache
def _short_given() -> dict[str, frozenset[str]]:
    """Return what each given name may be short for, itself included; folded."""
    forms: dict[str, set[str]] = {}
    for name, shorts in _rows("nicknames.txt"):
        for form in (name, *shorts.split("|")):
            forms.setdefault(fold(form), set()).add(fold(name))
    return {form: frozenset(names) for form, names in forms.items()}


def nicknames(given: str) -> frozenset[str]:
    """Return the given names that a folded ``given`` may be short for: ted -> edward, theodore."""
    return _short_given().get(given, frozenset())


@cache
def given_names() -> frozenset[str]:
    """Return the given names the tables know, folded, nicknames among them."""
    return word_list("given") | frozenset(_short_given())
