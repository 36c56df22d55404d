"""A file of addresses as it was uploaded (CSV), read line by line, and what keeps it from being read."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

# In bytes, bytes and cells.
LARGEST, LONGEST_LINE, MOST_COLUMNS = 25 * 1024 * 1024, 10_000, 50
COLUMNS = ("address", "language", "cadence", "consented_at")
LANGUAGE = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
SAVE_AS = "In Excel, save it as “CSV UTF-8”."


class Unreadable(Exception):
    """Nothing of the file is taken; the message is for a person."""


@dataclass(frozen=True)
class Row:
    """A line of the file, as it stands there; what is not in it is empty."""

    line: int
    address: str
    language: str = ""
    cadence: str = ""
    consented_at: str = ""

    def problem(self, cadences: list[str]) -> str:
        """What is wrong beside the address, if anything is; `cadences` are those of the letter."""
        if self.language and not (LANGUAGE.fullmatch(self.language) and len(self.language) <= 35):
            return "The language is not a language tag; write it as en or uk."
        if self.cadence and self.cadence not in cadences:
            return f"The newsletter does not come that often; write {' or '.join(cadences)}."
        if self.consented_at and not _has_passed(self.consented_at):
            return "The day of consent must be a day in the past, written as 2026-04-15."
        return ""

    @property
    def consented_on(self) -> date | None:
        """Of a row without a problem."""
        return date.fromisoformat(self.consented_at[:10]) if self.consented_at else None


def _has_passed(typed: str) -> bool:
    try:
        return date.fromisoformat(typed[:10]) <= date.today()
    except ValueError:
        return False


def rows(file: BinaryIO) -> Iterator[Row]:
    """
    The rows of a CSV file (RFC 4180; comma or semicolon; UTF-8), one in memory at a time.

    The first line names the columns: `address`, and if there are `language`, `cadence`, `consented_at`; others are
    passed over, as are empty lines. Raises `Unreadable`.
    """
    lines = _lines(file)
    first = next(lines, "")
    if not first.strip():
        raise Unreadable("The file is empty.")
    reader = csv.reader(_again(first, lines), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        names = [name.strip().lower() for name in next(reader)]
        if "address" not in names:
            raise Unreadable("The first line must name the columns, and one of them must be “address”.")
        places = {name: names.index(name) for name in COLUMNS if name in names}
        for cells in reader:
            if len(cells) > MOST_COLUMNS:
                raise Unreadable(f"Line {reader.line_num} has more than {MOST_COLUMNS} columns.")
            if any(map(str.strip, cells)):
                yield _row(reader.line_num, cells, places)
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num} cannot be read. Look for a stray quotation mark.") from error


def check_beginning(file: BinaryIO) -> None:
    """Raises `Unreadable` if the size or the first lines of the file tell that it cannot be read."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > LARGEST:
        raise Unreadable(f"The file is larger than {LARGEST >> 20} MB. Split it and import the parts.")
    if next(rows(file), None) is None:
        raise Unreadable("There is no address in the file.")
    file.seek(0)


def _row(line: int, cells: list[str], places: dict[str, int]) -> Row:
    return Row(line, **{name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()})


def _again(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _lines(file: BinaryIO) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise Unreadable(f"The file is written in UTF-16. {SAVE_AS}")
            line = line.removeprefix(codecs.BOM_UTF8)
        if b"\0" in line:
            raise Unreadable(f"Line {number} is not text. {SAVE_AS}")
        if len(line) > LONGEST_LINE:
            raise Unreadable(f"Line {number} is too long; a line can have at most {LONGEST_LINE:,} bytes.")
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise Unreadable(f"Line {number} is not written in UTF-8. {SAVE_AS}") from error
