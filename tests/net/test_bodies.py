"""Packed bodies: every packing unpacked, every bomb stopped."""

import gzip
import resource
import time
import tracemalloc
import zlib
from collections.abc import Iterator

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.net.serving import Answer, Asked, reply, serving

from newsreader.errors import FetchError
from newsreader.net import Client, Get
from newsreader.net._bodies import BadBodyError, TooLargeError, unpack

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client(proxies={}, seconds=10)
    yield made
    made.close()


def failure(client: Client, said: Answer, **fields: int) -> FetchError:
    with serving(lambda asked: said) as server, pytest.raises(FetchError) as raised:
        client.get(Get(server.url(), **fields))
    return raised.value


def packed(kind: str, size: int) -> bytes:
    """``size`` zeros, packed."""
    block, left = bytes(1 << 20), size >> 20
    if kind == "br":
        machine = brotli.Compressor(quality=5)
        return b"".join([machine.process(block) for _ in range(left)] + [machine.finish()])
    if kind == "zstd":
        zstd = pytest.importorskip("backports.zstd")
        return zstd.compress(bytes(size))
    bits = {"gzip": 31, "deflate": 15, "raw": -15}[kind]
    squeezer = zlib.compressobj(9, wbits=bits)
    return b"".join([squeezer.compress(block) for _ in range(left)] + [squeezer.flush()])


@pytest.mark.parametrize("kind", ["gzip", "deflate", "raw", "br", "zstd"])
def test_a_bomb_of_100_mb_costs_no_more_than_a_long_article(client: Client, kind: str) -> None:
    bomb = packed(kind, 100 << 20)
    encoding = "deflate" if kind == "raw" else kind
    said = reply(body=bomb, Content_Encoding=encoding)
    began = time.process_time()
    assert failure(client, said, limit=1_000_000).kind == "size"
    assert time.process_time() - began < 1
    tracemalloc.start()
    assert failure(client, said).kind == "size"
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_a_bomb_in_a_bomb(client: Client) -> None:
    inner = packed("gzip", 200 << 20)
    said = reply(body=gzip.compress(inner), Content_Encoding="gzip, gzip")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    assert failure(client, said).kind == "size"
    assert time.process_time() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    # The outer stage alone makes more than the limit, the inner stage nothing.
    empty = gzip.compress(b"") * 100_000
    said = reply(body=gzip.compress(empty), Content_Encoding="gzip, gzip")
    assert failure(client, said, limit=1_000_000).kind == "size"


def test_every_packing_is_unpacked(client: Client) -> None:
    text = b"<rss>" + bytes(range(256)) * 2000
    raw = zlib.compressobj(wbits=-15)
    zstd = pytest.importorskip("backports.zstd")
    answers = {
        "/gzip": (gzip.compress(text), "gzip"),
        "/x": (gzip.compress(text), "X-GZip"),
        "/members": (gzip.compress(text[:100]) + gzip.compress(text[100:]), "gzip"),
        "/trailing": (gzip.compress(text) + b"\0\0 rubbish", "gzip"),
        "/zlib": (zlib.compress(text), "deflate"),
        "/raw": (raw.compress(text) + raw.flush(), "deflate"),
        "/br": (brotli.compress(text), "br"),
        "/zstd": (zstd.compress(text), "zstd"),
        "/frames": (zstd.compress(text[:100]) + zstd.compress(text[100:]), "zstd"),
        "/two": (brotli.compress(gzip.compress(text)), "gzip, br"),
        "/none": (text, "identity"),
    }

    def answer(asked: Asked) -> Answer:
        body, encoding = answers[asked.path]
        # Chunks of odd sizes, the first of one byte.
        pieces = [body[:1], body[1:50], body[50:]]
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces if p) + b"0\r\n\r\n"
        head = f"Content-Encoding: {encoding}\r\nTransfer-Encoding: chunked\r\n\r\n"
        return OK + head.encode() + chunks

    with serving(answer) as server:
        for path in answers:
            assert client.get(Get(server.url(path))).body == text, path
        assert server.connections == 1


KINDS = ["gzip", "deflate", "br", "zstd"]


def squeezed(text: bytes, kind: str) -> bytes:
    if kind == "br":
        return brotli.compress(text, quality=3)
    if kind == "zstd":
        return bytes(pytest.importorskip("backports.zstd").compress(text))
    return gzip.compress(text) if kind == "gzip" else zlib.compress(text)


@given(
    st.binary(max_size=400),
    st.integers(1, 700),
    st.lists(st.sampled_from(KINDS), max_size=2),
    st.lists(st.integers(1, 200), min_size=1, max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_however_it_is_cut_the_text_comes_out(
    seed: bytes, times: int, kinds: list[str], sizes: list[int]
) -> None:
    text = seed * times
    body = text
    for kind in kinds:
        body = squeezed(body, kind)
    chunks, at, turn = [], 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)] if len(body) < 5000 else 1000 * sizes[turn % len(sizes)]
        chunks.append(body[at : at + size])
        at, turn = at + size, turn + 1
    assert unpack(chunks, ", ".join(kinds), 1_000_000) == text
    # Cut short anywhere, it is never taken for whole, unless nothing of it came.
    if kinds and text:
        with pytest.raises(BadBodyError):
            unpack([body[:-1]], ", ".join(kinds), 1_000_000)
        if len(text) > 10:
            with pytest.raises(TooLargeError):
                unpack(chunks, ", ".join(kinds), 10)


@given(st.lists(st.binary(max_size=60), max_size=5), st.lists(st.sampled_from(KINDS), max_size=2))
@settings(max_examples=60, deadline=None)
def test_rubbish_is_refused_in_one_way(chunks: list[bytes], kinds: list[str]) -> None:
    heads = {
        "gzip": b"\x1f\x8b\x08",
        "deflate": b"\x78\x9c",
        "br": b"",
        "zstd": b"\x28\xb5\x2f\xfd",
    }
    for start in (b"", heads.get(kinds[-1], b"") if kinds else b""):
        try:
            unpack([start, *chunks], ",".join(kinds), 1000)
        except (BadBodyError, TooLargeError):
            pass


@pytest.mark.parametrize("kind", [*KINDS, ""])
def test_a_body_may_be_cut_at_the_limit(kind: str) -> None:
    text = bytes(range(256)) * 4000
    body = squeezed(text, kind) if kind else text
    chunks = [body[at : at + 999] for at in range(0, len(body), 999)]
    assert unpack(chunks, kind, 500_000, cut=True) == text[:500_000]
