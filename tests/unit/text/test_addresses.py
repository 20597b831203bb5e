"""Addresses before they are opened: where they lead, what is said of them, what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.net._addresses import read_host
from newsreader.text.addresses import SCHEMES, read_address


@pytest.mark.parametrize(
    ("written", "url", "host"),
    [
        ("https://a.example/x?b=1#c", "https://a.example/x?b=1#c", "a.example"),
        ("HTTP://A.Example:8080/é ü", "http://a.example:8080/%C3%A9%20%C3%BC", "a.example"),
        ("https://[::1]:70/x", "https://[::1]:70/x", "::1"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("https://a.example/%41%zz\"'`$(x)", "https://a.example/%41%zz%22'%60$(x)", "a.example"),
        ("gemini://a.example/", "gemini://a.example/", "a.example"),
        ("mailto:ann@a.example?subject=Hi%20you", "mailto:ann@a.example?subject=Hi%20you", ""),
    ],
)
def test_what_is_handed_on_is_ascii_and_whole(written, url, host):
    address = read_address(written)
    assert (address.url, address.host, address.refused) == (url, host, "")


@pytest.mark.parametrize(
    "written",
    [
        *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "-x"),
        *("\\\\host\\share", "//a.example/x", "ftp://a.example/", "about:blank", "x", ""),
        *("https://", "https:///x", "https://a b.example/", "http://[::1", "https://a.example:x/"),
        *("https://bank.example@evil.example/", "https://u:p@a.example/", "mailto:", "mailto:x"),
        *("https://a.example\\@evil.example/", "https://-a.example/", "https://a;b.example/"),
        *("ssh://-oProxyCommand=x/", "https://%2d%2dhelp/", "http://\u202ea.example/\\x"),
    ],
)
def test_what_is_no_address_to_open_is_refused_in_words(written):
    refused = read_address(written).refused
    assert refused and refused[0].isupper() and "\n" not in refused


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("https://xn--80ak6aa92e.com/", "аррӏе.com, with Cyrillic letters"),
        ("https://аpple.com/", "mixes letters of several scripts"),
        ("https://bücher.example/", "with Latin letters"),
        ("https://127.0.0.1/", "a number"),
        ("http://0x7f.1/", "a number"),
        ("http://2130706433/", "a number"),
        ("http://faß.example/", "faß.example, with Latin letters"),
        ("https://a.example:8443/", "port 8443"),
        ("mailto:a@b.example?attach=/etc/passwd&subject=x", "left out"),
    ],
)
def test_what_could_deceive_is_said(written, words):
    assert words in " ".join(read_address(written).notes)


def test_names_of_one_script_with_its_usual_companions_are_not_called_mixed():
    for host in ("日本語テスト.example", "bücher.example", "한국日本.example"):
        assert "mixes" not in " ".join(read_address(f"https://{host}/").notes)


def test_a_mail_takes_no_file_along():
    url = read_address("mailto:a@b.example?attach=/etc/passwd&body=x&Attachment=y").url
    assert url == "mailto:a@b.example?body=x"


def test_hosts_are_those_that_are_fetched() -> None:
    for host in ("faß.example", "βόλος.example", "bücher.example", "日本語.example"):
        assert read_address(f"http://{host}/").host == read_host(host)


def test_a_plus_in_a_mail_is_a_plus() -> None:
    url = read_address("mailto:a+b@c.example?cc=d+e@c.example&subject=C++%20now").url
    assert url == "mailto:a+b@c.example?cc=d%2Be%40c.example&subject=C%2B%2B%20now"


def test_no_line_of_a_mail_ends_but_in_its_text() -> None:
    read = read_address("mailto:a@b.example?subject=x%0d%0aBcc:c@d.example&body=one%0d%0atwo")
    assert read.url == "mailto:a@b.example?body=one%0D%0Atwo"
    assert any("left out" in note for note in read.notes)
    assert read_address("mailto:a@b.example%0abcc:c@d.example").refused


@given(st.text(max_size=60), st.sampled_from(("", *(f"{scheme}://" for scheme in SCHEMES))))
@settings(max_examples=60, deadline=None)
def test_anything_is_refused_or_safe_to_hand_on(text, start):
    address = read_address(start + text)
    if not address.refused:
        assert address.url.isascii() and address.url.isprintable() and " " not in address.url
        assert address.url.startswith(f"{address.scheme}:") and address.scheme in SCHEMES
        assert address.host in address.url
        assert read_address(address.url).url == address.url
