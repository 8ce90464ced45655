"""A call: one request, paced by the quota, sent, read, and made again while that makes sense.

Here: how transport, pacing, retry and counting come together. Not here: which calls there are (`client.py`).
"""

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from partner_assets.api.answers import Asked
from partner_assets.api.counts import Tally
from partner_assets.api.endpoints import Endpoint
from partner_assets.api.errors import KeyRefused, PartnerApiError
from partner_assets.api.keys import KeyInUse
from partner_assets.api.order_search import can_be_asked_for
from partner_assets.api.pacing import Pacer
from partner_assets.api.retry import Effort, Retry
from partner_assets.api.transport import Answer, ApiKey, Transport
from partner_assets.api.waiting import Waiting

Result = TypeVar("Result")


class Caller:
    """Makes calls; safe to use from many threads.

    Args:
        transport: Sends a request.
        pacer: Says when.
        retry: Says how often.
        tally: Counts.
        key: The key in use, changed if the API refuses it and accepts another; hidden should a server echo it.
    """

    def __init__(self, *, transport: Transport, pacer: Pacer, retry: Retry, tally: Tally, key: KeyInUse) -> None:
        self._transport = transport
        self._pacer = pacer
        self._retry = retry
        self._tally = tally
        self._key = key

    def call(
        self,
        endpoint: Endpoint,
        read: Callable[[Answer, Asked], Result],
        *,
        waiting: Waiting,
        query: Mapping[str, int] | None = None,
        body: object | None = None,
        transaction_id: str | None = None,
    ) -> Result:
        """Make a request until it succeeds, fails for good, or has failed often enough.

        Args:
            endpoint: Whom to ask.
            read: Makes the result of the answer, or raises; within the retry, so that a broken answer is repeated.
            waiting: How to sleep, and whether the caller has given up.
            query: `skip` and `top`.
            body: What to send as JSON.
            transaction_id: Id for the path.

        Raises:
            PartnerApiError: See `errors.py`.
        """
        target = _target(endpoint, query=query, transaction_id=transaction_id)
        attempted = f"Could not {endpoint.purpose}: {endpoint.method} {target}"
        sent = None if body is None else msgspec.json.encode(body)
        effort = Effort()

        def make(effort: Effort) -> Result:
            def with_key(key: ApiKey) -> Result:
                asked = Asked(endpoint, attempted, key)
                answer = self._send(target, sent, asked=asked, waiting=waiting, effort=effort)
                try:
                    return read(answer, asked)
                except PartnerApiError as error:
                    error.asked_at = answer.asked_at
                    raise

            return self._with_accepted_key(with_key)

        try:
            return self._retry.call(make, waiting=waiting, effort=effort)
        except PartnerApiError as error:
            error.path = target
            # What requests raises carries the request with its key header, and `from None` hides it only from print.
            error.__context__ = None
            raise
        finally:
            self._tally.retry(effort.retries)

    def _with_accepted_key(self, make: Callable[[ApiKey], Result]) -> Result:
        """Make a request with the key in use; while keys are refused, with the next that there is."""
        key, refused = self._key.current, list[ApiKey]()
        while True:
            try:
                result = make(key)
            except KeyRefused as error:
                refused.append(key)
                other = self._key.other_than(refused)
                if other is None:
                    if len(refused) > 1:
                        error.add_sentence("The other key that there is was refused as well.")
                    raise
                key = other
            else:
                # Only after a refusal: an answer that was long under way must not bring the key of its time back.
                if refused:
                    self._key.accept(key)
                return result

    def _send(self, target: str, sent: bytes | None, *, asked: Asked, waiting: Waiting, effort: Effort) -> Answer:
        with self._tally.quota_wait():
            ticket = self._pacer.take(waiting)
        effort.quota_seconds += ticket.waited
        answer: Answer | None = None
        try:
            self._tally.request(asked.endpoint.name)
            answer = self._transport.exchange(
                asked.endpoint.method, target, body=sent, attempted=asked.attempted, key=asked.key
            )
            return answer
        finally:
            self._tally.answer(answer.status if answer is not None else 0)
            if answer is None:
                self._pacer.give_back(ticket)
            else:
                self._pacer.give_back(ticket, status=answer.status, headers=answer.headers)


def _target(endpoint: Endpoint, *, query: Mapping[str, int] | None, transaction_id: str | None) -> str:
    path = endpoint.path
    if transaction_id is not None:
        if not can_be_asked_for(transaction_id):
            raise ValueError(f"An order cannot have the id {transaction_id!r}.")
        path = path.replace("{id}", quote(transaction_id, safe=""))
    return f"{path}?{urlencode(query)}" if query else path
