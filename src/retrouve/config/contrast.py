"""How well one colour reads on another (WCAG 2.2, 1.4.3: relative luminance of sRGB)."""

from __future__ import annotations

LOWEST = 4.5
NEARLY_BLACK = 0.04045  # below it, sRGB is a straight line


def contrast(one: str, other: str) -> float:
    """From 1 (the same colour) to 21 (black on white). Colours are `#rrggbb`."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= NEARLY_BLACK else ((channel + 0.055) / 1.055) ** 2.4
