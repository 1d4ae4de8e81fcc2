"""The ``markdown`` block: the page shows it safely, and as Slack would."""

from __future__ import annotations

import pytest

from sandbox.page import emoji
from sandbox.page.markdown import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i* ~~s~~ `c`", "<p><b>b</b> <i>i</i> <s>s</s> <code>c</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("## Two", '<p role="heading" class="md-heading md-h2" aria-level="4">Two</p>'),
        ("text\n---", "<p>text</p>\n<hr>"),
        ("    indented", "<p>indented</p>"),
        ("- [ ] open\n- [x] done", "<ul>\n<li>☐ open</li>\n<li>☑ done</li>\n</ul>"),
        ("```py\nx < 1\n```", "<pre>x &lt; 1</pre>"),
        ("<b>x</b> &amp; \\*", "<p>&lt;b&gt;x&lt;/b&gt; &amp; *</p>"),
        ("[x](javascript:y)", "<p>[x](javascript:y)</p>"),
    ],
)
def test_markdown_becomes_html_that_slack_might_show(text: str, html: str) -> None:
    assert render(text).strip() == html


def test_links_and_images_become_links_out_of_the_page() -> None:
    html = render("![alt](https://a.example/x.png) [there](https://b.example)")
    assert '<a href="https://a.example/x.png" target="_blank" rel="noopener noreferrer">alt</a>' in html
    assert '<a href="https://b.example" target="_blank" rel="noopener noreferrer">there</a>' in html


def test_an_aligned_table_carries_no_styles_of_its_own() -> None:
    html = render("| a |\n|:-:|\n| 1 |")
    assert '<table class="table">' in html
    assert '<th scope="col">a</th>' in html
    assert "<td>1</td>" in html


def test_emoji_have_slacks_names() -> None:
    names = ("+1", "thumbsup", "octagonal_sign", "large_orange_circle", "busts_in_silhouette", "100")
    assert [emoji.named(name) for name in names] == ["👍", "👍", "🛑", "🟠", "👥", "💯"]
    assert emoji.named("no_such_thing") is None
    assert all(emoji.named(name) for name in emoji.PICKER)
    assert (emoji.shown("wave::skin-tone-2"), emoji.shown("our_logo")) == ("👋", ":our_logo:")
