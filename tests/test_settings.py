import re
import subprocess

import pytest
from django.conf import settings

from .processes import manage

PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "secret",
    "CONFIDENTIAL_KEY": "secret",
    "SUPPRESSION_KEY": "secret",
    "ALLOWED_HOSTS": "newsroom.example",
}


def test_the_example_lists_every_setting():
    source = (settings.BASE_DIR / "newsroom/settings.py").read_text()
    example = (settings.BASE_DIR / ".env.example").read_text()

    read = set(re.findall(r'(?:env\.\w+|required|secret)\("(\w+)"', source))
    assert len(read) > 10
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)) == read


@pytest.mark.parametrize("missing", ["SECRET_KEY", "CONFIDENTIAL_KEY", "SUPPRESSION_KEY", "DATABASE_URL"])
def test_production_without_a_secret_or_a_database_stops_with_one_clear_line(missing):
    configuration = {**PRODUCTION, missing: ""}
    database = configuration.pop("DATABASE_URL", "postgres://localhost/newsroom")

    with manage(database, "check", env=configuration, stderr=subprocess.PIPE) as process:
        said = process.stderr.read()

    assert process.returncode == 1
    assert missing in said
    assert "The settings are listed in .env.example." in said
    assert said.count("\n") == 1
