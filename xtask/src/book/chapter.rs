//! One page of the book, rewritten before mdBook renders it: formulas, paths of the library, links out of `docs/`.
//!
//! The source is edited in place, span by span as the Markdown parser reports them. So a `$` or a path inside a code
//! block is left alone, and what is not edited reaches mdBook as it was written.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Result;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::api::Api;
use super::html_text::as_text;
use super::maths;
use super::paths::relative;

/// The folder of the API documentation inside the book.
pub(crate) const API_FOLDER: &str = "api";

/// Where a link of a page leads inside the book, for a link as it is written; `None` leaves the link as it is.
pub(crate) type Follow<'a> = &'a mut dyn FnMut(&str) -> Result<Option<String>>;

/// Replaces `range` of the source.
struct Edit {
    range: Range<usize>,
    text: String,
}

/// A link whose end the parser has not reported yet.
struct OpenLink {
    kind: LinkType,
    url: String,
    /// Where the text of the link ends, so far.
    text_ends: usize,
}

struct Rewriter<'a> {
    source: &'a str,
    /// The folder of the page inside the book.
    folder: PathBuf,
    api: &'a Api,
    follow: Follow<'a>,
    edits: Vec<Edit>,
    problems: Vec<String>,
    links: Vec<OpenLink>,
    in_heading: bool,
    in_code_block: bool,
}

/// The source of a page for mdBook.
///
/// # Errors
///
/// Everything that is wrong with the page, each with its line.
pub(crate) fn rewrite(source: &str, page: &Path, api: &Api, follow: Follow<'_>) -> Result<String, Vec<String>> {
    let folder = page.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut rewriter = Rewriter {
        source,
        folder,
        api,
        follow,
        edits: Vec::new(),
        problems: Vec::new(),
        links: Vec::new(),
        in_heading: false,
        in_code_block: false,
    };
    let parser = Parser::new_ext(source, options());
    for (_, definition) in parser.reference_definitions().iter() {
        rewriter.retarget(&definition.dest, definition.span.clone());
    }
    for (event, range) in parser.into_offset_iter() {
        rewriter.event(event, range);
    }
    if rewriter.problems.is_empty() { Ok(apply(source, rewriter.edits)) } else { Err(rewriter.problems) }
}

/// What mdBook reads, and formulas.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH
}

fn apply(source: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.range.start);
    let mut out = String::with_capacity(source.len());
    let mut done = 0;
    for edit in edits {
        // Overlapping edits cannot come from one parse; if they did, the first would win.
        let Some(before) = source.get(done..edit.range.start) else { continue };
        out.push_str(before);
        out.push_str(&edit.text);
        done = edit.range.end;
    }
    out.push_str(source.get(done..).unwrap_or_default());
    out
}

impl Rewriter<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if let (Some(link), false) = (self.links.last_mut(), matches!(event, Event::End(_))) {
            link.text_ends = link.text_ends.max(range.end);
        }
        match event {
            Event::InlineMath(tex) => self.formula(&tex, false, range),
            Event::DisplayMath(tex) => self.formula(&tex, true, range),
            Event::Code(code) if Api::is_path(&code) => self.path(&code, range),
            Event::Text(text) if !self.in_code_block => self.text(&text, &range),
            Event::Start(Tag::Heading { .. }) => self.in_heading = true,
            Event::End(TagEnd::Heading(_)) => self.in_heading = false,
            Event::Start(Tag::CodeBlock(kind)) => {
                self.in_code_block = true;
                if matches!(&kind, CodeBlockKind::Fenced(info) if &**info == "math") {
                    self.problem(&range, "a formula on its own is written between `$$` here, not as a code block");
                }
            }
            Event::End(TagEnd::CodeBlock) => self.in_code_block = false,
            Event::Start(Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. }) => {
                self.links.push(OpenLink { kind: link_type, url: dest_url.to_string(), text_ends: range.start });
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let Some(link) = self.links.pop() else { return };
                if link.kind == LinkType::Inline {
                    self.retarget(&link.url, link.text_ends..range.end);
                }
                // The link may itself be the text of another one, as an image often is.
                if let Some(outer) = self.links.last_mut() {
                    outer.text_ends = outer.text_ends.max(range.end);
                }
            }
            _ => {}
        }
    }

    fn formula(&mut self, tex: &str, display: bool, range: Range<usize>) {
        match maths::to_html(tex, display) {
            Ok(text) => self.edits.push(Edit { range, text }),
            Err(error) => self.problem(&range, &format!("{error:#}, in the formula `{}`", one_line(tex))),
        }
    }

    fn path(&mut self, code: &str, range: Range<usize>) {
        match self.api.resolve(code) {
            // A heading is a link already, and so is the text of a link.
            Ok(_) if self.in_heading || !self.links.is_empty() => {}
            Ok(page) => {
                let to = relative(&self.folder, &Path::new(API_FOLDER).join(page));
                let text = format!("[<code>{}</code>]({to})", breakable(code));
                self.edits.push(Edit { range, text });
            }
            Err(error) => self.problem(&range, &format!("{error:#}")),
        }
    }

    /// A dollar sign that is left over in the text is half a formula, unless it is a price or escaped.
    fn text(&mut self, text: &str, range: &Range<usize>) {
        let escaped = self.source.get(..range.start).is_some_and(|before| before.ends_with('\\'));
        for (at, _) in text.match_indices('$') {
            // The parser may report the sign by itself: what follows it is looked up in the source.
            let after = self.source.get(range.start + at + 1..).unwrap_or_default();
            let price = after.starts_with(|c: char| c.is_ascii_digit());
            if !(price || (at == 0 && escaped)) {
                let line = text.lines().next().unwrap_or_default();
                self.problem(range, &format!("a `$` without its partner (or write `\\$`), in the text `{line}`"));
                return;
            }
        }
    }

    /// Writes where a link leads in the book over where it leads in the repository.
    fn retarget(&mut self, url: &str, within: Range<usize>) {
        let target = match (self.follow)(url) {
            Ok(Some(target)) if target != url => target,
            Ok(_) => return,
            Err(error) => return self.problem(&within, &format!("the link `{url}`: {error:#}")),
        };
        match self.source.get(within.clone()).and_then(|slice| slice.rfind(url)) {
            Some(at) => {
                let start = within.start + at;
                self.edits.push(Edit { range: start..start + url.len(), text: target });
            }
            None => self.problem(&within, &format!("the link `{url}` must be written without escapes")),
        }
    }

    fn problem(&mut self, range: &Range<usize>, what: &str) {
        let line = self.source.get(..range.start).unwrap_or_default().matches('\n').count() + 1;
        self.problems.push(format!("line {line}: {what}"));
    }
}

/// The text of a path, which may be broken after every `::`: whole paths would make tables wider than the page.
fn breakable(code: &str) -> String {
    let parts: Vec<String> = code.split("::").map(as_text).collect();
    parts.join("::<wbr>")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "chapter_tests.rs"]
mod tests;
