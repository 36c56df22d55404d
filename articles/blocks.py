"""Cleaned editor HTML read as a list of blocks: what a paragraph, an item or a table row says, and how."""

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Run:
    """Words that look alike: `href` is where they lead, `marks` are of "strong", "em" and "th" (a heading cell)."""

    text: str
    href: str = ""
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """
    A paragraph, heading, list item or table row; `path` says within what, as ("ul", "li").

    In its text a line break is "\\n", and "\\t" begins the next cell of a row.
    """

    path: tuple[str, ...]
    runs: tuple[Run, ...]

    @property
    def tag(self) -> str:
        return self.path[-1]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


def blocks(html: str) -> tuple[Block, ...]:
    """
    The blocks of HTML that `richtext.clean` has passed, in reading order.

    White space counts as a browser shows it, a block without words is none, and it is not told where a list or
    table ends and another begins, nor how many columns a cell spans.

    >>> blocks("<ul><li>In <strong>Rome</strong></li></ul>")[0].runs
    (Run(text='In ', href='', marks=()), Run(text='Rome', href='', marks=('strong',)))
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_block()
    return tuple(reader.blocks)


_BLOCKS = {"p", "h3", "h4", "li", "blockquote", "ul", "ol", "table", "thead", "tbody", "tr"}
_CELLS = {"td", "th"}
_WHITE_SPACE = re.compile(r"[ \t\n\f\r]+")


class _Reader(HTMLParser):
    """Cuts at the edges of blocks. A table row is one block: within it, an edge is only a line break."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.path: list[str] = []
        self.runs: list[Run] = []
        self.cells = 0
        self.href = ""
        self.marks: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in _BLOCKS:
            self.end_block()
            self.path.append(tag)
        elif tag in _CELLS:
            self._start_cell()
            self.marks += ["th"] * (tag == "th")
        elif tag == "br":
            self._add("\n")
        elif tag == "a":
            self.href = dict(attrs).get("href") or ""
        else:
            self.marks.append(tag)

    def handle_endtag(self, tag):
        if tag in self.path:
            self.end_block(is_row=tag == "tr" and self.path.count("tr") == 1)
            while self.path.pop() != tag:
                pass
        elif tag == "a":
            self.href = ""
        elif tag in self.marks:
            self.marks.remove(tag)

    def handle_data(self, data):
        text = _WHITE_SPACE.sub(" ", data)
        self._add(text.lstrip(" ") if self._ends_with(" \n\t") else text)

    def end_block(self, is_row=False):
        if "tr" in self.path and not is_row:
            if not self._ends_with("\n\t"):
                self._add("\n")
            return
        if any(run.text.strip() for run in self.runs):
            self.blocks.append(Block(tuple(self.path) or ("p",), _joined(self.runs)))
        self.runs, self.cells = [], 0

    def _start_cell(self):
        if self.cells:
            _trim_end(self.runs)
            self._add("\t")
        self.cells += 1

    def _add(self, text):
        if text == "\n" and self._ends_with(" "):
            _trim_end(self.runs, " ")
        if text:
            self.runs.append(Run(text, self.href, tuple(sorted(set(self.marks)))))

    def _ends_with(self, characters):
        return not self.runs or self.runs[-1].text[-1] in characters


def _joined(runs: list[Run]) -> tuple[Run, ...]:
    _trim_end(runs)
    alike = groupby(runs, key=lambda run: (run.href, run.marks))
    return tuple(Run("".join(run.text for run in group), *look) for look, group in alike)


def _trim_end(runs: list[Run], characters: str = " \n") -> None:
    while runs and runs[-1].text[-1] in characters:
        last = runs.pop()
        if rest := last.text.rstrip(characters):
            runs.append(replace(last, text=rest))
