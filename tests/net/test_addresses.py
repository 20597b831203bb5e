"""Hosts and numbers, told apart by what they are; nothing is spoken to."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreader.errors import FetchError
from newsreader.net import without_login
from newsreader.net._addresses import Network, network_of, network_of_name, read_host
from newsreader.net._url import follow, read_url

V4 = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address)
V6 = st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)


@pytest.mark.parametrize(
    ("number", "network"),
    [
        ("8.8.8.8", "public"),
        ("169.255.1.1", "public"),
        ("172.32.0.1", "public"),
        ("100.128.0.1", "public"),
        ("2600::1", "public"),
        ("2002:808:808::1", "public"),
        ("64:ff9b::808:808", "public"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.255", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("10.0.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fd12::1", "private"),
        ("::ffff:192.168.1.1", "private"),
        ("0.0.0.0", "never"),
        ("0.1.2.3", "never"),
        ("169.254.0.1", "never"),
        ("::ffff:169.254.0.1", "never"),
        ("224.0.0.1", "never"),
        ("239.1.1.1", "never"),
        ("250.0.0.1", "never"),
        ("255.255.255.255", "never"),
        ("192.0.2.1", "never"),
        ("198.18.0.1", "never"),
        ("::", "never"),
        ("fe80::1", "never"),
        ("fe80::1%eth0", "never"),
        ("2600::1%eth0", "never"),
        ("fec0::1", "never"),
        ("ff02::1", "never"),
        ("2001:db8::1", "never"),
        ("::10.0.0.1", "never"),
        ("64:ff9b::a00:1", "never"),
        ("64:ff9b:1::7f00:1", "never"),
        ("2002:a00:1::1", "never"),
        ("2001:0:808:808::f5ff:fffe", "never"),
    ],
)
def test_every_number_has_its_network(number: str, network: str) -> None:
    assert network_of(ipaddress.ip_address(number)) == network


@given(V4)
@settings(max_examples=60, deadline=None)
def test_ipv4_inside_ipv6_is_never_better_than_itself(inner: ipaddress.IPv4Address) -> None:
    bare = network_of(inner)
    low = int(inner)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | low)
    assert network_of(mapped) is bare
    for carrier in (
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | low),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b:1::")) | low),
        ipaddress.IPv6Address((0x2002 << 112) | (low << 80) | 1),
        ipaddress.IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (low ^ 0xFFFFFFFF)),
    ):
        assert network_of(carrier) is (Network.PUBLIC if bare is Network.PUBLIC else Network.NEVER)


@given(V4)
@settings(max_examples=60, deadline=None)
def test_every_spelling_of_a_number_is_that_number(number: ipaddress.IPv4Address) -> None:
    value, parts = int(number), number.packed
    for spelling in (
        str(number),
        f"{number}.",
        str(value),
        hex(value),
        f"0{value:o}" if value else "0",
        ".".join(map(hex, parts)),
        ".".join(f"0{part:03o}" for part in parts),
        f"{parts[0]}.{value & 0xFFFFFF}",
        f"{parts[0]}.0X{parts[1]:x}.{value & 0xFFFF}",
        "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in str(number)),
    ):
        assert read_host(spelling) == str(number)


@given(V6)
@settings(max_examples=60, deadline=None)
def test_every_ipv6_number_has_a_network(number: ipaddress.IPv6Address) -> None:
    assert network_of(number) in Network
    assert read_host(number.exploded.upper()) == str(number)


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_hosts_are_plain_or_refused(text: str) -> None:
    try:
        host = read_host(text)
    except FetchError as error:
        assert error.kind == "url"
        return
    assert host.isascii()
    assert host == host.lower()
    assert not set(host) & set("/@?#\\[]% \r\n")
    assert read_host(host) == host
    assert network_of_name(host) in Network


@given(st.text(max_size=60), st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_addresses_are_safe_to_send_or_refused(text: str, location: bytes) -> None:
    for written in (text, f"http://a.example/{text}", f"https://{text}/"):
        try:
            target, _ = read_url(written)
        except FetchError:
            continue
        assert target.url.isascii()
        assert target.url.isprintable()
        assert " " not in target.url
        assert read_url(target.url)[0] == target
        try:
            assert follow(target, location).url.isprintable()
        except FetchError as error:
            assert error.kind == "redirect"


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("localhost", "loopback"),
        ("a.localhost", "loopback"),
        ("nas", "private"),
        ("nas.local", "private"),
        ("nas.home.arpa", "private"),
        ("local.example.com", "public"),
        ("notlocalhost.com", "public"),
        ("10.0.0.1", "private"),
    ],
)
def test_names_tell_their_network(host: str, network: str) -> None:
    assert network_of_name(host) == network


def test_a_password_is_cut_out_of_any_address() -> None:
    for url in (
        "http://u:s3cret@h/p",
        "http://u:s3@cret@h/",
        "http://u:s3cret@[::1/",
        "u:s3cret@h",
    ):
        assert "s3cret" not in without_login(url)
        assert "cret" not in without_login(url)
