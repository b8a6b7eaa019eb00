"""STOMP 1.2 frames: escapes, lengths, limits, and every cut of the stream."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercato.web.frames import LONGEST_FRAME, MOST_HEADERS, BadFrame, Decoder, Frame, encoded
from mercato.web.stomp import Refused, _agreed

pytestmark = pytest.mark.pure

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=20)


def decoded(data: bytes) -> list[Frame]:
    return Decoder().feed(data)


@given(
    st.dictionaries(TEXT.filter(lambda name: name != "content-length"), TEXT, max_size=5),
    st.binary(max_size=200),
)
def test_what_is_written_is_read_again(headers: dict[str, str], body: bytes) -> None:
    # A null in a header would end the frame: STOMP has no escape for it, and our own headers hold none.
    headers = {k.replace("\0", "x"): v.replace("\0", "x") for k, v in headers.items()}
    [frame] = decoded(encoded(Frame("MESSAGE", headers, body)))
    assert {k: v for k, v in frame.headers.items() if k != "content-length"} == headers
    assert (frame.command, frame.body) == ("MESSAGE", body)


@given(st.lists(st.integers(min_value=0, max_value=120), max_size=6))
def test_frames_may_come_in_pieces(cuts: list[int]) -> None:
    stream = (
        b"\n" + encoded(Frame("ACK", {"id": "a:b"})) + b"\r\n\n" + encoded(Frame("SEND", {}, b"x\0y")) + b"\n"
    )
    decoder, found, last = Decoder(), list[Frame](), 0
    for cut in [*sorted(min(c, len(stream)) for c in cuts), len(stream)]:
        found += decoder.feed(stream[last:cut])
        last = cut
    assert [(f.command, f.headers.get("id"), f.body) for f in found] == [
        ("ACK", "a:b", b""),
        ("SEND", None, b"x\0y"),
    ]


def test_lines_may_end_like_on_windows() -> None:
    [frame] = decoded(b"CONNECT\r\naccept-version:1.2\r\nhost:x\r\n\r\n\0")
    assert frame == Frame("CONNECT", {"accept-version": "1.2", "host": "x"}, b"")


def test_only_connect_is_read_and_connected_is_written_without_escapes() -> None:
    assert decoded(b"CONNECT\npasscode:a\\nb\n\n\0")[0].headers == {"passcode": "a\\nb"}
    assert decoded(b"STOMP\npasscode:a\\nb\n\n\0")[0].headers == {"passcode": "a\nb"}
    assert encoded(Frame("CONNECTED", {"a": "x:y"})) == b"CONNECTED\na:x:y\n\n\0"
    assert encoded(Frame("RECEIPT", {"a": "x:y\n\\\r"})) == b"RECEIPT\na:x\\cy\\n\\\\\\r\n\n\0"


def test_of_repeated_headers_the_first_counts() -> None:
    assert decoded(b"ACK\nid:1\nid:2\n\n\0")[0].headers == {"id": "1"}


def test_values_keep_their_blanks_and_colons() -> None:
    assert decoded(b"ACK\nid: a :b \n\n\0")[0].headers == {"id": " a :b "}


@pytest.mark.parametrize(
    "data",
    [
        b"SUBSCRIBE\nno colon here\n\n\0",
        b"SUBSCRIBE\n:no name\n\n\0",
        b"SUBSCRIBE\nid:\\t\n\n\0",
        b"SUBSCRIBE\nid:x\\\n\n\0",
        b"SUBSCRIBE\nid:x\0\n\n",
        b"SUBSCRIBE\nid:\xff\n\n\0",
        b"SEND\ncontent-length:x\n\n\0",
        b"SEND\ncontent-length:-1\n\n\0",
        b"SEND\ncontent-length:2\n\nabc\0",
        b"SEND\ncontent-length:99999999\n\n",
        b"SEND\ncontent-length:999999999999999999999\n\n",
        b"SEND\n" + b"x:y\n" * (MOST_HEADERS + 1) + b"\n\0",
        b"SEND\n\n" + b"x" * (LONGEST_FRAME + 1),
        b"x" * (LONGEST_FRAME + 1),
        b"SEND\nx:" + b"y" * LONGEST_FRAME + b"\n\n\0",
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        decoded(data)


@given(st.binary(max_size=300))
def test_nothing_else_can_happen(data: bytes) -> None:
    """Whatever comes is frames, or waits for more, or is refused."""
    with contextlib.suppress(BadFrame):
        assert all(isinstance(frame, Frame) for frame in decoded(data))


@pytest.mark.parametrize(
    ("wish", "ours", "theirs"),
    [
        ("0,0", None, None),
        ("10000,10000", 10.0, 30.0),
        ("60000, 0", None, 180.0),
        ("0,5", 1.0, None),
        ("100,900000", 60.0, 30.0),
    ],
)
def test_heart_beats_are_agreed_on(wish: str, ours: float | None, theirs: float | None) -> None:
    assert _agreed(wish) == (ours, theirs)


@pytest.mark.parametrize("wish", ["", "1", "1,2,3", "-1,0", "a,b", "1e3,0", "9999999999,0", "²,0"])
def test_other_heart_beats_are_refused(wish: str) -> None:
    with pytest.raises(Refused):
        _agreed(wish)
