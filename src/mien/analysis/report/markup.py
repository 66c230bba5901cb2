"""What the XML writers share."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

# XML 1.0, production [2]: everything else may not stand in a document, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """The text with characters that XML 1.0 cannot carry replaced."""
    return _ILLEGAL.sub("\ufffd", text)


def document(root: ET.Element) -> bytes:
    """The element as an indented UTF-8 document with declaration."""
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return body + b"\n"
