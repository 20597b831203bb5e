"""Whether a term is what was nearly written, or fits a pattern."""

import re


def near(term: str, text: str, distance: int) -> bool:
    """Tell whether ``term`` is at most ``distance`` letters from ``text``, the first the same."""
    if abs(len(term) - len(text)) > distance or term[:1] != text[:1]:
        return False
    row = list(range(len(text) + 1))
    for i, a in enumerate(term, 1):
        before, row = row, [i]
        for j, b in enumerate(text, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
        if min(row) > distance:
            return False
    return row[-1] <= distance


def pattern(text: str) -> "re.Pattern[str]":
    """Return the expression of a folded pattern of ``?`` and ``*``."""
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", text))
    if not others:
        return re.compile(first, re.DOTALL)
    *middle, last = others
    # The first place where a part fits is as good as any; atomic, so that it is not tried again
    # elsewhere, which would take exponential time.
    inner = "".join(f"(?>.*?{part})" for part in middle)
    return re.compile(f"{first}{inner}.*{last}", re.DOTALL)
