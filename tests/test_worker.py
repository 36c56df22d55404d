"""Real worker processes, as they are started, stopped and lost in operation."""

import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from newsroom.embedded_postgres import Server
from newsroom.management.commands import worker

from .processes import manage, wait_for
from .test_embedded_postgres import ask, folder_with_a_space, kill, running_in


@task
def note(path):
    """Writes down that it began, and ends when it is allowed to."""
    with Path(path).open("a") as notes:
        notes.write("begun\n")
    while not Path(f"{path} may end").exists():
        time.sleep(0.05)


class Notes:
    def __init__(self, folder):
        self.path = folder / "notes"

    def begun(self, times):
        return lambda: self.path.exists() and self.path.read_text().count("begun") == times

    def may_end(self):
        Path(f"{self.path} may end").touch()


@pytest.fixture
def notes(tmp_path):
    return Notes(tmp_path)


@contextmanager
def started_worker(database):
    with manage(database, "worker") as process:
        try:
            yield process
        finally:
            process.kill()


def status_of(result):
    return DBTaskResult.objects.get(id=result.id).status


def test_another_worker_runs_the_task_of_a_killed_one(database, notes):
    result = note.enqueue(str(notes.path))

    with started_worker(database) as first:
        wait_for(notes.begun(1))
        first.kill()
    notes.may_end()
    with started_worker(database):
        wait_for(lambda: status_of(result) == TaskResultStatus.SUCCESSFUL)

    assert notes.begun(2)()


def test_nobody_takes_a_task_from_a_worker_that_lives(database, notes):
    result = note.enqueue(str(notes.path))

    with started_worker(database):
        wait_for(notes.begun(1))
        worker.ring_again()

        assert status_of(result) == TaskResultStatus.RUNNING


def test_a_worker_told_to_stop_finishes_its_task(database, notes):
    result = note.enqueue(str(notes.path))

    with started_worker(database) as process:
        wait_for(notes.begun(1))
        process.terminate()
        notes.may_end()

        assert process.wait(10) == 0
    assert status_of(result) == TaskResultStatus.SUCCESSFUL


def test_a_worker_told_to_stop_leaves_a_task_that_takes_too_long_to_another(database, notes):
    result = note.enqueue(str(notes.path))

    with started_worker(database) as process:
        wait_for(notes.begun(1))
        process.terminate()
        process.wait(10)
    worker.ring_again()

    assert status_of(result) == TaskResultStatus.READY


def test_a_worker_goes_on_when_its_database_was_restarted(notes):
    with folder_with_a_space(0o755) as checkout:
        killed = Server(checkout / "var/postgres")
        address = killed.join()
        assert manage(address, "migrate", "--verbosity=0").wait() == 0
        enqueue = f"from tests.test_worker import note; note.enqueue({str(notes.path)!r})"
        assert manage(address, "shell", "--verbosity=0", "--command", enqueue).wait() == 0

        with started_worker(address):
            wait_for(notes.begun(1))
            kill(killed)
            with running_in(checkout) as the_same:
                assert the_same == address
                notes.may_end()
                wait_for(notes.begun(2))
                status = "SELECT status FROM django_tasks_database_dbtaskresult"
                wait_for(lambda: ask(address, status) == "SUCCESSFUL")


def task_of_lost_workers(number):
    return DBTaskResult.objects.create(
        task_path="tests.test_worker.note",
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        status=TaskResultStatus.RUNNING,
        worker_ids=[f"lost-{attempt}" for attempt in range(number)],
    )


@pytest.mark.django_db
def test_a_task_that_ends_worker_after_worker_is_given_up():
    lost_now_and_then, fatal = task_of_lost_workers(4), task_of_lost_workers(5)

    worker.ring_again()

    assert status_of(lost_now_and_then) == TaskResultStatus.READY
    assert status_of(fatal) == TaskResultStatus.FAILED
    fatal.refresh_from_db()
    assert "5 workers were lost while they ran it" in fatal.traceback


def test_a_sweep_that_fails_keeps_no_other_from_its_work(caplog):
    swept = []

    def broken():
        raise ValueError("This sweep is broken.")

    command = worker.Command()
    command.is_running = True
    command.sweeps = [broken, lambda: swept.append("all")]
    command.sweep()

    assert swept == ["all"]
    assert "This sweep is broken." in caplog.text
