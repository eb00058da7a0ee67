"""Whatever a link or a file holds, the page says what is wrong and remains a page."""

import scenarios
from faults import Fault, ensure

LONGEST = 700  # characters of a message


def check_links(world):
    """A broken link gives a message, and a way back."""
    cases = world.some(scenarios.BROKEN.items())
    for name, fragment in cases:
        try:
            with world.tab(fragment) as tab:
                tab.settle()
                complaint(tab)
                back(world, tab)
        except Fault as fault:
            raise Fault(f"{name}: {fault}") from fault
    return f"{len(cases)} links"


def complaint(tab):
    """There is a message that can be read, and the page around it."""
    told = tab.complaint()
    ensure(told, "no message")
    ensure(len(told) <= LONGEST, f"a message of {len(told)} characters: {told[:80]!r} …")
    ensure(tab.page.locator("#first input[type=range]").count() >= 4, "the controls are not there")
    ensure(tab.page.locator("#presets button").first.is_visible(), "there is no way back")


def back(world, tab):
    """A preset puts everything right."""
    tab.page.locator("#presets button, #presets input").first.click()
    tab.settle()
    # What is said beside a pasted file stays beside it.
    said = tab.complaint().removesuffix(tab.text("#paste-error"))
    ensure(not said, f"after a preset the page still says {said!r}")
    best = world.native.architectures(tab.toml())
    net = best.get("best", best["tree"])["net"][0]
    ensure(net in tab.text("#verdict"), "after a preset the verdict is another one")


def check_changes(world):
    """A broken link in a page that is open, a wrong number in a field, a broken file: a message, and the way back."""
    with world.tab(scenarios.SOUND["the document"]) as tab:
        page, before = tab.page, tab.toml()
        page.evaluate("location.hash = 'tree.arity=-2&tree.depth=3'")
        tab.settle()
        complaint(tab)
        page.go_back()
        tab.settle()
        ensure(not tab.complaint() and tab.toml() == before, "going back in the history does not lead back")

        field = page.locator("#first input:not([type=range])").first
        good = field.input_value()
        for wrong in world.some(["-1", "", "many", "1e999", "<b>"]):
            field.press("Control+a")
            field.press("Delete")
            page.keyboard.type(wrong)
            field.press("Enter")
            tab.settle()
            complaint(tab)
            ensure(field.get_attribute("aria-invalid") == "true", f"{wrong!r} is wrong, and the field is not marked")
        field.fill(good)
        field.press("Enter")
        tab.settle()
        ensure(not tab.complaint() and field.get_attribute("aria-invalid") != "true", "a corrected field is still wrong")

        page.evaluate("document.querySelector('#paste-box').open = true")
        for wrong in world.some(["[tree]\narity = 2\n", "this is no file", scenarios.SCRIPT, "x = 1"]):
            page.locator("#paste").fill(wrong)
            page.locator("#use").click()
            tab.settle()
            ensure(tab.complaint(), f"{wrong!r} is no scenario, and nothing is said")
        back(world, tab)
    return "history, fields, files"
