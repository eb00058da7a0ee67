//! The page's side of the library: the state of a reader's study, the controls that change it, and what it answers.
//!
//! All mathematics is `pooltree`; nothing is computed in the page's script. Everything goes over as JSON text.

pub mod answer;
pub mod control;
pub mod controls;
pub mod edit;
mod path;
pub mod presets;
pub mod study;
pub mod trial;
mod verdict;
pub mod view;

use serde::Serialize;
use view::State;
use wasm_bindgen::prelude::wasm_bindgen;

/// A study and its answer.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Page {
    state: State,
}

#[wasm_bindgen]
impl Page {
    /// The eight operators of the document.
    ///
    /// # Errors
    /// None.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Self, String> {
        Ok(Self { state: State::new()? })
    }

    /// The presets: name, label, what they show.
    pub fn presets(&self) -> String {
        json(&presets::PRESETS)
    }

    /// Opens the state that a link carries.
    pub fn open(&mut self, fragment: &str) -> String {
        self.state.open(fragment);
        self.view()
    }

    /// Begins with a preset.
    pub fn preset(&mut self, name: &str) -> String {
        self.state.preset(name);
        self.view()
    }

    /// Puts what a reader typed or chose at a key.
    pub fn set(&mut self, key: &str, value: &str) -> String {
        self.state.set(key, value);
        self.view()
    }

    /// Adds an element to a list.
    pub fn add(&mut self, key: &str) -> String {
        self.state.add(key);
        self.view()
    }

    /// Takes an element of a list away.
    pub fn remove(&mut self, key: &str) -> String {
        self.state.remove(key);
        self.view()
    }

    /// Reads a pasted scenario file.
    pub fn read(&mut self, file: &str) -> String {
        self.state.read(file);
        self.view()
    }

    /// Looks at another architecture.
    pub fn show(&mut self, name: &str) -> String {
        self.state.show(name);
        self.view()
    }

    /// A picture, or why there is none.
    pub fn figure(&self, name: &str) -> String {
        json(&self.state.picture(name))
    }

    /// What `pooltree compare --json --no-simulation` prints.
    pub fn json(&self) -> String {
        self.state.json()
    }

    /// All architectures and heights as CSV.
    pub fn csv(&self) -> String {
        self.state.csv()
    }

    fn view(&self) -> String {
        json(&self.state.view())
    }
}

/// A simulation in steps, for a worker.
#[wasm_bindgen]
pub struct Trial {
    trials: trial::Trials,
}

#[wasm_bindgen]
impl Trial {
    /// Prepares the architectures whose names a JSON array has.
    ///
    /// # Errors
    /// What cannot be simulated, in a sentence.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &str, names: &str) -> Result<Self, String> {
        let names: Vec<String> = serde_json::from_str(names).map_err(|error| error.to_string())?;
        Ok(Self { trials: trial::Trials::new(file, &names)? })
    }

    /// Carries on for about that many milliseconds, and says how far it is.
    ///
    /// # Errors
    /// None that the constructor has not told.
    pub fn step(&mut self, milliseconds: f64) -> Result<String, String> {
        Ok(json(&self.trials.step(milliseconds, now)?))
    }

    /// What has been seen, by architecture, as under `monte_carlo` in the JSON of `pooltree compare`.
    ///
    /// # Errors
    /// As for a step.
    pub fn result(&self) -> Result<String, String> {
        self.trials.result()
    }
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds of the browser's clock.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
