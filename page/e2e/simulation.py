"""The simulation on the page ends where that of the command line ends, and the page answers meanwhile."""

import scenarios
from faults import Fault, ensure, same
from native import numbers

LONG = 2_000_000  # replications: ten seconds or so
GAP = 100  # milliseconds that the page may be deaf
FIELDS = {"interval": ["low", "high"], "filled": ["filled", "filled_error"]}
SHOWN = {"gross": ["gross"], "low": ["ci95", 0], "high": ["ci95", 1], "filled": ["filled_share"],
         "filled_error": ["filled_share_std_error"], "p_value": ["agreement", "p_value"]}

# What of the command line's `monte_carlo` a Trial must give: all of it.
TRIAL = """([toml, names]) => {
  const trial = new wasm_bindgen.Trial(toml, JSON.stringify(names));
  let steps = 0;
  while (!JSON.parse(trial.step(5)).complete) steps++;
  return [steps, trial.result()];
}"""

LONGEST_GAP = """milliseconds => new Promise(done => {
  let last = performance.now(), longest = 0;
  const end = last + milliseconds;
  requestAnimationFrame(function frame() {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (now < end) requestAnimationFrame(frame); else done(longest);
  });
})"""


def studied(name, seed, replications):
    """A sound state with a seed and replications."""
    return f"{scenarios.SOUND[name]}&monte_carlo.seed={seed}&monte_carlo.replications={replications}"


def check_trials(world):
    """Every number of a simulation, in many short steps, is that of the command line in one go."""
    cases = [("the document", 7, 2000), ("arity 5", 3, 400), ("cities", 11, 500), ("keepers by stake", 2, 500), ("custom flow", 9, 500),
             ("scale-free", 9_007_199_254_740_993, 300)]
    most = 0
    with world.tab() as tab:
        for name, seed, replications in world.some(cases):
            toml = "\n".join(map(scenarios.urllib.parse.unquote, studied(name, seed, replications).split("&")))
            wanted = world.native.simulated(toml)
            steps, result = tab.page.evaluate(TRIAL, [toml, list(wanted)])
            most = max(most, steps)
            same(f"the simulation of {name}", wanted, {key: numbers(result)[key] for key in wanted})
    ensure(most > 1, "no simulation was carried on in steps")
    return f"{len(cases)} studies, all digits"


def check_complete(world):
    """Started, a simulation goes on to its end, and shows the numbers of the command line."""
    with world.tab(studied("the document", 5, 20_000)) as tab:
        tab.page.locator("#start").click()
        finished(tab)
        count = shown(world, tab)
        ensure("5" in tab.text("#simulation"), "the seed is not shown")
    return f"20 000 replications, {count} numbers"


def check_stop(world):
    """Stopped half-way and resumed, it ends with the same numbers; the page answers while it runs."""
    with world.tab(studied("the document", 6, LONG)) as tab:
        tab.page.locator("#start").click()
        tab.page.wait_for_function("() => document.querySelector('#progress').value > 0.02")
        longest = min(tab.page.evaluate(LONGEST_GAP, 300) for _ in range(3))
        ensure(longest < GAP, f"for {longest:.0f} ms the page does not answer while it simulates")
        tab.page.locator("#stop").click()
        tab.page.wait_for_timeout(250)
        stopped = progress(tab)
        ensure(0 < stopped < 1, f"it was stopped at {stopped:.0%}")
        partial = drawn(tab)
        tab.page.wait_for_timeout(400)
        ensure(progress(tab) == stopped, "it goes on after it was stopped")
        ensure(partial and all("gross" in row for row in partial.values()), "stopped, it shows no estimate")
        tab.page.locator("#resume").click()
        finished(tab)
        count = shown(world, tab)
    return f"stopped at {stopped:.0%}, {count} numbers; longest wait of the page {longest:.0f} ms"


def check_change(world):
    """A changed study has nothing simulated."""
    with world.tab(studied("the document", 6, LONG)) as tab:
        for running in (True, False):
            if running:
                tab.page.locator("#start").click()
            tab.page.wait_for_function("() => document.querySelector('#progress').value > 0.01")
            if not running:
                tab.page.locator("#stop").click()
                tab.page.wait_for_timeout(250)
            slider = tab.page.locator("#first input[type=range]").nth(2)
            slider.press("ArrowRight")
            tab.page.wait_for_timeout(400)
            ensure(progress(tab) == 0, "the simulation of another study is still shown")
            ensure(not any("gross" in row for row in drawn(tab).values()), "the estimate of another study is still shown")
            ensure(tab.page.locator("#start").is_enabled(), "it cannot be started again")
            tab.page.locator("#start").click()
    return "running and stopped"


def progress(tab):
    """From 0 to 1."""
    return tab.page.evaluate("document.querySelector('#progress').value")


def finished(tab):
    """Waits for the end."""
    try:
        tab.page.wait_for_function("() => document.querySelector('#progress').value === 1", timeout=180_000)
    except Exception as error:
        raise Fault(f"the simulation does not come to its end: {progress(tab):.0%}, {tab.text('#simulation-status')}") from error
    tab.settle()


def drawn(tab):
    """What the page shows of the simulation, by architecture: `field -> value`."""
    rows = tab.page.evaluate(
        """() => [...document.querySelectorAll("#trials [data-name]")].map(row => [row.dataset.name,
             [...row.querySelectorAll("[data-field]")].map(field =>
               [field.dataset.field, [...field.querySelectorAll("data")].map(data => data.getAttribute("value"))])])""")
    found = {}
    for name, fields in rows:
        values = [(field, value) for title, of in fields for field, value in zip(FIELDS.get(title, [title]), of)]
        found[name] = dict(values)
    return found


def shown(world, tab):
    """Holds the estimates on the page against the command line; how many numbers."""
    wanted, found = world.native.simulated(tab.toml()), drawn(tab)
    ensure(found, "no estimate is shown")
    for name, row in found.items():
        ensure(name in wanted, f"{name} is shown, and not simulated by the command line")
        for field, path in SHOWN.items():
            digits = wanted[name]
            for step in path:
                digits = digits[step]
            ensure(field in row, f"{field} of {name} is not shown")
            same(f"{field} of {name}, simulated", digits, row[field])
    return sum(map(len, found.values()))
