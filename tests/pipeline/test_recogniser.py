"""The recogniser's process, spoken to by its lines."""

import json
import subprocess
import sys

ARTICLE = {
    "text": "Hier soir, Angela Zell a quitté la réunion.",
    "title": "",
    "language": "fr",
    "published": None,
}


def test_known_names_hold_until_sent_anew() -> None:
    requests = [
        {"articles": [ARTICLE]},
        {"articles": [ARTICLE], "known": [["Angela Zell", "person"]]},
        {"articles": [ARTICLE]},
        {"articles": [ARTICLE], "known": []},
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "newsreader.recogniser"],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line)["mentions"][0] for line in ran.stdout.splitlines()]
    names = [[row[3] for row in rows if row[3]] for rows in answers]
    assert names == [[], ["Angela Zell"], ["Angela Zell"], []]
