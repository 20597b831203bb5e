"""The search index: ids and ranking. Text, titles and snippets come from the database.

    index = Index(home / "index", home_id)
    index.update(documents)
    results = index.search("title:venezuela OR caracas")

The index is derived: whatever is wrong with it raises SearchIndexError, and ``rebuild`` with every
article makes it anew. One process writes; any number read while it does.
"""

import whoosh

from newsreader.search._compile import Lookup
from newsreader.search._highlight import matches, snippet
from newsreader.search._index import Index, Results, Sort
from newsreader.search._percolate import percolate
from newsreader.search._standing import Clock, assume, clock, statuses
from newsreader.search.query import FIELDS, Query, parse

__all__ = [
    "FIELDS",
    "Clock",
    "Index",
    "Lookup",
    "Query",
    "Results",
    "Sort",
    "assume",
    "clock",
    "matches",
    "parse",
    "percolate",
    "snippet",
    "statuses",
]

if not (2, 7, 5) <= tuple(whoosh.__version__[:3]) < (2, 8):
    # Every fork of Whoosh installs itself under the one name.
    raise ImportError(
        "newsreader needs whoosh-reloaded 2.7.5; another Whoosh "
        f"({whoosh.versionstring()}) is installed in its place"
    )
