"""
Who gets what: every road of the URL resolver, asked by every role, beside a table that somebody has read.

After a road was added or a right was changed, write the table anew, and read what changed in it before you commit:

    ROAD_MATRIX=write .venv/bin/python -m pytest tests/test_road_matrix.py
"""

import os
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from tests import make, roads

TABLE = Path(__file__).with_name("road_matrix.txt")
LEGEND = """\
# What every road answers, by who asks. The story is of a topic whose members are "own" and not "other"; the rows a
# road names exist. "login" sends one there; "403" may not; "404" is not there for one. A POST carries no form, so
# 200 is the form again, with what is missing. Written by tests/test_road_matrix.py, which says how; read by people.
"""
ROLES = ["anonymous", "no role", "own", "other", "editor", "chief", "letters"]
METHODS = ["GET", "POST"]
MEND = "Look whether this is right, then write the table anew:\n" + __doc__.rstrip().rpartition("\n")[2]
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE)\b", re.IGNORECASE)

QUERIES = {
    "/desk/articles/article/<int:pk>/history/compare/": "?from=edition-1&to=edition-2",
    "/desk/autocomplete/": "?app_label=articles&model_name=citation&field_name=source",
}

# The second key, which writing the table does not turn: pages of the desk that these may be given.
OPEN = {
    "/desk/login/",
    "/desk/password/",
    "/desk/password/asked/",
    "/desk/password/is-set/",
}
OF_STAFF = OPEN | {
    "/desk/",
    "/desk/jsi18n/",
    "/desk/logout/",
    "/desk/password_change/",
    "/desk/password_change/done/",
}
TOPICS = "/desk/articles/topic/"
ISSUES = "/desk/newsletter/issue/"
OF_LETTERS = OF_STAFF | {
    ISSUES,
    *(f"{ISSUES}{road}/" for road in ("add", "autocomplete")),
    *(f"{ISSUES}<path:object_id>/{road}/" for road in ("change", "delete", "history")),
    *(f"{ISSUES}<int:object_id>/{road}/" for road in ("preview", "preview/html", "send", "progress", "deliveries")),
    *(f"/desk/newsletter/newsletter/<int:object_id>/mails/{kind}" for kind in ("", "<slug:kind>/")),
    "/desk/<app_label>/",
    TOPICS,
    f"{TOPICS}<path:object_id>/change/",
    f"{TOPICS}<path:object_id>/history/",
    *(f"/desk/newsletter/{model}/" for model in ("newsletter", "outboxmail", "subscriber", "subscriberimport")),
    *(f"/desk/newsletter/{model}/add/" for model in ("newsletter", "subscriberimport")),
    *(f"/desk/newsletter/{model}/<path:object_id>/change/" for model in ("newsletter", "outboxmail", "subscriber")),
    *(
        f"/desk/newsletter/{model}/<path:object_id>/history/"
        for model in ("newsletter", "outboxmail", "subscriberimport")
    ),
    *(f"/desk/newsletter/newsletter/corrections/{road}" for road in ("", "<uuid:correction>/")),
    "/desk/newsletter/notice/",
    "/desk/newsletter/outboxmail/<int:object_id>/html/",
    "/desk/newsletter/subscriber/<path:object_id>/erase/",
    "/desk/newsletter/subscriber/export/",
    "/desk/newsletter/subscriberimport/<path:object_id>/change/",
}
STORY = re.compile("/desk/articles/article/<")
REFUSED = ("403", "404")


def read_table() -> dict[tuple[str, str], dict[str, str]]:
    """The answers, by road and method, then by role."""
    table = {}
    for line in TABLE.read_text().splitlines() if TABLE.exists() else []:
        if line.startswith("/"):
            road, method, *answers = re.split(r"\s{2,}", line)
            table[road, method] = dict(zip(ROLES, answers, strict=True))
    return table


def write_table(table) -> None:
    rows = [("road", "method", *ROLES)]
    rows += [(*key, *(answers.get(role, "-") for role in ROLES)) for key, answers in sorted(table.items())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    TABLE.write_text(LEGEND + "\n" + "\n".join(lines) + "\n")


@pytest.fixture
def story():
    story = make.everything()
    without = [
        model.__name__ for model in apps.get_app_config("articles").get_models() if not model.objects.exists()
    ]
    assert without == []
    return story


def person(role: str):
    match role:
        case "anonymous":
            return None
        case "no role":
            return make.user()
        case "own":
            return make.get_user_model().objects.get(username="member")
        case "other":
            other = make.user("reporter")
            make.topic("Elsewhere").members.add(other)
            return other
    return make.user({"letters": "letters staff"}.get(role, role))


def address(road: roads.Road, story) -> str:
    """The road about this story, or about the first row there is of what it is about."""
    values = {name: min(found) for name, found in roads.values_of(story, road).items()}
    return road.filled(**values) + QUERIES.get(road.template, "")


def ask(user, method: str, address: str) -> tuple[str, list[str]]:
    """What is answered, and what was written meanwhile; nothing of it stays."""
    writes = []

    def note(execute, sql, params, many, context):
        if WRITES.match(sql):
            writes.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic():
        client = Client(raise_request_exception=False)
        if user:
            client.force_login(user)
        with connection.execute_wrapper(note):
            answer = client.get(address) if method == "GET" else client.post(address)
        answer.getvalue()  # Which closes the file of one that streams.
        transaction.set_rollback(True)
    is_sent_to_log_in = answer.get("Location", "").startswith("/desk/login/")
    return "login" if is_sent_to_log_in else str(answer.status_code), writes


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_road_answers_each_role_as_the_table_says(story, role, caplog, record_property):
    caplog.set_level("CRITICAL", "django.request")
    user, table = person(role), read_table()
    answers, amiss = {}, []

    for road in roads.every_road():
        for method in METHODS:
            answer, writes = ask(user, method, address(road, story))
            answers[road.template, method] = answer
            is_refused = answer == "login" or answer.startswith("4")
            if answer.startswith("5") or (writes and (method == "GET" or is_refused)):
                amiss.append(f"{method} {road.template}: {answer} {writes[:1]}")

    if os.environ.get("ROAD_MATRIX") == "write":
        write_table({key: {**table.get(key, {}), role: answer} for key, answer in answers.items()})
        table = read_table()
    record_property(f"addresses and methods asked as {role}", len(answers))
    told = {key: table[key][role] for key in answers if key in table}
    others = [
        f"{method} {road}: {answers[road, method]}, in the table {told[road, method]}"
        for road, method in told
        if answers[road, method] != told[road, method]
    ]
    assert amiss == [], "A page failed, was changed by being looked at, or was changed by somebody who was refused."
    assert others == [], MEND


def test_every_road_has_its_rows_and_every_row_a_road():
    there = {(road.template, method) for road in roads.every_road() for method in METHODS}
    known = read_table().keys()

    assert sorted(there - known) == [], f"These roads are new. {MEND}"
    assert sorted(known - there) == [], f"These roads are gone. {MEND}"


@pytest.mark.parametrize(
    ("role", "may_have"), [("anonymous", OPEN), ("no role", OF_STAFF), ("letters", OF_LETTERS)]
)
def test_the_table_lets_nobody_in_who_has_no_business_there(role, may_have):
    let_in = {
        road
        for (road, _), answers in read_table().items()
        if road.startswith("/desk/") and answers[role].startswith("2")
    }

    assert sorted(let_in - may_have) == []


def test_the_table_keeps_a_story_from_other_desks_and_publishing_from_reporters():
    table = read_table()
    reached = [key for key, answers in table.items() if STORY.match(key[0]) and answers["other"] not in REFUSED]
    published = [
        key
        for key, answers in table.items()
        if re.search("publish|reconfirm|settle|reopen|withdraw|recover|confidential|auth/", key[0])
        and answers["own"] not in REFUSED
    ]

    assert len([key for key in table if STORY.match(key[0])]) > 20
    assert reached == []
    assert published == []
