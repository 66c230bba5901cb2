"""The HTML frame any door can show: head, colours for light and dark, print, title, footer."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

import jinja2
from markupsafe import Markup

_HOME = "mien.page"


@cache
def environment(package: str) -> jinja2.Environment:
    """Templates of a package's `templates` folder: every value is escaped, an unknown name is an error."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def page(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """A whole page that needs no network.

    title: plain text; body: HTML made by a template (trusted); style, script: our own CSS and JavaScript, inlined.
    A content policy lets the browser run this one script alone and fetch nothing but a recording beside the page,
    so that no text of a recording can act. Characters that UTF-8 cannot hold become "?".
    """
    code = f'"use strict";\n(() => {{\n{script}\n}})();\n' if script else ""
    seal = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    base = resources.files(_HOME).joinpath("frame.css").read_text("utf-8")
    html = environment(_HOME).get_template("frame.html").render(
        title=title, body=Markup(body), style=Markup(base + style), script=Markup(code), seal=seal
    )  # fmt: skip
    return html.encode("utf-8", "replace").decode("utf-8")
