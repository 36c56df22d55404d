"""A parliament in the blue hour, its windows lit, mirrored in the wet square."""

import math
from random import Random

from PIL import Image

from .canvas import WIDTH, Canvas

STONE, SHADE, DARK, LAMP = "#8d93b8", "#6a719c", "#3f4675", "#ffd68f"


def draw() -> Image.Image:
    canvas = Canvas("#131a45", "#34488f", "#e8a39a", horizon=800)
    _stars(canvas)
    canvas.clouds([(300, 470, 380, 14), (1300, 420, 330, 12), (860, 560, 500, 10)], "#d98fa077", 22)
    canvas.glow(800, 640, 560, "#ffc9a0", 0.5)
    _town(canvas)
    _wing(canvas, 170, 560, 760)
    _wing(canvas, 1040, 1430, 760)
    _dome(canvas, 800, 440)
    _portico(canvas, 800, 760)
    for x in (30, 1460):
        _flag(canvas, x, 770, 330)
    canvas.box(0, 792, WIDTH, 806, "#2b3058")
    for x in (90, 300, 510, 1090, 1300, 1510):
        _lamp(canvas, x, 806)
    canvas.water(806, "#565c93", "#141a3d", clearness=0.95, seed=6)
    _people(canvas)
    return canvas.finished()


def _stars(canvas: Canvas) -> None:
    random = Random(9)
    for _ in range(150):
        x, y, size = random.uniform(0, WIDTH), 380 * random.random() ** 1.4, random.uniform(0.7, 1.9)
        canvas.oval(x, y, size, size, "#fff6e0" + random.choice(["55", "88", "cc"]))
    canvas.glow(1290, 170, 170, "#fdf3d8", 0.5)
    canvas.oval(1290, 170, 40, 40, "#fdf3d8")


def _town(canvas: Canvas) -> None:
    random = Random(3)
    x = -10.0
    while x < WIDTH:
        width, height = random.uniform(40, 100), random.uniform(150, 265)
        canvas.box(x, 800 - height, x + width, 800, "#4f5590")
        if random.random() < 0.5:
            canvas.shape([(x, 800 - height), (x + width / 2, 770 - height), (x + width, 800 - height)], "#4f5590")
        x += width


def _wing(canvas: Canvas, left: float, right: float, foot: float) -> None:
    top = foot - 200
    canvas.box(left, top, right, foot + 40, STONE)
    canvas.box(left - 12, top - 14, right + 12, top + 4, "#a4a9c9")
    canvas.box(left - 12, top + 4, right + 12, top + 9, DARK + "66")
    for x in range(round(left), round(right), 22):
        canvas.box(x + 4, top - 30, x + 10, top - 14, STONE)
    canvas.box(left, top - 34, right, top - 28, "#a4a9c9")
    canvas.box(left - 12, foot - 12, right + 12, foot + 40, SHADE)
    for row, height in ((foot - 100, 58), (foot - 24, 58)):
        for column in range(round((right - left) // 52)):
            x = left + 28 + column * (right - left - 4) / round((right - left) // 52)
            canvas.box(x - 15, row - height - 6, x + 15, row + 4, "#a4a9c9")
            canvas.arch(x, row, 11, height, LAMP if (column * 7 + row) % 5 else "#2f3564")
            canvas.line([(x, row - height), (x, row)], DARK, 2)
            canvas.line([(x - 11, row - 28), (x + 11, row - 28)], DARK, 2)
    for x in (left + 3, right - 3):
        canvas.box(x - 9, top + 9, x + 9, foot - 12, "#a4a9c9")


def _dome(canvas: Canvas, x: float, foot: float) -> None:
    canvas.box(x - 172, foot, x + 172, foot + 120, SHADE)
    canvas.box(x - 150, foot - 104, x + 150, foot + 20, STONE)
    for step in range(-6, 7):
        canvas.arch(x + step * 23, foot - 6, 6, 76, LAMP)
        canvas.box(x + step * 23 + 9, foot - 94, x + step * 23 + 14, foot - 2, "#a4a9c9")
    canvas.box(x - 162, foot - 112, x + 162, foot - 96, "#a4a9c9")
    canvas.dome(x, foot - 112, 146, 176, "#4d8a8e")
    canvas.shape(
        [(x + 146 * math.sin(t / 20), foot - 112 - 176 * math.cos(t / 20)) for t in range(6, 32)]
        + [(x + 38, foot - 112)],
        "#27586677",
    )
    for step in (-104, -54, 0, 54, 104):
        rib = [(x + step * math.cos(up), foot - 112 - 175 * math.sin(up)) for up in (t / 10 for t in range(15))]
        canvas.line(rib, "#79b3b0", 3)
    canvas.box(x - 22, foot - 330, x + 22, foot - 280, STONE)
    for step in (-12, 0, 12):
        canvas.arch(x + step, foot - 288, 4, 30, LAMP)
    canvas.dome(x, foot - 328, 26, 34, "#4d8a8e")
    canvas.line([(x, foot - 356), (x, foot - 410)], "#a4a9c9", 4)
    canvas.shape([(x + 2, foot - 408), (x + 52, foot - 400), (x + 2, foot - 380)], "#e9c15f")


def _portico(canvas: Canvas, x: float, foot: float) -> None:
    canvas.box(x - 250, foot - 230, x + 250, foot, SHADE)
    canvas.box(x - 214, foot - 214, x + 214, foot, "#ffcf86")
    canvas.box(x - 214, foot - 214, x + 214, foot - 150, "#c98f6d55")
    for step in (-143, 0, 143):
        canvas.arch(x + step, foot, 30, 132, "#7b4a3f")
        canvas.line([(x + step, foot - 128), (x + step, foot)], "#5a342f", 3)
    for step in range(8):
        column = x - 232 + step * 464 / 7
        canvas.box(column - 15, foot - 214, column + 15, foot, "#d9d6de")
        canvas.box(column + 3, foot - 214, column + 15, foot, "#a4a9c9")
        canvas.box(column - 21, foot - 222, column + 21, foot - 206, "#e4e1e6")
        canvas.box(column - 21, foot - 12, column + 21, foot, "#c4c5d6")
    canvas.box(x - 272, foot - 256, x + 272, foot - 220, "#c4c5d6")
    canvas.shape([(x - 288, foot - 256), (x, foot - 348), (x + 288, foot - 256)], "#d9d6de")
    canvas.shape([(x - 226, foot - 264), (x, foot - 334), (x + 226, foot - 264)], SHADE)
    canvas.oval(x, foot - 288, 24, 24, "#c4c5d6")
    canvas.oval(x, foot - 288, 16, 16, SHADE)
    for step in range(5):
        spread, top = 262 + 20 * step, foot + 9 * step
        canvas.box(x - spread, top, x + spread, top + 10, ["#b4b7cf", "#9ea3c4"][step % 2])


def _flag(canvas: Canvas, x: float, foot: float, height: float) -> None:
    canvas.line([(x, foot + 30), (x, foot - height)], "#c4c5d6", 5)
    upper = [(x + step * 9, foot - height + 8 + 7 * math.sin(step / 2)) for step in range(14)]
    for band, colour in enumerate(["#4d8a8e", "#e9c15f", "#4d8a8e"]):
        top = [(a, b + band * 24) for a, b in upper]
        canvas.shape([*top, *((a, b + 24) for a, b in reversed(top))], colour)


def _lamp(canvas: Canvas, x: float, foot: float) -> None:
    canvas.line([(x, foot), (x, foot - 96)], "#20264f", 5)
    canvas.glow(x, foot - 104, 70, "#ffdc9c", 0.9)
    canvas.oval(x, foot - 104, 9, 11, "#fff1cd")


def _people(canvas: Canvas) -> None:
    for x, y, size, coat in [(430, 905, 1.0, "#a84a4c"), (476, 910, 1.05, "#1a1f45"), (1180, 940, 1.2, "#c9a24a")]:
        for side, stride in ((-1, 8), (1, 12)):
            foot = (x + side * stride * size, y + 42 * size)
            canvas.line([(x + side * 6 * size, y - 10 * size), foot], "#10143a", 8 * size)
        shoulders, hem = y - 50 * size, y + 4 * size
        canvas.shape(
            [(x - 14 * size, hem), (x - 11 * size, shoulders), (x + 11 * size, shoulders), (x + 15 * size, hem)],
            coat,
        )
        canvas.oval(x, y - 62 * size, 9 * size, 11 * size, "#10143a")
        canvas.oval(x, y + 46 * size, 44 * size, 5 * size, "#0d123055")
