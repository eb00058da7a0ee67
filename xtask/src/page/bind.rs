//! Binding the compiled library to JavaScript.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// What a browser needs of the library.
pub(crate) struct Bound {
    /// The code.
    pub(crate) wasm: Vec<u8>,
    /// A script that defines the global `wasm_bindgen`, which loads the code and is its interface.
    pub(crate) glue: String,
}

/// Binds the compiled file `wasm`; names of functions, of use to a debugger only, are left out.
pub(crate) fn bind(wasm: &Path) -> Result<Bound> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .no_modules(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true);
    let mut output = bindgen.generate_output().context("cannot bind the library to JavaScript")?;
    // They would be files of their own.
    let snippets = output.snippets().iter().filter(|(_, scripts)| !scripts.is_empty()).map(|(name, _)| name);
    let apart: Vec<&String> =
        snippets.chain(output.local_modules().keys()).chain(output.npm_dependencies().keys()).collect();
    ensure!(apart.is_empty(), "scripts of a dependency would have to lie beside the page: {apart:?}");
    Ok(Bound { glue: output.js().to_owned(), wasm: output.wasm_mut().emit_wasm() })
}
