//! What is on which page of the book, and which files of the repository go along.
//!
//! Pages are those of the summary, and behind them every other Markdown file of the repository that a page links to.
//! Other files that a page links to are copied into the book, under the path that they have in the repository. A folder
//! that a page links to is its `README.md`, or else a page that lists its files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::chapter::API_FOLDER;
use super::paths::{Link, join, relative};
use crate::page;

pub(crate) struct Site {
    root: PathBuf,
    /// The folder of the book's source, inside the repository.
    source: PathBuf,
    /// Where the page of a Markdown file is, inside the book; both with `.md`.
    pages: BTreeMap<PathBuf, PathBuf>,
    /// Markdown files that were linked to and are not in the summary: their page still has to be made.
    added: VecDeque<PathBuf>,
    /// Files to copy, by their path in the repository.
    pub(crate) copies: BTreeSet<PathBuf>,
}

impl Site {
    pub(crate) fn new(root: &Path, source: &Path) -> Self {
        let (pages, added, copies) = <(BTreeMap<_, _>, VecDeque<_>, BTreeSet<_>)>::default();
        Self { root: root.to_path_buf(), source: source.to_path_buf(), pages, added, copies }
    }

    /// A page of the summary, relative to the folder of the book's source.
    pub(crate) fn add_page(&mut self, page: &Path) {
        self.pages.insert(self.source.join(page), page.to_path_buf());
    }

    /// A Markdown file that was linked to and has no page yet: its path in the repository and in the book.
    pub(crate) fn next_added(&mut self) -> Option<(PathBuf, PathBuf)> {
        let file = self.added.pop_front()?;
        let page = self.pages.get(&file)?.clone();
        Some((file, page))
    }

    /// The source of a Markdown file of the repository, or the list of the files of a folder that has no `README.md`.
    pub(crate) fn read(&self, file: &Path) -> Result<String> {
        let path = self.root.join(file);
        match file.parent() {
            Some(folder) if !path.is_file() => self.list(folder),
            _ => fs::read_to_string(path).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    /// A page with the files of a folder, each with the comment that it begins with.
    fn list(&self, folder: &Path) -> Result<String> {
        let entries =
            fs::read_dir(self.root.join(folder)).with_context(|| format!("cannot list {}", folder.display()))?;
        let mut names: Vec<_> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.path().is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let mut page = format!("# {}/\n\n", relative(Path::new(""), folder));
        for name in names {
            // What is no text has no comment.
            let text = fs::read_to_string(self.root.join(folder).join(&name)).unwrap_or_default();
            let comment: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("# ")).map(str::trim).collect();
            // It is no Markdown: dashes, dollars and stars in it are meant.
            let comment = comment.join(" ").replace(['`', '\n'], "'");
            let escaped: String =
                comment.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c])).collect();
            let colon = if escaped.is_empty() { "" } else { ": " };
            writeln!(page, "- [{name}]({name}){colon}{escaped}")?;
        }
        Ok(page)
    }

    /// Where a link in the Markdown file `file` of the repository, whose page is `page`, leads inside the book.
    ///
    /// # Errors
    ///
    /// Where it leads to no file of the repository.
    pub(crate) fn follow(&mut self, file: &Path, page: &Path, url: &str) -> Result<Option<String>> {
        let Link::Relative { path, fragment } = Link::parse(url) else { return Ok(None) };
        if path.is_empty() {
            return Ok(None);
        }
        let folder = file.parent().unwrap_or(Path::new(""));
        let mut target = join(folder, &path).context("it leads out of the repository")?;
        // This folder does not exist in the repository: it is made with the book, and checked there.
        if target.starts_with(self.source.join(API_FOLDER)) {
            return Ok(None);
        }
        // Likewise; and a page from outside of `docs/` stands at another depth in the book.
        if target == self.source.join(page::FILE) {
            let to = relative(page.parent().unwrap_or(Path::new("")), Path::new(page::FILE));
            return Ok(Some(with_fragment(to, fragment)));
        }
        if self.root.join(&target).is_dir() {
            target.push("README.md");
        } else if !self.root.join(&target).is_file() {
            bail!("there is no {}", relative(Path::new(""), &target));
        }
        let inside = self.place(&target);
        if target.extension().is_some_and(|extension| extension == "md") {
            if !self.pages.contains_key(&target) {
                ensure!(!self.pages.values().any(|page| *page == inside), "two files would be the same page");
                self.pages.insert(target.clone(), inside.clone());
                self.added.push_back(target);
            }
        } else {
            self.copies.insert(target);
        }
        let to = relative(page.parent().unwrap_or(Path::new("")), &inside);
        Ok(Some(with_fragment(to, fragment)))
    }

    /// Where a file of the repository is inside the book.
    pub(crate) fn place(&self, file: &Path) -> PathBuf {
        file.strip_prefix(&self.source).unwrap_or(file).to_path_buf()
    }
}

fn with_fragment(to: String, fragment: Option<String>) -> String {
    match fragment {
        Some(fragment) => format!("{to}#{fragment}"),
        None => to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (tempfile::TempDir, Site) {
        let root = tempfile::tempdir().unwrap();
        for name in ["docs/a.md", "docs/models/b.md", "docs/c.md", "README.md", "notes/README.md", "examples/x.toml"] {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "# A *file*,\n# for the tests.\nx = 1\n").unwrap();
        }
        let mut site = Site::new(root.path(), Path::new("docs"));
        site.add_page(Path::new("a.md"));
        site.add_page(Path::new("models/b.md"));
        (root, site)
    }

    #[test]
    fn links_lead_to_pages_and_to_copies() {
        let (_root, mut site) = site();
        let mut follow = |url: &str| site.follow(Path::new("docs/models/b.md"), Path::new("models/b.md"), url).unwrap();
        assert_eq!(follow("../a.md#x").as_deref(), Some("../a.md#x"));
        assert_eq!(follow("../../README.md#x").as_deref(), Some("../README.md#x"));
        assert_eq!(follow("../../notes/").as_deref(), Some("../notes/README.md"));
        assert_eq!(follow("../c.md").as_deref(), Some("../c.md"));
        assert_eq!(follow("../../examples/x.toml").as_deref(), Some("../examples/x.toml"));
        assert_eq!(follow("../page.html#tree.depth=3").as_deref(), Some("../page.html#tree.depth=3"));
        for untouched in ["https://example.org", "#x", "../api/pooltree/index.html"] {
            assert_eq!(follow(untouched), None);
        }
        assert_eq!(site.copies.iter().map(PathBuf::as_path).collect::<Vec<_>>(), [Path::new("examples/x.toml")]);
        let added: Vec<_> = std::iter::from_fn(|| site.next_added()).collect();
        let from_readme = site.follow(Path::new("README.md"), Path::new("README.md"), "docs/page.html").unwrap();
        assert_eq!(from_readme.as_deref(), Some("page.html"));
        let names = [("README.md", "README.md"), ("notes/README.md", "notes/README.md"), ("docs/c.md", "c.md")];
        assert_eq!(added, names.map(|(file, page)| (PathBuf::from(file), PathBuf::from(page))));
    }

    #[test]
    fn a_folder_without_a_readme_is_listed() {
        let (_root, mut site) = site();
        let to = site.follow(Path::new("docs/a.md"), Path::new("a.md"), "../examples/").unwrap();
        assert_eq!(to.as_deref(), Some("examples/README.md"));
        let (file, _) = site.next_added().unwrap();
        assert_eq!(site.read(&file).unwrap(), "# examples/\n\n- [x.toml](x.toml): A \\*file\\*\\, for the tests\\.\n");
    }

    #[test]
    fn links_to_nowhere_are_refused() {
        let (_root, mut site) = site();
        for url in ["../nowhere.md", "../../../etc/passwd", "/etc/passwd", "../../examples/y.toml"] {
            assert!(site.follow(Path::new("docs/models/b.md"), Path::new("models/b.md"), url).is_err(), "{url}");
        }
    }
}
