"""What a licence text allows, in four classes; a help for searching, never a permission."""

from __future__ import annotations

import re

CLASSES = ("open", "non-commercial", "on request", "unknown")
"""open: anyone may use it, also commercially; non-commercial: research or non-commercial use; on request: a form, an
agreement or a contract comes first; unknown: not stated, or only a part (the labels) has terms.
"""

_RULES = (
    ("unknown", r"^see |\(labels\)|\(annotations\)|\(partly|^labels |of the tracks|^public challenge data$|^$"),
    ("on request", r"EULA|request|agreement|restricted|academic or commercial licence"),
    ("non-commercial", r"-NC|non-commercial|research|^academic"),
    ("open", r"^CC BY|^CC0|^MIT|^Apache|^BSD|^GPL|^Open Database|^open$|^public licence"),
)


def licence_class(text: str) -> str:
    """The class of a licence as the tables word it.

    >>> licence_class("CC BY-NC-SA 4.0"), licence_class("CC BY 4.0"), licence_class("research, on request")
    ('non-commercial', 'open', 'on request')
    """
    return next((name for name, pattern in _RULES if re.search(pattern, text)), "unknown")
