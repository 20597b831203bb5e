"""Pages read as articles, and pages that are none."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.errors import ParseError
from newsreader.feeds.fulltext import MAX_BYTES, read_article_page
from newsreader.model import BlockKind, ParsedEntry

URL = "https://post.example/2022/06/28/harbour-bridge"
TITLE = "Council votes to rebuild the old harbour bridge"
LEAD = "The town council of Northport voted on Tuesday to rebuild the old harbour bridge."
PROSE = (
    "The town council of Northport voted on Tuesday to rebuild the old harbour bridge, which has "
    "been closed to all traffic since a storm damaged two of its five piers last winter.",
    "Engineers told the council that the work would take two years and cost about nine million, "
    "of which the region has promised to pay one half once the plans have been approved.",
    "Shop owners on the eastern bank, who have lost many of their customers since the closure, "
    "welcomed the vote but asked for a ferry that runs until the new bridge can be opened.",
    "Work is to begin in spring, when the river is low, and the two damaged piers come down first.",
)
GERMAN = (
    "Der Stadtrat von Nordhafen hat am Dienstag beschlossen, die alte Hafenbrücke neu zu bauen, "
    "die seit einem Sturm im vergangenen Winter für den gesamten Verkehr gesperrt ist."
)
FRENCH = (
    "Le conseil municipal de Portnord a voté mardi la reconstruction du vieux pont du port, fermé "
    "à toute circulation depuis qu'une tempête a endommagé deux de ses cinq piles l'hiver dernier."
)


def page(body: str, *, title: str = TITLE, head: str = "") -> str:
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head><body>"
        "<nav><a href=/>Home</a> <a href=/news>News</a></nav>"
        f"{body}<footer><p>About us</p><p>Contact</p></footer></body></html>"
    )


def article(*, more: str = "", prose: tuple[str, ...] = PROSE) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in prose)
    return f"<article class=story><h1>{TITLE}</h1>{paragraphs}{more}</article>"


def read(
    html: str | bytes,
    *,
    url: str = URL,
    title: str = TITLE,
    lead: str = LEAD,
    kind: str = "text/html; charset=utf-8",
) -> ParsedEntry:
    body = html.encode() if isinstance(html, str) else html
    return read_article_page(body, url=url, content_type=kind, title=title, lead=lead)


def reason(html: str | bytes, **given: str) -> str:
    with pytest.raises(ParseError) as caught:
        read(html, **given)
    return str(caught.value)


def test_the_article_keeps_its_shape_and_loses_what_stands_around_it() -> None:
    more = (
        "<h2>What it costs</h2><ol start=3><li>Two new piers of stone and steel, built in the "
        "dry season.</li><li>A ferry for the people of the eastern bank until then.</li></ol>"
        "<blockquote><p>We have waited long enough for this bridge, said the owner of a bakery "
        "by the river.</p></blockquote><pre>pier 1   fell\npier 2   fell</pre>"
        '<p>The plans are on <a href="/plans?utm_source=feed&id=7">the town\'s pages</a>, where '
        "everybody may look at them and send in what they think until autumn.</p>"
    )
    entry = read(page(article(more=more)))
    shapes = [(b.kind, b.label, entry.body.text[b.start : b.end]) for b in entry.body.blocks]
    assert [text for _, _, text in shapes[:4]] == list(PROSE)
    assert (BlockKind.HEADING, "", "What it costs") in shapes
    assert [s[1] for s in shapes if s[0] is BlockKind.ITEM] == ["3.", "4."]
    assert [s[0] for s in shapes].count(BlockKind.QUOTE) == 1
    assert (BlockKind.CODE, "", "pier 1   fell\npier 2   fell") in shapes
    assert [link.url for link in entry.links] == ["https://post.example/plans?id=7"]
    assert "About us" not in entry.body.text
    assert TITLE not in entry.body.text


def test_prose_in_a_second_part_of_the_same_kind_is_kept() -> None:
    part = '<div class="page-body"><div class="chunk">{}</div></div><div class=ad>Buy now</div>'
    halves = [part.format("".join(f"<p>{n} {text}</p>" for text in PROSE)) for n in range(6)]
    entry = read(page(f"<main><h1>{TITLE}</h1>{''.join(halves)}</main>"))
    assert all(f"{n} {text}" in entry.body.text for n in range(6) for text in PROSE)
    assert "Buy now" not in entry.body.text


def test_a_headline_that_leads_elsewhere_is_left_out() -> None:
    link = '<p><a href="/other">LIGHTHOUSE KEEPER RETIRES AFTER FORTY YEARS</a></p>'
    entry = read(page(article(more=link + "".join(f"<p>{text} Again.</p>" for text in PROSE))))
    assert "LIGHTHOUSE" not in entry.body.text


def test_a_list_of_other_headlines_under_the_text_is_left_out() -> None:
    links = "".join(f"<li><a href=/{n}>Keeper of lighthouse {n} retires</a></li>" for n in range(4))
    text = "".join(f"<p>{line} Again.</p>" for line in PROSE)
    entry = read(page(article(more=f"{text}<h3>Most read here</h3><ul>{links}</ul>")))
    assert "Keeper" not in entry.body.text
    assert "Most read" not in entry.body.text
    sources = (
        "<ul><li>See the <a href=/a>report</a> of the engineers on both of the piers</li></ul>"
    )
    assert "report of the engineers" in read(page(article(more=text + sources))).body.text


def test_what_the_page_declares_is_taken() -> None:
    head = """<link rel=canonical href="https://post.example/bridge?utm_medium=rss">
    <meta property="og:site_name" content="Harbour Post">
    <script type="application/ld+json">{"@type": "NewsArticle", "headline": "Bridge to be rebuilt",
    "author": [{"name": "Ann Roe"}, {"name": "Bo Lind"}], "datePublished": "2022-06-28T10:00:00Z",
    "dateModified": "2022-06-29T08:00:00Z"}</script>"""
    entry = read(page(article(), head=head))
    assert entry.link == "https://post.example/bridge"
    assert (entry.author, entry.outlet) == ("Ann Roe, Bo Lind", "Harbour Post")
    assert entry.published is not None
    assert entry.published.isoformat() == "2022-06-28T10:00:00+00:00"
    assert entry.updated is not None
    assert entry.language == "en"


@pytest.mark.parametrize("stated", ["https://post.example/", "/", "javascript:alert(1)", "//"])
def test_a_canonical_address_that_names_no_page_is_not_believed(stated: str) -> None:
    entry = read(page(article(), head=f'<link rel=canonical href="{stated}">'))
    assert entry.link == URL


def test_prose_is_not_taken_where_nothing_else_is_found() -> None:
    lines = "".join(f"<p>{n} pears</p>" for n in range(30))
    assert "30 pears" not in read(page(f"<main>{lines}</main>"), title="", lead="").body.text


def test_a_page_in_one_form_is_read() -> None:
    entry = read(page(f"<form id=aspnetForm><input type=hidden>{article()}</form>"))
    assert PROSE[3] in entry.body.text


def test_a_text_that_only_the_code_holds_is_read() -> None:
    text = "\\n\\n".join(PROSE * 2)
    head = '<script type="application/ld+json">{"@type": "Article", "articleBody": "%s"%s}</script>'
    entry = read(page("<div id=root></div>", head=head % (text, "")))
    assert [entry.body.text[b.start : b.end] for b in entry.body.blocks] == list(PROSE * 2)
    closed = head % (text, ', "isAccessibleForFree": false')
    assert "subscription" in reason(page(f"<article><p>{PROSE[0]}</p></article>", head=closed))


@pytest.mark.parametrize(
    ("encoding", "kind", "meta"),
    [
        ("utf-8", "text/html", ""),
        ("cp1252", "text/html", ""),
        ("cp1252", "text/html; charset=ISO-8859-1", ""),
        ("cp1252", "text/html", "<meta charset=iso-8859-1>"),
        ("cp1250", 'text/html; charset="windows-1250"', "<meta charset=utf-8>"),
        ("utf-16", "text/html", ""),
        ("utf-8-sig", "text/html; charset=iso-8859-1", ""),
        ("utf-8", "text/html; charset=no-such-thing", ""),
    ],
)
def test_every_encoding_is_read(encoding: str, kind: str, meta: str) -> None:
    text = "Die Brücke über den Fluß gehört der Stadt; sie für den Verkehr zu öffnen wäre schön. "
    html = page(f"<article><p>{text * 2}</p><p>{GERMAN}</p></article>", head=meta)
    entry = read(html.encode(encoding), kind=kind, title="", lead="")
    assert entry.body.text.startswith(text.strip())


def test_japanese_that_hides_in_ascii_is_read() -> None:
    text = "北港の町議会は火曜日、昨年の嵐で橋脚二本が壊れた古い港の橋を建て直すことを決めた。"
    html = page(f"<article><p>{text * 3}</p><p>{text * 2}</p></article>", title="北港の橋")
    entry = read(
        html.encode("iso2022_jp"), kind="text/html; charset=iso-2022-jp", title="", lead=""
    )
    assert text in entry.body.text


PAYWALLS = {
    "en": ("Subscribe to continue reading. Already a subscriber? Log in", PROSE[0]),
    "en2": ("This article is for subscribers only", PROSE[0]),
    "de": ("Jetzt weiterlesen mit dem Abo", GERMAN),
    "de2": ("Exklusiv für Abonnenten", GERMAN),
    "fr": ("Il vous reste 80 % de cet article à lire.", FRENCH),
    "fr2": ("La suite est réservée aux abonnés.", FRENCH),
    "es": ("Suscríbete para seguir leyendo", f"{PROSE[0]} El ayuntamiento ha votado."),
    "it": ("Contenuto riservato agli abbonati", f"{PROSE[0]} Il consiglio ha votato."),
    "sv": ("Läs vidare – redan prenumerant? Logga in", f"{PROSE[0]} Kommunen har röstat."),
}


@pytest.mark.parametrize("name", PAYWALLS)
def test_the_beginning_of_an_article_is_not_the_article(name: str) -> None:
    prompt, text = PAYWALLS[name]
    html = page(
        f"<article><h1>{text[:60]}</h1><p>{text}</p><div class=wall><p>{prompt}</p></div></article>"
    )
    said = reason(html, title=text[:60], lead=text[:80])
    assert said == "the page shows only the beginning to those without a subscription"


@pytest.mark.parametrize("free", ["false", '"False"'])
def test_what_the_publisher_calls_closed_is_closed_while_it_is_short(free: str) -> None:
    said = '{"@type":"NewsArticle","isAccessibleForFree":%s}'
    head = f'<script type="application/ld+json">{said}</script>'
    assert "subscription" in reason(page(article(), head=head % free))
    whole = tuple(f"{n}. {text}" for n in range(4) for text in PROSE)
    assert read(page(article(prose=whole), head=head % free)).body.text.count("bridge") == 8


def test_a_prompt_above_the_text_or_under_a_whole_one_refuses_nothing() -> None:
    above = "<div class=top><p>Already a subscriber? Log in</p></div>"
    assert read(page(above + article())).body.text.startswith(PROSE[0])
    whole = tuple(f"{n}. {text}" for n in range(3) for text in PROSE)
    under = "<p>Subscribe to read more of our stories, for less than a coffee a week.</p>"
    assert PROSE[3] in read(page(article(prose=whole) + under)).body.text


CONSENT = {
    "en": "We value your privacy. We and our 800 partners store and use cookies to show "
    "personalised ads. You may withdraw your consent at any time. Accept all cookies. Manage "
    "preferences.",
    "de": "Wir und unsere Partner verwenden Cookies und brauchen Ihre Einwilligung. Zustimmen und "
    "weiter, oder mit Werbung lesen. Mehr steht in der Datenschutzerklärung.",
    "fr": "Nous et nos partenaires utilisons des cookies pour mesurer notre audience. Accepter et "
    "continuer, ou continuer sans accepter. Vos choix en matière de cookies sont gardés six mois.",
    "es": "Nosotros y nuestros socios utilizamos cookies para mostrar publicidad. Aceptar y "
    "continuar. Puede configurar las cookies o leer la política de privacidad.",
    "nl": "Wij en onze partners gebruiken cookies om u advertenties te tonen. Alles accepteren of "
    "naar de cookie-instellingen. Lees onze privacyverklaring.",
}


@pytest.mark.parametrize("name", CONSENT)
def test_a_consent_page_is_no_article(name: str) -> None:
    html = page(f"<main><h1>Privacy</h1><p>{CONSENT[name]}</p></main>", title="Harbour Post")
    assert "consent to cookies" in reason(html)
    assert "consent to cookies" in reason(html, title="", lead="")


def test_an_article_about_cookies_and_robots_is_one() -> None:
    title = "Are you a robot? How consent to cookies became the law of the web"
    text = (
        "Accept all cookies, says the page, and most people do. We value your privacy, it goes on.",
        "Regulators in Brussels want the web to forget such prompts, consent to mean something.",
        "Are you a robot? That question, too, may soon be asked no more, according to the law.",
    )
    entry = read(page(article(prose=text), title=title), title=title, lead=text[0][:60])
    assert text[2] in entry.body.text


BARRIERS = [
    ("Just a moment...", "<p>Checking your browser before you go on to post.example.</p>"),
    ("post.example", "<h1>Verify you are human by completing the action below.</h1>"),
    ("Attention Required!", "<p>Please enable cookies. You have been blocked.</p>"),
    ("Zugriff verweigert", "<p>Bitte bestätigen Sie, dass Sie ein Mensch sind.</p>"),
    ("Vérification", "<p>Êtes-vous un robot ? Cochez la case pour continuer.</p>"),
    ("Un momento", "<p>Comprobando su navegador. Verifique que es humano.</p>"),
    ("post.example", '<script src="https://captcha-delivery.example/c.js"></script><p>Wait.</p>'),
]


@pytest.mark.parametrize(("title", "body"), BARRIERS)
def test_a_bot_check_is_no_article(title: str, body: str) -> None:
    assert "read by a person" in reason(page(body, title=title))


@pytest.mark.parametrize(
    "title",
    ["404 Not Found", "Page not found | Harbour Post", "Seite nicht gefunden", "Page introuvable",
     "Página no encontrada", "Pagina non trovata", "503 Service Unavailable", "Error 410"],
)  # fmt: skip
def test_an_error_page_served_as_a_page_is_no_article(title: str) -> None:
    text = "We are sorry. What you were looking for has moved or never was. Try the search instead."
    assert "not there" in reason(page(f"<h1>Oh no</h1><p>{text}</p>", title=title))


@pytest.mark.parametrize("title", ["Log in", "Anmelden – Hafenpost", "Se connecter", "Accedi"])
def test_a_page_to_sign_in_on_is_no_article(title: str) -> None:
    form = "<form><label>Name</label><input name=n><input type=password name=p></form>"
    text = "<p>Please enter the name and the secret that you were given when you joined us.</p>"
    assert "signed in" in reason(page(text + form, title=title))


def test_a_program_a_video_and_a_gallery_are_no_articles() -> None:
    shell = "<noscript>You need to enable JavaScript to run this.</noscript><div id=root></div>"
    assert "JavaScript" in reason(page(shell + "<script src=/a.js></script>"))
    assert "video" in reason(page("<h1>Bridge</h1><video src=/b.mp4></video><p>Watch it.</p>"))
    pictures = "".join(f"<figure><img src=/{n}.jpg></figure>" for n in range(9))
    assert "pictures" in reason(page(f"<h1>Bridge</h1>{pictures}<p>Nine views.</p>"))
    assert reason(page("<p>Nothing.</p>")) == "no article was found on the page"
    assert reason(b"") == "the page is empty"


def test_another_article_the_front_page_and_a_list_are_not_the_article() -> None:
    other = (
        "Bakers across the valley have begun to sell rye loaves made after recipes their great "
        "grandparents wrote down, and customers queue from early morning, owners report.",
        "Flour from nearby mills costs twice what supermarkets charge, yet nobody seems to mind.",
    )
    html = f"<article><h1>Rye is back</h1><p>{other[0]}</p><p>{other[1]}</p></article>"
    lead = "Northport council votes on harbour bridge after winter storm damage."
    assert "something else" in reason(page(html, title="Rye is back"), lead=lead)
    assert "front page" in reason(page(html, title="Post"), url="https://post.example/", lead=lead)
    rows = "".join(
        f'<p><a href="/{n}">Short news of the day, number {n}</a></p>' for n in range(40)
    )
    assert "list of articles" in reason(page(f"<main>{rows}</main>", title="All"), lead=lead)


def test_a_page_with_less_than_the_feed_is_not_taken() -> None:
    assert reason(page(article()), lead=" ".join(PROSE * 2)) == "the page has less than the feed"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"%PDF-1.7 ...", "text/html", "PDF"),
        (b"\x89PNG\r\n", "image/png", "picture"),
        (b"<p>x", "application/pdf", "PDF"),
        (b"{}", "application/json", "JSON"),
        (b"ID3....", "audio/mpeg", "sound"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "text/xml", "feed"),
        (b" " * (MAX_BYTES + 1), "text/html", "larger than 16 MB"),
    ],
)
def test_what_is_no_page_is_refused_by_its_kind(body: bytes, kind: str, said: str) -> None:
    assert said in reason(body, kind=kind)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + PROSE[0],
        "".join(f"<a href=/{n}>link {n}</a> " for n in range(35_000)),
        f"<p {' '.join(f'a{n}=x' for n in range(100_000))}>{PROSE[0]}</p>",
        "<table><tr><td>" * 2_000 + PROSE[0],
        '<script type="application/ld+json">' + '[{"a":' * 50_000 + "</script>" + PROSE[0],
        "<form>" * 5_000 + PROSE[0],
    ],
    ids=["deep", "links", "attributes", "tables", "json", "forms"],
)
def test_a_hostile_page_takes_bounded_time(html: str) -> None:
    began = time.process_time()
    try:
        read(html, title="", lead="")
    except ParseError:
        pass
    assert time.process_time() - began < 5


_PIECES = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<div class=a>", "</div>", "<table><tr><td>", "<li>", "<a href=x>", "</a>",
         "<br>", "<h2>", "<form>", "<figure><img src=a><figcaption>", "\x1b[31m", "\0", "&#0;",
         "<!--", "<script>",
         '<script type="application/ld+json">{"@type":"Article","author":3}</script>']
    ) | st.text(max_size=40) | st.sampled_from(PROSE),
    max_size=30,
)  # fmt: skip


@given(_PIECES, st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_the_page_the_only_error_is_a_reason(
    pieces: list[str], title: str, lead: str
) -> None:
    body = "".join(pieces).encode("utf-8", "replace")
    try:
        entry = read_article_page(body, url=URL, content_type="", title=title, lead=lead)
    except ParseError as error:
        assert str(error)
        return
    assert "\x1b" not in entry.body.text + entry.title
    for block in entry.body.blocks:
        assert 0 <= block.start <= block.end <= len(entry.body.text)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_the_only_error_is_a_reason(body: bytes) -> None:
    try:
        read_article_page(body, url=URL, content_type="text/html", title="", lead="")
    except ParseError as error:
        assert str(error)
