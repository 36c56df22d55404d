"""A paint box for the demo's pictures: flat shapes, soft light, water. Distances are pixels of the picture."""

import math
from collections.abc import Iterable, Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

WIDTH, HEIGHT = 1600, 1067

# Shapes are drawn this many times larger and then reduced, which smooths their edges.
SCALE = 2
SMOOTH = Image.Resampling.BILINEAR

Point = tuple[float, float]


class Canvas:
    """Colours are "#rrggbb", or "#rrggbbaa" to let shine through what is there."""

    def __init__(self, top: str, middle: str, bottom: str, horizon: float = HEIGHT):
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), bottom)
        sky = (WIDTH * SCALE, round(horizon) * SCALE)
        self.image.paste(ImageOps.colorize(Image.linear_gradient("L").resize(sky), top, bottom, middle))
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def finished(self) -> Image.Image:
        """In its size, the corners a little darker, as a lens has them."""
        image = self.image.reduce(SCALE)
        light = Image.radial_gradient("L").point(lambda v: 255 - max(0, v - 120) // 3).resize(image.size)
        return ImageChops.multiply(image, Image.merge("RGB", [light] * 3))

    def shape(self, points: Iterable[Point], colour: str) -> None:
        self.pen.polygon([_scaled(point) for point in points], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        self.pen.rectangle([_scaled((left, top)), _scaled((right, bottom))], fill=colour)

    def oval(self, x: float, y: float, across: float, down: float, colour: str) -> None:
        """An ellipse around (x, y) with these radii."""
        self.pen.ellipse([_scaled((x - across, y - down)), _scaled((x + across, y + down))], fill=colour)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, colour: str, width: float) -> None:
        """Part of a circle around (x, y); angles in degrees, clockwise from three o'clock."""
        box = [_scaled((x - radius, y - radius)), _scaled((x + radius, y + radius))]
        self.pen.arc(box, start, end, fill=colour, width=round(width * SCALE))

    def line(self, points: Sequence[Point], colour: str, width: float) -> None:
        self.pen.line([_scaled(point) for point in points], fill=colour, width=round(width * SCALE), joint="curve")

    def arch(self, x: float, foot: float, across: float, height: float, colour: str) -> None:
        """A window or gate with a round top, as wide as twice `across`, standing on `foot`."""
        self.oval(x, foot - height + across, across, across, colour)
        self.box(x - across, foot - height + across, x + across, foot, colour)

    def dome(self, x: float, foot: float, across: float, height: float, colour: str) -> None:
        """Half an ellipse standing on `foot`."""
        box = [_scaled((x - across, foot - height)), _scaled((x + across, foot + height))]
        self.pen.pieslice(box, 180, 360, fill=colour)

    def glow(self, x: float, y: float, radius: float, colour: str, strength: float = 1) -> None:
        """Light that fades out from (x, y)."""
        size = round(2 * radius * SCALE)
        light = ImageOps.invert(Image.radial_gradient("L")).point(lambda v: int(max(0, v - 75) * 1.4 * strength))
        self.image.paste(colour, _scaled((x - radius, y - radius)), light.resize((size, size), SMOOTH))

    def clouds(self, blobs: Iterable[tuple[float, float, float, float]], colour: str, softness: float) -> None:
        """Ovals (x, y, across, down) of one colour, run together and blurred."""
        coarse = 8
        mask = Image.new("L", (WIDTH // coarse, HEIGHT // coarse))
        pen = ImageDraw.Draw(mask)
        for x, y, across, down in blobs:
            box = (x - across, y - down, x + across, y + down)
            pen.ellipse([edge / coarse for edge in box], fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(softness / coarse))
        opacity = int(colour[7:9] or "ff", 16)
        mask = mask.point(lambda v: v * opacity // 255)
        left, top, right, bottom = mask.getbbox()
        size = ((right - left) * coarse * SCALE, (bottom - top) * coarse * SCALE)
        mask = mask.crop((left, top, right, bottom)).resize(size, SMOOTH)
        self.image.paste(colour[:7], _scaled((left * coarse, top * coarse)), mask)

    def hills(self, base: float, height: float, colour: str, seed: int, foot: float = HEIGHT) -> None:
        """A rolling line around `base`, filled down to `foot`."""
        random = Random(seed)
        waves = [(random.uniform(0.5, 1) / n, n * random.uniform(2, 3.4), random.uniform(0, 7)) for n in (1, 2, 3)]
        line = [
            (x, base - height * sum(size * math.sin(often * x / WIDTH + start) for size, often, start in waves))
            for x in range(-20, WIDTH + 21, 10)
        ]
        self.shape([(-20, foot), *line, (WIDTH + 20, foot)], colour)

    def water(self, top: float, colour: str, deep: str, clearness: float, seed: int) -> None:
        """From `top` to the bottom: what stands above, mirrored, under broken light."""
        depth = HEIGHT - round(top)
        size = (WIDTH * SCALE, depth * SCALE)
        above = self.image.crop((0, (round(top) - depth) * SCALE, WIDTH * SCALE, round(top) * SCALE))
        mirrored = ImageOps.flip(above).filter(ImageFilter.BoxBlur((2 * SCALE, 8 * SCALE)))
        tint = ImageOps.colorize(Image.linear_gradient("L").resize(size), colour, deep)
        fading = ImageOps.invert(Image.linear_gradient("L").resize(size)).point(lambda v: int(v * clearness))
        self.image.paste(Image.composite(mirrored, tint, fading), (0, round(top) * SCALE))
        random = Random(seed)
        for _ in range(depth * 2):
            nearness = random.random() ** 1.5
            x, y = random.uniform(-60, WIDTH), top + 4 + nearness * depth
            length, thick = 18 + 190 * nearness * random.random(), 1 + 3.5 * nearness
            light = random.choice(["#ffffff14", "#ffffff0c", "#00000014"])
            self.oval(x, y, length, thick, light)

    def rain(self, colour: str, drops: int, seed: int) -> None:
        random = Random(seed)
        for _ in range(drops):
            x, y, length = random.uniform(0, WIDTH + 200), random.uniform(-50, HEIGHT), random.uniform(18, 60)
            self.line([(x, y), (x - 0.42 * length, y + length)], colour, 1)


def _scaled(point: Point) -> tuple[int, int]:
    return round(point[0] * SCALE), round(point[1] * SCALE)
