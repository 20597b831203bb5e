"""Texts that make patterns and parsers slow: does the time grow with the text, or faster?

``python -m bench.bait [TARGET ...]`` gives every entry point (those of ``bench.fuzz``, and the
finding of names) a piece of text over and over, at two lengths, one twice the other, and lists
where the time more than trebles: such an entry point can be made to hang by whoever writes.
"""

import argparse
import functools
import signal
import sys
import time
from collections.abc import Callable
from datetime import date

from bench.fuzz.targets import TARGETS
from newsreader.entities.recognise import Recogniser

LENGTH = 60_000
"""Characters of the shorter text; a long article has some 20,000."""
GROWTH = 3.0
"""Of the time when the text doubles: 2 is linear, 4 quadratic."""
_SOON_S = 0.25
"""What is done sooner cannot hang anybody, however it grows."""
_LONGEST_S = 20

UNITS = (
    *("a", "A", "1", " ", "\n", ".", "-", "_", "*", "`", "<", ">", "&", "(", "[", '"', "'", "@"),
    *(
        "a ",
        "A ",
        "1 ",
        "Aa ",
        "1A",
        ".a",
        "@A ",
        "<?",
        "<!",
        "</",
        "&#",
        "\u0301",
        "\u200d",
        "渡",
        "א",
    ),
    *(
        "a.b",
        "a@b.",
        "http://",
        "https://a.example/ ",
        "www.",
        "[a](",
        "![",
        "**a",
        "> ",
        "- ",
        "1. ",
    ),
    *(
        "| a ",
        "# ",
        "\t",
        "\r",
        "---\n",
        "===\n",
        "```\n",
        "<p>",
        "<b>",
        "<div>",
        "<td>",
        "<li><ul>",
    ),
    *("<a href=x>", "<!--", "<![CDATA[", "<x y='", "&amp;", "]]>", "<?xml ", "<outline ", "<item>"),
    *("Mr. ", "Dr. A. ", "of the ", "and ", "van der ", "Jr., ", "the A of the ", "A.B. ", "A-"),
    *(
        "Monday ",
        "2022-",
        "June 5, ",
        "5 March ",
        "the 1990s ",
        "two days ",
        "next ",
        "late in ",
        "1/1/",
    ),
    *("By A, ", "(AP) - ", "READ NEXT: ", "Photo: ", "© ", '"A," he said. ', "A (B) ", "source: "),
    *('{"a":', "[[", '\\"', "title:", "a OR ", "-(", "~", "a* ", '"a" ', "\x1b[", "\x1b]", "\x9b"),
)


class _Endless(Exception):
    """It took longer than is waited for."""


@functools.cache
def _recogniser() -> Recogniser:
    return Recogniser()


def names(data: bytes) -> None:
    """The finding of names and dates in an article."""
    _recogniser().recognise(data.decode("utf-8", "replace"), published=date(2022, 6, 30))


def took_s(target: Callable[[bytes], None], text: str) -> float:
    """Return the CPU seconds it takes, or what is waited for at most."""

    def give_up(number: int, frame: object) -> None:
        del number, frame
        raise _Endless

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(_LONGEST_S)
    began = time.process_time()
    try:
        target(text.encode("utf-8", "surrogatepass"))
    except _Endless:
        return float(_LONGEST_S)
    except AssertionError:
        pass  # What the answer is is no matter here.
    finally:
        signal.alarm(0)
    return time.process_time() - began


def main() -> int:
    """Entry point; the status is 1 where time grows faster than the text."""
    targets = {**TARGETS, "names": names}
    parser = argparse.ArgumentParser(prog="bench.bait", description=__doc__)
    parser.add_argument("targets", nargs="*", help=", ".join(targets))
    parser.add_argument("--length", type=int, default=LENGTH)
    arguments = parser.parse_args()
    bad = count = 0
    slowest = (0.0, "", "")
    for name in arguments.targets or targets:
        target = targets[name]
        target(b"a warm start")
        for unit in UNITS:
            count += 1
            once = (unit * (arguments.length // len(unit) + 1))[: arguments.length]
            short = took_s(target, once)
            slowest = max(slowest, (short, name, unit))
            if short < _SOON_S:
                continue
            # Again, the best of three: a busy machine makes CPU time longer, too.
            short = min(short, took_s(target, once), took_s(target, once))
            long = min(took_s(target, once + once) for _ in range(3))
            if long > GROWTH * short or long >= _LONGEST_S:
                bad += 1
                print(f"{name:9} {short:6.2f} s, twice as long {long:6.2f} s: {unit!r}", flush=True)
    print(
        f"{count} texts of {arguments.length:,}: {bad} grow faster than their length;"
        f" the slowest took {slowest[0]:.2f} s ({slowest[1]}, {slowest[2]!r})"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
