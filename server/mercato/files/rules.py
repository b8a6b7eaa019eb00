"""What a file is, told by its content: what its sender calls it counts for nothing."""

from __future__ import annotations

import re

LARGEST = 10 * 1024 * 1024  # bytes
OTHER = "application/octet-stream"
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)
_SVG = re.compile(rb"^\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", re.DOTALL)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f]")


def media_type(data: bytes) -> str:
    """The media type by the first bytes; text if it is UTF-8 without control characters."""
    for start, kind in _MAGIC:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if _SVG.match(data[:2000]):
        return "image/svg+xml"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return OTHER
    return OTHER if _UNPRINTABLE.search(text) else "text/plain"


def is_image(kind: str) -> bool:
    return kind.startswith("image/")


def safe_name(name: str, fallback: str = "file") -> str:
    """The last part of a path, without control characters and quotes, at most 255 characters."""
    last = re.split(r"[\\/]", name)[-1]
    cleaned = re.sub(r'[\x00-\x1f\x7f"]', "", last).strip(". ")
    return cleaned[:255] or fallback
