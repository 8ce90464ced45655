"""Ctrl+C and SIGTERM, wherever they come."""

import signal

import pytest

from partner_assets.commands.interrupts import interruptible
from partner_assets.progress import Silent


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_was_lost_on_the_way_ends_the_work_at_its_next_step(number: signal.Signals) -> None:
    """Guards against a command that goes on for minutes and ends with 0: Python prints what a callback raises, and no more."""
    with interruptible() as interrupts:
        progress = interrupts.watched(Silent())
        progress.slice_done("orders", 1, 3)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        with pytest.raises(KeyboardInterrupt):
            progress.slice_done("orders", 2, 3)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


def test_an_interrupt_that_somebody_else_handled_is_noted() -> None:
    """Guards against Dagster's own handlers, which are in place while a step runs."""
    with interruptible() as interrupts:
        before = signal.signal(signal.SIGTERM, lambda *_: None)
        signal.raise_signal(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


def test_afterwards_everything_is_as_it_was() -> None:
    """Guards against a handler that outlives its command, and ends somebody else's."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with interruptible():
        assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    assert signal.set_wakeup_fd(-1) == -1
