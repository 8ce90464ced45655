"""Provokes what `doctor` finds, by asking it about servers, lakes and settings with something wrong."""

import email.utils
import time
from pathlib import Path

from partner_assets.lake import catalogue
from partner_assets_tests.api.scripted_server import Reply, Request, Script, ScriptedServer, failed, rows
from partner_assets_tests.error_docs.lake_messages import cut, lake_with_orders
from partner_assets_tests.error_docs.scene import Scene, produces

REFUSED = Reply(403, {"message": "API Consumer Not allowed"})


def about(scene: Scene, script: Script) -> str:
    """Return what the doctor says about a server."""
    with ScriptedServer(script=script) as server:
        return scene.type("doctor", PARTNER_API_BASE_URL=server.base_url)


@produces("missing or wrong, see below")
def missing_setting(scene: Scene) -> str:
    """Ask without a first day of orders."""
    return scene.type("doctor", PARTNER_ORDERS_START="")


@produces("v0, which the vendor has deprecated")
def old_version(scene: Scene) -> str:
    """Ask about the old version."""
    return scene.type("doctor", PARTNER_API_VERSION="v0")


@produces("PARTNER_API_PATH_… moved to /…")
def moved_path(scene: Scene) -> str:
    """Ask about a path of one's own."""
    return scene.type("doctor", PARTNER_API_PATH_PRODUCTS_SEARCH="/elsewhere")


@produces("a new one waits to be activated")
def waiting_key(scene: Scene) -> str:
    """Ask after a rotation."""
    scene.type("key rotate")
    return scene.type("doctor")


def unknown_key(scene: Scene) -> str:
    """Ask with a key that nobody knows."""
    Path(scene.settings["PARTNER_API_KEY_FILE"]).write_text("unknown")
    return scene.type("doctor")


produces("the key was refused")(unknown_key)
produces("refused (403): unknown here")(unknown_key)


@produces("accepted by N endpoints, refused by N")
def half_a_key(scene: Scene) -> str:
    """Ask a server that lets the key see accreditations only."""
    return about(scene, lambda request: rows() if "accreditations" in request.path else REFUSED)


@produces("the gateway saw none (401)")
def dropped_key(scene: Scene) -> str:
    """Ask a server that sees no key."""
    return about(scene, lambda _: Reply(401, {"message": "Missing API key in request"}))


@produces("nobody said anything about it")
def silent_server(scene: Scene) -> str:
    """Ask a server that refuses every request for another reason."""
    return about(scene, lambda _: failed(400, "invalidRequest", "Not today"))


@produces("which cannot exist")
def server_that_knows_all(scene: Scene) -> str:
    """Ask a server that has every order."""

    def script(request: Request) -> Reply:
        return rows({"transaction": {"id": "PO"}}) if "A000000000" in request.target else rows()

    return about(scene, script)


@produces("the server's is N s")
def server_of_tomorrow(scene: Scene) -> str:
    """Ask a server whose clock is an hour ahead."""
    date = email.utils.formatdate(time.time() + 3600, usegmt=True)
    return about(scene, lambda _: rows(headers={"Date": date}))


@produces("cannot be written: FILE is not a folder")
def lake_in_a_file(scene: Scene) -> str:
    """Ask about a lake below a file."""
    return scene.type("doctor", PARTNER_LAKE="key/lake")


@produces("there is no FILE yet; make it with")
def empty_lake(scene: Scene) -> str:
    """Ask about a lake that nobody has made."""
    return scene.type("doctor")


@produces("does not open")
def damaged_catalogue(scene: Scene) -> str:
    """Ask about a catalogue that is cut short."""
    lake, _ = lake_with_orders(scene)
    cut(catalogue.build(lake.layout.root))
    return scene.type("doctor")


@produces("| `cannot be read: …`")
def damaged_table(scene: Scene) -> str:
    """Ask about a table whose file is cut short."""
    lake, file = lake_with_orders(scene)
    catalogue.build(lake.layout.root)
    cut(file)
    return scene.type("doctor")
