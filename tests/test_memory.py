"""What a serving process has loaded before anybody comes."""

import subprocess
import sys

from tests.processes import BASE_DIR

FIRST_PAGE = """
import sys
import newsroom.wsgi
from django.test import Client
before = set(sys.modules)
assert Client(SERVER_NAME="127.0.0.1").get("/desk/login/").status_code == 200
ours = ("articles.", "newsletter.", "newsroom.", "jinja2.", "django.contrib.admin.templatetags.")
print(*(name for name in set(sys.modules) - before if name.startswith(ours) and ".formats" not in name))
"""


def test_the_first_to_come_wait_for_no_part_of_the_program():
    process = subprocess.run([sys.executable, "-c", FIRST_PAGE], cwd=BASE_DIR, capture_output=True, text=True)

    assert (process.stdout.strip(), process.stderr) == ("", "")
