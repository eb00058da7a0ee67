//! What must hold of the finished book: every relative link and anchor leads somewhere, and nothing is fetched from
//! elsewhere. Links to sources on the web are left alone; the API documentation is only a place that links lead to.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::chapter::API_FOLDER;
use super::files::walk;
use super::html::Page;
use super::paths::{Link, join, relative};
use crate::page;

/// Everything that is wrong, one line each; empty for a book that holds together.
///
/// # Errors
///
/// Where a file of the book cannot be read.
pub(crate) fn check(book: &Path) -> Result<Vec<String>> {
    let mut checker = Checker { book, pages: HashMap::new(), problems: Vec::new() };
    for file in walk(book)? {
        if file.starts_with(API_FOLDER) {
            continue;
        }
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("html") => checker.page(&file)?,
            Some("css") => checker.style_sheet(&file)?,
            _ => {}
        }
    }
    checker.problems.sort();
    checker.problems.dedup();
    Ok(checker.problems)
}

struct Checker<'a> {
    book: &'a Path,
    pages: HashMap<PathBuf, Page>,
    problems: Vec<String>,
}

impl Checker<'_> {
    fn page(&mut self, file: &Path) -> Result<()> {
        for reference in self.read(file)?.references.clone() {
            let (element, url) = (&reference.element, &reference.url);
            match Link::parse(url) {
                // An address to click on; and data that is part of the page.
                Link::Elsewhere if element == "a" || url.starts_with("data:") => {}
                Link::Elsewhere => self.problem(file, &format!("<{element}> fetches {url} from elsewhere")),
                Link::Relative { path, fragment } => {
                    if let Some(why) = self.dead_end(file, &path, fragment.as_deref())? {
                        self.problem(file, &format!("<{element}> leads to {url}, {why}"));
                    }
                }
            }
        }
        Ok(())
    }

    /// Why a relative link does not lead anywhere.
    fn dead_end(&mut self, file: &Path, path: &str, fragment: Option<&str>) -> Result<Option<String>> {
        let mut target = if path.is_empty() {
            file.to_path_buf()
        } else {
            let folder = file.parent().unwrap_or(Path::new(""));
            let Some(target) = join(folder, path) else { return Ok(Some("which is outside of the book".to_owned())) };
            target
        };
        if self.book.join(&target).is_dir() {
            target.push("index.html");
        }
        if !self.book.join(&target).is_file() {
            return Ok(Some("which does not exist".to_owned()));
        }
        let Some(anchor) = fragment.filter(|fragment| !fragment.is_empty()) else { return Ok(None) };
        // Its fragment is the state in which it opens.
        if target == Path::new(page::FILE) {
            return Ok(None);
        }
        let known = self.read(&target)?.anchors.contains(anchor);
        Ok((!known).then(|| format!("and that page has no anchor `{anchor}`")))
    }

    fn read(&mut self, file: &Path) -> Result<&Page> {
        if !self.pages.contains_key(file) {
            let page = Page::read(&read(&self.book.join(file))?);
            self.pages.insert(file.to_path_buf(), page);
        }
        self.pages.get(file).context("a page that was just read is gone")
    }

    /// Style sheets fetch fonts, images and other style sheets.
    fn style_sheet(&mut self, file: &Path) -> Result<()> {
        let css = without_comments(&read(&self.book.join(file))?);
        let urls = css.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
        let imports = css.split("@import").skip(1).filter_map(|rest| rest.split(';').next());
        for url in urls.chain(imports.filter(|import| !import.contains("url("))) {
            let url = url.trim().trim_matches(['"', '\'']);
            match Link::parse(url) {
                Link::Elsewhere if url.starts_with("data:") => {}
                Link::Elsewhere => self.problem(file, &format!("fetches {url} from elsewhere")),
                Link::Relative { path, .. } => {
                    if let Some(why) = self.dead_end(file, &path, None)? {
                        self.problem(file, &format!("refers to {url}, {why}"));
                    }
                }
            }
        }
        Ok(())
    }

    fn problem(&mut self, file: &Path, what: &str) {
        self.problems.push(format!("{}: {what}", relative(Path::new(""), file)));
    }
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn without_comments(css: &str) -> String {
    let mut parts = css.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.filter_map(|part| part.split_once("*/")).fold(first, |out, (_, code)| out + code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        check(folder.path()).unwrap()
    }

    const TARGET: (&str, &str) = ("models/b.html", "<h2 id=\"law\">Law</h2><a href=\"../a.html\">up</a>");

    #[test]
    fn a_sound_book_has_no_problems() {
        let page = "<link rel=stylesheet href=s.css><a href=\"models/b.html#law\">b</a><a href=\"#top\" id=top>t</a>\
                    <a href=\"https://example.org/\">source</a><a href=\"api/\">api</a><img src=\"data:image/png;base64,\">";
        let files = [("a.html", page), TARGET, ("s.css", "a{b:url('models/b.html')}/* url(http://c) */")];
        // The pages of the API documentation are not the book's own.
        let api = ("api/index.html", "<a href=\"nowhere.html\"></a>");
        // What follows the name of this page is no anchor.
        let state = [("c.html", "<a href=\"page.html#tree.depth=3\">c</a>"), ("page.html", "<p>")];
        assert_eq!(problems(&[files[0], files[1], files[2], api, state[0], state[1]]), Vec::<String>::new());
    }

    #[test]
    fn broken_links_and_anchors_are_found() {
        let found = problems(&[("a.html", "<a href=\"models/c.html\">c</a>"), TARGET]);
        assert_eq!(found, ["a.html: <a> leads to models/c.html, which does not exist"]);
        let found = problems(&[("a.html", "<a href=\"models/b.html#lav\">b</a>"), TARGET]);
        assert_eq!(found, ["a.html: <a> leads to models/b.html#lav, and that page has no anchor `lav`"]);
        let found = problems(&[("a.html", "<a href=\"page.html#tree.depth=3\">c</a>")]);
        assert_eq!(found, ["a.html: <a> leads to page.html#tree.depth=3, which does not exist"]);
        let found = problems(&[("a.html", "<a href=\"#x\">x</a>"), TARGET]);
        assert_eq!(found, ["a.html: <a> leads to #x, and that page has no anchor `x`"]);
        let found = problems(&[("a.html", "<a href=\"../b.html\">b</a>"), TARGET]);
        assert_eq!(found, ["a.html: <a> leads to ../b.html, which is outside of the book"]);
    }

    #[test]
    fn what_is_fetched_from_elsewhere_is_found() {
        for page in [
            "<script src=\"https://example.org/m.js\"></script>",
            "<link rel=stylesheet href=\"//example.org/s.css\">",
            "<img src=\"http://example.org/i.png\">",
            "<img srcset=\"http://example.org/i.png 2x\">",
        ] {
            let found = problems(&[("a.html", page)]);
            assert!(found.len() == 1 && found[0].contains("from elsewhere"), "{page}: {found:?}");
        }
        for css in ["@import \"https://example.org/s.css\";", "a{src:url(\"https://example.org/f.woff2\")}"] {
            let found = problems(&[("s.css", css)]);
            assert!(found.len() == 1 && found[0].contains("from elsewhere"), "{css}: {found:?}");
        }
    }
}
