"""How long a step of a slider takes at depth 10, and what the page weighs. Figures for people: no check depends on them."""

import gzip
import pathlib
import statistics

import scenarios

STEPS = 40
CASES = {"depth 10": scenarios.SOUND["depth 10"], "depth 10, ring": scenarios.SOUND["depth 10, ring"]}

# Times of `Page.set` alone: the control goes from its least to its greatest value, and back to where it was.
LIBRARY = """([fragment, steps]) => {
  const page = new wasm_bindgen.Page();
  const controls = JSON.parse(page.open(fragment)).groups.flatMap(group => group.controls).filter(c => c.max !== null);
  return controls.map(c => {
    const times = [];
    for (let i = 0; i <= steps; i++) {
      let value = c.scale === "log" ? c.min * (c.max / c.min) ** (i / steps) : c.min + (c.max - c.min) * i / steps;
      value = c.kind === "integer" ? Math.round(value) : Number(value.toPrecision(3));
      const start = performance.now();
      page.set(c.key, String(value));
      times.push(performance.now() - start);
    }
    page.open(fragment);
    return [c.key, times];
  });
}"""

# Times from the event of a slider until the next frame has been painted: the reader's side.
READER = """async ([index, steps]) => {
  const slider = document.querySelectorAll("#first input[type=range]")[index];
  const [min, max, at] = [Number(slider.min), Number(slider.max), slider.value];
  const painted = () => new Promise(done => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  const times = [];
  for (let i = 0; i <= steps; i++) {
    slider.value = min + (max - min) * i / steps;
    await painted();
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await painted();
    times.push(performance.now() - start);
  }
  slider.value = at;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  await painted();
  return [slider.getAttribute("aria-label") ?? slider.id, times];
}"""


def line(name, times):
    """Median, 95th percentile, longest."""
    times = sorted(times)
    late = times[min(len(times) - 1, int(0.95 * len(times)))]
    print(f"  {name:42} {statistics.median(times):8.2f} {late:8.2f} {times[-1]:8.2f}")


def main(world):
    """Prints all of it."""
    page = pathlib.Path(world.page).read_bytes()
    print(f"page {len(page)} bytes, {len(gzip.compress(page, 9, mtime=0))} compressed")
    with world.tab() as tab:
        print("loaded until there is an answer: {:.0f} ms".format(tab.page.evaluate("performance.now()")))
    for name, fragment in CASES.items():
        with world.tab(fragment) as tab:
            print(f"{name}: milliseconds of Page.set, median, 95 %, longest")
            for key, times in tab.page.evaluate(LIBRARY, [scenarios.urllib.parse.unquote(fragment), STEPS]):
                line(key, times)
            print(f"{name}: milliseconds from a slider's event to the painted frame")
            for index in range(tab.page.locator("#first input[type=range]").count()):
                line(*tab.page.evaluate(READER, [index, STEPS]))
                tab.settle()
