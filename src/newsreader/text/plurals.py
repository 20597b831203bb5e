"""Numbers of things, in words."""


def plural(number: int, noun: str, many: str = "") -> str:
    """Return "1 article", "12,408 articles"; ``many`` is for where an s is not enough."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"
