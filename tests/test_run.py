"""The newsroom on one machine, as a developer starts, stops and loses it."""

import http.client
import os
import re
import signal
import socket
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import environ
import pytest

import manage as command_line
from newsroom import embedded_postgres
from newsroom.processes import Processes

from . import make
from .processes import manage, wait_for


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yield port
    Processes(port).lock_path.unlink(missing_ok=True)


@contextmanager
def started(port, database):
    with (
        TemporaryFile() as output,
        manage(database, "run", env={"PORT": str(port)}, stdout=output, stderr=output) as process,
    ):
        process.said = lambda: os.pread(output.fileno(), 100_000, 0).decode()
        try:
            yield process
        finally:
            process.terminate()


@pytest.fixture
def running(port, database):
    """A newsroom that has been started, with a topic in it, so that it is not filled with the demo's."""
    make.topic()
    with started(port, database) as process:
        wait_for(lambda: "Ctrl-C" in process.said())
        yield process


def status_of_front_page(port):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except OSError:
            return None


def processes_on(port):
    return Processes(port).others()


def children_of(process, port):
    def parent(pid):
        return int(re.search(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])

    return {pid for pid in processes_on(port) if parent(pid) == process.pid}


def test_it_serves_the_site_at_the_address_it_says(running, port):
    assert f"http://127.0.0.1:{port}/\n" in running.said()
    assert f"http://127.0.0.1:{port}/desk/\n" in running.said()
    assert status_of_front_page(port) == 200


def test_it_is_reached_from_this_machine_only(running, port):
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()

    assert re.findall(rf"(\w+):{port:04X} \w+:0000 0A", listening) == ["0100007F"]


def test_ctrl_c_ends_all_of_it(running, port):
    running.send_signal(signal.SIGINT)

    assert running.wait(20) == 0
    assert processes_on(port) == set()


def test_killed_it_takes_all_others_with_it(running, port):
    assert len(processes_on(port)) > 3

    running.kill()

    wait_for(lambda: processes_on(port) == set())


def test_what_it_left_when_all_was_killed_does_not_stop_the_next(running, port, database):
    for pid in (running.pid, *children_of(running, port)):
        os.kill(pid, signal.SIGKILL)
    left_behind = processes_on(port)
    assert left_behind

    with started(port, database) as following:
        wait_for(lambda: "Ctrl-C" in following.said())

        assert status_of_front_page(port) == 200
        assert not left_behind & processes_on(port)


def test_it_ends_nobody_who_only_waits_for_it(running, port):
    with Processes(port).lock_path.open() as file:
        waiting = subprocess.Popen(["sleep", "60"], stdin=file)
    with waiting:
        running.terminate()

        assert running.wait(20) == 0
        assert waiting.poll() is None
        waiting.kill()


def test_what_was_killed_of_it_is_started_again(running, port):
    for pid in children_of(running, port):
        os.kill(pid, signal.SIGKILL)

    wait_for(lambda: "Starting again" in running.said())
    wait_for(lambda: status_of_front_page(port) == 200)


def test_a_second_start_says_that_it_runs_already(running, port, database):
    with started(port, database) as second:
        assert second.wait(20) == 1
        assert f"The newsroom runs already on port {port}." in second.said()


def test_a_taken_port_gets_one_clear_line(port, database):
    with socket.create_server(("127.0.0.1", port)), started(port, database) as process:
        assert process.wait(20) == 1
        assert process.said() == (
            f"CommandError: Port {port} is taken (Address already in use). "
            f"Stop what uses it, or choose another: make run PORT={port + 1}\n"
        )


def test_a_database_that_does_not_answer_gets_one_clear_line(port):
    with started(port, "postgres://newsroom:secret@127.0.0.1:1/newsroom") as process:
        assert process.wait(20) == 1
        said = process.said().splitlines()

    assert said[0] == "Bringing the database up to date ..."
    assert said[1].startswith("The database of DATABASE_URL cannot be reached; start it or correct the address.")
    assert "secret" not in said[1]
    assert len(said) == 2


def test_it_is_not_for_production(port, database):
    secrets = dict.fromkeys(["SECRET_KEY", "CONFIDENTIAL_KEY", "SUPPRESSION_KEY"], "secret")
    production = {"DEBUG": "0", "PORT": str(port), **secrets}
    with manage(database, "run", env=production, stderr=subprocess.PIPE) as process:
        assert "This is for development" in process.stderr.read()
        assert process.wait(20) == 1


class Reached(Exception):
    pass


@pytest.mark.parametrize(
    ("configuration", "debug"),
    [
        ({}, "1"),
        ({"SECRET_KEY": "secret"}, None),
        ({"DATABASE_URL": "postgres://elsewhere/x"}, None),
        ({"DEBUG": "0"}, "0"),
    ],
)
def test_only_a_machine_with_no_configuration_at_all_is_taken_for_a_developer_s(configuration, debug, monkeypatch):
    def reached():
        raise Reached

    for name in ("DEBUG", "SECRET_KEY", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in configuration.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(environ.Env, "read_env", lambda path: None)
    monkeypatch.setattr(embedded_postgres, "ensure", reached)

    with pytest.raises(Reached):
        command_line.main()

    assert os.environ.get("DEBUG") == debug
