"""Keyboard, screen reader, contrast."""

import importlib.resources

import scenarios
from faults import Fault, ensure

AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
INTERACTIVE = {"button", "checkbox", "combobox", "link", "listbox", "radio", "searchbox", "slider", "spinbutton", "switch", "textbox"}

# What can be reached by Tab: of radio buttons with one name the chosen one.
REACHABLE = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  window.reachable = all.filter(e => !e.disabled && e.checkVisibility({ visibilityProperty: true })
    && !(e.type === "radio" && !e.checked && document.querySelector(`input[type=radio][name="${e.name}"]:checked`)));
  document.activeElement.blur();
  return window.reachable.length;
}"""
REACHED = "() => window.reachable.indexOf(document.activeElement)"
# Whether the focus can be seen: on the element, or on what stands for it beside or around it.
VISIBLE = """() => {
  const e = document.activeElement;
  return [e, e.nextElementSibling, e.parentElement, e.closest("label"), e.closest("tr")].some(one => {
    if (!one) return false;
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  });
}"""
WHICH = "i => { const e = window.reachable[i]; return (e.id ? '#' + e.id : e.outerHTML).slice(0, 120); }"


def check_tab(world):
    """Tab comes to everything that can be used, and one sees where it is."""
    for width in world.some([1280, 360]):
        with world.tab(scenarios.SOUND["exchange"], viewport={"width": width, "height": 800}) as tab:
            tab.open_all()
            tab.settle()
            count = tab.page.evaluate(REACHABLE)
            ensure(count > 40, f"there are only {count} things to use")
            reached = set()
            for _ in range(count + 5):
                tab.page.keyboard.press("Tab")
                at = tab.page.evaluate(REACHED)
                if at >= 0 and at not in reached:
                    reached.add(at)
                    ensure(tab.page.evaluate(VISIBLE), f"one does not see that {tab.page.evaluate(WHICH, at)} has the focus")
            missing = [tab.page.evaluate(WHICH, i) for i in range(count) if i not in reached]
            ensure(not missing, f"Tab does not come to {', '.join(missing[:5])}")
    return f"{count} things to use"


def check_keys(world):
    """Arrow keys move the sliders and change the numbers; Enter opens, starts and stops."""
    with world.tab(scenarios.MIDDLE) as tab:
        page = tab.page
        sliders = page.locator("#first input[type=range]")
        ensure(sliders.count() == 5, f"a first reader sees {sliders.count()} sliders, not five")
        for i in range(sliders.count()):
            slider = sliders.nth(i)
            name = slider.get_attribute("aria-label") or slider.get_attribute("id")
            for key in ("ArrowLeft", "ArrowRight"):
                before, toml = numbers(tab), tab.toml()
                slider.press(key)
                tab.settle()
                ensure(tab.toml() != toml, f"{key} on the slider {name} does not change the study")
                ensure(numbers(tab) != before, f"{key} on the slider {name} does not change the numbers")
        summary = page.locator("#more summary").first
        summary.press("Enter")
        ensure(summary.evaluate("e => e.parentElement.open"), "Enter does not open a group of controls")
        page.locator("#rows input[type=radio]:checked").press("ArrowDown")
        tab.settle()
        ensure(tab.text("#shown").startswith("global"), f"an arrow key in the table shows {tab.text('#shown')}, not the global pool")
    with world.tab(scenarios.SOUND["the document"] + "&monte_carlo.replications=500000") as tab:
        page = tab.page
        page.locator("#start").press("Enter")
        page.wait_for_function("() => document.querySelector('#progress').value > 0")
        for wanted in ("#stop", "#resume"):
            ensure(page.evaluate(f"document.activeElement.matches('{wanted}')"), f"the focus does not go on to {wanted}")
            page.keyboard.press("Enter")
            tab.settle()
        ensure(page.evaluate("document.activeElement.matches('#stop')"), "the focus does not go on to #stop")
    return "sliders, groups, rows, simulation"


def numbers(tab):
    """All numbers of the table."""
    return tab.page.evaluate("[...document.querySelectorAll('#rows data')].map(data => data.getAttribute('value')).join()")


def check_names(world):
    """Everything that can be used has a name, and no two controls have the same."""
    with world.tab(scenarios.SOUND["exchange"]) as tab:
        tab.open_all()
        nodes = tab.page.context.new_cdp_session(tab.page).send("Accessibility.getFullAXTree")["nodes"]
        used = [node for node in nodes if not node.get("ignored") and node.get("role", {}).get("value") in INTERACTIVE]
        named = [(node["role"]["value"], node.get("name", {}).get("value", "").strip()) for node in used]
        for role, name in named:
            ensure(name, f"a {role} has no name")
        for role in ("slider", "spinbutton", "combobox", "textbox"):
            names = [name for kind, name in named if kind == role]
            twice = sorted({name for name in names if names.count(name) > 1})
            ensure(not twice, f"two of {role} are called {', '.join(twice)}")
        ensure(len(used) > 40, f"there are only {len(used)} things to use")
    return f"{len(used)} names"


def check_axe(world):
    """axe-core finds nothing: sound and broken studies, a simulation, both themes, both widths, folded and open."""
    count = 0
    for theme in ("light", "dark"):
        for width in (1280, 360):
            fragments = [scenarios.SOUND["exchange"]]
            if (theme == "light") == (width == 1280):
                fragments += ["tree.arity=-2&tree.depth=3", "%ff"]
            for fragment in world.some(fragments):
                options = {"color_scheme": theme, "viewport": {"width": width, "height": 800}, "reduced_motion": "reduce"}
                with world.tab(fragment, **options) as tab:
                    tab.settle()
                    examine(tab, f"{theme}, {width} px, #{fragment[:20]}")
                    count += 1
                    if fragment == scenarios.SOUND["exchange"]:
                        tab.open_all()
                        if tab.page.locator("#start").is_enabled():
                            tab.page.locator("#start").click()
                            tab.page.wait_for_function("() => document.querySelector('#progress').value > 0")
                            tab.page.locator("#stop").click()
                        tab.settle()
                        examine(tab, f"{theme}, {width} px, all open")
                        count += 1
    return f"{count} times"


def examine(tab, where):
    """Lets axe-core look at the page as it is."""
    tab.page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    found = tab.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    if found:
        said = [f"{one['id']}: {one['help']} ({'; '.join(str(node['target'][0]) for node in one['nodes'][:3])})" for one in found]
        raise Fault(f"{where}: " + "\n".join(said))
