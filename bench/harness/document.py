"""The generated parts of docs/performance.md, each between two markers; everything else in the page is written by hand."""
import re

from .tools import DOCUMENT, PICTURES, Failure


def write_section(name, text):
    """Replaces what stands between <!-- NAME: ... --> and <!-- /NAME -->."""
    page = DOCUMENT.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    page, found = pattern.subn(lambda match: f"{match[1]}\n{text.strip()}\n\n{match[2]}", page)
    if not found:
        raise Failure(f"{DOCUMENT.name} has no section {name}")
    DOCUMENT.write_text(page, encoding="utf-8")


def write_file(name, text):
    """A picture or a list of figures beside the page."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / name).write_text(text, encoding="utf-8")
