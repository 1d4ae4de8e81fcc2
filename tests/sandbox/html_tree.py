"""HTML as a tree that tests can query: which element has this attribute, and what does a reader see there?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


@dataclass
class Node:
    """An element; its children are elements and strings."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """The element and everything within it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, test: str = "", **attrs: str) -> list[Node]:
        """The elements within it with this data-test and these attributes (``data_name`` is data-name)."""
        wanted = {name.replace("_", "-"): value for name, value in attrs.items()}
        wanted |= {"data-test": test} if test else {}
        return [node for node in self.walk() if wanted.items() <= node.attrs.items()]

    def one(self, test: str = "", **attrs: str) -> Node:
        """The only such element. Raises `AssertionError` if there are none or several."""
        found = self.all(test, **attrs)
        assert len(found) == 1, f"{len(found)} elements have {test or attrs}"
        return found[0]

    def tags(self, tag: str) -> list[Node]:
        """The elements with that tag within it."""
        return [node for node in self.walk() if node.tag == tag]

    @property
    def text(self) -> str:
        """What a reader sees, with white space collapsed."""
        texts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join("".join(f"{text} " if self.tag != "span" else text for text in texts).split())


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> where <{self.open[-1].tag}> is open"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Node:
    """The tree of a page or of a part. Raises `AssertionError` if its tags don't nest."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.open == [builder.root], f"<{builder.open[-1].tag}> is never closed"
    return builder.root
