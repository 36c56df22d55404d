"""A storm in a harbour: a lighthouse over breaking waves, cranes behind the rain."""

import math
from random import Random

from PIL import Image

from .canvas import HEIGHT, WIDTH, Canvas


def draw() -> Image.Image:
    canvas = Canvas("#16232f", "#3d5c6b", "#a9bfbd", horizon=640)
    _storm_clouds(canvas)
    canvas.glow(1010, 560, 330, "#dfe9dc", 0.55)
    canvas.hills(622, 16, "#6f8b92", seed=6)
    canvas.hills(640, 12, "#547480", seed=9)
    for x, height in [(880, 190), (985, 225), (1110, 180)]:
        _crane(canvas, x, 655, height, "#3f5d6b")
    canvas.box(830, 630, 1260, 660, "#3f5d6b")
    for x in range(840, 1250, 46):
        canvas.box(x, 612, x + 40, 632, ["#4b6a76", "#5b6f72", "#7a6a62"][x % 3])
    _beam(canvas, 392, 305)
    _wave(canvas, 690, 12, 150, "#48707d", "#cfe0de66", seed=1)
    _wave(canvas, 745, 16, 210, "#3a6070", "#cfe0de77", seed=2)
    _lighthouse(canvas, 392, 770)
    _wave(canvas, 815, 24, 290, "#2c5061", "#d9e7e488", seed=3)
    _boat(canvas, 1130, 838, 1.0)
    _wave(canvas, 890, 30, 350, "#214250", "#e4eeebaa", seed=4)
    _spray(canvas, 300, 800, seed=5)
    _wave(canvas, 985, 36, 430, "#173340", "#f0f6f3bb", seed=8)
    canvas.rain("#dfe9ea2e", 620, seed=7)
    return canvas.finished()


def _storm_clouds(canvas: Canvas) -> None:
    random = Random(4)
    for top, colour, down in [
        (60, "#1d2c39", 90),
        (170, "#26394799", 70),
        (300, "#2f485699", 48),
        (420, "#5b7a8488", 30),
    ]:
        blobs = [
            (
                random.uniform(-50, WIDTH + 50),
                top + random.uniform(-40, 40),
                random.uniform(150, 380),
                random.uniform(0.5, 1) * down,
            )
            for _ in range(11)
        ]
        canvas.clouds(blobs, colour, 30)


def _beam(canvas: Canvas, x: float, y: float) -> None:
    for spread, light in [(190, "#ffeeb41c"), (120, "#ffeeb426"), (60, "#fff3c830")]:
        canvas.shape([(x, y), (WIDTH + 40, y - 120 - spread), (WIDTH + 40, y - 60 + spread * 0.6)], light)
        canvas.shape([(x, y), (-40, y + 40 - spread * 0.4), (-40, y + 70 + spread * 0.4)], light)


def _lighthouse(canvas: Canvas, x: float, foot: float) -> None:
    canvas.shape(
        [
            (x - 250, HEIGHT),
            (x - 190, foot - 20),
            (x - 90, foot - 62),
            (x + 70, foot - 66),
            (x + 150, foot - 16),
            (x + 260, HEIGHT),
        ],
        "#1c2a33",
    )
    canvas.shape([(x - 90, foot - 62), (x + 70, foot - 66), (x + 20, foot - 30), (x - 120, foot - 20)], "#2a3c47")
    top = foot - 440

    def tower(upper, lower, colour, left=-1.0, right=1.0):
        wide, narrow = (40 + 0.052 * (y - top) for y in (lower, upper))
        canvas.shape(
            [
                (x + left * narrow, upper),
                (x + right * narrow, upper),
                (x + right * wide, lower),
                (x + left * wide, lower),
            ],
            colour,
        )

    tower(top, foot - 60, "#e9e4d8")
    for band in range(3):
        tower(top + 42 + band * 128, top + 106 + band * 128, "#b5443c")
    tower(top, foot - 60, "#10202c55", left=0.25)
    tower(top, foot - 60, "#10202c33", left=0.62)
    for band in range(3):
        canvas.arch(x - 6, top + 100 + band * 118, 7, 26, "#ffd98a")
    canvas.box(x - 58, top - 8, x + 58, top + 4, "#22323d")
    canvas.box(x - 54, top - 34, x + 54, top - 30, "#22323d")
    for step in range(-54, 55, 18):
        canvas.box(x + step - 1.5, top - 32, x + step + 1.5, top - 6, "#22323d")
    canvas.glow(x, top - 26, 150, "#ffeeb4")
    canvas.box(x - 28, top - 62, x + 28, top - 6, "#ffe9a8")
    for step in (-28, -10, 8, 25):
        canvas.box(x + step, top - 62, x + step + 3, top - 6, "#22323d")
    canvas.dome(x, top - 60, 36, 34, "#8f352f")
    canvas.line([(x, top - 90), (x, top - 122)], "#22323d", 4)


def _wave(canvas: Canvas, base: float, height: float, length: float, colour: str, foam: str, seed: int) -> None:
    random = Random(seed)
    start = random.uniform(0, length)

    def surface(x):
        turn = (x + start) / length * math.tau
        return base - height * (
            0.7 * math.sin(turn) + 0.4 * math.sin(2 * turn + 1.2) + 0.5 * math.sin(0.37 * turn + seed)
        )

    def crest(x):
        return surface(x) + (2 + height / 3) * max(0, (base - surface(x)) / height) ** 1.3 + 1

    steps = range(-20, WIDTH + 21, 6)
    line = [(x, surface(x)) for x in steps]
    canvas.shape([(-20, HEIGHT), *line, (WIDTH + 20, HEIGHT)], colour)
    canvas.shape([*line, *((x, crest(x)) for x in reversed(steps))], foam)
    for _ in range(90):
        x = random.uniform(0, WIDTH)
        drop = random.uniform(4, height * 2.2)
        canvas.oval(x, surface(x) + drop, random.uniform(8, 46), random.uniform(1, 2.6), foam[:7] + "30")


def _spray(canvas: Canvas, x: float, y: float, seed: int) -> None:
    random = Random(seed)
    canvas.clouds([(x - 60, y - 20, 90, 60), (x + 40, y, 120, 50), (x - 20, y - 90, 50, 50)], "#e8f0ee77", 26)
    for _ in range(260):
        across, up = random.gauss(0, 85), abs(random.gauss(0, 90))
        size = random.uniform(1, 4.5)
        canvas.oval(x + across, y + 40 - up, size, size, "#f4f8f6" + random.choice(["66", "99", "cc"]))


def _crane(canvas: Canvas, x: float, foot: float, height: float, colour: str) -> None:
    top = foot - height
    canvas.line([(x - 26, foot), (x - 14, top + 30)], colour, 7)
    canvas.line([(x + 26, foot), (x + 14, top + 30)], colour, 7)
    canvas.line([(x - 22, foot - 50), (x + 22, foot - 50)], colour, 5)
    canvas.line([(x - 76, top + 34), (x + 126, top + 22)], colour, 8)
    canvas.line([(x, top + 28), (x, top - 26)], colour, 6)
    for end in (-74, 60, 124):
        canvas.line([(x, top - 26), (x + end, top + 28)], colour, 3)
    canvas.line([(x + 92, top + 24), (x + 92, top + 84)], colour, 2)


def _boat(canvas: Canvas, x: float, y: float, size: float) -> None:
    def at(*points):
        return [(x + across * size, y + (down + across * 0.1) * size) for across, down in points]

    canvas.shape(at((-130, -34), (150, -50), (112, 40), (-104, 40)), "#7e2f2b")
    canvas.shape(at((-130, -34), (150, -50), (146, -38), (-127, -22)), "#e6dfd0")
    canvas.shape(at((-70, -34), (20, -40), (14, -98), (-62, -98)), "#dcd6c8")
    canvas.shape(at((-72, -98), (24, -98), (18, -110), (-66, -110)), "#8f352f")
    for left in (-50, -22, 4 - 6):
        canvas.shape(at((left, -88), (left + 16, -88), (left + 15, -64), (left + 1, -64)), "#ffd98a")
    canvas.line(at((-30, -110), (-30, -214)), "#22323d", 5)
    canvas.line(at((84, -46), (84, -168)), "#22323d", 4)
    canvas.line(at((-30, -210), (84, -166), (146, -50)), "#22323d", 2)
    canvas.line(at((-30, -210), (-122, -34)), "#22323d", 2)
    [lamp] = at((-30, -216))
    canvas.glow(*lamp, 50, "#ffe9a8")
    canvas.oval(*lamp, 5, 5, "#fff3cf")
