//! What the checks need of an HTML page: its anchors, and everything it refers to.

use std::cell::RefCell;
use std::collections::HashSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// An attribute that names another resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The element, such as `a` or `script`.
    pub(crate) element: String,
    /// What it names, as written, with entities decoded.
    pub(crate) url: String,
    /// Its `title`, or empty.
    pub(crate) title: String,
}

/// The anchors of a page, and its references in the order in which they stand.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) anchors: HashSet<String>,
    pub(crate) references: Vec<Reference>,
}

impl Page {
    /// Reads a page. HTML has no syntax errors: what is no tag is text.
    pub(crate) fn read(html: &str) -> Self {
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(html));
        let tokenizer = Tokenizer::new(Collector::default(), TokenizerOpts::default());
        // The tokenizer stops after each script, for whoever would run it.
        while !queue.is_empty() {
            let _ = tokenizer.feed(&queue);
        }
        tokenizer.end();
        tokenizer.sink.page.into_inner()
    }
}

#[derive(Default)]
struct Collector {
    page: RefCell<Page>,
}

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        self.page.borrow_mut().add(&tag);
        // The text of these is no HTML: what looks like a tag in it is none.
        match &*tag.name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

impl Page {
    fn add(&mut self, tag: &Tag) {
        let value = |name: &str| tag.attrs.iter().find(|a| &*a.name.local == name).map(|a| a.value.to_string());
        if let Some(id) = value("id") {
            self.anchors.insert(id);
        }
        // The old way to write an anchor; on other elements `name` is something else.
        if &*tag.name == "a"
            && let Some(name) = value("name")
        {
            self.anchors.insert(name);
        }
        let title = value("title").unwrap_or_default();
        for attribute in ["href", "xlink:href", "src", "data", "poster"] {
            if let Some(url) = value(attribute) {
                self.references.push(Reference { element: tag.name.to_string(), url, title: title.clone() });
            }
        }
        if let Some(set) = value("srcset") {
            for url in set.split(',').filter_map(|entry| entry.split_whitespace().next()) {
                let (element, url) = (tag.name.to_string(), url.to_owned());
                self.references.push(Reference { element, url, title: title.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_and_references_are_found_and_scripts_are_not_read_as_html() {
        let page = Page::read(
            "<h1 id=\"top\">A</h1><script src=x.js>if (a<b) '<a href=no.html>'</script>\
             <a href=\"b.html?x=1&amp;y=2#c\" title=t>b</a><img src=i.png srcset='j.png 1x, k.png 2x'>",
        );
        assert!(page.anchors.contains("top"));
        let urls: Vec<&str> = page.references.iter().map(|r| r.url.as_str()).collect();
        assert_eq!(urls, ["x.js", "b.html?x=1&y=2#c", "i.png", "j.png", "k.png"]);
        assert_eq!(page.references[1].title, "t");
    }
}
