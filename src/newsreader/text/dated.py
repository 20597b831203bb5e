"""What a date in a text means, in plain words. Cheap to import: the reader's screen uses it."""

from newsreader.model import Precision

_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def meaning(value: str | None, precision: Precision | None) -> str:
    """Return "12 Jul 2022", "Jul 2022" or "2022" for a mention's date; empty when it is unknown.

    Args:
        value: ISO 8601, at least as long as ``precision``; anything else is returned as it is.
        precision: how much of it to say; a time of day is said as its day.
    """
    if not value or precision is None:
        return ""
    year, _, rest = value.partition("-")
    month, _, day = rest.partition("-")
    try:
        said = f"{int(year)}"
        if precision is not Precision.YEAR:
            said = f"{_MONTHS[range(1, 13).index(int(month))]} {said}"
            if precision is not Precision.MONTH:
                said = f"{int(day[:2])} {said}"
    except ValueError:
        return value
    return said
