// The simulation beside the page: a trial is carried on in short steps, and messages are heard between any two of them.
"use strict";

const STEP = 60; // milliseconds
const FIRST = 4; // of the first steps, which then grow: what closes in can be watched

let code = null; // the promise of the library
let trial = null;
let run = 0; // of the trial: what an earlier one still says is not heard
let going = false;
let timer = 0;
let length = FIRST;

function step() {
  if (!going || !trial) return;
  try {
    const progress = JSON.parse(trial.step(length));
    length = Math.min(STEP, 1.3 * length);
    if (progress.complete) going = false;
    postMessage({ run, progress });
    if (going) timer = setTimeout(step, 0);
  } catch (error) {
    going = false;
    postMessage({ run, error: String(error?.message ?? error) });
  }
}

function hold() {
  going = false;
  clearTimeout(timer);
}

function drop() {
  hold();
  trial?.free();
  trial = null;
}

async function heard({ data }) {
  if (data.bytes) {
    code = wasm_bindgen({ module_or_path: data.bytes });
    code.catch(() => {}); // told when a trial needs it
    return;
  }
  switch (data.do) {
    case "start":
      drop();
      run = data.run;
      going = true; // unless a stop is heard before the trial is there
      try {
        await code;
        if (run !== data.run) return;
        trial = new wasm_bindgen.Trial(data.toml, JSON.stringify(data.names));
        length = FIRST;
        step();
      } catch (error) {
        postMessage({ run: data.run, error: String(error?.message ?? error) });
      }
      break;
    case "stop":
      hold();
      break;
    case "resume":
      if (!going) {
        going = true;
        step();
      }
      break;
    case "reset":
      run = data.run;
      drop();
      break;
  }
}

onmessage = heard;
