"""A field hospital at first light: lit tents between poplars and a field of sunflowers."""

import math
from itertools import pairwise
from random import Random

from PIL import Image

from .canvas import HEIGHT, Canvas


def draw() -> Image.Image:
    canvas = Canvas("#35589a", "#8fb2cf", "#fde3b4", horizon=650)
    canvas.glow(330, 610, 430, "#fff0c4", 0.95)
    canvas.oval(330, 598, 60, 60, "#fffbe8")
    canvas.clouds([(1150, 190, 330, 20), (1330, 230, 260, 16), (560, 130, 240, 12)], "#fbf1e0cc", 20)
    canvas.clouds([(820, 330, 420, 9), (180, 300, 260, 8)], "#fde8cbaa", 14)
    canvas.hills(600, 24, "#9db7b4", seed=5)
    canvas.hills(632, 18, "#7fa199", seed=16)
    canvas.hills(664, 12, "#6a9180", seed=7)
    for x, height in [(60, 240), (112, 205), (160, 260), (1420, 250), (1472, 300), (1520, 235), (1572, 275)]:
        _poplar(canvas, x, 712, height)
    canvas.hills(716, 6, "#8fae6d", seed=1)
    _tent(canvas, 1160, 742, 0.78, marked=False)
    _tent(canvas, 500, 758, 0.92, marked=False)
    _tent(canvas, 830, 790, 1.25, marked=True)
    _ambulance(canvas, 1290, 828, 1.1)
    _lamps(canvas)
    canvas.shape([(640, 830), (1020, 830), (1290, HEIGHT), (420, HEIGHT)], "#d9c39488")
    canvas.shape([(730, 800), (930, 800), (1020, HEIGHT), (640, HEIGHT)], "#e3cfa2aa")
    for x, y, size in [(742, 846, 1.0), (946, 858, 1.06), (984, 860, 1.0)]:
        _person(canvas, x, y, size)
    _sunflowers(canvas)
    return canvas.finished()


def _poplar(canvas: Canvas, x: float, foot: float, height: float) -> None:
    canvas.box(x - 3, foot - 40, x + 3, foot + 10, "#4d5a45")
    for far in range(12):
        up, width = far / 11, math.sin(math.pi * (0.12 + 0.84 * far / 11))
        canvas.oval(x, foot - 26 - up * (height - 40), 23 * width, height / 9, "#4c7a63")
        canvas.oval(x - 5, foot - 30 - up * (height - 40), 11 * width, height / 12, "#679474")


def _tent(canvas: Canvas, x: float, foot: float, size: float, marked: bool) -> None:
    def at(*points):
        return [(x + across * size, foot - up * size) for across, up in points]

    canvas.oval(x + 20 * size, foot + 4, 250 * size, 14 * size, "#40583f66")
    for side in (-1, 1):
        canvas.line(at((side * 190, 88), (side * 262, -6)), "#e8e2d0", 2)
    canvas.shape(at((-190, 0), (-190, 92), (-120, 190), (150, 190), (196, 92), (196, 0)), "#e9e4d3")
    canvas.shape(at((-190, 92), (-120, 190), (150, 190), (196, 92)), "#d7d3c3")
    canvas.shape(at((-60, 92), (-120, 190), (150, 190), (196, 92)), "#c5c5ba")
    canvas.shape(at((-60, 0), (-60, 92), (196, 92), (196, 0)), "#d2cfc1")
    canvas.shape(at((-190, 0), (-190, 92), (-120, 190), (-60, 92), (-60, 0)), "#f4f0e2")
    canvas.shape(at((-160, 0), (-128, 118), (-122, 118), (-90, 0)), "#ffcf7d")
    canvas.shape(at((-160, 0), (-128, 118), (-126, 118), (-138, 0)), "#e2b064")
    for left in (-30, 34, 98, 150):
        canvas.shape(at((left, 34), (left, 68), (left + 34, 68), (left + 34, 34)), "#ffdf9f")
        canvas.line(at((left + 17, 34), (left + 17, 68)), "#c5b182", 2)
    canvas.line(at((-190, 92), (-60, 92), (196, 92)), "#b3b2a5", 2)
    for left in (10, 80):
        canvas.line(at((left, 92), (left - 40, 190)), "#b3b2a5", 1.5)
    [glow] = at((-125, 34))
    canvas.glow(*glow, 110 * size, "#ffd58a", 0.6)
    if marked:
        [middle] = at((66, 140))
        canvas.oval(*middle, 33 * size, 33 * size, "#2f8f83")
        canvas.shape(at((60, 120), (60, 160), (72, 160), (72, 120)), "#ffffff")
        canvas.shape(at((46, 134), (46, 146), (86, 146), (86, 134)), "#ffffff")


def _ambulance(canvas: Canvas, x: float, foot: float, size: float) -> None:
    def at(*points):
        return [(x + across * size, foot - up * size) for across, up in points]

    canvas.oval(x, foot + 4, 150 * size, 12 * size, "#40583f77")
    canvas.shape(at((-130, 18), (-130, 128), (56, 128), (60, 98), (92, 94), (126, 56), (134, 18)), "#f4f1e6")
    canvas.shape(at((62, 88), (88, 86), (112, 58), (62, 58)), "#5f8296")
    canvas.shape(at((-130, 18), (-130, 30), (134, 30), (134, 18)), "#b9b9b0")
    canvas.shape(at((-130, 50), (-130, 66), (128, 50), (130, 42), (-130, 42)), "#2f8f83")
    canvas.shape(at((-112, 78), (-112, 112), (-62, 112), (-62, 78)), "#5f8296")
    canvas.line(at((-44, 26), (-44, 122)), "#c9c7bb", 2)
    canvas.line(at((40, 26), (40, 122)), "#c9c7bb", 2)
    canvas.shape(at((-20, 128), (-20, 142), (20, 142), (20, 128)), "#5aa9d6")
    for wheel in (-82, 86):
        [hub] = at((wheel, 16))
        canvas.oval(*hub, 26 * size, 26 * size, "#2c3640")
        canvas.oval(*hub, 12 * size, 12 * size, "#a9b1b2")
    [light] = at((132, 40))
    canvas.glow(*light, 60, "#ffe6a6", 0.8)


def _lamps(canvas: Canvas) -> None:
    posts = [(300, 640), (660, 575), (1050, 590), (1400, 660)]
    for (x1, y1), (x2, y2) in pairwise(posts):
        curve = [
            (x1 + (x2 - x1) * t / 12, y1 + (y2 - y1) * t / 12 + 46 * (t / 12) * (1 - t / 12) * 4) for t in range(13)
        ]
        canvas.line(curve, "#4d5a5a", 2)
        for x, y in curve[1:-1:2]:
            canvas.glow(x, y + 8, 26, "#ffe3a0", 0.8)
            canvas.oval(x, y + 8, 4, 5, "#fff6d6")
    for x, y in posts:
        canvas.line([(x, y), (x, 770)], "#4d5a5a", 4)


def _person(canvas: Canvas, x: float, y: float, size: float) -> None:
    coat = "#f2efe4" if x < 900 else "#2f6f86"
    canvas.oval(x + 6, y + 2, 26 * size, 5 * size, "#40583f66")
    canvas.line([(x - 5 * size, y - 40 * size), (x - 8 * size, y)], "#2f3d4a", 8 * size)
    canvas.line([(x + 5 * size, y - 40 * size), (x + 9 * size, y)], "#2f3d4a", 8 * size)
    canvas.shape(
        [
            (x - 14 * size, y - 26 * size),
            (x - 11 * size, y - 76 * size),
            (x + 11 * size, y - 76 * size),
            (x + 14 * size, y - 26 * size),
        ],
        coat,
    )
    canvas.oval(x, y - 88 * size, 9 * size, 11 * size, "#6b4a3a")


def _sunflowers(canvas: Canvas) -> None:
    random = Random(8)
    flowers = []
    for _ in range(210):
        nearness = random.random()
        y = 872 + 190 * nearness
        gap = 250 + 230 * nearness
        side = random.choice([-1, 1])
        flowers.append((y, 850 + side * (gap + abs(random.gauss(0, 330)))))
    for y, x in sorted(flowers):
        size = 0.32 + 0.9 * (y - 872) / 190
        canvas.line([(x, y + 130 * size), (x + 3, y)], "#4f7a45", 6 * size)
        for side in (-1, 1):
            canvas.oval(x + side * 19 * size, y + 52 * size, 20 * size, 8 * size, "#5f8f50")
        for petal in range(14):
            turn = petal * math.tau / 14
            canvas.oval(
                x + 21 * size * math.cos(turn), y + 21 * size * math.sin(turn), 9 * size, 9 * size, "#f4b93a"
            )
        canvas.oval(x, y, 17 * size, 17 * size, "#5d3b22")
        canvas.oval(x - 3 * size, y - 3 * size, 9 * size, 9 * size, "#7a5230")
