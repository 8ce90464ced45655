"""What the value of a setting may be, as functions that return it or raise ValueError with the end of a sentence.

Not here: where it is read, and the whole sentence, which names the setting (`settings.py`).
"""

import ipaddress
import re
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from partner_assets.key_file import NO_KEY, is_key


def checked_base_url(url: str) -> str:
    """Return an address of the API without a slash at its end."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an address that starts with http:// or https://")
    if not _can_be_asked(url):
        raise ValueError("has a host or a port that cannot be")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must not hold a user, a password, a ? or a #")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("sends the key in clear text: plain http:// is for this machine only, use https://")
    return url.rstrip("/")


def _can_be_asked(url: str) -> bool:
    """Tell whether the library that will connect to an address takes it, and what it looks at only then."""
    try:
        (parse_url(url).host or "").encode("idna")
    except (LocationParseError, UnicodeError):
        return False
    return re.search(r"\s", url) is None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_entity(name: str) -> str:
    """Return the name of a legal entity."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", name):
        return name
    raise ValueError("may hold only letters, digits, dot, dash and underscore, since it names a folder")


def checked_lake(folder: Path) -> Path:
    """Return the folder of a lake."""
    if "?" in str(folder.absolute()):
        raise ValueError("must not hold a ?, where DuckDB takes the name of a file to end")
    return folder


def day_named(text: str) -> date:
    """Return the day of a text: by one rule, so that no graph is drawn for a setting that every run refuses."""
    if re.match(r"[0-9-]{10}[T ]", text):
        raise ValueError("is no day, but a time")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("is no day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day") from None


def checked_start(day: date) -> date:
    """Return the first day of orders."""
    if day > datetime.now(UTC).date():
        raise ValueError("lies in the future")
    return day


def checked_key(key: SecretStr) -> SecretStr:
    """Return a key."""
    # What is no header value would come back in the HTTP library's error, key and all.
    if is_key(key.get_secret_value()):
        return key
    raise ValueError(NO_KEY)
