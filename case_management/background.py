"""The port to the queue: the only module that knows RQ.

The database holds the to-do list; a job in Redis only says "look now" for one topic. Lost, doubled or late wake-ups are
therefore harmless, and Redis may be emptied at any time. Jobs are JSON (the name of a topic), never pickle.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.db import connections, transaction

from case_management import conf

logger = logging.getLogger(__name__)

#: What a job runs; by name, because the queue stands below the jobs.
DRAIN = "case_management.jobs.drain.drain"
JOB_TIMEOUT = 600
#: A wake-up that was lost with its worker blocks the next one for no longer than this.
FLAG_SECONDS = 20


def wake(topic: str) -> None:
    """Say "look now" for ``topic`` once the current transaction is committed; never fails the caller."""
    if conf.background() == "rq":
        transaction.on_commit(lambda: _knock(topic), robust=True)


def wake_all() -> None:
    """The metronome's tick: knock on every topic, also where a lost job left its flag behind."""
    for topic in conf.queues():
        _knock(topic, insist=True)


def answered(topic: str) -> None:
    """Called by a job before it looks: a wake-up that comes from now on is a new one."""
    if conf.background() == "rq":
        _quietly(lambda: _connection(conf.queues()[topic]).delete(_flag(topic)))


def _knock(topic: str, *, insist: bool = False) -> None:
    def knock() -> None:
        queue = _queue(conf.queues()[topic])
        fresh = queue.connection.set(_flag(topic), 1, nx=True, ex=FLAG_SECONDS)
        if fresh or (insist and queue.count == 0):
            queue.enqueue(DRAIN, topic, job_timeout=JOB_TIMEOUT, result_ttl=0, failure_ttl=86_400)

    _quietly(knock)


def _flag(topic: str) -> str:
    return f"case_management:wake:{topic}"


def _quietly(act: Callable[[], Any]) -> None:
    """A queue that is away must not take the web tier with it: the next tick repeats the wake-up."""
    from redis.exceptions import RedisError  # noqa: PLC0415 - the queue is an optional extra

    try:
        act()
    except (RedisError, OSError) as error:
        logger.warning("The queue is not reachable (%s); due work waits in the database.", type(error).__name__)


@lru_cache
def _connection(queue_name: str) -> Any:
    """A client that gives up after a second: a request never waits for Redis longer than that."""
    import django_rq  # noqa: PLC0415 - the queue is an optional extra
    from redis import ConnectionPool, Redis  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    pool = django_rq.get_connection(queue_name).connection_pool
    if type(pool) is not ConnectionPool:  # Sentinel keeps its own timeouts
        return Redis(connection_pool=pool)
    patience = {"socket_timeout": 1, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    return Redis(
        connection_pool=ConnectionPool(connection_class=pool.connection_class, **{**pool.connection_kwargs, **patience})
    )


def _queue(name: str, connection: Any = None) -> Any:
    from rq import Queue  # noqa: PLC0415
    from rq.serializers import JSONSerializer  # noqa: PLC0415

    return Queue(name, connection=connection or _connection(name), serializer=JSONSerializer)


def run_worker(queue_name: str, *, burst: bool = False) -> None:
    """Work one queue in this process until told to stop; one queue per process, so that a crash loses no job."""
    import django_rq  # noqa: PLC0415
    from rq import Worker  # noqa: PLC0415
    from rq.serializers import JSONSerializer  # noqa: PLC0415

    connection = django_rq.get_connection(queue_name)
    worker = Worker(
        [_queue(queue_name, connection)],
        connection=connection,
        job_class=_drain_only(),
        serializer=JSONSerializer,
        worker_ttl=60,
        maintenance_interval=30,
    )
    worker.work(burst=burst, logging_level="WARNING")


def _drain_only() -> type[Any]:
    """Jobs that can do nothing but drain: whoever writes to Redis cannot name another function."""
    from rq.job import Job  # noqa: PLC0415

    class DrainJob(Job):  # type: ignore[misc]
        @property
        def func(self) -> Any:
            if self.func_name != DRAIN:
                raise PermissionError(f"Workers of case management run {DRAIN} only, not {self.func_name}.")
            return super().func

    return DrainJob


def run_workers(queue_names: Iterable[str]) -> None:
    """One child process per queue; a child that ends is replaced; SIGTERM and Ctrl-C end them all."""
    children: dict[int, str] = {}
    _end_on_signal(children)
    for name in queue_names:
        children[_fork(name)] = name
    while children:
        pid, _status = os.wait()
        name = children.pop(pid, "")
        if name:
            logger.warning("The worker of %s ended; starting another.", name)
            time.sleep(1)
            children[_fork(name)] = name


def _fork(queue_name: str) -> int:
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _die_with_parent()
        code = 1
        try:
            run_worker(queue_name)
            code = 0
        finally:
            os._exit(code)
    return pid


def _die_with_parent() -> None:
    """On Linux a worker whose supervisor was killed gets SIGTERM instead of living on unseen."""
    import ctypes  # noqa: PLC0415 - Linux only

    set_parent_death_signal = 1
    try:
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
    except (AttributeError, OSError):
        logger.debug("No parent-death signal on this system.")


def _end_on_signal(children: dict[int, str]) -> None:
    def end(*_: object) -> None:
        pids = list(children)
        children.clear()
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        for pid in pids:
            os.waitpid(pid, 0)
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def run_metronome() -> None:
    """Knock on every topic each ``SWEEP_SECONDS`` until told to stop; keeps no state, so two of them do no harm."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while True:
            wake_all()
            time.sleep(conf.sweep_interval())
    except KeyboardInterrupt:
        logger.info("The metronome stops.")


def health() -> dict[str, Any]:
    """Queue lengths and workers per queue; ``{"reachable": False}`` when Redis is away."""
    from redis.exceptions import RedisError  # noqa: PLC0415
    from rq import Worker  # noqa: PLC0415

    try:
        return {
            "reachable": True,
            "queues": {
                name: {"waiting": _queue(name).count, "workers": Worker.count(queue=_queue(name))}
                for name in sorted(set(conf.queues().values()))
            },
        }
    except (RedisError, OSError) as error:
        return {"reachable": False, "error": type(error).__name__}
