"""Tries the checks on pages that were altered on purpose: each must be noticed, by the check whose task it is.

Run by `python page/e2e/run.py --self-test`; names of checks restrict it to these.
"""

import pathlib
import tempfile

import browser
import run

# What a browser runs before the page's own script, and what its worker runs, too.
HELP = """
const own = wasm_bindgen.Page.prototype, trial = wasm_bindgen.Trial.prototype;
const bump = text => text.replace(/\\d(?=\\D*$)/, digit => (Number(digit) + 1) % 10);
const wrap = (of, name, change) => {
  const old = of[name];
  of[name] = function (...given) { return change(old.apply(this, given)); };
};
const views = change => ["open", "preset", "set", "read", "show"].forEach(name => wrap(own, name, text => {
  const view = JSON.parse(text);
  change(view);
  return JSON.stringify(view);
}));
"""
EXCHANGE, HTML = "exchange", "HTML"


def style(rules):
    """A script that adds rules to the style sheet."""
    return f'document.head.insertAdjacentHTML("beforeend", "<style>{rules}</style>");'


# What is altered: a name, the check that must notice, the case in which it shows, the script, and what the fault must say.
ALTERED = [
    ("a digit of the saved JSON", "links", EXCHANGE, 'wrap(own, "json", text => text.replace(/"net": [^,]*/, bump));', "the JSON differs"),
    ("a printed number", "links", EXCHANGE, "views(v => { v.answer.rows[1].net.text = bump(v.answer.rows[1].net.text); });", "net, as printed"),
    ("the last digit of a number", "links", EXCHANGE, "views(v => { v.answer.rows[0].gross.value = bump(v.answer.rows[0].gross.value); });",
     "gross, in full"),
    ("a number of a height", "links", EXCHANGE, "views(v => { v.answer.by_height[1].value.value = bump(v.answer.by_height[1].value.value); });",
     "value, in full"),
    ("the share of a bar", "links", EXCHANGE, "views(v => { v.answer.by_height[2].filled.value += '1'; });", "filled"),
    ("a row that is missing", "links", EXCHANGE, "views(v => { v.answer.rows.splice(1, 1); });", "is not in the table"),
    ("columns that are swapped", "links", EXCHANGE, "views(v => { for (const row of v.answer.rows) [row.net, row.gross] = [row.gross, row.net]; });",
     "in full"),
    ("another verdict", "presets", None, "views(v => { v.answer.verdict = 'Build one global pool: 1 per unit of time.'; });", "the verdict must say"),
    ("a number of the worker", "complete", None,
     "wrap(trial, 'step', text => { const p = JSON.parse(text); for (const row of p.rows) if (row.low) row.low.value = bump(row.low.value);"
     " return JSON.stringify(p); });", "low of"),
    ("a number of the whole simulation", "trials", None, "wrap(trial, 'result', text => text.replace(/\"gross\":[^,]*/, bump));",
     "the simulation of"),
    ("a stop that does not stop", "stop", None,
     "if (self.Worker) { const post = Worker.prototype.postMessage;"
     " Worker.prototype.postMessage = function (m) { if (m.do !== 'stop') post.call(this, m); }; }", "goes on after it was stopped"),
    ("a page that does not answer", "stop", None,
     "if (self.document) setInterval(() => { const t = performance.now(); while (performance.now() - t < 150); }, 160);",
     "does not answer while it simulates"),
    ("a simulation that stays", "change", None, "if (self.document) setInterval(() => { document.querySelector('#progress').value = 0.5; }, 20);",
     "of another study is still shown"),
    ("text of a link as HTML", "broken", HTML,
     "if (self.document) document.body.insertAdjacentHTML('beforeend', decodeURIComponent(location.hash.slice(1)));", "a dialog opens"),
    ("no message", "broken", HTML, "views(v => { if (v.message) v.message.text = ''; });", "no message"),
    ("an exception", "broken", HTML, "own.open = () => { throw new Error('on purpose'); };", "the page fails"),
    ("a wrong field that is not marked", "wrong", None,
     "if (self.document) setInterval(() => document.querySelectorAll('[aria-invalid]').forEach(e => e.removeAttribute('aria-invalid')), 20);",
     "the field is not marked"),
    ("another link", "takeaway", EXCHANGE,
     "if (self.document) { const write = navigator.clipboard.writeText.bind(navigator.clipboard);"
     " navigator.clipboard.writeText = text => write(text.replace('depth', 'debth')); }", "the copied link differs"),
    ("a picture that is none", "takeaway", EXCHANGE,
     "if (self.document) { const Old = Blob; self.Blob = class extends Old { constructor(parts, kind) {"
     " super(kind?.type === 'image/svg+xml' ? [parts[0].replace('</svg>', '')] : parts, kind ?? {}); } }; }", "is no SVG"),
    ("a number of the table", "takeaway", EXCHANGE, "wrap(own, 'csv', text => text.trimEnd().replace(/(\\d)(,,)?$/, (_, d, end) => (9 - d) + (end ?? '')) + '\\n');",
     "CSV, "),
    ("a pasted file that is read otherwise", "takeaway", EXCHANGE,
     "const read = own.read; own.read = function (text) { return read.call(this, text.replace('rate = 400', 'rate = 401')); };", "the pasted file"),
    ("what Tab does not reach", "tab", None, "if (self.document) setInterval(() => { document.querySelector('#start').tabIndex = -1; }, 20);",
     "Tab does not come to #start"),
    ("a focus that cannot be seen", "tab", None, style("* { outline: none !important; box-shadow: none !important }"), "one does not see that"),
    ("dead arrow keys", "keyboard", None,
     "if (self.document) addEventListener('keydown', e => { if (e.target.type === 'range') e.preventDefault(); }, true);", "does not change the study"),
    ("a button without a name", "names", None, "document.body.append(document.createElement('button'));", "a button has no name"),
    ("two controls with one name", "names", None, "views(v => { v.groups[0].controls[1].label = v.groups[0].controls[0].label; });", "are called"),
    ("pale text", "axe", None, style("#verdict { color: #8888 !important }"), "color-contrast"),
    ("something wide", "looks", None, "document.body.insertAdjacentHTML('beforeend', '<div style=\"width: 2000px; height: 1px\"></div>');", "px in 360 px"),
    ("darkness that is none", "looks", None, "document.documentElement.dataset.theme = 'light';", "dark has a ground"),
    ("an error on the console", "names", None, "console.error('on purpose');", "console, error: on purpose"),
    ("a warning on the console", "names", None, "console.warn('on purpose');", "console, warning: on purpose"),
    ("an error nobody catches", "names", None, "setTimeout(() => { throw new Error('on purpose'); }, 100);", "an error nobody caught: on purpose"),
    ("a request to elsewhere", "names", None, "document.querySelector('meta[http-equiv]').remove(); new Image().src = 'https://example.org/i.png';",
     "a request to https://example.org/i.png"),
]


def altered(html, script):
    """The page with a script between the library and its own script, in its worker too where it is not about the document."""
    glue = html.index("</script>", html.index('<script id="glue">'))
    if "document" not in script:
        return html[:glue] + f";{{{HELP}{script}}}\n" + html[glue:]
    last = html.rindex("<script>\n")
    if "meta[http-equiv]" in script:  # a policy holds even where its element is gone
        html = html.replace('http-equiv="Content-Security-Policy"', 'http-equiv="nothing"')
        last = html.rindex("<script>\n")
    return html[:last] + f"<script>{{{HELP}{script}}}</script>\n" + html[last:]


def main(world, names):
    """Runs all; those that were not noticed."""
    html = pathlib.Path(world.page).read_text(encoding="utf-8")
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for name, check, case, script, wanted in ALTERED:
            if names and check not in names:
                continue
            file = pathlib.Path(folder, "page.html")
            file.write_text(altered(html, script), encoding="utf-8")
            said, good = run.attempt(run.CHECKS[check], browser.World(world.browser, file, world.native, quick={case}))
            noticed = not good and wanted in said
            print(f"{'ok    ' if noticed else 'FAILED'} {name}: {' '.join(said.split())[:150]}", flush=True)
            if not noticed:
                failed.append(name)
    print(f"{len(ALTERED) - len(failed)} of {len(ALTERED)} noticed" if not names else f"{len(failed)} not noticed")
    return failed
