"""What a file is, by its content, and what it may be called."""

from __future__ import annotations

import pytest

from mercato.files.rules import is_image, media_type, safe_name

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt", "application/octet-stream"),
        (b"<svg xmlns='x'></svg>", "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<!-- by hand -->\n<svg >', "image/svg+xml"),
        (b"<html><svg></svg>", "text/plain"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04rest", "application/zip"),
        ("Größe".encode(), "text/plain"),
        (b"a\x00b", "application/octet-stream"),
        (b"\xfe\xff", "application/octet-stream"),
        (b"", "text/plain"),
    ],
)
def test_what_it_is(data: bytes, kind: str) -> None:
    assert media_type(data) == kind
    assert is_image(kind) == kind.startswith("image/")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("proof.pdf", "proof.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\y.png", "y.png"),
        ('a"b\r\nSet-Cookie: x', "abSet-Cookie: x"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300, "x" * 255),
        ("Größe.txt", "Größe.txt"),
    ],
)
def test_what_it_is_called(name: str, safe: str) -> None:
    assert safe_name(name) == safe
