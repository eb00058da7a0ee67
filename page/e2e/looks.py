"""Nothing sticks out, in both widths and both themes; pictures for people to look at."""

import scenarios
from faults import ensure

STICKS_OUT = """() => {
  const wide = document.scrollingElement.scrollWidth, room = innerWidth;
  if (wide <= room) return null;
  const boxes = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > room + 1);
  return `${wide} px in ${room} px: ${boxes.slice(0, 3).map(e => e.id || e.className || e.tagName).join(", ")}`;
}"""
# From 0, black, to 1, white: what lies below the text.
GROUND = """() => {
  const [r, g, b] = ["documentElement", "body"].map(part => getComputedStyle(document[part]).backgroundColor)
    .filter(colour => !/transparent|, 0\\)/.test(colour)).at(-1).match(/[\\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""

CASES = {"document": "", "exchange": scenarios.SOUND["exchange"], "cities": scenarios.SOUND["cities"],
         "deep": scenarios.SOUND["depth 10"], "broken": "tree.arity=-2&tree.depth=3", "unreadable": "%ff"}


def check(world):
    """Nothing is wider than the window; dark is dark and light is light."""
    count = 0
    for theme in ("light", "dark"):
        for width in (360, 1280):
            for name, fragment in world.some(CASES.items()):
                options = {"color_scheme": theme, "viewport": {"width": width, "height": 780 if width < 500 else 900}}
                with world.tab(fragment, **options) as tab:
                    tab.settle()
                    tab.page.wait_for_timeout(350)  # pictures come after the numbers
                    look(tab, f"{name}, {theme}, {width} px")
                    ground = tab.page.evaluate(GROUND)
                    ensure(ground > 0.8 if theme == "light" else ground < 0.3, f"{theme} has a ground of {ground:.0%}")
                    if world.pictures and name in ("document", "exchange", "broken"):
                        tab.page.screenshot(path=world.pictures / f"{name}-{theme}-{width}.png", full_page=True)
                        count += 1
                    tab.open_all()
                    tab.page.wait_for_timeout(250)
                    look(tab, f"{name}, {theme}, {width} px, all open")
                    if world.pictures and name == "exchange":
                        tab.page.screenshot(path=world.pictures / f"{name}-open-{theme}-{width}.png", full_page=True)
                        count += 1
    return f"{count} pictures" + (f" in {world.pictures.name}/" if count else "")


def look(tab, where):
    """Whether the page has to be moved sideways."""
    wide = tab.page.evaluate(STICKS_OUT)
    ensure(not wide, f"{where}: {wide}")
