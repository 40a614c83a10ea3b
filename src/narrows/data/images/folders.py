"""Find the image files of a folder, a path or a pattern, and name what was left out."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from glob import escape
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from narrows.data.formats import FORMATS, NOT_READ, listed, readable

ENDINGS = readable("image")

ARRAYS = tuple(e for name in ("mrc", "microscope", "hdf5") for e in FORMATS[name].endings)
"""The endings of files with an array each, of which a folder may hold many."""

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

    A folder without images stands for all images in its folders, at any depth, unless it holds several files
    of arrays. Hidden files are skipped.
    """
    return files_at(source, is_image)


def array_files(source: str) -> Found | None:
    """The same of files that hold an array each; of a folder those with the most frequent ending."""
    if Path(source).expanduser().is_file():
        return None
    all_files = files_at(source, is_array)
    if all_files is None or not Path(source).expanduser().is_dir():
        return all_files
    counts = Counter(file.suffix.lower() for file in all_files.files)
    ending = max(counts, key=lambda each: (counts[each], -ARRAYS.index(each)))
    others = [file for file in all_files.files if file.suffix.lower() != ending]
    files = [file for file in all_files.files if file.suffix.lower() == ending]
    warnings = (*all_files.warnings, *warn_of_arrays(others, all_files.name))
    return all_files._replace(files=files, warnings=warnings)


def warn_of_arrays(others: Sequence[Path], name: str) -> tuple[str, ...]:
    """A sentence about files of arrays beside those that are read, if there are any."""
    if not others:
        return ()
    pattern = f"'{name}/*{others[0].suffix}'"
    return (f"Left out of {name}: {named(others, 'file')}; to read them, give a pattern such as {pattern}.",)


def files_at(source: str, wanted: Callable[[Path], bool]) -> Found | None:
    """The `wanted` files of a folder, a path or a pattern; None if there are none."""
    path = Path(source).expanduser()
    if path.is_dir():
        return in_folder(path, wanted)
    if path.exists():
        return Found([path], path.stem) if wanted(path) else None
    files = shown(matching(path), Path(path.anchor)) if set("*?[") & set(source) else []
    return found(files, path.parent.resolve().name, [], wanted)


def in_folder(folder: Path, wanted: Callable[[Path], bool]) -> Found | None:
    """The `wanted` files of a folder, or those in its folders if it holds none itself, nor several arrays."""
    name = folder.resolve().name
    top = shown(folder.iterdir(), folder)
    if any(wanted(file) for file in top):
        parts = [path for path in top if path.is_dir() and any(wanted(file) for file in below(path))]
        return found(top, name, parts, wanted)
    if sum(is_array(file) for file in top) > 1:
        return None
    inner = found(below(folder), name, [], wanted)
    return None if inner is None else inner._replace(warnings=(*inner.warnings, *warn_of_parts(top, name)))


def warn_of_parts(folders: Sequence[Path], name: str) -> tuple[str, ...]:
    """A sentence about folders that seem to be the parts of a split, if there are any."""
    parts = {path.name.lower(): path.name for path in folders if path.is_dir()}
    train, test = parts.get("train"), next((parts[part] for part in ("test", "val") if part in parts), None)
    if train is None or test is None:
        return ()
    advice = f"{name}/{train} --test {name}/{test}"
    return (f"The folders {train} and {test} of {name} are read as one set; to hold one out, give {advice}.",)


def found(
    paths: Iterable[Path], name: str, folders: Sequence[Path], wanted: Callable[[Path], bool]
) -> Found | None:
    """The `wanted` files among `paths`, with sentences about the others and about unread `folders`."""
    paths = list(paths)
    images = [path for path in paths if wanted(path)]
    others = [path for path in {*paths} - {*images} if path.is_file()]
    arrays = [path for path in others if is_array(path)]
    lost = [path for path in others if is_image_not_read(path)]
    dangling = list(filter(is_dangling, paths))
    rest = [path for path in others if path not in arrays and not is_image_not_read(path)]
    notes, warnings = list[str](), list[str]()
    (warnings if len(arrays) > len(images) else notes).extend(warn_of_arrays(sorted(arrays), name))
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
    if rest:
        notes.append(f"Left out of {name}: {named(rest, 'file')}, which hold no images.")
    return Found(images, name, tuple(notes), tuple(warnings)) if images else None


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


def is_array(path: Path) -> bool:
    """Whether `path` is a file whose name ends like one of `ARRAYS`."""
    return path.suffix.lower() in ARRAYS and path.is_file() and not path.name.startswith(".")


def is_image_not_read(path: Path) -> bool:
    """Whether the name of a file ends like an image of a format that is not read."""
    return path.suffix.lower() in NOT_READ | {*Image.registered_extensions()} - {*ENDINGS}


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
