"""Legal texts as pages show them: Markdown with headings of their own, nothing that runs."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    "a", "blockquote", "br", "em", "h2", "h3", "hr", "li", "ol", "p", "strong", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def legal_markdown(text: str) -> Markup:
    """The text with its headings, which stand right under the title of the page."""
    html = nh3.clean(_markdown.render(text), tags=_TAGS, attributes={"a": {"href"}})
    return Markup(html)  # noqa: S704 - cleaned in the line above  # nosec B704
