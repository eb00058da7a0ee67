//! Putting the parts of the page into one HTML file.

use std::borrow::Cow;

use anyhow::{Result, bail, ensure};

use super::references::{of_css, of_html, of_script};

/// What the page consists of.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) html: &'a str,
    pub(crate) css: &'a str,
    pub(crate) js: &'a str,
    /// The script of the worker.
    pub(crate) worker: &'a str,
    /// The script that loads the code.
    pub(crate) glue: &'a str,
    /// The code, compressed, as base 64.
    pub(crate) wasm: &'a str,
    /// Of the library.
    pub(crate) version: &'a str,
}

const DOCTYPE: &str = "<!doctype html>";
/// What becomes the style sheet, and what becomes the scripts.
const STYLE: &str = "<link rel=\"stylesheet\" href=\"page.css\">";
const SCRIPT: &str = "<script src=\"page.js\"></script>";
/// What keeps a browser from fetching anything, whatever a script may try.
const POLICY: [&str; 2] = ["http-equiv=\"Content-Security-Policy\"", "default-src 'none'"];

/// The page as one file.
///
/// # Errors
///
/// Where `index.html` has not its two places exactly once, or where something of the page would be fetched.
pub(crate) fn bundle(parts: &Parts) -> Result<String> {
    let mut problems = of_html("index.html", parts.html, &["page.css", "page.js"]);
    problems.extend(of_css("page.css", parts.css));
    problems.extend(of_script("page.js", parts.js));
    problems.extend(of_script("worker.js", parts.worker));
    ensure!(problems.is_empty(), "the page would not be one file:\n{}", problems.join("\n"));
    for text in POLICY {
        ensure!(parts.html.contains(text), "index.html must forbid everything else: there is no `{text}`");
    }

    let html = match parts.html.split_at_checked(DOCTYPE.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(DOCTYPE) => rest,
        _ => bail!("index.html must begin with `{DOCTYPE}`"),
    };
    let (head, rest) = split(html, STYLE)?;
    let (body, end) = split(rest, SCRIPT)?;
    split(html, SCRIPT)?; // once in all, not only behind the style sheet
    Ok(format!(
        "{DOCTYPE}\n<!-- pooltree {version}; made by `cargo xtask page` -->{head}<style>\n{css}</style>{body}\
         <script type=\"application/gzip\" id=\"wasm\">{wasm}</script>\n\
         <script id=\"glue\">\n{glue}</script>\n\
         <script type=\"text/plain\" id=\"worker\">\n{worker}</script>\n\
         <script>\n{js}</script>{end}",
        version = parts.version,
        css = escape(parts.css, "style"),
        wasm = parts.wasm,
        glue = escape(parts.glue, "script"),
        worker = escape(parts.worker, "script"),
        js = escape(parts.js, "script"),
    ))
}

/// What is before and after `place`, which must be there once.
fn split<'a>(html: &'a str, place: &str) -> Result<(&'a str, &'a str)> {
    match (html.split_once(place), html.matches(place).count()) {
        (Some(sides), 1) => Ok(sides),
        (_, count) => bail!("index.html must contain `{place}` exactly once, and contains it {count} times"),
    }
}

/// A script or style sheet as it may stand inside `<element>`: without what would end it there, or begin a comment of
/// HTML. A backslash changes neither a string nor a pattern that contains them.
fn escape<'a>(code: &'a str, element: &str) -> Cow<'a, str> {
    let (end, lower) = (format!("</{element}"), code.to_ascii_lowercase());
    let mut places: Vec<usize> = lower.match_indices(&end).map(|(at, _)| at).collect();
    places.extend(lower.match_indices("<!--").map(|(at, _)| at));
    if places.is_empty() {
        return Cow::Borrowed(code);
    }
    places.sort_unstable();
    let mut escaped = String::with_capacity(code.len() + places.len());
    let mut from = 0;
    for at in places {
        escaped.push_str(&code[from..=at]);
        escaped.push('\\');
        from = at + 1;
    }
    escaped.push_str(&code[from..]);
    Cow::Owned(escaped)
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
