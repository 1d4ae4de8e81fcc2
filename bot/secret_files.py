"""Secrets from files: for each secret setting X, X_FILE may name the file that holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

MAX_BYTES = 16_384
"""No secret is longer; a file that never ends must not be read to its end."""


class _Unusable(Exception):
    """The file holds no secret; the text says why without its path, which may be a secret set by mistake."""


def read(names: Iterable[str], environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The secrets among ``names`` that come from files, and what is wrong with other files: name -> sentence.

    Names are in lower case; as for all settings, the environment may spell them in either case, and an
    empty variable counts as unset.
    """
    given = {name.lower(): value for name, value in environment.items()}
    found, problems = dict[str, str](), dict[str, str]()
    for name in names:
        if path := given.get(f"{name}_file"):
            setting = f"{name.upper()}_FILE"
            try:
                found[name] = _content(Path(path))
            except _Unusable as error:
                problems[name] = f"{setting} can't be used: {error}"
            if given.get(name):
                problems[name] = f"{name.upper()} and {setting} are both set: remove one of them"
    return found, problems


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise _Unusable("it names a folder, not a file") from error
    except OSError as error:
        raise _Unusable(f"the file can't be read ({error.strerror})") from error
    secret = content.decode(errors="replace").removesuffix("\n").removesuffix("\r")
    if not secret.strip():
        raise _Unusable("the file is empty")
    if not secret.isprintable() or "\N{REPLACEMENT CHARACTER}" in secret or len(content) > MAX_BYTES:
        raise _Unusable("the file isn't one short line of text")
    return secret
