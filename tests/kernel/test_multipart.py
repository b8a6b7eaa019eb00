"""Forms with files in them, as clients and browsers write them."""

from __future__ import annotations

import contextlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

from mercato.kernel.errors import Invalid, MercatoError
from mercato.kernel.multipart import MOST_PARTS, read_parts
from mercato.kernel.wirebody import read_body
from mercato.schemas.files import Upload

pytestmark = pytest.mark.pure


class Form(Struct, kw_only=True):
    attachment: Upload | UnsetType | None = UNSET
    months: int = 0
    agreed: bool = False
    limits: dict[str, int] = {}
    comment: str = ""


def sent(files: dict[str, object]) -> tuple[bytes, str]:
    request = httpx.Request("POST", "http://x/", files=files)
    return request.read(), request.headers["content-type"]


def read(files: dict[str, object]) -> Form:
    return read_body(*sent(files), Form, strict_names=False)


def test_files_numbers_and_documents() -> None:
    data = b"\r\n--\r\n\x00\xff" * 5
    form = read(
        {
            "attachment": ("Größe é.pdf", data, "application/pdf"),
            "months": (None, b"12", "text/plain"),
            "agreed": (None, b"true"),
            "limits": (None, b'{"cpu": 5}', "application/json"),
            "comment": (None, "schön"),
        }
    )
    assert form == Form(
        attachment=Upload(name="Größe é.pdf", data=data),
        months=12,
        agreed=True,
        limits={"cpu": 5},
        comment="schön",
    )


def test_a_place_without_a_file_is_null() -> None:
    for nothing in ((None, b""), (None, b"None", "text/plain")):
        assert read({"attachment": nothing}).attachment is None
    assert read({"comment": (None, "x")}).attachment is UNSET


@given(st.binary(max_size=3000), st.text(max_size=40))
def test_whatever_a_file_holds_arrives(data: bytes, text: str) -> None:
    form = read({"attachment": ("a", data), "comment": (None, text.replace("\0", ""))})
    assert isinstance(form.attachment, Upload)
    assert form.attachment.data == data


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=b"),
        (b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", "multipart/form-data; boundary=b"),
        (b"--b\r\n\r\n1\r\n--b--", "multipart/form-data; boundary=b"),
        (b"--b\r\nContent-Disposition: form-data; name=a\r\n--b--", "multipart/form-data; boundary=b"),
        (
            b"--b\r\nContent-Disposition: form-data; name=limits\r\nContent-Type: application/json\r\n\r\n{\r\n--b--",
            "multipart/form-data; boundary=b",
        ),
        (b"--b\r\n\r\n\r\n" * (MOST_PARTS + 2) + b"--b--", "multipart/form-data; boundary=b"),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(Invalid):
        read_body(body, kind, Form, strict_names=False)


@given(st.binary(max_size=400))
def test_nothing_breaks_it(noise: bytes) -> None:
    for body in (noise, b"--b\r\n" + noise + b"\r\n--b--", b"--b" + noise):
        with contextlib.suppress(MercatoError):
            read_parts(body, "multipart/form-data; boundary=b")


def test_the_boundary_may_be_quoted_and_lines_before_it_are_not_read() -> None:
    body = (
        b'preamble\r\n--a b\r\nContent-Disposition: form-data; name="comment"\r\n\r\nhi\r\n--a b--\r\nafter'
    )
    found = read_parts(body, 'multipart/form-data; charset=utf-8; boundary="a b"')
    assert found == {"comment": "hi"}
