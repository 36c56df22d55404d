"""How long comparing and cleaning texts takes: honest ones, and ones made to take long."""

import contextlib
import random
from collections.abc import Callable, Iterator

from articles.html_wording import html_diff
from articles.richtext import RichTextRefused, clean
from articles.wording import word_diff
from bench.figures import Figure, median_ms

TITLE = "Comparing and cleaning texts, medians"

# Some words are frequent and most are rare, as in a language (Zipf's law).
VOCABULARY = [f"word{rank}" for rank in range(1, 8_000)]
FREQUENCIES = [1 / rank for rank in range(1, 8_000)]


def run() -> Iterator[Figure]:
    chance = random.Random(2026)
    body, other = prose(chance, 5_000), prose(chance, 5_000)
    edited = edit(chance, body, 100)
    texts = {
        "two 5,000-word bodies, 100 edits": (body, edited),
        "two 5,000-word bodies, a rewrite": (body, other),
        "10,000 words, all alike": (["drone"] * 10_000, ["drone"] * 9_000 + ["deal"]),
        "10,000 words, all different": ([f"a{n}" for n in range(10_000)], [f"b{n}" for n in range(10_000)]),
        "10,000 words, over and over": (["drone", "deal"] * 5_000, ["deal", "drone", "drone"] * 3_333),
    }
    for name, (before, after) in texts.items():
        yield compared(word_diff, f"word_diff, {name}", " ".join(before), " ".join(after))
    for name, after in {"100 edits": edited, "a rewrite": other}.items():
        yield compared(html_diff, f"html_diff, two 5,000-word bodies, {name}", paragraphs(body), paragraphs(after))

    section, table = clean(paragraphs(body[:800])), "<table>" + "x<br>" * 4_999
    yield Figure("clean, a clean section of 800 words", median_ms(lambda: clean(section)), "ms", 5)
    yield Figure("clean, 5,000 tags astray in a table", median_ms(lambda: clean(table)), "ms", 100)
    yield Figure("clean, 1 MB of <div> refused", median_ms(lambda: refused("<div>" * 200_000)), "ms", 100)
    yield Figure("clean, 5,000 <div> refused", median_ms(lambda: refused("<div>" * 5_000)), "ms", 100)


def compared(diff: Callable, name: str, before: str, after: str) -> Figure:
    return Figure(name, median_ms(lambda: diff(before, after)), "ms", 150)


def prose(chance: random.Random, words: int) -> list[str]:
    return chance.choices(VOCABULARY, FREQUENCIES, k=words)


def edit(chance: random.Random, words: list[str], edits: int) -> list[str]:
    edited = list(words)
    for place in chance.sample(range(len(words)), edits):
        edited[place] = chance.choice(["", "new", f"{words[place]}, new"])
    return edited


def paragraphs(words: list[str]) -> str:
    """Paragraphs of 60 words, with a link in each."""
    starts = range(0, len(words), 60)
    link = '<a href="https://example.org/{}" rel="noopener noreferrer">source</a>'
    return "".join(f"<p>{link.format(start)} {' '.join(words[start : start + 60])}</p>" for start in starts)


def refused(html: str) -> None:
    with contextlib.suppress(RichTextRefused):
        clean(html)
        raise AssertionError("This should have been refused.")
