import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.text.clean import clean_text
from newsreader.text.links import clean_link, link_key


@pytest.mark.parametrize(
    ("url", "base", "clean"),
    [
        (
            "/a b?utm_source=x&id=3&fbclid=9#f",
            "https://Example.com/x/",
            "https://example.com/a%20b?id=3#f",
        ),
        ("//example.com/é", "https://a.example", "https://example.com/%C3%A9"),
        ("mailto:desk@example.com", "", "mailto:desk@example.com"),
        ("https://example.com/a%20b", "", "https://example.com/a%20b"),
        ("javascript:alert(1)", "https://example.com", None),
        ("java\nscript:alert(1)", "https://example.com", None),
        ("\x01javascript:alert(1)", "", None),
        ("data:text/html,x", "", None),
        ("file:///etc/passwd", "https://example.com", None),
        ("http://[broken", "", None),
        ("http://example.com:99999/", "", None),
        ("#part", "https://example.com/", None),
        ("relative", "", None),
        ("", "https://example.com", None),
        ("https://ann:secret@Example.com:81/a", "", "https://example.com:81/a"),
        ("/a", "https://ann:secret@example.com/b", "https://example.com/a"),
        ("2", "https://a\x04b.example/\x1b[2J\n1", "https://ab.example/2"),
        ("2", "https://example.com/" + "x" * 5000, None),
        ("https://example.com/" + "x" * 5000, "", None),
    ],
)
def test_clean_link(url: str, base: str, clean: str | None) -> None:
    assert clean_link(url, base) == clean


def test_addresses_of_one_page_have_one_key() -> None:
    same = [
        "http://www.example.com/a/?b=2&a=1&utm_medium=rss",
        "https://example.com/a?a=1&b=2#top",
        "https://EXAMPLE.com:443/a?a=1&b=2",
    ]
    assert len({link_key(url) for url in same}) == 1
    assert link_key("https://example.com/a?a=2") != link_key(same[0])


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=80),
    st.sampled_from(["", "https://example.com/a/"])
    | st.text(max_size=20).map(lambda text: f"https://{text}example.com/"),
)
def test_a_clean_link_is_safe_and_stays(url: str, base: str) -> None:
    clean = clean_link(url, base)
    if clean is not None:
        assert clean.startswith(("http://", "https://", "mailto:", "gemini://", "gopher://"))
        assert clean_text(clean) == clean and not any(c.isspace() for c in clean)
        assert clean_link(clean) == clean
    link_key(url)
