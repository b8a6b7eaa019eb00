"""Longer texts (descriptions, getting started) as quiet Markdown: headings, lists, code, emphasis.

Never HTML, never markup of the terminal's: what is not recognised stays as it was written.
"""

from __future__ import annotations

import re

from textual.content import Content

from mercato_tui.text import clean, lines, prose, say

INLINE = re.compile(
    r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^)\s]+)\)|(?<![\w*])\*([^*\s][^*\n]*)\*(?![\w*])"
)
BULLET = re.compile(r"^(\s*)[-*+]\s+(.*)$")
HEADING = re.compile(r"^#{1,6}\s+(.*)$")


def document(text: str) -> Content:
    """The whole text."""
    rows: list[Content] = []
    code = False
    for line in clean(text, one_line=False).strip().split("\n"):
        if line.lstrip().startswith("```"):
            code = not code
        elif code:
            rows.append(say(("  ", ""), (line, "secondary")))
        elif heading := HEADING.match(line):
            rows.append(say((heading.group(1), "title")))
        elif bullet := BULLET.match(line):
            rows.append(Content(f"{bullet.group(1)}• ") + inline(bullet.group(2)))
        else:
            rows.append(inline(line))
    return lines(rows)


def inline(line: str) -> Content:
    """`code`, **strong**, *stressed* and [links](address) of one line."""
    parts: list[Content] = []
    end = 0
    for found in INLINE.finditer(line):
        parts.append(prose(line[end : found.start()]))
        code, strong, label, address, stressed = found.groups()
        if code:
            parts.append(say((code, "secondary")))
        elif strong or stressed:
            parts.append(say((strong or stressed, "strong")))
        else:
            parts.append(say((label, "strong"), (f" ({address})", "secondary")))
        end = found.end()
    parts.append(prose(line[end:]))
    return Content.assemble(*parts)
