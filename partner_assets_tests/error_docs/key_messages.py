"""Provokes what is said of the key's file, and by `key rotate` and `key check`, with a sandbox that makes real keys."""

import os
from pathlib import Path

import pytest

from partner_assets.key_file import KeyFile
from partner_assets.sandbox.keys import hash_of
from partner_assets.sandbox.server import RunningSandbox, SandboxConfig, new_api_key
from partner_assets.settings import SettingsError, load
from partner_assets_tests.api.scripted_server import Reply, ScriptedServer
from partner_assets_tests.error_docs.scene import Scene, produces

LATER = "made-later"


def holding(scene: Scene, text: str | None) -> None:
    """Read the settings with something else in the key's file; None for no file."""
    file = Path(scene.settings["PARTNER_API_KEY_FILE"])
    if text is None:
        file = file.with_name("missing")
    else:
        file.write_text(text)
    load({**scene.settings, "PARTNER_API_KEY_FILE": str(file)})


@produces("PARTNER_API_KEY_FILE: FILE cannot be read", SettingsError)
def missing_file(scene: Scene) -> None:
    """Name a file that is not there."""
    holding(scene, None)


@produces("PARTNER_API_KEY_FILE: FILE is empty", SettingsError)
def empty_file(scene: Scene) -> None:
    """Leave nothing in the file."""
    holding(scene, "")


@produces("PARTNER_API_KEY_FILE: FILE holds something", SettingsError)
def file_with_more(scene: Scene) -> None:
    """Write a sentence into the file."""
    holding(scene, "the key is 1234")


@produces("which no program can replace")
def rotate_without_a_file(scene: Scene) -> str:
    """Rotate a key that is a setting."""
    return scene.type("key rotate", PARTNER_API_KEY=scene.sandbox.api_key, PARTNER_API_KEY_FILE="")


@produces("is being changed by another process")
def rotate_while_another_does(scene: Scene) -> str:
    """Rotate while somebody holds the lock."""
    with KeyFile(Path(scene.settings["PARTNER_API_KEY_FILE"])).changing():
        return scene.type("key rotate")


def in_the_way(scene: Scene, suffix: str) -> None:
    """Put a folder where a neighbour of the key belongs: nobody can write that, not even root."""
    Path(f"{scene.settings['PARTNER_API_KEY_FILE']}.{suffix}").mkdir()


@produces("The key was not replaced: the folder of FILE cannot be changed")
def rotate_without_a_lock(scene: Scene) -> str:
    """Rotate where the lock cannot be made."""
    in_the_way(scene, "lock")
    return scene.type("key rotate")


@produces("and its neighbours cannot be written")
def rotate_without_room(scene: Scene) -> str:
    """Rotate where nothing can be written."""
    in_the_way(scene, "part")
    return scene.type("key rotate")


@produces("belongs to another user")
def rotate_what_is_not_ours(scene: Scene) -> str:
    """Rotate a key in nobody's file."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(scene.settings["PARTNER_API_KEY_FILE"], 65_534, -1)
    return scene.type("key rotate")


@produces("what the API gave is no key with its hash")
def rotate_to_nothing(scene: Scene) -> str:
    """Rotate where the API makes a key with a blank in it."""
    with ScriptedServer(Reply(200, {"hashed_key": "hash", "api_key": "no key"})) as server:
        return scene.type("key rotate", PARTNER_API_BASE_URL=server.base_url)


@produces("still waits to be accepted: this is its hash")
def rotate_twice(scene: Scene) -> str:
    """Rotate while the newest key waits."""
    scene.type("key rotate")
    return scene.type("key rotate")


@produces("until then every run goes on with the previous one")
def check_too_soon(scene: Scene) -> str:
    """Check while the newest key waits."""
    scene.type("key rotate")
    return scene.type("key check")


def checked(scene: Scene, *, newest: str, previous: str, waits: bool, accepted: list[str]) -> str:
    """Check two keys of which the API accepts some."""
    file = Path(scene.settings["PARTNER_API_KEY_FILE"])
    file.write_text(newest)
    file.with_name("key.previous").write_text(previous)
    if waits:
        file.with_name("key.waiting").write_text(hash_of(newest))
    with RunningSandbox(SandboxConfig(days=1, orders_per_day=0, api_keys=tuple(accepted))) as sandbox:
        return scene.type("key check", PARTNER_API_BASE_URL=sandbox.base_url)


@produces("until then no run can work")
def check_after_the_old_was_revoked(scene: Scene) -> str:
    """Check when the old key is refused already."""
    return checked(scene, newest=LATER, previous="old", waits=True, accepted=[new_api_key()])


@produces("Every run falls back on the previous key")
def check_after_the_new_was_revoked(scene: Scene) -> str:
    """Check when only the old key is accepted."""
    return checked(scene, newest=LATER, previous="old", waits=False, accepted=["old"])


@produces("No run can work: ask the vendor")
def check_after_both_were_revoked(scene: Scene) -> str:
    """Check when no key is accepted."""
    return checked(scene, newest=LATER, previous="old", waits=False, accepted=[new_api_key()])


@produces("The previous one is still accepted")
def check_when_both_work(scene: Scene) -> str:
    """Check when both keys are accepted."""
    return checked(scene, newest=LATER, previous="old", waits=False, accepted=[LATER, "old"])


@produces("could not be written down")
def check_without_a_lock(scene: Scene) -> str:
    """Check a key that is accepted by now, where the note of its waiting cannot be removed."""
    in_the_way(scene, "lock")
    return checked(scene, newest=LATER, previous="old", waits=True, accepted=[LATER])
