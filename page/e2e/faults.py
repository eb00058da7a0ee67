"""What a check says of a page that is not as it should be."""


class Fault(Exception):
    """What is wrong."""


def ensure(condition, what):
    """Refuses what is not so."""
    if not condition:
        raise Fault(what)


def same(what, expected, found):
    """Refuses a difference, and shows where it begins."""
    if expected == found:
        return
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        key = next(key for key in expected if expected[key] != found[key])
        same(f"{what}: {key}", expected[key], found[key])
    expected, found = str(expected), str(found)
    at = next((i for i, (a, b) in enumerate(zip(expected, found)) if a != b), min(len(expected), len(found)))
    start = max(0, at - 60)
    raise Fault(f"{what} differs from character {at} on\nexpected …{expected[start:at + 60]!r}\nfound    …{found[start:at + 60]!r}")
