import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from newsroom import embedded_postgres
from newsroom.embedded_postgres import Server


@contextmanager
def folder_with_a_space(mode):
    with tempfile.TemporaryDirectory(prefix="a checkout ", dir="/tmp") as folder:
        Path(folder).chmod(mode)
        yield Path(folder)


@pytest.fixture(scope="module")
def checkout():
    with folder_with_a_space(0o755) as folder:
        yield folder


@contextmanager
def running_in(checkout):
    """The address of the server of this checkout, kept running meanwhile."""
    server = Server(checkout / "var/postgres")
    try:
        yield server.join()
    finally:
        server.leave()


def ask(address, question):
    with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(question)
        return cursor.fetchone()[0] if cursor.description else None


def answers(address):
    try:
        return ask(address, "SELECT true")
    except psycopg2.OperationalError:
        return False


def kill(server):
    """Ends the server and what used it; of the latter the kernel closes the files, and so frees the locks."""
    os.close(server.users)
    process = int(server.pid_file()[0])
    os.kill(process, signal.SIGKILL)
    while Path(f"/proc/{process}").exists():
        time.sleep(0.01)


def run_as_ordinary_user(script, *arguments):
    """Runs lines of Python as somebody who is not root, after root has imported for them what they need."""
    beginning = """
        import os, pwd, sys
        from pathlib import Path
        import django.core.management, django.db, manage
        from newsroom import embedded_postgres
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
    """
    lines = textwrap.dedent(beginning) + textwrap.dedent(script)
    return subprocess.run([sys.executable, "-c", lines, *arguments], capture_output=True, text=True)


def test_letters_of_every_language_are_known_in_a_shell_that_knows_none(checkout, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")

    with running_in(checkout) as address:
        assert ask(address, "SELECT lower('ЗЕЛЕНСЬКИЙ')") == "зеленський"


def test_nobody_else_on_the_machine_can_reach_it(checkout):
    with running_in(checkout) as address:
        assert ask(address, "SHOW listen_addresses") == ""
        assert Path(ask(address, "SHOW unix_socket_directories")).stat().st_mode & 0o077 == 0


def test_the_last_to_leave_stops_it(checkout):
    with running_in(checkout) as address:
        with running_in(checkout) as the_same:
            assert the_same == address
        assert answers(address)
    assert not answers(address)


def test_what_was_stored_is_there_after_everything_was_killed(checkout):
    killed = Server(checkout / "var/postgres")
    address = killed.join()
    ask(address, "CREATE TABLE kept AS SELECT 1 AS number")
    kill(killed)

    with running_in(checkout) as the_same:
        assert the_same == address
        assert ask(address, "SELECT number FROM kept") == 1


def test_the_process_id_of_a_killed_server_may_be_another_s_by_now(checkout):
    killed = Server(checkout / "var/postgres")
    killed.join()
    kill(killed)
    with subprocess.Popen(["sleep", "60"], **killed.as_account()) as another:
        pid_file = killed.data / "postmaster.pid"
        pid_file.write_text("\n".join([str(another.pid), *killed.pid_file()[1:]]) + "\n")

        with running_in(checkout) as address:
            assert answers(address)
            assert another.poll() is None
        another.kill()


def test_an_interrupted_creation_is_begun_again():
    with folder_with_a_space(0o755) as checkout:
        begun = Server(checkout / "var/postgres").home / "new"
        begun.mkdir()
        (begun / "PG_VERSION").write_text("18")

        with running_in(checkout) as address:
            assert answers(address)


def test_a_checkout_closed_to_others_will_do():
    with folder_with_a_space(0o700) as checkout:
        with running_in(checkout) as address:
            assert answers(address)
        shutil.rmtree(Server(checkout / "var/postgres").home)


def test_root_and_the_owner_of_a_checkout_take_turns():
    use_it = """
        server = embedded_postgres.Server(Path(sys.argv[1]) / "var/postgres")
        print(server.join(), flush=True)
        server.leave()
    """
    with folder_with_a_space(0o777) as checkout:
        assert run_as_ordinary_user(use_it, checkout).stdout.startswith("postgres://")
        with running_in(checkout) as address:
            assert answers(address)
        assert run_as_ordinary_user(use_it, checkout).stdout.startswith("postgres://")


def test_a_checkout_of_another_user_s_gets_one_clear_line():
    check = """
        embedded_postgres.HOME = Path(sys.argv[1]) / "var/postgres"
        os.environ |= {"DEBUG": "1", "DATABASE_URL": ""}
        manage.main()
    """
    with folder_with_a_space(0o555) as checkout:
        ended = run_as_ordinary_user(check, checkout)

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{checkout}/var belongs to another user. Use a checkout of your own")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "environment", [{"DEBUG": "0", "DATABASE_URL": ""}, {"DEBUG": "1", "DATABASE_URL": "postgres://elsewhere/x"}]
)
def test_it_is_only_for_a_development_machine_without_a_database(environment, tmp_path, monkeypatch):
    monkeypatch.setattr(embedded_postgres, "HOME", tmp_path / "var/postgres")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    embedded_postgres.ensure()

    assert os.environ["DATABASE_URL"] == environment["DATABASE_URL"]
    assert not (tmp_path / "var").exists()
