"""Each link in the README and the guide leads to something that exists, on GitHub and in the built guide."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.guide.pages import DOCS, PAGES, ROOT, anchors, links

MAX_PICTURE = 150_000
"""Bytes."""
PICTURES = {each.resolve() for each in (*DOCS.glob("*.png"), *DOCS.glob("pictures/*"))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_to_a_file_and_an_anchor_that_exist(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        assert target.is_relative_to(ROOT), f"{page.name} links out of the repository: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


def test_each_picture_is_shown_somewhere_and_small() -> None:
    shown = {
        (page.parent / link).resolve() for page in PAGES for link in links(page) if link.endswith(".png")
    }
    assert PICTURES
    assert shown == PICTURES
    assert [each.name for each in PICTURES if each.stat().st_size > MAX_PICTURE] == []


def build(folder: Path, made: Path) -> subprocess.CompletedProcess[str]:
    """Build the guide as `make guide` does."""
    options = ["-n", "-W", "--keep-going", "-q", "-d", str(made / "cache")]
    command = [sys.executable, "-m", "sphinx", *options, str(folder), str(made)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_guide_can_be_built_and_has_every_page(tmp_path: Path) -> None:
    built = build(DOCS, tmp_path)
    assert (built.returncode, built.stderr) == (0, "")
    assert {each.stem for each in DOCS.glob("*.md")} <= {each.stem for each in tmp_path.glob("*.html")}


def test_links_to_pages_anchors_and_pictures_that_are_missing_stop_the_build(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text((DOCS / "conf.py").read_text())
    (tmp_path / "index.md").write_text("# One\n\n[a](page.md) [b](index.md#anchor) ![c](picture.png)\n")
    built = build(tmp_path, tmp_path / "made")
    assert built.returncode != 0
    for missing in ("page.md", "anchor", "picture.png"):
        assert missing in built.stderr
