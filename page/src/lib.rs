//! The page's side of the library: the state of a reader's study, the controls that change it, and what it answers.
//!
//! All mathematics is `pooltree`; nothing is computed in the page's script.

use wasm_bindgen::prelude::wasm_bindgen;

/// A study and its answer.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Page {}

#[wasm_bindgen]
impl Page {
    /// The eight operators of the document.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }
}
