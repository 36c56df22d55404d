"""The commands of the Makefile, in a checkout of their own with nothing installed."""

import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(settings.BASE_DIR / name, folder)
    return folder


def make(checkout, *arguments, **environment):
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment = {**outside, "PYTHON": sys.executable, **environment}
    return subprocess.run(["make", *arguments], cwd=checkout, env=environment, capture_output=True, text=True)


@pytest.fixture
def log(checkout):
    """What is done with a Python in `.venv` that does nothing but write it down."""
    log = checkout / "log"
    python = checkout / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$DEBUG $*" >> log\n')
    python.chmod(0o755)
    log.touch()
    return log


def test_make_alone_lists_the_commands(checkout):
    listed = make(checkout).stdout

    assert [line.split()[1] for line in listed.splitlines()] == ["help", "run", "test", "lint", "bench"]


def test_what_is_required_is_installed_once(checkout, log):
    make(checkout, "run")
    make(checkout, "run")

    assert log.read_text().count("pip install") == 1
    assert log.read_text().splitlines()[-1] == "1 manage.py run"


def test_what_is_required_is_installed_again_when_it_has_changed(checkout, log):
    make(checkout, "run")
    with (checkout / "requirements.txt").open("a") as requirements:
        requirements.write("one-more==1.0\n")
    make(checkout, "run")

    assert log.read_text().count("pip install") == 2


def test_a_python_without_venv_gets_one_clear_line(checkout, tmp_path):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/ensurepip.py").write_text("raise ImportError")

    said = make(checkout, "run", PYTHONPATH=str(tmp_path / "hidden")).stderr

    assert said.startswith("Python's venv is missing. On Debian, as root: apt-get install python3-venv\n")


def test_another_python_gets_one_clear_line(checkout):
    said = make(checkout, "run", PYTHON="false").stderr

    assert said.startswith("Python 3.11, 3.12 or 3.13 is needed. Name one: make run PYTHON=python3.12\n")
