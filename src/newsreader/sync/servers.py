"""Which servers there are, where their API is, and how an account is opened."""

from collections.abc import Mapping

from newsreader.errors import SyncError, UsageError
from newsreader.net import Login
from newsreader.store import Account
from newsreader.sync.greader import Http, Reader
from newsreader.text.links import clean_link

_HOMES = {
    "theoldreader.com": ("theoldreader", "https://theoldreader.com"),
    "bazqux.com": ("bazqux", "https://bazqux.com"),
    "inoreader.com": ("inoreader", "https://www.inoreader.com"),
}
_FRESHRSS = "/api/greader.php"


def find_server(
    http: Http,
    url: str,
    user: str,
    password: str,
    kind: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """Log in; return the server's kind and the address of its API.

    Args:
        http: how to reach it.
        url: the address of the server's pages or of its API.
        user: the name there.
        password: for the API.
        kind: as in :class:`~newsreader.store.Account`, None to find out.
        headers: as for :class:`~newsreader.sync.greader.Reader`.

    Raises:
        UsageError: it is no address.
        SyncError: it does not answer, has no such API, or refuses user and password.
    """
    address = clean_link(url if "://" in url else f"https://{url}")
    if address is None or not address.startswith("http") or "@" in address.split("/")[2]:
        raise UsageError(
            f"{url.rpartition('@')[2]}: is no server's address, such as https://rss.example.org"
        )
    last: SyncError | None = None
    for name, place in _places(address.split("?")[0].split("#")[0].rstrip("/"), kind):
        try:
            Reader(http, place, user, password, headers).log_in()
        except SyncError as error:
            # Wrong user or password: the place is right. Nobody there: no place will be.
            if error.kind not in ("refused", "broken"):
                raise
            last = last or error
        else:
            return name, place
    raise last or SyncError(f"{url}: has no Google Reader API", "refused")


def _places(address: str, kind: str | None) -> list[tuple[str, str]]:
    host = address.split("/")[2].removeprefix("www.")
    if host in _HOMES:
        return [_HOMES[host]]
    if address.endswith(_FRESHRSS):
        return [(kind or "freshrss", address)]
    fresh = [("freshrss", address + _FRESHRSS), ("freshrss", f"{address}/p{_FRESHRSS}")]
    if kind == "freshrss":
        return fresh
    plain = (kind or "other", address)
    return [plain] if kind is not None else [plain, *fresh]


def credentials_key(account: Account) -> str:
    """Return under what name the account's password is kept; with " app", that of the app."""
    return f"account {account.user} {account.url}"


def app_headers(app: Login | None) -> dict[str, str]:
    """Return the headers by which Inoreader knows an application, none without one.

    Its users register one in their preferences and get an id and a key.
    """
    return {} if app is None else {"AppId": app.name, "AppKey": app.secret}
