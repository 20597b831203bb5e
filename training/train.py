"""Train the tagger: ``python -m training.train TRAIN DEV VECTORS OUT [--epochs N] [--share P]``.

TRAIN and DEV are JSON Lines of ``source``, ``text`` and ``spans``; VECTORS is what
``training.vectors`` made. Everything random comes from one seed. OUT gets the moving average of
the parameters after every epoch. An epoch takes some two minutes on two cores.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from newsreader.entities.tagger import names_of
from training.model import Array, Names, Text, Types, forward, initial, loss

SEED = 20
LENGTH = 128
BATCH = 32
RATE = 2e-3
UNKNOWN = 0.12
"""Share of words whose own embedding and vector are hidden, as those of new names will be."""
RENAMED = 0.35
"""Share of texts whose people and towns get other names."""
SHOUTED = 0.16
"""Share of stretches set in capitals or in title case, as headlines are."""
GOLD = ("gum", "uner", "btc")
SHARES = {
    "gum": 3.0,
    "uner": 2.0,
    "btc": 0.5,
    "voa": 2.0,
    "mueller": 1.0,
    "crec": 1.0,
    "crec2": 1.0,
    "factbook": 0.7,
    "digitalgov": 0.5,
}
"""How often a text of each source is seen in one epoch."""

PLO = ("PERSON", "ORG", "LOC")
Batch = tuple[Array, Array]
"""Words by their numbers, and which of them are hidden."""


class Reading:
    """Everything that is read once: texts, words, and their numbers."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.rng, self.noise = random.Random(SEED), np.random.default_rng(SEED)
        self.vectors = np.load(options.vectors)
        types = Types(self.vectors)
        rows = map(json.loads, options.train.open(encoding="utf-8"))
        self.texts = [
            Text(row, types)
            for row in rows
            if row["source"] in GOLD or self.rng.random() < options.share
        ]
        self.dev = [Text(json.loads(line), types) for line in options.dev.open(encoding="utf-8")]
        self.names = Names(types, self.rng)
        forms = types.forms[:]
        self.loud = {
            "upper": np.array([types.number(form.upper()) for form in forms], np.int32),
            "title": np.array(
                [types.number(form[:1].upper() + form[1:]) for form in forms], np.int32
            ),
        }
        self.flags = np.array(types.flags, np.float32)
        table = self.vectors["rows"] * self.vectors["scale"]
        table = np.vstack([np.zeros((1, table.shape[1])), table]).astype(np.float32)
        rows_of = np.array(types.rows, np.int32)
        self.fixed = (jnp.asarray(rows_of), jnp.asarray(self.flags), jnp.asarray(table))
        self.words = sum(SHARES[text.source] * len(text.types) for text in self.texts)

    def epoch(self) -> Iterator[tuple[Batch, Array]]:
        """Yield an epoch in batches, shuffled."""
        found = [piece for text in self.texts for piece in self._pieces(text)]
        self.rng.shuffle(found)
        for at in range(0, len(found) - BATCH + 1, BATCH):
            types = np.zeros((BATCH, LENGTH), np.int32)
            tags = np.full((BATCH, LENGTH), -1, np.int32)
            for n, (kinds, marks) in enumerate(found[at : at + BATCH]):
                types[n, : len(kinds)], tags[n, : len(kinds)] = kinds, marks
            chance = np.where(self.flags[types][..., 0] > 0, 2 * UNKNOWN, UNKNOWN / 2)
            hidden = (self.noise.random(types.shape) < chance).astype(np.float32)
            yield (types, hidden), tags

    def _pieces(self, text: Text) -> Iterator[tuple[Array, Array]]:
        """Yield a text as pieces of LENGTH words, as often as its source is to be seen."""
        rng, often = self.rng, SHARES[text.source]
        for _ in range(int(often) + (rng.random() < often % 1)):
            renamed = rng.random() < RENAMED
            types = self.names.renamed(text, self.flags) if renamed else text.types
            for start in range(-rng.randrange(LENGTH), len(types), LENGTH):
                a, b = max(0, start), min(len(types), start + LENGTH)
                if b - a < 8:
                    continue
                kinds, tags = types[a:b].copy(), text.tags[a:b].copy()
                if rng.random() < SHOUTED:
                    at = rng.randrange(len(kinds))
                    loud = slice(at, at + rng.randrange(5, 14))
                    kinds[loud] = self.loud[rng.choice(("upper", "title"))][kinds[loud]]
                yield kinds, tags


def evaluate(params: Any, fixed: Any, texts: list[Text], scores: Any) -> list[float]:
    """Return F1 over people, organisations and places together, then of each."""
    right, said, there = (dict.fromkeys(PLO, 0) for _ in range(3))
    for text in texts:
        size = -(-len(text.types) // 256) * 256
        types = np.zeros((1, size), np.int32)
        types[0, : len(text.types)] = text.types
        best = np.asarray(scores(params, fixed, types)).argmax(-1)[0][: len(text.types)]
        have, want = set(names_of(best.tolist())), set(text.spans)
        for kind in PLO:
            mine = {span for span in have if span[2] == kind}
            gold = {span for span in want if span[2] == kind}
            right[kind] += len(mine & gold)
            said[kind] += len(mine)
            there[kind] += len(gold)
    return [
        200 * sum(right[k] for k in kinds) / max(1, sum(said[k] + there[k] for k in kinds))
        for kinds in (PLO, *((kind,) for kind in PLO))
    ]


def stepper(fixed: Any, total: int) -> Any:
    """Return one step of Adam with a warm start, a cosine to the end and a moving average."""

    @jax.jit  # type: ignore[untyped-decorator,unused-ignore]
    def step(state: Any, batch: Any, tags: Any, number: Any) -> Any:
        params, first, second, mean = state
        key = jax.random.fold_in(jax.random.key(SEED), number)
        value, slope = jax.value_and_grad(loss)(params, fixed, batch, tags, key)
        done = jnp.minimum(1.0, number / total)
        rate = RATE * jnp.minimum(1.0, (number + 1) / 200)
        rate = rate * (0.02 + 0.98 * 0.5 * (1 + jnp.cos(jnp.pi * done)))
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
        second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, slope)
        one, two = 1 - 0.9 ** (number + 1), 1 - 0.99 ** (number + 1)

        def moved(p: Any, m: Any, v: Any) -> Any:
            return p - rate * (m / one / (jnp.sqrt(v / two) + 1e-8) + 1e-2 * p)

        params = jax.tree.map(moved, params, first, second)
        mean = jax.tree.map(lambda a, p: 0.998 * a + 0.002 * p, mean, params)
        return (params, first, second, mean), value

    return step


@jax.jit  # type: ignore[untyped-decorator,unused-ignore]
def _scores(params: Any, fixed: Any, types: Any) -> Any:
    return forward(params, fixed, (types, jnp.zeros(types.shape)), jax.random.key(0), False)


def main() -> None:
    """Train, saying how it goes after every epoch."""
    parser = argparse.ArgumentParser()
    for name in ("train", "dev", "vectors", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--share", type=float, default=1.0, help="share of machine-labelled text")
    options = parser.parse_args()
    reading = Reading(options)
    params = initial(reading.vectors, reading.noise)
    zero = jax.tree.map(jnp.zeros_like, params)
    state = (params, zero, zero, params)
    total = int(options.epochs * reading.words / (LENGTH * BATCH))
    print(f"{reading.words:.0f} words an epoch, {total} steps", flush=True)
    step, number, begun = stepper(reading.fixed, total), 0, time.time()
    while number < total:
        sums: list[Any] = []
        for batch, tags in reading.epoch():
            if number >= total:
                break
            state, value = step(state, batch, tags, number)
            sums.append(value)
            number += 1
        found = evaluate(state[3], reading.fixed, reading.dev, _scores)
        figures = " ".join(f"{figure:.1f}" for figure in found)
        mean = float(np.mean(sums))
        seconds = time.time() - begun
        print(f"step {number} loss {mean:.4f} dev {figures} {seconds:.0f} s", flush=True)
        np.savez(
            options.out,
            allow_pickle=False,
            **{name: np.asarray(value) for name, value in state[3].items()},
        )


if __name__ == "__main__":
    main()
