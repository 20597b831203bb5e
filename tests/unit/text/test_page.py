from newsreader.text.page import read_page

PROSE = (
    "The town council of Northport voted on Tuesday to rebuild the old harbour bridge, which has "
    "been closed to all traffic since a storm damaged two of its five piers last winter."
)


def test_text_parted_by_breaks_is_found() -> None:
    html = (
        f"<body><div id=menu>Home | News</div><div>{(PROSE + '<br><br>') * 5}</div><p>About us</p>"
    )
    assert read_page(html).body.text == "\n\n".join([PROSE] * 5)


def test_what_the_head_says_is_taken_over_what_the_page_shows() -> None:
    html = f"""<title>Bridge | Harbour Post</title><base href="https://post.example/a/">
    <meta property="og:site_name" content="Harbour Post"><meta name=author content="Ann Roe">
    <meta property="article:published_time" content="2022-06-28T10:00:00+02:00">
    <main><p>{PROSE}</p><p>{PROSE} <a href="map">Map</a></p></main>
    <section class="comments"><p>{PROSE}</p></section>"""
    entry = read_page(html)
    assert (entry.title, entry.title_derived) == ("Bridge", False)
    assert (entry.outlet, entry.author) == ("Harbour Post", "Ann Roe")
    assert entry.published is not None
    assert entry.published.isoformat() == "2022-06-28T08:00:00+00:00"
    assert entry.links[0].url == "https://post.example/a/map"
    assert entry.body.text == f"{PROSE}\n\n{PROSE} Map"


def test_an_empty_page_has_no_text() -> None:
    assert read_page("").body.text == ""
    assert read_page("<html></html>").body.text == ""


def test_broken_linked_data_is_passed_over() -> None:
    html = f'<script type="application/ld+json">{{"@type": </script><h1>Bridge</h1><p>{PROSE}</p>'
    assert read_page(html).title == "Bridge"


def test_control_characters_behind_what_stands_around_an_article_do_no_harm():
    entry = read_page(
        "<body><p>Before.<script>x</script>\x1f After it.<nav>y</nav> End.</p></body>"
    )
    assert entry.body.text == "Before. After it. End."
