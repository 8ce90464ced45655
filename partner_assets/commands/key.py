"""`partner-assets key`: replaces the API key, and says which keys the API accepts.

Here: asking the API, and what a person is told. Not here: the files that hold the keys, and why none can get lost
(`key_file.py`); which key a run takes (`keys.py`).
"""

import stat

import click
from pydantic import SecretStr

from partner_assets.api.client import PartnerApi
from partner_assets.api.documents import NewKey
from partner_assets.api.errors import KeyRefused
from partner_assets.key_file import OWNER_ONLY, Disk, HeldKeys, KeyFile, KeyFileError
from partner_assets.settings import KEY, KEY_FILE, Settings, SettingsError, key_file_error, load

ATTEMPTS = 2
"""Somebody waits for the answer, and can ask again."""


def rotate(*, again: bool, disk: Disk | None = None) -> int:
    """Have the API make a new key, put it in place, and print its hash, or print the hash of the one that waits.

    Args:
        again: Whether a key that waits to be accepted is given up for the new one.
        disk: What files are changed with; the operating system's by default.

    Returns:
        The exit code, 0.

    Raises:
        SettingsError: If a setting is wrong, or the key does not come from a file.
        PartnerApiError: If the API makes no key; nothing has been changed then.
        click.ClickException: If the files cannot be changed; the key that works is where it was.
    """
    settings = load()
    if settings.api_key_file is None:
        raise SettingsError(
            f"{KEY} holds the key itself, which no program can replace: write it to a file that only you can read, "
            f"and set {KEY_FILE} to that instead."
        )
    file = KeyFile(settings.api_key_file, disk)
    try:
        with file.changing():
            waiting_hash, advice = _rotated(settings, file, again=again)
    except KeyFileError as error:
        raise click.ClickException(f"The key was not replaced: {error}. The one that works is where it was.") from None
    click.echo(waiting_hash)
    click.echo(advice, err=True)
    return 0


def check() -> int:
    """Ask the API with every key that is held, and print which it accepts.

    Returns:
        The exit code: 0 if the newest key is accepted, 1 if it is not, or not yet.

    Raises:
        SettingsError: If a setting is wrong, or the key file cannot be read.
        PartnerApiError: If the API does not answer.
        click.ClickException: If the newest key is accepted and that cannot be written down.
    """
    settings = load()
    if settings.api_key_file is None:
        is_accepted = _is_accepted(settings, settings.api_key.get_secret_value())
        _say(KEY, "", is_accepted)
        return 0 if is_accepted else 1
    file = KeyFile(settings.api_key_file)
    try:
        held = file.read()
    except KeyFileError as error:
        raise key_file_error(error) from None
    is_accepted = _is_accepted(settings, held.newest)
    _say("new key" if held.waiting_hash else "key", str(file.path), is_accepted)
    is_previous_accepted = False
    if held.previous not in (None, held.newest):
        is_previous_accepted = _is_accepted(settings, str(held.previous))
        _say("previous key", str(file.previous), is_previous_accepted)
    if is_accepted:
        try:
            file.accept(held.newest)
        except KeyFileError as error:
            raise click.ClickException(f"That the new key is accepted could not be written down: {error}.") from None
    click.echo(_advice(held, is_accepted=is_accepted, is_previous_accepted=is_previous_accepted), nl=False)
    return 0 if is_accepted else 1


def _rotated(settings: Settings, file: KeyFile, *, again: bool) -> tuple[str, str]:
    """Put a new key in place unless one waits; return the hash of the key that waits then, and what to do."""
    held = file.read()
    file.try_out()
    made = _new_key(settings, held, again=again)
    if made is None:
        return str(held.waiting_hash), (
            f"No other key was made, since the one in {file.path} still waits to be accepted: this is its hash. "
            "To give that key up for another, add --again."
        )
    new, working = made
    was_shared = bool(stat.S_IMODE(file.path.stat().st_mode) & ~OWNER_ONLY)
    file.put(newest=new.api_key, waiting_hash=new.hashed_key, working=working)
    return new.hashed_key, (
        f"Hand this hash, which is no secret, to the vendor; the key itself is in {file.path} and stays there. "
        "Until the vendor has activated it, every run goes on with the key before; "
        "`partner-assets key check` says when that is." + (" Only you can read the file now." if was_shared else "")
    )


def _new_key(settings: Settings, held: HeldKeys, *, again: bool) -> tuple[NewKey, str] | None:
    """Have a key made with the newest that the API accepts; None if the newest waits, and shall not be given up."""
    try:
        return _made_with(settings, held.newest)
    except KeyRefused:
        if held.previous is None:
            raise
    if held.waiting_hash and not again:
        return None
    return _made_with(settings, held.previous)


def _made_with(settings: Settings, key: str) -> tuple[NewKey, str]:
    with _api(settings, key) as api:
        return api.new_key(), key


def _is_accepted(settings: Settings, key: str) -> bool:
    with _api(settings, key) as api:
        try:
            next(api.accreditations(), None)
        except KeyRefused:
            return False
    return True


def _api(settings: Settings, key: str) -> PartnerApi:
    return PartnerApi(
        settings.api_base_url,
        SecretStr(key),
        version=settings.api_version,
        connect_timeout=settings.api_connect_timeout,
        read_timeout=settings.api_read_timeout,
        paths=settings.api_paths,
        attempts=ATTEMPTS,
    )


def _say(name: str, where: str, is_accepted: bool) -> None:
    click.echo(f"{name:<12}  {'accepted' if is_accepted else 'refused '}  {where}".rstrip())


def _advice(held: HeldKeys, *, is_accepted: bool, is_previous_accepted: bool) -> str:
    """Return what follows, as lines; nothing for the ordinary case."""
    waiting = held.waiting_hash
    if is_accepted:
        taken = "Every run takes the new key from now on. " if waiting else ""
        revoke = "The previous one is still accepted: ask the vendor to revoke it." if is_previous_accepted else ""
        return f"{taken}{revoke}".strip() + "\n" if taken or revoke else ""
    if waiting:
        used = "every run goes on with the previous one" if is_previous_accepted else "no run can work"
        return f"The new key is not activated yet, and until then {used}. The vendor needs its hash:\n{waiting}\n"
    if is_previous_accepted:
        return "Every run falls back on the previous key: make another with `partner-assets key rotate`.\n"
    return "No run can work: ask the vendor for a key.\n"
