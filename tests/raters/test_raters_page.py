"""The page about raters is true: each of its examples is run."""

import doctest


def test_the_examples_of_the_page(root):
    found = doctest.testfile(str(root / "docs" / "raters.md"), module_relative=False)
    assert found.attempted > 10 and not found.failed
