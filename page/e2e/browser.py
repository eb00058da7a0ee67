"""A browser without a network that notes everything that a page must not do."""

import contextlib
import os
import pathlib
import shutil
import sys

import faults

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
READY = 20_000  # milliseconds in which the page must show something


def find():
    """The browser of this system."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in NAMES]
    if not any(found):
        sys.exit("no browser: install Chromium (on Debian `apt-get install chromium`), or name one in $CHROMIUM")
    return next(filter(None, found))


def launch(playwright):
    """Starts it. A sandbox inside a container or for root is refused by the system."""
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=find(), args=arguments)


class World:
    """What a check works with: a browser, the page and the command line."""

    def __init__(self, browser, page, native, *, pictures=None, quick=None):
        self.browser = browser
        self.page = page
        self.url = pathlib.Path(page).resolve().as_uri()
        self.native = native
        self.pictures = pictures
        self.quick = quick  # names of a few cases, for trying the checks themselves

    def some(self, cases):
        """All cases; or the named ones, or else the first."""
        cases = list(cases)
        if not self.quick:
            return cases
        return [case for case in cases if (case[0] if isinstance(case, tuple) else case) in self.quick] or cases[:1]

    @contextlib.contextmanager
    def tab(self, fragment="", *, wait=True, **options):
        """A tab with the page. At its end nothing may have been written to the console, and nothing asked for."""
        options = {"viewport": {"width": 1280, "height": 900}, "accept_downloads": True, "offline": True, **options}
        context = self.browser.new_context(**options)
        with contextlib.suppress(Exception):  # not every browser asks
            context.grant_permissions(["clipboard-read", "clipboard-write"])
        trouble = []
        page = context.new_page()
        page.set_default_timeout(READY)

        def note(what):
            trouble.append(" ".join(str(what).split())[:300])

        def dialog(box):
            note(f"a dialog opens: {box.message}")
            box.dismiss()

        def request(asked):
            if asked.url.split("#")[0] != self.url and not asked.url.startswith(("blob:", "data:")):
                note(f"a request to {asked.url}")

        page.on("console", lambda m: m.type in ("warning", "error", "assert") and note(f"console, {m.type}: {m.text}"))
        page.on("pageerror", lambda error: note(f"an error nobody caught: {error}"))
        page.on("dialog", dialog)
        page.on("request", request)
        page.on("popup", lambda opened: note(f"another window opens: {opened.url}"))
        page.on("crash", lambda _: note("the tab crashes"))
        try:
            page.goto(f"{self.url}#{fragment}" if fragment else self.url)
            tab = Tab(page)
            if wait:
                tab.ready()
            yield tab
            tab.settle()
        except Exception as error:
            if trouble and not isinstance(error, AssertionError):
                raise faults.Fault("; ".join([*dict.fromkeys(trouble), " ".join(str(error).split())[:300]])) from error
            raise
        finally:
            context.close()
        faults.ensure(not trouble, "; ".join(dict.fromkeys(trouble)))


class Tab:
    """The page as a reader has it."""

    def __init__(self, page):
        self.page = page

    def ready(self):
        """Waits until there is an answer, or what is wrong is said."""
        self.page.wait_for_function(
            """() => ["#verdict", "#alert", "#failure"].some(what => {
                 const box = document.querySelector(what);
                 return box && !box.closest("[hidden]") && box.textContent.trim();
               })""")
        failure = self.text("#failure")
        faults.ensure(not failure, f"the page fails: {failure}")

    def settle(self):
        """Waits until what was set off has been painted, and until pictures that come later are there."""
        self.page.wait_for_timeout(150)
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")

    def text(self, what):
        """The text of the first such element as it is seen; empty if it cannot be seen."""
        box = self.page.locator(what).first
        return box.inner_text().strip() if box.count() and box.is_visible() else ""

    def complaint(self):
        """What the page says is wrong, wherever it says so."""
        boxes = self.page.locator("#alert, .control .error, #paste-error")
        return " ".join(text.strip() for text in boxes.all_inner_texts()).strip()

    def toml(self):
        """The scenario file that the page shows."""
        return self.page.locator("#toml").input_value()

    def saved(self, what):
        """The bytes that a button saves, as text; and their file name."""
        with self.page.expect_download() as download:
            self.page.locator(what).click()
        file = download.value
        return pathlib.Path(file.path()).read_text(encoding="utf-8"), file.suggested_filename

    def copied(self, what):
        """What a button puts on the clipboard."""
        self.page.evaluate("navigator.clipboard.writeText('nothing')")
        self.page.locator(what).click()
        text = ""
        for _ in range(40):  # the clipboard is another process's
            text = self.page.evaluate("navigator.clipboard.readText()")
            if text not in ("", "nothing"):
                break
            self.page.wait_for_timeout(50)
        return text

    def open_all(self):
        """Opens everything that is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
        rest = self.page.locator("#rest")
        if rest.is_visible() and rest.get_attribute("aria-expanded") == "false":
            rest.click()

    def table(self, what):
        """A table as rows: the text of the head, and of every cell below it the column, the text and the full number."""
        return self.page.evaluate(
            """what => {
                 const words = cell => cell.innerText.trim().replace(/\\s+/g, " ");
                 const table = document.querySelector(what);
                 const columns = [];
                 for (const cell of table.tHead.rows[0].cells)
                   for (let i = 0; i < cell.colSpan; i++) columns.push(words(cell));
                 return [...table.tBodies].flatMap(body => [...body.rows]).map(row => {
                   const head = row.querySelector("th");
                   const cells = [];
                   let at = 0;
                   for (const cell of row.cells) {
                     const data = cell.querySelectorAll("data");
                     if (data.length > 1) throw new Error("two numbers in a cell");
                     const value = data.length && data[0].getAttribute("value");
                     if (value) cells.push([columns[at], words(data[0]), value]);
                     else if (data.length && words(data[0]) !== "–") throw new Error("a number without a value");
                     at += cell.colSpan;
                   }
                   return { head: head ? words(head) : "", cells };
                 });
               }""", what)


if __name__ == "__main__":
    print(find())
