"""What the commands about people, organisations and places do."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from newsreader import present
from newsreader.console import Progress, document, out, say, settle
from newsreader.errors import NotFoundError, UsageError
from newsreader.model import Entity, EntityID, EntityKind
from newsreader.store import Store

_OTHERS = 4
"""Entities of the same name that are told when one is taken."""


def run(arguments: argparse.Namespace, home: Path) -> int:
    """Run the command that was asked for; return the exit status.

    Raises:
        NewsReaderError: it could not be done; the message is for the user.
    """
    return _COMMANDS[arguments.command](arguments, home)


def find(store: Store, words: str, *, sure: bool = False) -> Entity:
    """Return the entity with that id ("e12") or name.

    Of several, the most mentioned is taken and the user told so.

    Args:
        store: where to look.
        words: an id, a name, or the beginning of a word of a name.
        sure: take none of several.

    Raises:
        NotFoundError: nothing is called so.
        UsageError: several are, and one had to be sure.
    """
    number = words[1:]
    if words[:1] == "e" and number.isascii() and number.isdigit() and len(number) < 19:
        return store.entities.entity(EntityID(int(number)))
    found = store.entities.named(words) if words.strip() else []
    if not found:
        raise NotFoundError(f"'{words}': nothing is called so; see 'newsreader entities'")
    first, others = found[0], found[1:]
    if others and sure:
        ids = ", ".join(_told(entity) for entity in found[: _OTHERS + 1])
        raise UsageError(f"'{words}': several are called so; say which by its id: {ids}")
    if others:
        also = ", ".join(_told(entity) for entity in others[:_OTHERS])
        say(f"'{words}': taken to be {_told(first)}; there is also {also}")
    return first


def _told(entity: Entity) -> str:
    return f"{entity.name} (e{entity.id}, {entity.kind})"


def _entities(arguments: argparse.Namespace, home: Path) -> int:
    kind = EntityKind(arguments.kind) if arguments.kind else None
    store = Store(home)
    entities = store.entities.find(arguments.prefix, kind=kind, limit=arguments.limit)
    if arguments.json:
        document([present.entity_json(entity) for entity in entities])
    else:
        for entity in entities:
            out(present.entity_text(entity))
    return 0


def _entity(arguments: argparse.Namespace, home: Path) -> int:
    store = Store(home)
    act = _act(arguments)
    entity = find(store, " ".join(arguments.entity), sure=act is not None)
    if act is not None:
        entity = act(store, entity)
        if not arguments.no_wait:
            progress = Progress()
            settle(home, progress)
            progress.end()
            entity = store.entities.entity(entity.id)
    if arguments.json:
        document(present.page_json(store.pages.page(entity.id)))
    elif act is not None:
        out(present.entity_text(entity))
    else:
        out(present.page_text(store.pages.page(entity.id), bars=sys.stdout.isatty()))
    return 0


def _act(arguments: argparse.Namespace) -> Callable[[Store, Entity], Entity] | None:
    """Return what the options say of an entity, or None where they only look at it."""
    if arguments.merge is not None:
        return lambda store, entity: store.entity_acts.merge(
            entity.id, find(store, arguments.merge, sure=True).id
        )
    if arguments.split is not None:
        return lambda store, entity: store.entity_acts.split(entity.id, arguments.split)
    if arguments.rename is not None:
        return lambda store, entity: store.entity_acts.rename(entity.id, arguments.rename)
    if arguments.kind is not None:
        kind = EntityKind(arguments.kind)
        return lambda store, entity: store.entity_acts.set_kind(entity.id, kind)
    if arguments.hide or arguments.show:
        return _hide if arguments.hide else _unhide
    return None


def _hide(store: Store, entity: Entity) -> Entity:
    store.entity_acts.hide(entity.id, on=True)
    return entity


def _unhide(store: Store, entity: Entity) -> Entity:
    store.entity_acts.hide(entity.id, on=False)
    return entity


def _follow(arguments: argparse.Namespace, home: Path) -> int:
    store = Store(home)
    if not arguments.entities:
        followed = store.entities.followed()
        if arguments.json:
            document([present.followed_json(row) for row in followed])
        else:
            for row in followed:
                out(present.followed_text(row))
        return 0
    on = arguments.command == "follow"
    # All are looked up first: of a line with a mistake nothing is done.
    entities = [find(store, words) for words in arguments.entities]
    changed = sum(store.entity_acts.follow(entity.id, on=on) for entity in entities)
    if arguments.json:
        document({"changed": changed})
    else:
        out(f"{changed} {'followed' if on else 'no longer followed'}")
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace, Path], int]] = {
    "entities": _entities,
    "entity": _entity,
    "follow": _follow,
    "unfollow": _follow,
}
