"""The file of compressed data: a header of JSON and a payload, of which no byte can change unseen.

`MAGIC`, the length of the header in 4 bytes (little-endian), the header (JSON, deflated), the payload, and
the first 16 bytes of the SHA-256 of all of this.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from narrows.core.errors import InputError
from narrows.core.files import new_file

MAGIC = b"\x89NRW\r\n\x1a\n"
"""The first bytes; a transfer that changes line ends or drops the eighth bit changes them."""

VERSION = 3
"""Of the format; a reader refuses others."""

SEAL = 16
"""Bytes of the checksum at the end."""

MOST_HEADER = 2**28
"""The longest header, in bytes, so that a forged one cannot fill the memory."""


@dataclass(frozen=True, slots=True)
class Container:
    """The content of a file.

    Attributes:
        header: JSON values; `method` says what reads the payload.
        payload: the compressed values.
    """

    header: Mapping[str, Any]
    payload: bytes


def to_bytes(container: Container) -> bytes:
    """The file of `container`; `version` is added to its header.

    Raises:
        InputError: for a header that is too long to be read again.
    """
    text = json.dumps({"version": VERSION, **container.header}, separators=(",", ":"), allow_nan=False)
    header = text.encode()
    if len(header) > MOST_HEADER:
        raise InputError(
            f"The names and texts beside the values have {len(header):,} bytes, and a compressed file holds "
            f"{MOST_HEADER:,}; compress fewer rows at a time, or leave columns of text out."
        )
    header = zlib.compress(header, 9)
    body = MAGIC + len(header).to_bytes(4, "little") + header + container.payload
    return body + seal(body)


def from_bytes(content: bytes, name: str) -> Container:
    """The container in `content`, the file called `name`.

    Raises:
        InputError: for another file, a damaged one, and one of another version.
    """
    start = len(MAGIC) + 4
    if not content.startswith(MAGIC) or len(content) < start + SEAL:
        raise InputError(f"{name} is no file of narrows compress, or it was cut off; get it again.")
    body, found = content[:-SEAL], content[-SEAL:]
    if seal(body) != found:
        raise InputError(f"{name} is damaged: its checksum is not that of its content; get it again.")
    end = start + int.from_bytes(content[len(MAGIC) : start], "little")
    header = json.loads(inflated(body[start:end], name))
    if header.pop("version") != VERSION:
        raise InputError(f"{name} has another version of the format than {VERSION}: pip install -U narrows.")
    return Container(header, body[end:])


def inflated(deflated: bytes, name: str) -> bytes:
    """The text of a header, up to `MOST_HEADER` bytes."""
    machine = zlib.decompressobj()
    text = machine.decompress(deflated, MOST_HEADER)
    if not machine.eof:
        raise InputError(f"The header of {name} has over {MOST_HEADER:,} bytes; it was not made by narrows.")
    return text


def seal(body: bytes) -> bytes:
    """The checksum of `body`."""
    return hashlib.sha256(body).digest()[:SEAL]


def write_container(container: Container, target: Path) -> int:
    """Write `container` to the file `target`, which is complete or unchanged; its length in bytes.

    Raises:
        NoRoomError: when the disk is full.
        InputError: when `target` cannot be written for another reason.
    """
    content = to_bytes(container)
    with new_file(target) as part:
        part.write_bytes(content)
    return len(content)


def read_container(file: Path) -> Container:
    """The content of `file`.

    Raises:
        InputError: when it cannot be read, and as `from_bytes`.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error
    return from_bytes(content, str(file))
