//! `cargo xtask book`: the book of `docs/` and the documentation of the API beside it, in one folder that needs no
//! network and no server.
//!
//! mdBook renders the pages. Before it, formulas become MathML, paths of the library become links into the API
//! documentation, and links out of `docs/` are led into the book; after it, every link of the result is checked. The
//! page where a reader plays with the numbers (`cargo xtask page`) is part of the book.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use mdbook_driver::MDBook;
use mdbook_driver::book::{BookItem, Chapter};

mod api;
mod chapter;
mod check;
mod files;
pub(crate) mod html;
mod html_text;
mod maths;
pub(crate) mod paths;
mod site;

use api::{Api, CRATE};
use chapter::API_FOLDER;
use site::Site;

use crate::page;

/// The folder of the font for formulas, in the repository and in the book: few systems have one.
const MATHS_FONT: &str = "theme/maths";

/// Builds the book and checks it.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    if let Some(argument) = arguments.first() {
        bail!("`cargo xtask book` takes no arguments, and there is `{argument}`");
    }
    let documentation = document(root)?;
    let api = Api::open(&documentation)?;

    let mut book = MDBook::load(root).context("cannot load the book")?;
    let mut site = Site::new(root, &book.config.book.src);
    for page in book.book.chapters().filter_map(|chapter| chapter.path.as_deref()) {
        site.add_page(page);
    }
    fill(&mut book, &mut site, &api)?;
    let page = page::build(root)?;

    let built = book.build_dir_for("html");
    book.build().context("mdBook cannot render the book")?;
    for file in &site.copies {
        files::copy(&root.join(file), &built.join(site.place(file)))?;
    }
    files::copy_folder(&root.join(MATHS_FONT), &built.join(MATHS_FONT))?;
    copy_documentation(&documentation, &built.join(API_FOLDER))?;
    page::write(&page, &built)?; // not before: mdBook empties the folder

    let problems = check::check(&built)?;
    ensure!(problems.is_empty(), "the book does not hold together:\n{}", problems.join("\n"));
    println!("The book is in {}", built.strip_prefix(root).unwrap_or(&built).join("index.html").display());
    Ok(())
}

/// Runs rustdoc, and returns the folder with what it wrote.
fn document(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = root.join("target");
    let status = Command::new(cargo)
        .args(["doc", "--no-deps", "--all-features", "--lib", "--target-dir"])
        .arg(&target)
        .current_dir(root)
        .status()
        .context("cannot run cargo doc")?;
    ensure!(status.success(), "cargo doc failed");
    Ok(target.join("doc"))
}

/// Rewrites every page for mdBook, and adds the pages that only links lead to.
fn fill(book: &mut MDBook, site: &mut Site, api: &Api) -> Result<()> {
    let mut problems = Vec::new();
    let source = book.config.book.src.clone();
    book.book.for_each_chapter_mut(|chapter| {
        let (Some(page), Some(file)) = (chapter.path.clone(), chapter.source_path.clone()) else { return };
        rewrite(chapter, &source.join(file), &page, site, api, &mut problems);
    });

    let mut overview = Chapter::new("API documentation", overview(api)?, "api.md", Vec::new());
    rewrite(&mut overview, &source.join("api.md"), Path::new("api.md"), site, api, &mut problems);
    let mut more = vec![overview];
    while let Some((file, page)) = site.next_added() {
        let content = site.read(&file)?;
        let mut chapter = Chapter::new(&title(&content, &file), content, page.clone(), Vec::new());
        rewrite(&mut chapter, &file, &page, site, api, &mut problems);
        more.push(chapter);
    }
    ensure!(problems.is_empty(), "the pages have errors:\n{}", problems.join("\n"));
    book.book.items.push(BookItem::PartTitle("More".to_owned()));
    book.book.items.extend(more.into_iter().map(BookItem::Chapter));
    Ok(())
}

fn rewrite(chapter: &mut Chapter, file: &Path, page: &Path, site: &mut Site, api: &Api, problems: &mut Vec<String>) {
    match chapter::rewrite(&chapter.content, page, api, &mut |url| site.follow(file, page, url)) {
        Ok(content) => chapter.content = content,
        Err(found) => problems.extend(found.into_iter().map(|problem| format!("{}, {problem}", file.display()))),
    }
}

/// The page that leads to the API documentation.
fn overview(api: &Api) -> Result<String> {
    let mut page = format!(
        "# API documentation\n\n[All modules, types and functions]({API_FOLDER}/{CRATE}/index.html) of the library, \
         with meaning, units, domain, errors and sources:\n\n"
    );
    for module in api.modules()? {
        writeln!(page, "- `{CRATE}::{module}`")?;
    }
    Ok(page)
}

/// The title of a page: its first heading.
fn title(content: &str, file: &Path) -> String {
    let heading = content.lines().find_map(|line| line.strip_prefix("# "));
    heading.map_or_else(|| file.display().to_string(), |title| title.trim().to_owned())
}

/// Copies the documentation of the library; the folder may hold that of other packages, too.
fn copy_documentation(from: &Path, to: &Path) -> Result<()> {
    const SHARED: [&str; 4] = ["static.files", "search.index", "trait.impl", "type.impl"];
    for folder in SHARED.into_iter().chain([CRATE]) {
        if from.join(folder).is_dir() {
            files::copy_folder(&from.join(folder), &to.join(folder))?;
        }
    }
    files::copy_folder(&from.join("src").join(CRATE), &to.join("src").join(CRATE))?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))?;
    for file in entries.filter_map(Result::ok).filter(|entry| entry.path().is_file()) {
        files::copy(&file.path(), &to.join(file.file_name()))?;
    }
    Ok(())
}
