"""The network as it is trained: words as numbers, other names for people, scores and loss."""

import random
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from newsreader.entities.tagger import (
    AFFIX_BUCKETS,
    DILATIONS,
    FLAGS,
    SHAPE_BUCKETS,
    TAGS,
    WORD_BUCKETS,
    describe,
    name_lists,
    spelling_key,
    spellings,
    tokens,
)

WIDTH = 144
DROPOUT = 0.15
SMOOTHING = 0.05

_TAG = {tag: number for number, tag in enumerate(TAGS)}
Params = dict[str, Any]
Array = np.ndarray[Any, Any]


class Types:
    """Every distinct word, numbered, with its description; 0 is padding."""

    def __init__(self, vectors: Any) -> None:
        self.keys, self.of = vectors["keys"], vectors["of"]
        self.numbers: dict[str, int] = {"": 0}
        self.rows: list[tuple[int, ...]] = [(0, 0, 0, 0, 0)]
        self.flags: list[tuple[float, ...]] = [(0.0,) * FLAGS]
        self.forms: list[str] = [""]

    def number(self, form: str) -> int:
        """Return the number of a word, a new one if it is new."""
        known = self.numbers.get(form)
        if known is None:
            known = self.numbers[form] = len(self.forms)
            about = describe(form)
            self.rows.append(
                (about.word, about.prefix, about.suffix, about.shape, self.vector(form))
            )
            self.flags.append(about.flags)
            self.forms.append(form)
        return known

    def vector(self, form: str) -> int:
        """Return one more than the row of a word's vector, 0 where it has none."""
        for spelling in spellings(form):
            key = spelling_key(spelling)
            at = int(np.searchsorted(self.keys, key))
            if at < len(self.keys) and self.keys[at] == key:
                return 1 + int(self.of[at])
        return 0


class Text:
    """One text as numbers."""

    def __init__(self, row: dict[str, Any], types: Types) -> None:
        self.source = row["source"]
        found = tokens(row["text"])
        self.types = np.array([types.number(token.form) for token in found], np.int32)
        self.tags = np.zeros(len(found), np.int32)
        starts = {token.start: at for at, token in enumerate(found)}
        ends = {token.end: at for at, token in enumerate(found)}
        self.spans: list[tuple[int, int, str]] = []
        for start, end, label in row["spans"]:
            first, last = starts.get(start), ends.get(end)
            if first is None or last is None or last < first:
                # A word that is only partly a name teaches nothing.
                for at, token in enumerate(found):
                    if token.start < end and start < token.end:
                        self.tags[at] = -1
                continue
            self.spans.append((first, last, label))
            if first == last:
                self.tags[first] = _TAG[f"U-{label}"]
            else:
                self.tags[first : last + 1] = _TAG[f"I-{label}"]
                self.tags[first], self.tags[last] = _TAG[f"B-{label}"], _TAG[f"L-{label}"]


_SYLLABLES = (
    *("ba", "be", "bo", "da", "de", "do", "ka", "ko", "ku", "la", "le", "lo", "ma", "mi", "mo"),
    *("na", "no", "ra", "ri", "ro", "sa", "si", "so", "ta", "te", "to", "va", "vi", "wa", "ye"),
    *("za", "zu", "bar", "den", "gar", "hol", "kov", "lin", "mar", "ner", "ov", "ski", "son"),
    *("stein", "ten", "tov", "ul", "ur", "vic", "witz", "yev"),
)


class Names:
    """Other names to put in the place of people's and towns'."""

    def __init__(self, types: Types, rng: random.Random) -> None:
        given, surname, town = (sorted(names) for names in name_lists())
        self.rng = rng
        made = [
            "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((2, 2, 3))))
            for _ in range(4000)
        ]
        self.given = [types.number(name.title()) for name in given]
        self.surname = [types.number(name.title()) for name in [*rng.sample(surname, 6000), *made]]
        self.town = [types.number(name.title()) for name in [*rng.sample(town, 3000), *made[:300]]]
        self.lone = set(self.given) | set(self.surname)

    def renamed(self, text: Text, flags: Array) -> Array:
        """Return the text's types with other people in it, each word of a name always the same."""
        types = text.types.copy()
        other: dict[int, int] = {}
        for first, last, label in text.spans:
            if label == "PERSON" and last - first < 3:
                for at in range(first, last + 1):
                    form = int(types[at])
                    if flags[form][0] and not flags[form][1] and not flags[form][5]:
                        pool = self.given if at == first and last > first else self.surname
                        if form not in other:
                            other[form] = self.rng.choice(pool)
                        types[at] = other[form]
            elif label == "LOC" and first == last and self.rng.random() < 0.4:
                form = int(types[first])
                if flags[form][0] and not flags[form][1] and not flags[form][5]:
                    types[first] = other.setdefault(form, self.rng.choice(self.town))
        return types


def initial(vectors: Any, rng: np.random.Generator) -> Params:
    """Return the parameters before training."""
    size = vectors["rows"].shape[1] + 32 + 16 + 16 + 16 + FLAGS

    def normal(*shape: int, scale: float) -> Any:
        return jnp.asarray(rng.normal(0, scale, shape).astype(np.float32))

    params: Params = {
        "word": normal(WORD_BUCKETS, 32, scale=0.1),
        "prefix": normal(AFFIX_BUCKETS, 16, scale=0.1),
        "suffix": normal(AFFIX_BUCKETS, 16, scale=0.1),
        "shape": normal(SHAPE_BUCKETS, 16, scale=0.1),
        "in": normal(size, WIDTH, scale=(1 / size) ** 0.5),
        "in.bias": jnp.zeros(WIDTH),
        "out": normal(WIDTH, len(TAGS), scale=0.05),
        "out.bias": jnp.zeros(len(TAGS)),
    }
    for layer in range(len(DILATIONS)):
        params[f"conv{layer}"] = normal(3 * WIDTH, WIDTH, scale=(1.4 / (3 * WIDTH)) ** 0.5)
        params[f"conv{layer}.bias"] = jnp.zeros(WIDTH)
        params[f"norm{layer}"] = jnp.ones(WIDTH)
    return params


def forward(params: Params, fixed: Any, batch: Any, key: Any, train: bool) -> Any:
    """Return the scores of each tag at each word; the arithmetic of ``Network`` in the tagger."""
    rows, flags, vectors = fixed
    types, hidden = batch
    described = rows[types]
    own = (types > 0)[..., None]
    known = 1.0 - hidden[..., None]
    parts = [
        vectors[described[..., 4]] * known,
        params["word"][described[..., 0]] * known,
        params["prefix"][described[..., 1]],
        params["suffix"][described[..., 2]],
        params["shape"][described[..., 3]],
        flags[types],
    ]
    state = jax.nn.relu(jnp.concatenate(parts, -1) @ params["in"] + params["in.bias"]) * own
    keys = jax.random.split(key, len(DILATIONS) + 1)

    def dropped(values: Any, at: int) -> Any:
        if not train:
            return values
        keep = jax.random.bernoulli(keys[at], 1 - DROPOUT, values.shape)
        return jnp.where(keep, values / (1 - DROPOUT), 0)

    state = dropped(state, -1)
    for layer, gap in enumerate(DILATIONS):
        rms = jnp.sqrt(jnp.mean(state**2, -1, keepdims=True) + 1e-6)
        normed = state / rms * params[f"norm{layer}"] * own
        before = jnp.pad(normed, ((0, 0), (gap, 0), (0, 0)))[:, : normed.shape[1]]
        after = jnp.pad(normed, ((0, 0), (0, gap), (0, 0)))[:, gap:]
        window = jnp.concatenate([before, normed, after], -1)
        change = jax.nn.relu(window @ params[f"conv{layer}"] + params[f"conv{layer}.bias"])
        state = (state + dropped(change, layer)) * own
    return state @ params["out"] + params["out.bias"]


def loss(params: Params, fixed: Any, batch: Any, tags: Any, key: Any) -> Any:
    """Return the mean cross entropy, smoothed; a tag of -1 counts for nothing."""
    scores = jax.nn.log_softmax(forward(params, fixed, batch, key, True))
    right = jnp.take_along_axis(scores, jnp.maximum(tags, 0)[..., None], -1)[..., 0]
    each = -(1 - SMOOTHING) * right - SMOOTHING * scores.mean(-1)
    counts = (tags >= 0) & (batch[0] > 0)
    return jnp.sum(each * counts) / jnp.maximum(1, jnp.sum(counts))
