"""Find the image files of a folder, a path or a pattern, and name what was left out."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from glob import escape
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from narrows.data.formats import listed, readable

ENDINGS = readable("image")

NOT_READ = {
    *(".arw", ".avif", ".cr2", ".dng", ".exr", ".gif", ".heic", ".heif", ".jxl", ".nef", ".raw", ".svg"),
    *(".czi", ".dcm", ".dm3", ".dm4", ".lif", ".mrc", ".nd2", ".nii", ".oib", ".oir", ".svs", ".vsi"),
}
"""Endings of image formats that are not read, beside those that Pillow knows."""

MOST_NAMED = 3
"""How many names a sentence lists."""


class Found(NamedTuple):
    """Image files.

    Attributes:
        files: at least one, in no order.
        name: for messages, run folders and reports.
        notes: sentences about other files.
        warnings: sentences about images that were left out.
    """

    files: list[Path]
    name: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def image_files(source: str) -> Found | None:
    """The image files of a folder, a path or a pattern; None if there are none.

    A folder without images stands for all images in its folders, at any depth. Hidden files are skipped.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        return in_folder(path)
    if path.exists():
        return Found([path], path.stem) if is_image(path) else None
    files = shown(matching(path), Path(path.anchor)) if set("*?[") & set(source) else []
    return found(files, path.parent.resolve().name, [])


def in_folder(folder: Path) -> Found | None:
    """The images of a folder, or those in its folders if it holds none itself."""
    name = folder.resolve().name
    top = shown(folder.iterdir(), folder)
    if any(is_image(file) for file in top):
        return found(top, name, [path for path in top if path.is_dir() and holds_images(path)])
    inner = found(below(folder), name, [])
    return None if inner is None else inner._replace(warnings=(*inner.warnings, *warn_of_parts(top, name)))


def warn_of_parts(folders: Sequence[Path], name: str) -> tuple[str, ...]:
    """A sentence about folders that seem to be the parts of a split, if there are any."""
    parts = {path.name.lower(): path.name for path in folders if path.is_dir()}
    train, test = parts.get("train"), next((parts[part] for part in ("test", "val") if part in parts), None)
    if train is None or test is None:
        return ()
    advice = f"{name}/{train} --test {name}/{test}"
    return (f"The folders {train} and {test} of {name} are read as one set; to hold one out, give {advice}.",)


def found(paths: Sequence[Path], name: str, folders: Sequence[Path]) -> Found | None:
    """The images among `paths`, with sentences about the other files and about unread `folders`."""
    images = [path for path in paths if is_image(path)]
    others = [path for path in {*paths} - {*images} if path.is_file()]
    lost = [path for path in others if is_image_not_read(path)]
    dangling = list(filter(is_dangling, paths))
    rest = [path for path in others if not is_image_not_read(path)]
    warnings = []
    if lost:
        warnings.append(
            f"Left out of {name}: {named(lost, 'image')}, whose format is not read; convert them to one of "
            f"{listed(ENDINGS)}."
        )
    if dangling:
        warnings.append(
            f"Left out of {name}: {named(dangling, 'link')}, whose targets do not exist; restore "
            f"these files, or remove the links."
        )
    if folders:
        warnings.append(
            f"Left out of {name}: the images in {named(folders, 'folder')}, because {name} itself holds "
            f"images; to read all of them, give a pattern such as '{name}/**/*{images[0].suffix}'."
        )
    notes = (f"Left out of {name}: {named(rest, 'file')}, which hold no images.",) if rest else ()
    return Found(images, name, notes, tuple(warnings)) if images else None


def matching(pattern: Path) -> Iterable[Path]:
    """The paths that match `pattern`, whose brackets may also be part of a name.

    The leading folders that exist by that name are taken as they are. If nothing matches what follows, its
    brackets are read as part of the names.
    """
    folder = next(parent for parent in pattern.parents if parent.exists())
    rest = str(pattern.relative_to(folder))
    return list(folder.glob(rest)) or list(folder.glob(escaped_brackets(rest)))


def escaped_brackets(pattern: str) -> str:
    """`pattern` whose brackets match themselves.

    >>> escaped_brackets("a[2023]_*.png")
    'a[[]2023]_*.png'
    """
    return "".join(escape(letter) if letter == "[" else letter for letter in pattern)


def shown(paths: Iterable[Path], folder: Path) -> list[Path]:
    """Those of `paths` that are not hidden below `folder`, nor in a folder of archives made by macOS."""
    return [
        path
        for path in paths
        if not any(
            part.startswith((".", "__MACOSX")) and part != ".." for part in path.relative_to(folder).parts
        )
    ]


def is_image(path: Path) -> bool:
    """Whether `path` is a file whose name ends like an image that can be read."""
    return path.suffix.lower() in ENDINGS and path.is_file() and not path.name.startswith(".")


def is_image_not_read(path: Path) -> bool:
    """Whether the name of a file ends like an image of a format that is not read."""
    return path.suffix.lower() in NOT_READ | {*Image.registered_extensions()} - {*ENDINGS}


def holds_images(folder: Path) -> bool:
    return any(is_image(file) for file in below(folder))


def below(folder: Path) -> list[Path]:
    """The paths in a folder at any depth that are not hidden, linked folders with what they hold.

    A folder that was met before, as a link to one above, is not entered again.
    """
    seen, paths = set[Path](), list[Path]()
    for parent, folders, files in os.walk(folder, followlinks=True):
        real = Path(parent).resolve()
        folders[:] = [] if real in seen else sorted(folders)
        if real not in seen:
            seen.add(real)
            paths += [Path(parent, name) for name in [*folders, *files]]
    return shown(paths, folder)


def is_dangling(path: Path) -> bool:
    """Whether `path` is a link to nothing."""
    return path.is_symlink() and not path.exists()


def named(paths: Sequence[Path], noun: str) -> str:
    """A number of things with the names of the first of them.

    >>> named([Path("a/1.gif"), Path("a/2.gif")], "image")
    '2 images (1.gif, 2.gif)'
    """
    names = sorted(path.name for path in paths)
    more = ", …" if len(names) > MOST_NAMED else ""
    return f"{len(names):,} {noun}{'s' * (len(names) > 1)} ({', '.join(names[:MOST_NAMED])}{more})"


def contents(folder: Path) -> str:
    """What a folder without images holds, as the end of a message; empty for an empty folder."""
    paths = shown(folder.iterdir(), folder)
    counts = Counter(sort_of(path) for path in paths)
    parts = [f"{count:,} {ending}" for ending, count in counts.most_common(MOST_NAMED)]
    return f", but {', '.join(parts)}" if parts else ""


def sort_of(path: Path) -> str:
    """What a path is, in a count: the ending of a file, a folder, or a link to nothing."""
    if is_dangling(path):
        return "link to nothing"
    return path.suffix or ("folder" if path.is_dir() else "other")


def in_order(files: Sequence[Path]) -> dict[str, Path]:
    """Files by their paths relative to the folder that contains all of them, in natural order."""
    shared = os.path.commonpath([file.parent for file in files])
    names = {file.relative_to(shared).as_posix(): file for file in files}
    return {name: names[name] for name in sorted(names, key=natural)}


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key under which a2 comes before a10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]


def printable(text: str) -> str:
    """`text` with a question mark for each byte of a file name that is no text."""
    return text.encode("utf-8", "replace").decode("utf-8")
