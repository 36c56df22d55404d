"""
The process that does the later work: it runs the tasks that ring, and sweeps for due work whose bell was lost.

It holds a session advisory lock under its name. PostgreSQL frees the lock when the process or its connection is
gone, and so tells every other worker which running tasks have nobody left to finish them.
"""

import logging
import signal
import time
from contextlib import closing

from django.conf import settings
from django.core.management import BaseCommand
from django.db import Error, close_old_connections, connection, connections, transaction
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1
SECONDS_BETWEEN_SWEEPS = 5
SECONDS_TO_FINISH = 9
MOST_ATTEMPTS = 5


class Command(BaseCommand):
    help = "Run tasks and sweep for due work until told to stop. Any number of workers may run, on any machines."

    def add_arguments(self, parser):
        parser.add_argument(
            "--queue", action="append", default=[], help="serve this queue; repeatable; default: all"
        )

    def handle(self, *, queue, **options):
        self.is_running = True
        self.sweeps = [ring_again, *map(import_string, settings.SWEEPS)]
        self.queues = queue or settings.TASKS["default"]["QUEUES"]
        self.runner = db_worker.Worker(
            queue_names=self.queues,
            excluded_queue_names=[],
            interval=SECONDS_BETWEEN_LOOKS,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id="",
        )
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGTERM, self.stop)
        while self.is_running:
            try:
                with closing(Session()) as session:
                    self.work(session)
            except Error as error:
                logger.warning("The worker waits for the database: %s", error)
                connections.close_all()
                time.sleep(SECONDS_BETWEEN_LOOKS)

    def stop(self, *_):
        """Lets the job at hand be finished. If that takes too long the alarm ends us, and the task rings again."""
        if self.is_running:
            self.is_running = False
            signal.alarm(SECONDS_TO_FINISH)

    def work(self, session):
        next_sweep, has_more = 0, False
        while self.is_running:
            close_old_connections()
            session.check()
            if time.monotonic() >= next_sweep:
                has_more = self.sweep()
                next_sweep = time.monotonic() + (0 if has_more else SECONDS_BETWEEN_SWEEPS)
            if self.is_running and not self.run_next_task(session.name) and not has_more:
                time.sleep(SECONDS_BETWEEN_LOOKS)

    def sweep(self) -> bool:
        """Whether one of them has more to do at once."""
        has_more = False
        for sweep in self.sweeps:
            if self.is_running:
                try:
                    has_more |= sweep() is True
                except Exception:  # One that fails must not keep the others from their work.
                    logger.exception("The sweep %s failed; it is tried again.", sweep.__name__)
        return has_more

    def run_next_task(self, worker):
        with transaction.atomic():
            task = DBTaskResult.objects.ready().filter(queue_name__in=self.queues).get_locked()
            if task:
                task.claim(worker)
        if task:
            self.runner.run_task(task)
        return task


class Session:
    """A database connection that holds the lock of this worker, and is used for nothing else."""

    def __init__(self):
        self.name = get_random_string(32)
        self.connection = connections.create_connection("default")
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [self.name])

    def check(self):
        """Raises an error of the database if the connection, and with it the lock, is gone."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def close(self):
        self.connection.close()


class WorkersLost(Exception):
    """A task ended its workers again and again, and is not given another."""


def ring_again() -> None:
    """Makes the running tasks of lost workers ready for another."""
    with transaction.atomic(), connection.cursor() as cursor:
        for task in DBTaskResult.objects.running().select_for_update(skip_locked=True):
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [task.worker_ids[-1]])
            (is_lost,) = cursor.fetchone()
            if is_lost and len(task.worker_ids) >= MOST_ATTEMPTS:
                task.set_failed(WorkersLost(f"{MOST_ATTEMPTS} workers were lost while they ran it."))
            elif is_lost:
                task.status = TaskResultStatus.READY
                task.save(update_fields=["status"])
