"""Every way in which a request to the partner can fail, as a type.

Here: the tree and what each branch means. Not here: which answer becomes which error (`answers.py`, `transport.py`),
and how often a transient one is tried again (`retry.py`).

PartnerApiError
├── TransientError           the same request may succeed later; retried
│   ├── RateLimited          429: the quota is gone
│   ├── ServerError          5xx, 408, 425, or a 200 that owns up to an internal error
│   ├── Unreachable          no connection, connection lost, timeout
│   ├── BrokenAnswer         truncated, undecodable, not the envelope, or empty against its own estimate
│   └── ShiftingPages        rows moved from page to page in every reading; not retried further
├── PermanentError           the same request fails again; never retried
│   ├── BadRequest           400, and any 4xx without a type of its own
│   ├── MissingKey           401
│   ├── KeyRefused           403
│   ├── NotFound             404 by the API: the thing does not exist
│   ├── NoRoute              404 by the gateway: the path does not exist
│   ├── Redirected           3xx: never followed, the key stays here
│   ├── NotJson              HTML where JSON belongs
│   ├── Refused200           200 with `success: false`
│   ├── AnswerTooLarge       more bytes than `max_answer_bytes`
│   ├── RepeatedPage         the same page twice in a row, also when the search was read again
│   └── UnendingPaging       a search that never comes to an end
└── Stopped                  not a failure of the partner: the caller gave up meanwhile
"""

from datetime import datetime


class PartnerApiError(Exception):
    """A request to the Partner API that failed.

    Args:
        message: What we were doing, what came back, what to do next. Never the key.
        status: HTTP status of the answer, None if there was none.
        path: Path of the request, without the host.
        retry_after: Seconds that the server asked us to wait, None if it did not say.

    Attributes:
        attempts: How often the request was made.
        asked_at: When the request was made that was answered so, None if there was no answer.
    """

    def __init__(
        self, message: str, *, status: int | None = None, path: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.path = path
        self.retry_after = retry_after
        self.attempts = 1
        self.asked_at: datetime | None = None

    def add_sentence(self, sentence: str) -> None:
        """Append to the message what became known after the error was made, such as the number of attempts."""
        self.args = (f"{self} {sentence}",)


class TransientError(PartnerApiError):
    """The same request may succeed later."""


class RateLimited(TransientError):
    """429: the quota of this window is spent, by us or by another program with the same key."""


class ServerError(TransientError):
    """The server failed and says so (5xx), or asks to come back (408, 425)."""


class Unreachable(TransientError):
    """No connection, a connection that broke, or no answer in time."""


class BrokenAnswer(TransientError):
    """An answer that arrived incomplete, is not valid JSON or not the envelope, or is empty where many rows were told."""


class ShiftingPages(TransientError):
    """A search whose rows moved while it was read, each time that it was read: of the catalogue, or of a few seconds' orders.

    Every request of it succeeded, so the client has nothing to retry; the whole search may succeed later.
    """


class PermanentError(PartnerApiError):
    """The same request fails again, so it is made once."""


class BadRequest(PermanentError):
    """400, or another 4xx that has no type of its own."""


class MissingKey(PermanentError):
    """401: the gateway saw no key."""


class KeyRefused(PermanentError):
    """403: the key is unknown, or has no access to this part of the API."""


class NotFound(PermanentError):
    """404 with the API's own envelope: what was asked for does not exist (any more)."""


class NoRoute(PermanentError):
    """404 from the gateway: nothing answers at this path."""


class Redirected(PermanentError):
    """3xx: not followed, because the key would travel to whatever address the answer names."""


class NotJson(PermanentError):
    """A web page where JSON belongs: a proxy, a login page, a wrong address."""


class Refused200(PermanentError):
    """HTTP 200 whose envelope says `success: false`."""


class AnswerTooLarge(PermanentError):
    """An answer beyond the bound on its decompressed size."""


class RepeatedPage(PermanentError):
    """Two pages in a row are the same bytes: the server ignores `skip`.

    Raised in the last of three readings, because a page of one row repeats itself, too, when a row comes in before it.
    """


class UnendingPaging(PermanentError):
    """Pages keep coming beyond any sensible number, or without a new row in them."""


class Stopped(PartnerApiError):
    """The caller closed the client, or left the loop, while this request was waiting."""
