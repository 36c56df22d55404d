"""Rome at dusk: domes and umbrella pines over a bridge, a small drone in the evening sky."""

from random import Random

from PIL import Image

from .canvas import HEIGHT, WIDTH, Canvas


def draw() -> Image.Image:
    canvas = Canvas("#27305f", "#c7727a", "#ffd9a0", horizon=720)
    canvas.glow(560, 600, 430, "#ffe3a6", 0.85)
    canvas.oval(560, 560, 92, 92, "#fff1cf")
    canvas.clouds(
        [(260, 250, 330, 16), (520, 285, 250, 12), (1250, 200, 300, 16), (1420, 235, 240, 12)], "#f2a48a88", 22
    )
    canvas.clouds([(900, 420, 420, 12), (150, 460, 300, 12)], "#ffd0a5aa", 18)
    canvas.hills(640, 26, "#b4697f", seed=3)
    canvas.hills(672, 20, "#95587a", seed=8)
    _roofs(canvas, 700, "#7c4a72", "#e8a17f66", seed=5, size=1)
    _great_dome(canvas, 1010, 720, "#5d3d68", "#f1a97e")
    _small_dome(canvas, 420, 712, 46, "#6c4470")
    _small_dome(canvas, 1385, 716, 54, "#6c4470")
    _bell_tower(canvas, 250, 722, "#63406b")
    _bell_tower(canvas, 1270, 722, "#63406b")
    _roofs(canvas, 745, "#4b3360", "#ffc98a99", seed=11, size=1.4)
    for x, height in [(90, 235), (185, 190), (705, 175), (1490, 250), (1565, 205)]:
        _umbrella_pine(canvas, x, 800, height, "#2f2549")
    canvas.hills(792, 9, "#352a50", seed=4)
    _bridge(canvas, 850, "#2b2346")
    canvas.water(850, "#8d5a72", "#191a3a", clearness=0.85, seed=2)
    _drone(canvas, 1345, 215, 0.95, "#1c1b38", "#ffb27a")
    return canvas.finished()


def _roofs(canvas: Canvas, base: float, colour: str, light: str, seed: int, size: float) -> None:
    random = Random(seed)
    x = -20.0
    while x < WIDTH:
        width, height = random.uniform(40, 95) * size, random.uniform(10, 62) * size
        top = base - height
        canvas.box(x, top, x + width, HEIGHT, colour)
        if random.random() < 0.6:
            canvas.shape([(x - 4, top), (x + width / 2, top - 17 * size), (x + width + 4, top)], colour)
        for column in range(int(width // (17 * size))):
            for row in range(2):
                if random.random() < 0.35:
                    left, upper = x + (8 + 17 * column) * size, top + (8 + 20 * row) * size
                    canvas.box(left, upper, left + 5 * size, upper + 9 * size, light)
        x += width


def _great_dome(canvas: Canvas, x: float, foot: float, colour: str, light: str) -> None:
    canvas.box(x - 230, foot - 70, x + 230, foot + 60, colour)
    canvas.box(x - 150, foot - 95, x + 150, foot, colour)
    canvas.box(x - 112, foot - 165, x + 112, foot - 80, colour)
    canvas.box(x - 122, foot - 172, x + 122, foot - 163, colour)
    for step in range(-5, 6):
        canvas.box(x + 20 * step - 4, foot - 155, x + 20 * step + 4, foot - 98, light + "50")
    canvas.dome(x, foot - 172, 108, 168, colour)
    for step in (-78, -46, 0, 46, 78):
        rib = [(x + step * (1 - up**2.4), foot - 176 - 158 * up) for up in (0, 0.2, 0.4, 0.6, 0.75, 0.87, 0.95)]
        canvas.line(rib, light + "4a", 3)
    canvas.box(x - 20, foot - 378, x + 20, foot - 332, colour)
    canvas.dome(x, foot - 376, 21, 30, colour)
    canvas.line([(x, foot - 400), (x, foot - 440)], colour, 4)
    canvas.line([(x - 10, foot - 426), (x + 10, foot - 426)], colour, 4)
    for side in (-1, 1):
        canvas.box(x + side * 180 - 24, foot - 108, x + side * 180 + 24, foot, colour)
        canvas.dome(x + side * 180, foot - 106, 26, 40, colour)
        canvas.line([(x + side * 180, foot - 140), (x + side * 180, foot - 162)], colour, 4)


def _small_dome(canvas: Canvas, x: float, foot: float, across: float, colour: str) -> None:
    canvas.box(x - across, foot - 70, x + across, foot + 40, colour)
    canvas.dome(x, foot - 70, across, across * 1.3, colour)
    canvas.box(x - 7, foot - 88 - across * 1.3, x + 7, foot - 66 - across * 1.3, colour)
    canvas.line([(x, foot - 84 - across * 1.3), (x, foot - 112 - across * 1.3)], colour, 3)


def _bell_tower(canvas: Canvas, x: float, foot: float, colour: str) -> None:
    canvas.box(x - 19, foot - 190, x + 19, foot + 40, colour)
    canvas.shape([(x - 25, foot - 188), (x, foot - 232), (x + 25, foot - 188)], colour)
    for row in (0, 1):
        for side in (-8, 8):
            canvas.arch(x + side, foot - 142 + 46 * row, 4.5, 24, "#f6b98d88")


def _umbrella_pine(canvas: Canvas, x: float, foot: float, height: float, colour: str) -> None:
    top = foot - height
    canvas.line([(x - 4, foot), (x, foot - height * 0.5), (x + 3, top)], colour, 9)
    canvas.line([(x, foot - height * 0.45), (x - 34, top + 8)], colour, 5)
    canvas.line([(x, foot - height * 0.5), (x + 38, top + 6)], colour, 5)
    for offset, lift, across, down in [(-42, 4, 48, 21), (40, 2, 50, 22), (0, -14, 62, 27), (-8, 6, 76, 18)]:
        canvas.oval(x + offset, top + lift, across, down, colour)


def _bridge(canvas: Canvas, foot: float, colour: str) -> None:
    deck = foot - 66
    canvas.box(0, deck, WIDTH, foot, colour)
    for x in range(130, WIDTH, 270):
        canvas.dome(x, foot + 1, 104, 54, "#c98a86")
    canvas.box(0, deck - 6, WIDTH, deck, "#3a2f57")
    for x in range(0, WIDTH, 24):
        canvas.box(x, deck - 20, x + 5, deck - 4, colour)
    canvas.box(0, deck - 23, WIDTH, deck - 18, colour)
    for x in range(-5, WIDTH, 270):
        canvas.line([(x, deck - 18), (x, deck - 78)], colour, 5)
        canvas.glow(x, deck - 84, 46, "#ffdf9e", 0.9)
        canvas.oval(x, deck - 84, 7, 7, "#fff0c4")


def _drone(canvas: Canvas, x: float, y: float, size: float, colour: str, lamp: str) -> None:
    def at(across, down):
        return x + across * size, y + down * size

    for side in (-1, 1):
        canvas.line([at(side * 26, -4), at(side * 128, -22)], colour, 10 * size)
        canvas.line([at(side * 20, 4), at(side * 84, 22)], colour, 8 * size)
        for across, down, radius in [(128, -40, 74), (84, 4, 58)]:
            canvas.line([at(side * across, down + 22), at(side * across, down)], colour, 9 * size)
            canvas.oval(*at(side * across, down), radius * size, 5 * size, colour + "66")
            canvas.line(
                [at(side * across - radius, down), at(side * across + radius, down)], colour + "aa", 3 * size
            )
        canvas.line([at(side * 18, 14), at(side * 46, 66), at(side * 62, 66)], colour, 5 * size)
    canvas.shape([at(-56, -6), at(-30, -26), at(30, -26), at(56, -6), at(40, 20), at(-40, 20)], colour)
    canvas.oval(*at(0, 30), 17 * size, 17 * size, colour)
    canvas.oval(*at(0, 32), 9 * size, 9 * size, "#8fb8c9")
    canvas.oval(*at(3, 29), 3 * size, 3 * size, "#ffffff")
    for side in (-1, 1):
        canvas.glow(*at(side * 128, -14), 22 * size, lamp)
        canvas.oval(*at(side * 128, -14), 4 * size, 4 * size, lamp)
