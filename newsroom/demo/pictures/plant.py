"""A power plant at sunrise: two cooling towers behind a river, pylons across the fields."""

import math
from itertools import pairwise
from random import Random

from PIL import Image

from .canvas import HEIGHT, WIDTH, Canvas


def draw() -> Image.Image:
    canvas = Canvas("#3a6f95", "#9cc3c9", "#fbe3bd", horizon=690)
    canvas.glow(1240, 590, 480, "#fff0c9", 0.9)
    canvas.oval(1240, 575, 70, 70, "#fff8e3")
    canvas.clouds([(230, 180, 300, 14), (380, 205, 220, 10), (1380, 150, 260, 12)], "#f3efe2aa", 20)
    canvas.hills(655, 30, "#8fb3b8", seed=2)
    canvas.hills(682, 22, "#6f9aa0", seed=13)
    for x, height, drift in [(470, 380, 1.0), (745, 350, 0.9)]:
        _steam(canvas, x, 735 - height, drift)
    _cooling_tower(canvas, 745, 740, 132, 350, "#c9cdc6", "#8d9c9d")
    _cooling_tower(canvas, 470, 745, 150, 384, "#d9dad0", "#93a1a1")
    _buildings(canvas, 880, 745)
    for x, size in [(1150, 0.55), (1335, 0.8), (1560, 1.15)]:
        _pylon(canvas, x, 748 + 40 * (size - 0.5), size)
    _wires(canvas)
    canvas.hills(752, 6, "#5c8266", seed=21)
    for x in range(-30, WIDTH + 40, 54):
        _tree(canvas, x + 17 * math.sin(x), 772, 20 + 12 * abs(math.sin(x * 1.7)))
    canvas.box(0, 768, WIDTH, 790, "#3f6652")
    canvas.water(788, "#8fb6b6", "#27505f", clearness=0.75, seed=3)
    _reeds(canvas)
    return canvas.finished()


def _cooling_tower(
    canvas: Canvas, x: float, foot: float, across: float, height: float, light: str, dark: str
) -> None:
    def half(up):
        return across * (0.60 + 0.40 * ((up - 0.72) / 0.72) ** 2)

    steps = [step / 24 for step in range(25)]
    strips = 26
    for strip in range(strips):
        left, right = (-1 + 2 * (strip + edge) / strips for edge in (0, 1.1))
        turn = (left + 1) / 2
        outline = [(x + left * half(up), foot - height * up) for up in steps]
        outline += [(x + right * half(up), foot - height * up) for up in reversed(steps)]
        canvas.shape(outline, _between(dark, light, turn**0.8))
    top = foot - height
    canvas.oval(x, top, half(1), 13, "#7e8e90")
    canvas.oval(x, top + 3, half(1) - 7, 9, "#5d7076")
    canvas.box(x - across, foot - 6, x + across, foot + 30, "#54707a")
    for step in range(-6, 7):
        canvas.line([(x + step * across / 6.6, foot), (x + (step + 0.5) * across / 7, foot - 26)], "#5d7076", 4)
        canvas.line([(x + step * across / 6.6, foot), (x + (step - 0.5) * across / 7, foot - 26)], "#5d7076", 4)
    for band in (0.86, 0.93):
        canvas.line([(x - half(band), foot - height * band), (x + half(band), foot - height * band)], "#b5584a", 9)


def _between(first: str, second: str, share: float) -> str:
    pairs = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _steam(canvas: Canvas, x: float, top: float, drift: float) -> None:
    random = Random(round(x))
    for colour, lift, spread in [("#dfe5e2", 0, 1.0), ("#f6f4ea", 16, 0.78), ("#fffdf4cc", 30, 0.5)]:
        blobs = []
        for step in range(22):
            far = step / 21
            blobs.append(
                (
                    x + 330 * drift * far**1.5 + random.uniform(-16, 16) * (1 + 2 * far),
                    top + 16 - lift * far - 330 * far**0.85 + random.uniform(-10, 10),
                    (62 + 120 * far) * spread,
                    (34 + 74 * far) * spread,
                )
            )
        canvas.clouds(blobs, colour, 16)


def _buildings(canvas: Canvas, x: float, foot: float) -> None:
    canvas.box(x - 20, foot - 120, x + 180, foot + 30, "#6d8a93")
    canvas.box(x + 80, foot - 120, x + 180, foot + 30, "#5a7882")
    canvas.dome(x + 245, foot - 92, 66, 64, "#b9c4bf")
    canvas.box(x + 179, foot - 93, x + 311, foot + 30, "#a5b4b2")
    canvas.box(x + 245, foot - 93, x + 311, foot + 30, "#8fa2a3")
    canvas.box(x + 336, foot - 58, x + 470, foot + 30, "#64828b")
    for row in range(3):
        for column in range(6):
            canvas.box(
                x - 6 + 30 * column, foot - 104 + 32 * row, x + 10 + 30 * column, foot - 90 + 32 * row, "#ffe3a388"
            )
    canvas.line([(x + 20, foot - 118), (x + 20, foot - 260)], "#70878d", 9)
    for y in (-250, -214):
        canvas.line([(x + 20, foot + y), (x + 20, foot + y + 18)], "#b5584a", 9)


def _pylon(canvas: Canvas, x: float, foot: float, size: float) -> None:
    def at(across, up):
        return x + across * size, foot - up * size

    colour, width = "#3d5a64", 4 * size
    for side in (-1, 1):
        canvas.line([at(side * 46, 0), at(side * 13, 190), at(side * 6, 330)], colour, width * 1.3)
    for low, high in [(0, 62), (62, 120), (120, 172), (172, 220), (220, 270), (270, 318)]:
        wide, narrow = (46 - 33 * min(up, 190) / 190 - 7 * max(0, up - 190) / 140 for up in (low, high))
        canvas.line([at(-wide, low), at(narrow, high)], colour, width * 0.7)
        canvas.line([at(wide, low), at(-narrow, high)], colour, width * 0.7)
    for up, arm in [(205, 104), (258, 84), (308, 60)]:
        canvas.line([at(-arm, up), at(0, up + 16), at(arm, up)], colour, width)
        canvas.line([at(-arm, up), at(arm, up)], colour, width * 0.7)
        for side in (-1, 1):
            canvas.line([at(side * arm, up), at(side * arm, up - 16)], colour, width)


def _wires(canvas: Canvas) -> None:
    posts = [(1030, 748, 0.38), (1150, 750, 0.55), (1335, 760, 0.8), (1560, 774, 1.15), (1850, 800, 1.6)]
    for up, arm in [(189, 104), (242, 84), (292, 60)]:
        for side in (-1, 1):
            for (x1, y1, s1), (x2, y2, s2) in pairwise(posts):
                start, end = (x1 + side * arm * s1, y1 - up * s1), (x2 + side * arm * s2, y2 - up * s2)
                sag = 26 * (s1 + s2) / 2
                curve = [
                    (
                        start[0] + (end[0] - start[0]) * t,
                        start[1] + (end[1] - start[1]) * t + sag * 4 * t * (1 - t),
                    )
                    for t in (step / 14 for step in range(15))
                ]
                canvas.line(curve, "#3d5a64cc", 1.6)


def _tree(canvas: Canvas, x: float, foot: float, size: float) -> None:
    canvas.oval(x, foot - size * 0.7, size * 1.15, size, "#3f6652")
    canvas.oval(x + size * 0.4, foot - size * 0.9, size * 0.6, size * 0.55, "#55805f")


def _reeds(canvas: Canvas) -> None:
    random = Random(12)
    for _ in range(170):
        x = random.choice([random.gauss(90, 130), random.gauss(1500, 120)])
        height, lean = random.uniform(60, 190), random.uniform(-26, 26)
        canvas.line(
            [(x, HEIGHT + 5), (x + lean * 0.4, HEIGHT - height * 0.6), (x + lean, HEIGHT - height)], "#1f3f3b", 4
        )
        if random.random() < 0.2:
            canvas.oval(x + lean, HEIGHT - height, 5, 22, "#5b4632")
