//! The page is one file: what its sources would fetch, from elsewhere or from beside it, is refused.

use crate::book::html::Page;
use crate::book::paths::Link;

/// What a script could fetch with, or have another script do it.
const FETCHING: [&str; 9] = [
    "fetch(",
    "import(",
    "importScripts(",
    "XMLHttpRequest",
    "WebSocket",
    "WebTransport",
    "EventSource",
    "sendBeacon(",
    "serviceWorker",
];

/// Everything that the HTML file `name` would fetch, save the files that are put into it, one line each.
pub(crate) fn of_html(name: &str, html: &str, own: &[&str]) -> Vec<String> {
    let page = Page::read(html);
    let fetched = page.references.iter().filter(|reference| match Link::parse(&reference.url) {
        _ if reference.element == "a" || reference.url.starts_with("data:") => false,
        Link::Elsewhere => true,
        Link::Relative { path, .. } => !path.is_empty() && !own.contains(&reference.url.as_str()),
    });
    fetched.map(|reference| format!("{name}: <{}> fetches {}", reference.element, reference.url)).collect()
}

/// Everything that the style sheet `name` would fetch, one line each.
pub(crate) fn of_css(name: &str, css: &str) -> Vec<String> {
    let urls = css.split("url(").skip(1).filter_map(|rest| rest.split(')').next());
    let urls = urls.map(|url| url.trim().trim_matches(['"', '\''])).filter(|url| !url.starts_with("data:"));
    let mut found: Vec<String> = urls.map(|url| format!("{name}: fetches {url}")).collect();
    if css.contains("@import") {
        found.push(format!("{name}: @import fetches another style sheet"));
    }
    found
}

/// Everything with which the script `name` could fetch, one line each.
pub(crate) fn of_script(name: &str, script: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (line, text) in (1..).zip(script.lines()) {
        let code = text.trim_start();
        let module = ["import ", "import{", "export "].iter().any(|word| code.starts_with(word));
        let word = FETCHING.iter().find(|word| calls(code, word));
        if module || word.is_some() {
            found.push(format!("{name}, line {line}: a script of the page fetches nothing: {}", code.trim_end()));
        }
    }
    found
}

/// Whether `word` stands in `code`, and not as the end of a longer name.
fn calls(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_may_link_but_not_fetch() {
        let sound = "<link href=page.css><script src=page.js></script><a href=\"https://example.org\">source</a>\
                     <a href=index.html>book</a><img src=\"data:image/gif;base64,\"><svg><use href=\"#a\"/></svg>";
        assert_eq!(of_html("i", sound, &["page.css", "page.js"]), Vec::<String>::new());
        for (html, what) in [
            ("<script src=\"https://example.org/m.js\"></script>", "<script> fetches https://example.org/m.js"),
            ("<img src=//example.org/i.png>", "<img> fetches //example.org/i.png"),
            ("<link rel=icon href=icon.png>", "<link> fetches icon.png"),
            ("<script src=page.js?2></script>", "<script> fetches page.js?2"),
        ] {
            assert_eq!(of_html("i", html, &["page.css", "page.js"]), [format!("i: {what}")], "{html}");
        }
    }

    #[test]
    fn a_style_sheet_may_only_use_data() {
        assert_eq!(of_css("s", "a{background:url(\"data:image/svg+xml,x\")}"), Vec::<String>::new());
        assert_eq!(of_css("s", "a{background:url( 'i.png' )}"), ["s: fetches i.png"]);
        assert_eq!(of_css("s", "@import 'b.css';"), ["s: @import fetches another style sheet"]);
    }

    #[test]
    fn a_script_may_not_fetch() {
        let sound =
            "// Nothing is fetched; prefetch() is a name.\nconst important = prefetch(1);\nworker = new Worker(u);";
        assert_eq!(of_script("p", sound), Vec::<String>::new());
        for code in ["await fetch(u)", "window.fetch(u)", "import x from 'y'", "import('y')", "new WebSocket(u)"] {
            let found = of_script("p", &format!("let a;\n  {code};\n"));
            assert!(found.len() == 1 && found[0].starts_with("p, line 2: ") && found[0].contains(code), "{found:?}");
        }
    }
}
