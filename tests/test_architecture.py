"""The shape of the house: which way imports point, and what the pure modules do without."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PURE = [
    *("snapshot", "kinds", "blocks", "wording", "html_wording", "changes"),
    *("merging", "weighing", "richtext", "workflow", "renditions", "credits", "local_time", "wrong_range"),
]


def imports(path: Path) -> set[str]:
    """The absolute names of all that a file imports."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return names


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [("articles", {"newsletter", "newsroom"}), ("newsletter", {"newsroom"})],
)
def test_imports_point_from_wiring_to_post_to_words(package, forbidden):
    offenders = {str(path): packages(path) & forbidden for path in files(package)}

    assert not {path: names for path, names in offenders.items() if names}


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_know_neither_django_nor_the_database(module):
    names = imports(ROOT / "articles" / f"{module}.py")

    own = {name.split(".")[1] for name in names if name.startswith("articles.") and name != "articles"}
    assert own <= set(PURE)
    assert not {name for name in names if name.split(".")[0] in {"django", "reversion", "psycopg2"}}


def test_nobody_opens_a_connection_to_the_outside():
    clients = {"requests", "httpx", "aiohttp", "urllib3", "http.client", "urllib.request"}

    offenders = {str(path): imports(path) & clients for package in ["articles", "newsletter", "newsroom"]
                 for path in files(package)}  # fmt: skip

    assert not {path: names for path, names in offenders.items() if names}


def test_our_apps_send_each_other_no_signals():
    offenders = [
        str(path)
        for package in ["articles", "newsletter", "newsroom"]
        for path in files(package)
        if any(name.startswith("django.dispatch") for name in imports(path))
    ]

    assert not offenders
