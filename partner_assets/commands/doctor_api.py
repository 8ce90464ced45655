"""What `doctor` asks of the Partner API: every endpoint once, but the one that makes keys.

Not here: anything on this machine (`doctor.py`).
"""

import email.utils
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from partner_assets.api.client import PartnerApi
from partner_assets.api.endpoints import paths_for
from partner_assets.api.errors import (
    KeyRefused,
    MissingKey,
    NotFound,
    NotJson,
    PartnerApiError,
    Redirected,
    Unreachable,
)
from partner_assets.api.transport import ApiKey, Transport
from partner_assets.commands.findings import Finding, Mark
from partner_assets.keys import keys_for
from partner_assets.settings import Settings
from partner_assets.tables.codes import codes_by_v0_name

ATTEMPTS, RETRY_SECONDS = 2, 20.0
"""Enough for a hiccup or a spent quota; a doctor who tries for five minutes is of no use."""

NO_SUCH_ORDER = "PO_A000000000"
MOST_PRODUCTS = 500
"""Products among which a package is looked for: five pages."""

SKEW_SECONDS = 60
"""Beyond it the windows in which orders are searched would end too early or too late."""

_HOPELESS = (MissingKey, NotJson, Redirected, Unreachable)


@dataclass(frozen=True)
class _Asked:
    finding: Finding
    answer: Any = None
    error: PartnerApiError | None = None


def api_findings(settings: Settings) -> Iterator[Finding]:
    """Ask every endpoint that can be asked without harm, and tell what it said and how long it took.

    Args:
        settings: Address, key, version and paths.
    """
    with PartnerApi(
        settings.api_base_url,
        keys_for(settings, is_noted=False),
        version=settings.api_version,
        connect_timeout=settings.api_connect_timeout,
        read_timeout=settings.api_read_timeout,
        attempts=ATTEMPTS,
        retry_seconds=RETRY_SECONDS,
        paths=settings.api_paths,
    ) as api:
        asked: list[_Asked] = []
        for ask in _questions(api, settings):
            asked.append(ask)
            yield ask.finding
            if isinstance(ask.error, _HOPELESS):
                break
        yield _key_finding(asked)
        if any(isinstance(ask.error, Unreachable) for ask in asked):
            return
        yield _quota_finding(api)
    yield _clock_finding(settings)


def _questions(api: PartnerApi, settings: Settings) -> Iterator[_Asked]:
    now = datetime.now(UTC)
    accreditations = _ask(
        api, "accreditations_search", lambda: list(islice(api.accreditations(), 1)), _some("accreditation")
    )
    yield accreditations
    price_lists = _ask(api, "price_lists_search", lambda: list(api.price_lists()), _countries)
    yield price_lists
    hour = (now - timedelta(hours=1), now)
    yield _ask(
        api,
        "orders_search",
        lambda: list(api.search_orders(created=hour)),
        lambda rows: f"{len(rows)} in the last hour",
    )
    yield _order_that_is_not(_ask(api, "order_details", lambda: api.order_details(NO_SUCH_ORDER), str))
    accreditation = next(iter(accreditations.answer or ()), None)
    if accreditation is None:
        return
    kind, name = _kind(accreditation, settings), str(accreditation.get("id"))
    products = _ask(
        api,
        "products_search",
        lambda: list(islice(api.products(kind, name), MOST_PRODUCTS)),
        lambda rows: _of(rows, "product", name),
    )
    yield products
    listed = next((entry for country in price_lists.answer or () for entry in country.get("priceLists") or ()), None)
    if listed is not None:
        number = int(listed["id"])
        yield _ask(
            api,
            "prices_search",
            lambda: list(islice(api.product_prices(kind, name, price_list_id=number), 1)),
            lambda rows: f"{'some' if rows else 'none'} for {name} on price list {number}",
        )
    package = next((product for product in products.answer or () if _is_package(product, settings)), None)
    if package is None:
        yield _Asked(Finding(Mark.OK, "package_content_search", f"not asked: no package among the products of {name}"))
    else:
        code, release = str(package["number"]), str(package["release"])
        yield _ask(
            api,
            "package_content_search",
            lambda: list(islice(api.package_content(code, release), 1)),
            lambda rows: f"{'holds products' if rows else 'empty'}: {code}, {release}",
        )


def _ask(api: PartnerApi, endpoint: str, question: Callable[[], Any], told: Callable[[Any], str]) -> _Asked:
    before, started = api.counts().statuses, time.monotonic()
    answer: Any = None
    error: PartnerApiError | None = None
    try:
        answer = question()
        mark, detail = Mark.OK, told(answer)
    except KeyRefused as refused:
        error, mark, detail = refused, Mark.FAIL, "the key was refused"
    except PartnerApiError as failed:
        error, mark, detail = failed, Mark.FAIL, str(failed)
    milliseconds = (time.monotonic() - started) * 1000
    statuses = _statuses(before, api.counts().statuses)
    return _Asked(Finding(mark, endpoint, f"{statuses:>3} {milliseconds:6,.0f} ms  {detail}"), answer, error)


def _statuses(before: Mapping[int, int], after: Mapping[int, int]) -> str:
    """Return the HTTP statuses that came between two counts; a request without an answer counts under 0."""
    came = [status for status in sorted(after) if after[status] > before.get(status, 0)]
    return ", ".join(str(status) if status else "---" for status in came)


def _order_that_is_not(asked: _Asked) -> _Asked:
    """Turn the 404 of an order that does not exist into what it is: the right answer."""
    said = asked.finding.detail.partition(" ms  ")[0]
    if isinstance(asked.error, NotFound):
        return _Asked(Finding(Mark.OK, "order_details", f"{said} ms  not found, as it must be: {NO_SUCH_ORDER}"))
    if asked.error is None:
        return _Asked(Finding(Mark.FAIL, "order_details", f"{said} ms  found {NO_SUCH_ORDER}, which cannot exist"))
    return asked


def _key_finding(asked: list[_Asked]) -> Finding:
    if any(isinstance(ask.error, MissingKey) for ask in asked):
        return Finding(Mark.FAIL, "key", "the gateway saw none (401): look for a proxy that drops the header X-API-Key")
    refused = sum(isinstance(ask.error, KeyRefused) for ask in asked)
    accepted = sum(ask.finding.mark is Mark.OK for ask in asked)
    if refused and accepted:
        return Finding(
            Mark.WARN, "key", f"accepted by {accepted} endpoints, refused by {refused} (403): ask for access"
        )
    if refused:
        return Finding(Mark.FAIL, "key", "refused (403): unknown here, or of another environment")
    if accepted:
        return Finding(Mark.OK, "key", "accepted")
    return Finding(Mark.WARN, "key", "nobody said anything about it")


def _quota_finding(api: PartnerApi) -> Finding:
    quota = api.quota()
    if quota is None or quota.limit is None:
        return Finding(Mark.OK, "quota", "the answers name none")
    left = "?" if quota.remaining is None else f"{quota.remaining:,}"
    reset = "" if quota.reset_seconds is None else f", anew in {quota.reset_seconds:g} s"
    return Finding(Mark.OK, "quota", f"{left} of {quota.limit:,} requests left{reset}")


def _clock_finding(settings: Settings) -> Finding:
    # The client does not give out headers, so this one request goes over its transport.
    transport = Transport(
        settings.api_base_url,
        key=ApiKey.of(settings.api_key),
        connect_timeout=settings.api_connect_timeout,
        read_timeout=settings.api_read_timeout,
        max_answer_bytes=10_000_000,
        monotonic=time.monotonic,
    )
    path = paths_for(settings.api_version, settings.api_paths)["accreditations_search"]
    before = datetime.now(UTC)
    try:
        answer = transport.exchange("GET", f"{path}?skip=0&top=1", body=None, attempted="Asking for the time")
        told = email.utils.parsedate_to_datetime(answer.headers.get("Date") or "")
    except PartnerApiError as error:
        return Finding(Mark.WARN, "clock", str(error))
    except ValueError:
        return Finding(Mark.OK, "clock", "the server does not tell the time")
    finally:
        transport.close()
    # A Date has no fraction: between the two moments at which we looked, it is right to a second.
    after = datetime.now(UTC)
    skew = 0.0
    if told > after:
        skew = (told - after).total_seconds()
    elif told < before - timedelta(seconds=1):
        skew = (told - before).total_seconds() + 1
    if abs(skew) < 1:
        return Finding(Mark.OK, "clock", "the same as the server's")
    mark = Mark.WARN if abs(skew) > SKEW_SECONDS else Mark.OK
    return Finding(mark, "clock", f"the server's is {abs(skew):,.0f} s {'ahead of' if skew > 0 else 'behind'} ours")


def _kind(accreditation: Mapping[str, Any], settings: Settings) -> str:
    kind = str(accreditation.get("accreditationType"))
    return codes_by_v0_name("accreditation_type").get(kind, kind) if settings.api_version == "v0" else kind


def _is_package(product: Mapping[str, Any], settings: Settings) -> bool:
    is_package = product.get("type") in settings.package_product_types or (
        product.get("dsOffering") in settings.package_offerings
    )
    return is_package and bool(product.get("number")) and bool(product.get("release"))


def _some(noun: str) -> Callable[[list[Any]], str]:
    return lambda rows: f"at least one {noun}" if rows else f"no {noun}"


def _of(rows: list[Any], noun: str, owner: str) -> str:
    more = "the first " if len(rows) == MOST_PRODUCTS else ""
    return f"{more}{len(rows)} {noun}{'' if len(rows) == 1 else 's'} of {owner}"


def _countries(rows: list[Any]) -> str:
    return f"{len(rows)} countr{'y' if len(rows) == 1 else 'ies'}"
