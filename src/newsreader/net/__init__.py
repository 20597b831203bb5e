"""Speaking to other machines: requests, robots, secrets. Loaded by worker and commands only.

Nothing of the HTTP library is loaded before the first request, no certificates before the first
address of https, no keyring before the first secret.
"""

from newsreader.net._guard import Resolve
from newsreader.net._headers import USER_AGENT
from newsreader.net._values import ANY, FEEDS, PAGES, Get, Got, Login, without_login
from newsreader.net.client import Client
from newsreader.net.credentials import FILE_ONLY, Credentials
from newsreader.net.robots import Robots

__all__ = [
    "ANY",
    "FEEDS",
    "FILE_ONLY",
    "PAGES",
    "USER_AGENT",
    "Client",
    "Credentials",
    "Get",
    "Got",
    "Login",
    "Resolve",
    "Robots",
    "without_login",
]
