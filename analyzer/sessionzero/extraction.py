"""Many texts to their facts: in batches, and in several processes where that is worth it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from sessionzero import frontends
from sessionzero.facts import FileFacts, Language
from sessionzero.sources.text import SourceText

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

_BATCH = 32
_POOL_BYTES = 1_000_000  # below this, starting a second process costs more than it saves

Progress = Callable[[int, int], None]
"""Is told how many of how many files are parsed."""

Batch = Sequence[tuple[str, Language, str]]
"""Texts with their languages and paths."""


def extract_batch(batch: Batch) -> list[FileFacts]:
    """The facts of some texts."""
    with without_collector():
        return [frontends.extract(text, language, path) for text, language, path in batch]


def decoded(data: bytes) -> FileFacts:
    """Facts as they were before they were serialised. Raises :class:`msgspec.MsgspecError`."""
    return msgspec.msgpack.decode(data, type=FileFacts)


def extract_elsewhere(batch: Batch) -> list[bytes]:
    """The serialised facts of some texts; what a worker process runs."""
    encoder = msgspec.msgpack.Encoder()
    return [encoder.encode(facts) for facts in extract_batch(batch)]


def extract_all(
    texts: Sequence[tuple[SourceText, Language]],
    progress: Progress,
    *,
    jobs: int,
    beside_threads: bool,
) -> list[FileFacts]:
    """The facts of texts, in order: of many in ``jobs`` processes, or one per core if that is 0;
    this process is one of them. ``beside_threads``: it has other threads, so that it must not be
    forked."""
    batches = [
        [(source.text, language, source.path) for source, language in texts[i : i + _BATCH]]
        for i in range(0, len(texts), _BATCH)
    ]
    size = sum(len(source.text) for source, _ in texts)
    workers = min(jobs or os.cpu_count() or 1, len(batches))
    if workers > 1 and size >= _POOL_BYTES:
        for language in sorted({language for _, language in texts}):
            frontends.extract("", language)  # load the parser once; forked workers share it
        with suppress(OSError), _processes(workers - 1, beside_threads) as pool:
            # A container without shared memory has no semaphores for a pool.
            return _together(batches, pool, len(texts), progress)
    return _in_order(map(extract_batch, batches), len(texts), progress)


def _together(
    batches: Sequence[Batch], pool: ProcessPoolExecutor, total: int, progress: Progress
) -> list[FileFacts]:
    """The facts of all batches: other processes begin with the first, this one with the last."""
    elsewhere = [pool.submit(extract_elsewhere, batch) for batch in batches]
    here: list[list[FileFacts]] = []
    done = 0
    for batch, result in zip(reversed(batches), reversed(elsewhere), strict=True):
        if not result.cancel():  # it has been taken, as have all before it
            break
        here.append(extract_batch(batch))
        done += len(batch)
        progress(done, total)
    left = elsewhere[: len(batches) - len(here)]
    found: list[FileFacts] = []
    for result in left:
        found += [decoded(data) for data in result.result()]
        progress(done + len(found), total)
    return [*found, *(facts for batch in reversed(here) for facts in batch)]


@contextmanager
def _processes(workers: int, beside_threads: bool) -> Iterator[ProcessPoolExecutor]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    method = "spawn" if beside_threads else None
    pool = ProcessPoolExecutor(workers, get_context(method), _leave_interrupts_to_parent)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C must not wait for all that is still to come


def _leave_interrupts_to_parent() -> None:
    """Ctrl-C reaches every process of a terminal; each would print a traceback of its own."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_order(
    results: Iterable[list[FileFacts]], total: int, progress: Progress
) -> list[FileFacts]:
    found: list[FileFacts] = []
    for batch in results:
        found.extend(batch)
        progress(len(found), total)
    return found


@contextmanager
def without_collector() -> Iterator[None]:
    """Facts hold no cycles: the cyclic collector only costs time (measured: 8 x on a warm run)."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
