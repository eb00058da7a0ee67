//! `cargo xtask page`: the page where a reader plays with the numbers, as one file that needs no network and no server.
//!
//! The library is compiled to WebAssembly (`page/`), bound to JavaScript, and put into `page/ui/index.html` with the
//! scripts and the style sheet beside it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

mod bind;
mod bundle;
mod compile;
mod pack;
mod references;

use bundle::{Parts, bundle};

/// The page, inside the book.
pub(crate) const FILE: &str = "page.html";

/// The largest page that is acceptable, in bytes, compressed as a static host sends it.
const LIMIT: usize = 1_000_000;

/// Builds the page and puts it where the book has it.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    if let Some(argument) = arguments.first() {
        bail!("`cargo xtask page` takes no arguments, and there is `{argument}`");
    }
    let folder = root.join("target/book");
    write(&build(root)?, &folder)?;
    println!("The page is {}", Path::new("target/book").join(FILE).display());
    Ok(())
}

/// The page as one HTML file; prints what it weighs.
pub(crate) fn build(root: &Path) -> Result<String> {
    let bound = bind::bind(&compile::compile(root)?)?;
    let wasm = pack::gzip(&bound.wasm)?;
    let ui = root.join("page/ui");
    let read = |name: &str| {
        fs::read_to_string(ui.join(name)).with_context(|| format!("cannot read {}", ui.join(name).display()))
    };
    let html = bundle(&Parts {
        html: &read("index.html")?,
        css: &read("page.css")?,
        js: &read("page.js")?,
        worker: &read("worker.js")?,
        glue: &bound.glue,
        wasm: &pack::base64(&wasm),
        version: &compile::version(root)?,
    })?;
    let compressed = pack::gzip(html.as_bytes())?.len();
    println!(
        "WebAssembly {} bytes, {} compressed; page {} bytes, {compressed} compressed",
        bound.wasm.len(),
        wasm.len(),
        html.len()
    );
    weigh(compressed)?;
    Ok(html)
}

/// Puts the page into the folder of the book, which need not exist.
pub(crate) fn write(html: &str, book: &Path) -> Result<()> {
    let file = book.join(FILE);
    fs::create_dir_all(book)
        .and_then(|()| fs::write(&file, html))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Refuses a page that is too large to wait for.
fn weigh(compressed: usize) -> Result<()> {
    ensure!(compressed <= LIMIT, "the page has {compressed} bytes compressed; at most {LIMIT} are allowed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_not_exceed_its_limit() {
        assert!(weigh(LIMIT).is_ok());
        let error = weigh(LIMIT + 1).unwrap_err().to_string();
        assert!(error.contains("1000001 bytes") && error.contains("at most 1000000"), "{error}");
    }

    #[test]
    fn the_folder_of_the_book_need_not_exist_and_what_is_in_it_stays() {
        let folder = tempfile::tempdir().unwrap();
        let book = folder.path().join("target/book");
        write("<p>", &book).unwrap();
        fs::write(book.join("index.html"), "").unwrap();
        write("<h1>", &book).unwrap();
        assert_eq!(fs::read_to_string(book.join(FILE)).unwrap(), "<h1>");
        assert!(book.join("index.html").is_file());
    }

    #[test]
    fn arguments_are_refused() {
        let error = run(Path::new("nowhere"), &["--fast".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("`--fast`"), "{error}");
    }
}
