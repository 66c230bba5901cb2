"""The frame of a page: escaping, the content policy, nothing from elsewhere."""

import base64
import hashlib
import html
import re

from mien.page.frame import page


def test_the_title_is_escaped_and_the_body_is_not() -> None:
    made = page("<b>&", "<p>body</p>")
    assert "<title>&lt;b&gt;&amp;</title>" in made and "<p>body</p>" in made


def test_the_policy_names_exactly_the_script_of_the_page() -> None:
    made = page("t", "<p></p>", script="let a = 1 < 2 && 3;")
    code = re.search(r"<script>(.*?)</script>", made, re.S)
    assert code is not None
    seal = base64.b64encode(hashlib.sha256(code[1].encode()).digest()).decode()
    made = html.unescape(made)
    assert f"script-src 'sha256-{seal}'" in made and "default-src 'none'" in made


def test_a_page_can_always_be_written_as_utf8() -> None:
    assert page("\ud800", "<p>\udfff</p>").encode("utf-8")
