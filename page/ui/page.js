// What the reader sees and does. Every number comes from the library as text and is shown as it is; only widths of bars and
// places on the charts of the simulation are made of them here.
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);

  let page = null; // the library's side
  let bytes = null; // its code, for the worker
  let view = null;
  let answer = null; // the last one: it stays, dimmed, while something is wrong
  let presets = [];

  // ---------------------------------------------------------------- elements

  /** An element with attributes and children; what is null is left out. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  /** Text that is replaced only if it differs, so that nothing is announced or selected anew. */
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function attribute(element, name, value) {
    if (value === null || value === false) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }

  /** A number of the library in its element. */
  function number(element, n) {
    write(element, n ? n.text : "–");
    attribute(element, "value", n ? n.value : "");
  }

  const later = (wait, what) => {
    let timer = 0;
    return (...given) => {
      clearTimeout(timer);
      timer = setTimeout(() => what(...given), wait);
    };
  };

  const idle = window.requestIdleCallback ?? ((what) => setTimeout(what, 0));

  // ---------------------------------------------------------------- sliders

  /** Stops of a slider with equal ratios: about a hundred a decade. */
  const stops = (c) => Math.min(400, Math.max(60, Math.round(100 * Math.log10(c.max / c.min))));

  const isLog = (c) => c.scale === "log" && c.min > 0;

  function toPosition(c, text) {
    const value = Number(text);
    if (!isLog(c)) return value;
    if (!(value > c.min)) return 0;
    return Math.min(stops(c), (stops(c) * Math.log(value / c.min)) / Math.log(c.max / c.min));
  }

  function fromPosition(c, position) {
    if (!isLog(c)) return c.kind === "integer" ? String(Math.round(position)) : plain(Number(position));
    const value = Number((c.min * (c.max / c.min) ** (position / stops(c))).toPrecision(3));
    return c.kind === "integer" ? String(Math.round(value)) : plain(value);
  }

  /** A short decimal, without the noise of binary steps. */
  const plain = (value) => String(Number(value.toPrecision(6)));

  // ---------------------------------------------------------------- controls

  const controls = new Map(); // key → what is on the page for it
  const boxes = new Map(); // id of a group → its element and signature
  const drafts = new Map(); // key → text that is being typed
  const pending = new Map(); // key → text for the next frame

  const idOf = (key) => `c-${key.replace(/[^a-z0-9_]/gi, "-")}`;

  const signature = (c) => [c.key, c.kind, c.scale, c.max !== null, c.label, c.help, c.unit, c.remove, JSON.stringify(c.choices)].join("|");

  function change(key, text) {
    if (pending.size === 0) requestAnimationFrame(flush);
    pending.set(key, text);
  }

  function flush() {
    const changes = [...pending];
    pending.clear();
    for (const [key, text] of changes) guard(() => take(page.set(key, text)));
  }

  const typed = later(300, (key, text) => change(key, text));

  function build(c) {
    const id = idOf(c.key);
    const help = `${id}-help`;
    const error = `${id}-error`;
    const label = make("label", { for: id, id: `${id}-label` }, c.label);
    const described = `${help} ${error}`;
    const it = { c, slider: null };
    if (c.kind === "choice") {
      it.field = make("select", { id, "aria-describedby": described, onchange: () => change(c.key, it.field.value) });
      it.field.append(...c.choices.map((choice) => make("option", { value: choice.value }, choice.label)));
    } else {
      const numeric = c.kind === "integer" || c.kind === "number";
      it.field = make("input", {
        id,
        type: numeric ? "number" : "text",
        step: numeric ? (c.kind === "integer" ? 1 : "any") : null,
        inputmode: c.kind === "integer" ? "numeric" : numeric ? "decimal" : null,
        autocomplete: "off",
        spellcheck: "false",
        "aria-describedby": described,
        oninput: () => {
          drafts.set(c.key, it.field.value);
          typed(c.key, it.field.value);
        },
        onchange: () => {
          drafts.delete(c.key);
          change(c.key, it.field.value);
        },
        onblur: () => {
          if (drafts.delete(c.key)) change(c.key, it.field.value);
        },
      });
    }
    if (c.max !== null && c.min !== null) {
      it.slider = make("input", { type: "range", id: `${id}-slider`, "aria-label": c.label, "aria-describedby": described });
      it.slider.addEventListener("keydown", (event) => {
        it.key = /^(Arrow|Page|Home|End)/.test(event.key);
      });
      it.slider.addEventListener("pointerdown", () => {
        it.key = false;
        it.dragged = true;
      });
      const released = () => {
        it.dragged = false;
        place(it);
      };
      it.slider.addEventListener("pointerup", released);
      it.slider.addEventListener("pointercancel", released);
      it.slider.addEventListener("change", () => (it.dragged = false));
      it.slider.addEventListener("input", () => slide(it));
    }
    const hint = make(
      "button",
      {
        type: "button",
        class: "hint",
        "aria-label": `What is ${c.label}?`,
        "aria-expanded": "false",
        "aria-controls": help,
        onclick: () => {
          const open = hint.getAttribute("aria-expanded") !== "true";
          hint.setAttribute("aria-expanded", open);
          it.help.classList.toggle("open", open);
        },
        onkeydown: (event) => {
          if (event.key === "Escape") {
            hint.setAttribute("aria-expanded", "false");
            it.help.classList.remove("open");
            it.help.classList.add("closed");
          }
        },
        onpointerleave: () => it.help.classList.remove("closed"),
        onblur: () => it.help.classList.remove("closed"),
      },
      "?",
    );
    it.help = make("p", { id: help, class: "help" }, c.help);
    it.error = make("p", { id: error, class: "error", role: "alert" });
    const remove = c.remove
      ? make("button", { type: "button", class: "plain", "aria-label": `Remove ${c.label}`, onclick: () => removed(c.remove) }, "Remove")
      : null;
    const unit = c.unit ? make("span", { class: "unit" }, c.unit) : null;
    const entry = make("div", { class: "entry" }, it.field);
    it.box = make(
      "div",
      { class: `control ${c.kind}${c.remove ? " head" : ""}`, "data-key": c.key },
      make("div", { class: "label" }, label, hint, it.help, remove),
      it.slider ? make("div", { class: "slide" }, it.slider, entry) : entry,
      unit,
      it.error,
    );
    it.box.id = `${id}-box`;
    return it;
  }

  function slide(it) {
    const c = it.c;
    let value = fromPosition(c, Number(it.slider.value));
    // A step of the keyboard must change a whole number even where ratios are finer than that.
    if (it.key && c.kind === "integer" && value === c.value) {
      const up = Number(it.slider.value) > toPosition(c, c.value);
      value = String(Number(c.value) + (up ? 1 : -1));
    }
    it.key = false;
    drafts.delete(c.key);
    it.field.value = value;
    speak(it, value);
    change(c.key, value);
  }

  function speak(it, value) {
    attribute(it.slider, "aria-valuetext", it.c.unit ? `${value} ${it.c.unit}` : value);
  }

  /** Brings the slider to the value. */
  function place(it) {
    const c = it.c;
    if (!it.slider || it.dragged) return;
    const log = isLog(c);
    attribute(it.slider, "min", log ? 0 : c.min);
    attribute(it.slider, "max", log ? stops(c) : c.max);
    attribute(it.slider, "step", log ? 1 : c.kind === "integer" ? (c.step ?? 1) : (c.step ?? "any"));
    const value = Number(c.value);
    if (Number.isFinite(value)) it.slider.value = toPosition(c, c.value);
    else if (c.value === "inf") it.slider.value = it.slider.max;
    const span = Number(it.slider.max) - Number(it.slider.min);
    it.slider.style.setProperty("--at", span > 0 ? (Number(it.slider.value) - Number(it.slider.min)) / span : 0);
    speak(it, c.value);
  }

  /** Shows a control's present value, but never under the reader's hands. */
  function refresh(it, c, wrong) {
    it.c = c;
    const typing = drafts.has(c.key) && document.activeElement === it.field;
    if (!typing && !pending.has(c.key)) {
      if (it.field.type === "number" && c.value !== "" && !Number.isFinite(Number(c.value))) {
        it.field.value = "";
        it.field.placeholder = c.value === "inf" ? "never" : c.value;
      } else if (it.field.value !== c.value) it.field.value = c.value;
      place(it);
    }
    attribute(it.field, "aria-invalid", wrong ? "true" : null);
    write(it.error, wrong ?? "");
    it.box.classList.toggle("wrong", Boolean(wrong));
  }

  function removed(key) {
    const group = document.activeElement?.closest("[data-group]");
    guard(() => take(page.remove(key)));
    if (!document.activeElement || document.activeElement === document.body) {
      (group?.querySelector("button.add") ?? group?.querySelector("select, input"))?.focus();
    }
  }

  function added(key) {
    const had = new Set(controls.keys());
    guard(() => take(page.add(key)));
    const all = view.groups.flatMap((group) => group.controls).filter((c) => !had.has(c.key));
    const fresh = all.find((c) => c.kind === "choice") ?? all[0];
    if (fresh) controls.get(fresh.key)?.field.focus();
  }

  /** One box of controls; rebuilt only if other ones belong into it, and then the focus stays where it was. */
  function fill(id, host, list, add) {
    const sign = list.map(signature).join("\n") + (add ? add.key + add.label : "");
    const box = boxes.get(id);
    if (box?.sign === sign && box.host === host) return;
    const focus = host.contains(document.activeElement) ? document.activeElement.id || null : null;
    const open = [...host.querySelectorAll(".hint[aria-expanded=true]")].map((hint) => hint.getAttribute("aria-controls"));
    for (const c of box?.list ?? []) if (controls.get(c.key)?.owner === id) controls.delete(c.key);
    host.replaceChildren();
    for (const c of list) {
      const it = build(c);
      it.owner = id;
      controls.set(c.key, it);
      host.append(it.box);
    }
    if (add) host.append(make("button", { type: "button", class: "plain add", id: `${idOf(id)}-add`, onclick: () => added(add.key) }, add.label));
    for (const help of open) host.querySelector(`[aria-controls="${help}"]`)?.click();
    boxes.set(id, { sign, host, list });
    if (focus) $(focus)?.focus();
  }

  function group(id, title) {
    let box = $(`group-${id}`);
    if (!box) {
      const body = make("div", { class: "body" });
      box = make("details", { id: `group-${id}`, class: "group", "data-group": id }, make("summary", {}, title), body);
      $("more").append(box);
    }
    write(box.querySelector("summary"), title);
    return box;
  }

  function showControls() {
    const wrong = view.message;
    const own = (c) => (wrong && wrong.key === c.key ? wrong.text : null);
    fill("first", $("first"), view.groups.flatMap((g) => g.controls.filter((c) => c.first)), null);
    const seen = new Set();
    for (const g of view.groups) {
      const rest = g.controls.filter((c) => !c.first);
      if (rest.length === 0 && !g.add) continue;
      if (rest.every((c) => c.key.startsWith("monte_carlo.")) && rest.length) {
        fill(g.id, $("simulation-controls"), rest, null);
        continue;
      }
      const box = group(g.id, g.title);
      seen.add(box);
      fill(g.id, box.querySelector(".body"), rest, g.add);
      if (rest.some(own)) box.open = true;
      const place = $("more").children[seen.size - 1];
      if (place !== box) $("more").insertBefore(box, place);
    }
    for (const box of [...$("more").children]) {
      if (!seen.has(box)) {
        for (const [key, it] of controls) if (`group-${it.owner}` === box.id) controls.delete(key);
        boxes.delete(box.dataset.group);
        box.remove();
      }
    }
    $("more-box").hidden = seen.size === 0;
    for (const g of view.groups) for (const c of g.controls) if (controls.has(c.key)) refresh(controls.get(c.key), c, own(c));
    return Boolean(wrong?.key && controls.has(wrong.key));
  }

  // ---------------------------------------------------------------- the answer

  const status = later(900, (text) => write($("status"), text));

  function data(n) {
    const element = make("data", {});
    number(element, n);
    return element;
  }

  const COLUMNS = ["net", "gross", "cost", "net_per_order", "gross_per_order", "filled"];

  /** Rows of a table by name: cells are changed in place. */
  function table(body, list, build, refresh) {
    const sign = list.map((row) => row.name).join("\n");
    if (body.dataset.sign !== sign || body.children.length !== list.length) {
      body.dataset.sign = sign;
      const focus = body.contains(document.activeElement) ? document.activeElement.value : null;
      body.replaceChildren(...list.map(build));
      if (focus) [...body.querySelectorAll("input")].find((input) => input.value === focus)?.focus();
    }
    list.forEach((row, i) => refresh(body.children[i], row));
  }

  function rowOf(row) {
    const radio = make("input", { type: "radio", name: "show", value: row.name, onchange: () => guard(() => take(page.show(row.name), true)) });
    const head = make("th", { scope: "row" }, make("label", {}, radio, make("span", { class: "title" })), make("span", { class: "marks" }));
    return make("tr", { "data-name": row.name }, head, ...COLUMNS.map((column) => make("td", { "data-column": column }, make("data", {}))));
  }

  function refreshRow(tr, row) {
    write(tr.querySelector(".title"), row.title);
    const marks = [row.winner ? "best of these" : "", row.best ? "best of all sets" : ""].filter(Boolean);
    const box = tr.querySelector(".marks");
    if (box.textContent !== marks.join("")) box.replaceChildren(...marks.map((mark) => make("span", { class: "mark" }, mark)));
    tr.querySelector("input").checked = view.show === row.name;
    tr.classList.toggle("shown", view.show === row.name);
    tr.classList.toggle("ahead", row.winner || row.best);
    for (const column of COLUMNS) number(tr.querySelector(`[data-column=${column}] data`), row[column]);
  }

  let restOpen = false;

  function showRows() {
    const main = answer.rows.filter((row) => row.main);
    const rest = answer.rows.filter((row) => !row.main);
    table($("rows-main"), main, rowOf, refreshRow);
    table($("rows-rest"), rest, rowOf, refreshRow);
    $("rest").hidden = rest.length === 0;
    $("rows-rest").hidden = !restOpen;
    attribute($("rest"), "aria-expanded", String(restOpen));
    write($("rest"), restOpen ? "Only the best local pools" : `All local pools (${rest.length} more)`);
  }

  const LEVELS = ["filled", "filling_rate", "latency", "period", "discount", "gross", "cost", "value"];

  function showHeights() {
    const shown = answer.rows.find((row) => row.name === view.show);
    write($("shown"), shown?.title ?? answer.shown ?? view.show);
    const heights = [...answer.by_height].sort((a, b) => b.height - a.height);
    const list = heights.map((own) => ({ name: String(own.height), own }));
    list.push({ name: "nowhere", rest: true });
    table(
      $("heights").tBodies[0],
      list,
      (row) =>
        make(
          "tr",
          { class: row.rest ? "rest" : null },
          make("th", { scope: "row" }, row.rest ? "unfilled" : row.name),
          make("td", { class: "bar" }, make("span", { class: "fill" })),
          make("td", {}, make("data", {}), make("span", { class: "nonsense" })),
        ),
      (tr, row) => {
        const share = row.rest ? answer.unfilled_bar : row.own.bar;
        tr.querySelector(".fill").style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
        number(tr.querySelector("data"), row.rest ? answer.unfilled : row.own.filled);
        write(tr.querySelector(".nonsense"), row.own?.nonsense ? "no raison d’être" : "");
        tr.classList.toggle("idle", Boolean(row.own?.nonsense));
      },
    );
    const levels = heights.map((own) => ({ name: String(own.height), own }));
    table(
      $("levels").tBodies[0],
      levels,
      (row) =>
        make("tr", {}, make("th", { scope: "row" }, row.name), ...LEVELS.map((column) => make("td", { "data-column": column }, make("data", {})))),
      (tr, row) => {
        for (const column of LEVELS) number(tr.querySelector(`[data-column=${column}] data`), row.own[column]);
      },
    );
    reasons(heights);
  }

  /** What every height is good for, in words. */
  function reasons(heights) {
    const list = heights.filter((own) => own.reason);
    let box = $("reasons");
    if (!box) {
      box = make("dl", { id: "reasons", class: "reasons" });
      $("levels-box").append(box);
    }
    const sign = JSON.stringify(list.map((own) => [own.height, own.reason]));
    if (box.dataset.sign === sign) return;
    box.dataset.sign = sign;
    box.hidden = list.length === 0;
    box.replaceChildren(...list.map((own) => make("div", {}, make("dt", {}, `height ${own.height}`), make("dd", {}, own.reason))));
  }

  /** What to build, large; why, smaller. */
  function sentence(text) {
    if ($("verdict").textContent === text) return;
    const [first] = text.match(/^.*?[^.]\.(?= [A-Z])/) ?? [text];
    const why = text.slice(first.length);
    $("verdict").replaceChildren(first, why ? make("span", { class: "why" }, why) : "");
  }

  function showAnswer() {
    sentence(answer.verdict);
    status(answer.verdict);
    const summary = JSON.stringify(answer.summary);
    if ($("summary").dataset.sign !== summary) {
      $("summary").dataset.sign = summary;
      $("summary").replaceChildren(...answer.summary.map((line) => make("p", {}, line)));
    }
    showRows();
    showHeights();
    const notes = JSON.stringify(answer.notes);
    if ($("notes").dataset.sign !== notes) {
      $("notes").dataset.sign = notes;
      $("notes").replaceChildren(...answer.notes.map((note) => make("li", {}, note)));
      $("notes").hidden = answer.notes.length === 0;
    }
  }

  // ---------------------------------------------------------------- pictures

  const drawn = new Map(); // name → what the library drew

  /** The picture of the library, with its legend beside the drawing as text of the page, so that it can be read when narrow. */
  function draw(name) {
    const host = $(name);
    const picture = JSON.parse(page.figure(name));
    host.classList.remove("stale");
    if (picture.error) {
      drawn.delete(name);
      host.replaceChildren(make("p", { class: "quiet" }, `No picture: ${picture.error}`));
      return;
    }
    if (drawn.get(name)?.svg === picture.svg && host.querySelector("svg")) return;
    drawn.set(name, picture);
    const svg = document.importNode(new DOMParser().parseFromString(picture.svg, "image/svg+xml").documentElement, true);
    svg.querySelector("title")?.remove();
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", picture.caption);
    const legend = lift(svg, name);
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    host.replaceChildren(make("div", { class: "drawing" }, svg), legend ?? "", make("figcaption", {}, picture.caption));
  }

  const at = (node, name) => Number(node.getAttribute(name));

  function lift(svg, name) {
    const part = svg.querySelector("g.legend");
    if (!part) return null;
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const left = (node) => {
      if (node.hasAttribute("cx")) return at(node, "cx") - at(node, "r");
      if (node.hasAttribute("x1")) return Math.min(at(node, "x1"), at(node, "x2"));
      return node.hasAttribute("x") ? at(node, "x") : Infinity;
    };
    const edge = Math.min(...[...part.children].map(left));
    if (!Number.isFinite(edge) || edge < width / 3) return null;
    const list = make("ul", { class: "legend" });
    let shapes = [];
    let before = null;
    for (const node of [...part.children]) {
      if (node.tagName !== "text") {
        shapes.push(node);
        continue;
      }
      const [x, y, text] = [at(node, "x"), at(node, "y"), node.textContent.trim()];
      if (shapes.length === 0 && before && before.x === x && y - before.y < 19 && before.swatch) {
        before.item.append(` ${text}`);
        before.y = y;
        continue;
      }
      const item = make("li", {});
      if (shapes.length) {
        const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        const [span, top] = name === "circle" ? [27, y - 14.68] : [35, y - 14.68];
        swatch.setAttribute("viewBox", `${x - span} ${top} ${span} 20`);
        swatch.setAttribute("width", span);
        swatch.setAttribute("height", "20");
        swatch.setAttribute("aria-hidden", "true");
        swatch.append(...shapes);
        item.append(swatch);
      }
      item.append(text);
      list.append(item);
      before = { x, y, item, swatch: shapes.length > 0 };
      shapes = [];
    }
    part.remove();
    const right = Math.floor(edge - (name === "circle" ? 20 : 12));
    svg.setAttribute("viewBox", `0 0 ${right} ${name === "circle" ? Math.min(height, right) : height}`);
    return list;
  }

  let circleDue = false;
  function circleSoon() {
    if (circleDue) return;
    circleDue = true;
    requestAnimationFrame(() => {
      circleDue = false;
      guard(() => draw("circle"));
    });
  }

  const plotsSoon = later(150, () =>
    idle(() =>
      guard(() => {
        draw("welfare");
        if ($("filling-box").open) draw("filling");
      }),
    ),
  );

  // ---------------------------------------------------------------- simulation

  const trial = { run: 0, worker: null, state: "idle", toml: null, history: new Map(), last: null, spoken: 0 };

  function say(text) {
    write($("simulation-status"), text);
  }

  function buttons() {
    const { state } = trial;
    const able = {
      start: state === "idle" && answer !== null && view.answer !== null && answer.simulable.length > 0,
      stop: state === "going",
      resume: state === "stopped",
      reset: state !== "idle",
    };
    const focused = document.activeElement;
    for (const [id, on] of Object.entries(able)) $(id).disabled = !on;
    if (focused?.disabled) {
      const next = ["stop", "resume", "reset", "start"].find((id) => able[id]);
      if (next) $(next).focus();
    }
  }

  function worker() {
    if (trial.worker) return trial.worker;
    const text = `${$("glue").textContent}\n${$("worker").textContent}`;
    const made = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    made.onmessage = ({ data }) => heard(data);
    made.onerror = (event) => {
      event.preventDefault();
      failed(event.message || "the browser does not start a worker from this page");
    };
    made.postMessage({ bytes });
    trial.worker = made;
    return made;
  }

  function start() {
    trial.run += 1;
    trial.toml = view.toml;
    trial.history.clear();
    trial.last = null;
    trial.spoken = 0;
    trial.state = "going";
    $("trials").replaceChildren();
    say(`Simulation with seed ${answer.seed} started.`);
    buttons();
    try {
      worker().postMessage({ do: "start", run: trial.run, toml: view.toml, names: answer.simulable });
    } catch (error) {
      failed(String(error?.message ?? error));
    }
  }

  function reset(why) {
    if (trial.state === "idle" && !trial.last) return;
    trial.run += 1;
    trial.worker?.postMessage({ do: "reset", run: trial.run });
    trial.state = "idle";
    trial.last = null;
    trial.history.clear();
    $("trials").replaceChildren();
    $("progress").value = 0;
    write($("progress-text"), "");
    say(why);
    buttons();
  }

  function failed(text) {
    trial.state = "idle";
    trial.worker?.terminate();
    trial.worker = null;
    say(`The simulation cannot run: ${text}`);
    buttons();
  }

  function heard(message) {
    if (message.run !== trial.run || trial.state === "idle") return;
    if (message.error) {
      failed(message.error);
      return;
    }
    const progress = message.progress;
    trial.last = progress;
    for (const row of progress.rows) {
      if (!row.gross || !row.low || !row.high) continue;
      const history = trial.history.get(row.name) ?? [];
      const point = { done: row.done, gross: Number(row.gross.value), low: Number(row.low.value), high: Number(row.high.value) };
      if (history.at(-1)?.done !== row.done) history.push(point);
      trial.history.set(row.name, history);
    }
    showTrials();
    if (progress.complete) {
      trial.state = "complete";
      const misses = progress.rows.filter((row) => row.inside === false).length;
      const all = progress.rows.filter((row) => row.inside === true).length + misses;
      const covered = misses ? `${all - misses} of ${all} intervals cover the formula; one in twenty misses it by chance, more where few orders are drawn; and as all are drawn with one seed they miss together.` : `All ${all} intervals cover the formula.`;
      say(all ? `Complete: seed ${progress.seed}. ${covered}` : "Nothing could be simulated.");
      buttons();
      return;
    }
    const quarter = Math.floor(4 * share(progress));
    if (quarter > trial.spoken && trial.state === "going") {
      trial.spoken = quarter;
      say(`${25 * quarter} % simulated.`);
    }
  }

  function share(progress) {
    const rows = progress.rows.filter((row) => !row.refused);
    const whole = rows.length * progress.replications;
    if (progress.complete) return 1;
    return whole > 0 ? rows.reduce((sum, row) => sum + row.done, 0) / whole : 0;
  }

  const titleOf = (name) => answer?.rows.find((row) => row.name === name)?.title ?? name;

  function trialOf(row) {
    const term = (name, label) => make("div", {}, make("dt", {}, label), make("dd", { "data-field": name }));
    return make(
      "article",
      { class: "trial", "data-name": row.name },
      make("h3", {}, titleOf(row.name)),
      make("p", { class: "refused" }),
      make("div", { class: "chart" }),
      make(
        "dl",
        {},
        term("gross", "simulated"),
        term("interval", "95 % interval"),
        term("closed_form", "formula"),
        term("filled", "filled"),
        term("p_value", "agreement, p"),
        term("done", "replications"),
      ),
      make("p", { class: "covers" }),
    );
  }

  const shownDigits = new WeakMap();

  function showTrials() {
    const progress = trial.last;
    const host = $("trials");
    table(host, progress.rows, trialOf, (box, row) => {
      const field = (name, ...content) => {
        const element = box.querySelector(`[data-field=${name}]`);
        const digits = content.map((part) => part.value ?? part).join(" "); // more than the text shows
        if (shownDigits.get(element) === digits) return;
        shownDigits.set(element, digits);
        element.replaceChildren(...content.map((part) => (part.text === undefined ? part : data(part))));
      };
      write(box.querySelector(".refused"), row.refused ?? "");
      box.classList.toggle("none", Boolean(row.refused));
      if (row.refused) return;
      const known = row.gross && row.low && row.high;
      field("gross", known ? row.gross : "–");
      field("interval", ...(known ? [row.low, " to ", row.high] : ["–"]));
      field("closed_form", row.closed_form ?? "–");
      field("filled", ...(row.filled ? (row.filled_error ? [row.filled, " ± ", row.filled_error] : [row.filled]) : ["–"]));
      field("p_value", row.p_value ?? "–");
      field("done", `${row.done} of ${progress.replications}`);
      write(box.querySelector(".covers"), !known || typeof row.inside !== "boolean" ? "" : row.inside ? "The interval covers the formula." : "The interval misses the formula, as one in twenty does where many orders are drawn.");
      box.classList.toggle("misses", row.inside === false);
      chart(box.querySelector(".chart"), trial.history.get(row.name) ?? [], row, progress.replications);
    });
    $("progress").value = share(progress);
    write($("progress-text"), `${Math.round(100 * share(progress))} %`);
  }

  /** The interval against the replications, which grow by equal ratios from left to right, and the line of the formula. */
  function chart(host, history, row, replications) {
    if (history.length === 0 || !row.closed_form) {
      host.replaceChildren();
      return;
    }
    const [width, height, pad] = [320, 110, 6];
    const line = Number(row.closed_form.value);
    const from = Math.min(history[0].done, replications / 10);
    const x = (done) => (width * Math.log(done / from)) / Math.log(replications / from);
    // As far from the line as the interval ever is, but for the wildest first tenth.
    const tail = history.slice(Math.floor(history.length / 10));
    const far = Math.max(...tail.map((point) => Math.max(point.high - line, line - point.low)), 1e-300);
    const y = (value) => Math.min(height * 2, Math.max(-height, height / 2 - ((height / 2 - pad) * (value - line)) / far));
    const path = (pick) => history.map((point) => `${x(point.done).toFixed(1)},${y(pick(point)).toFixed(1)}`);
    const band = [...path((point) => point.high), ...path((point) => point.low).reverse()].join(" ");
    let svg = host.firstElementChild;
    const part = (tag, name, attributes) => {
      let node = svg.querySelector(`.${name}`);
      if (!node) {
        node = document.createElementNS("http://www.w3.org/2000/svg", tag);
        node.setAttribute("class", name);
        svg.append(node);
      }
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    };
    if (!svg) {
      svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.setAttribute("preserveAspectRatio", "none");
      svg.setAttribute("role", "img");
      host.append(svg);
    }
    svg.setAttribute("aria-label", `Simulated gross welfare of ${titleOf(row.name)}: interval from ${row.low.text} to ${row.high.text}, formula ${row.closed_form.text}`);
    part("polygon", "band", { points: band });
    part("polyline", "line", { points: `0,${height / 2} ${width},${height / 2}` });
    part("polyline", "mean", { points: path((point) => point.gross).join(" ") });
  }

  // ---------------------------------------------------------------- to take along

  let opened = null; // the fragment that the address has from here

  function link() {
    const url = `${location.href.split("#")[0]}#${view.fragment}`;
    if ($("link").value !== url) $("link").value = url;
  }

  const address = later(300, () => {
    link();
    opened = view.fragment;
    if (location.hash.slice(1) === view.fragment) return;
    try {
      history.replaceState(null, "", `#${view.fragment}`);
    } catch {
      location.replace(`#${view.fragment}`);
    }
  });

  function save(name, text, type) {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = make("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    write($("take-status"), `Saved ${name}.`);
  }

  async function copy(field, what) {
    let done = false;
    try {
      await navigator.clipboard.writeText(field.value);
      done = true;
    } catch {
      const focused = document.activeElement;
      field.select();
      done = document.execCommand("copy");
      focused?.focus();
    }
    write($("take-status"), done ? `Copied ${what}.` : `${what} is selected: copy it with the keyboard.`);
    if (!done) field.select();
  }

  function saved(what) {
    if (what === "csv") return save("pooltree.csv", page.csv(), "text/csv");
    if (what === "json") return save("pooltree.json", page.json(), "application/json");
    const picture = JSON.parse(page.figure(what));
    if (picture.error) return write($("take-status"), `No picture: ${picture.error}`);
    return save(`pooltree-${what}.svg`, picture.svg, "image/svg+xml");
  }

  // ---------------------------------------------------------------- all together

  function alertBox(text) {
    const box = $("alert");
    if ((box.dataset.text ?? "") === text) return;
    box.dataset.text = text;
    if (!text) {
      box.replaceChildren();
      return;
    }
    const back = make("button", { type: "button", onclick: () => guard(() => take(page.preset(presets[0]?.name ?? "document"))) }, "Back to the document’s example");
    box.replaceChildren(make("p", {}, text), make("p", { class: "quiet aside" }, answer && !view.answer ? "The numbers below are those of the last valid scenario." : ""), back);
  }

  function guard(what) {
    try {
      return what();
    } catch (error) {
      failure(`Something went wrong in the page: ${error?.message ?? error}`);
      return undefined;
    }
  }

  function failure(text) {
    const box = $("failure");
    box.hidden = false;
    box.replaceChildren(
      make("p", {}, text),
      make("p", {}, "The command line gives the same answers: ", make("code", {}, "pooltree compare"), ", and the ", make("a", { href: "index.html" }, "book"), " explains them."),
      make("button", { type: "button", onclick: () => { location.hash = ""; location.reload(); } }, "Load the document’s example"),
    );
  }

  /** Shows what the library answers. */
  function take(text, same = false, linked = false) {
    const before = view;
    view = JSON.parse(text);
    $("failure").hidden = true;
    if (view.answer) answer = view.answer;
    for (const button of $("presets").children) attribute(button, "aria-pressed", String(button.value === view.preset));
    const preset = presets.find((one) => one.name === view.preset);
    write($("about"), preset ? preset.about : "Your own numbers.");
    const placed = showControls();
    // What a link carries wrongly may be far from where the reader looks: it is told above the answer as well.
    const told = view.message && (!placed || linked || !answer) ? view.message.text : "";
    alertBox(told && linked && !view.answer ? `This link does not open: ${told}` : told);
    $("numbers").classList.toggle("dim", !view.answer);
    $("verdict").classList.toggle("dim", !view.answer && !placed);
    $("numbers").hidden = !answer;
    if (placed) write($("verdict"), "");
    if (view.answer) {
      showAnswer();
      circleSoon();
      if (!same || $("filling-box").open) {
        $("welfare").classList.toggle("stale", !same);
        plotsSoon();
      }
    } else if (placed) {
      write($("verdict"), told ? "" : "One number is not allowed: see the sentence beside it.");
    }
    if ($("toml").value !== view.toml) $("toml").value = view.toml;
    if (before && before.toml !== view.toml) reset("The scenario has changed: the simulation is stopped and begins anew.");
    buttons();
    address();
    stick();
  }

  /** On narrow screens the answer stays in sight while the reader slides, unless it would cover too much. */
  const stick = later(50, () => {
    const box = $("answer");
    box.classList.remove("stuck");
    const narrow = matchMedia("(max-width: 59.99rem)").matches;
    const stuck = narrow && box.offsetHeight < 0.3 * innerHeight;
    box.classList.toggle("stuck", stuck);
    document.documentElement.style.scrollPaddingTop = stuck ? `${box.offsetHeight + 12}px` : "";
  });

  function open(fragment) {
    opened = fragment;
    take(page.open(fragment), false, true);
  }

  function wire() {
    presets = JSON.parse(page.presets());
    $("presets").replaceChildren(
      ...presets.map((preset) =>
        make("button", { type: "button", value: preset.name, "aria-pressed": "false", title: preset.about, onclick: () => guard(() => take(page.preset(preset.name))) }, preset.label),
      ),
    );
    $("rest").addEventListener("click", () => {
      restOpen = !restOpen;
      showRows();
    });
    $("filling-box").addEventListener("toggle", () => $("filling-box").open && guard(() => draw("filling")));
    $("start").addEventListener("click", start);
    $("stop").addEventListener("click", () => {
      trial.worker.postMessage({ do: "stop" });
      trial.state = "stopped";
      say("Stopped.");
      buttons();
    });
    $("resume").addEventListener("click", () => {
      trial.state = "going";
      trial.worker.postMessage({ do: "resume" });
      say("Going on.");
      buttons();
    });
    $("reset").addEventListener("click", () => reset("Back at the beginning."));
    $("copy-toml").addEventListener("click", () => copy($("toml"), "the scenario"));
    $("copy-link").addEventListener("click", () => {
      link(); // the field may be behind
      copy($("link"), "the link");
    });
    $("save-toml").addEventListener("click", () => save("scenario.toml", view.toml, "application/toml"));
    for (const button of document.querySelectorAll("[data-save]")) button.addEventListener("click", () => guard(() => saved(button.dataset.save)));
    $("use").addEventListener("click", () =>
      guard(() => {
        take(page.read($("paste").value));
        write($("paste-error"), view.message ? view.message.text : "");
        attribute($("paste"), "aria-invalid", view.message ? "true" : null);
        if (!view.message) write($("take-status"), "This scenario is in use.");
      }),
    );
    addEventListener("hashchange", () => {
      const fragment = location.hash.slice(1);
      if (fragment !== opened) guard(() => open(fragment));
    });
    addEventListener("resize", stick);
    addEventListener("error", (event) => failure(`Something went wrong in the page: ${event.message}`));
  }

  // ---------------------------------------------------------------- the beginning

  async function unpack() {
    const text = $("wasm").textContent.trim();
    const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  }

  async function begin() {
    if (typeof WebAssembly === "undefined" || typeof DecompressionStream === "undefined") {
      throw new Error("this browser has no WebAssembly or cannot unpack it");
    }
    bytes = await unpack();
    await wasm_bindgen({ module_or_path: bytes });
    page = new wasm_bindgen.Page();
    wire();
    $("app").hidden = false;
    open(location.hash.slice(1));
  }

  for (const radio of document.querySelectorAll("#theme input")) {
    radio.addEventListener("change", () => {
      if (radio.value === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = radio.value;
    });
  }
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the fragment of the address is the state
    const target = $("app").hidden ? $("failure") : $("answer");
    target.focus();
    target.scrollIntoView();
  });

  $("loading").hidden = false;
  begin()
    .catch((error) => failure(`The numbers cannot be computed here: ${error?.message ?? error}`))
    .finally(() => ($("loading").hidden = true));
})();
