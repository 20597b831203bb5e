"""Failures of the network in words of the user's, told apart by their numbers."""

import errno
import socket

from newsreader.errors import FetchError
from newsreader.text.clean import clean_line

_OFFLINE = {errno.ENETUNREACH, errno.ENETDOWN}
# EHOSTUNREACH is not among them: one dead host in the neighbourhood answers so, too.

_CERTIFICATE = {
    9: "it is not valid yet; is the clock of this machine right?",
    10: "it has expired",
    18: "it is signed by itself only",
    19: "it is signed by somebody this machine does not know",
    20: "it is signed by somebody this machine does not know",
    21: "it is signed by somebody this machine does not know",
    23: "it has been withdrawn",
    62: "it belongs to another name",
    64: "it belongs to another address",
}
"""X509_V_ERR numbers of OpenSSL (x509_vfy.h)."""


def lookup_error(host: str, error: OSError) -> FetchError:
    """Return why the name ``host`` has no address: no network, or no such name."""
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return FetchError(f"no name server could be asked for {host}: no network?", "offline")
    if error.errno in _OFFLINE:
        return FetchError(f"{host} cannot be looked up: no network", "offline")
    return FetchError(f"there is no host named {host}", "name")


def connect_error(host: str, error: OSError) -> FetchError:
    """Return why no connection to ``host`` came about."""
    if error.errno in _OFFLINE:
        return FetchError(f"{host} cannot be reached: no network", "offline")
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return FetchError(f"{host} did not answer", "timeout")
    if error.errno == errno.ECONNREFUSED:
        return FetchError(f"{host} refused the connection", "refused")
    return FetchError(f"{host} cannot be reached", "refused")


def tls_error(host: str, error: OSError) -> FetchError:
    """Return why no protected connection to ``host`` came about."""
    import ssl  # not yet loaded where nothing is fetched

    if isinstance(error, ssl.SSLCertVerificationError):
        code = int(error.verify_code)
        why = _CERTIFICATE.get(code) or clean_line(str(error.verify_message), 100)
        return FetchError(f"the certificate of {host} is not valid: {why}", "tls")
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return FetchError(f"{host} hung up before the connection was protected", "tls")
    reason = clean_line(str(getattr(error, "reason", "") or ""), 60).lower().replace("_", " ")
    return FetchError(f"no protected connection to {host}: {reason or 'it failed'}", "tls")


def broken(host: str, what: str) -> FetchError:
    """Return that ``host`` answered, but not as HTTP allows."""
    return FetchError(f"{host} {what}", "broken")


def protocol_error(host: str, error: Exception) -> FetchError:
    """Return what was wrong with an answer, from the words of the HTTP machinery."""
    said = str(error)
    if "without sending complete message" in said or "incomplete chunked" in said:
        return broken(host, "broke off in the middle of its answer")
    if "Receive buffer too long" in said:
        return broken(host, "sends headers without end")
    if "disconnected without" in said:
        return broken(host, "hung up without an answer")
    return broken(host, f"does not answer as a web server does ({clean_line(said, 80)})")
