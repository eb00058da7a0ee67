use super::*;
use crate::book::html::Page;

const HTML: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head>\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'\">\n\
    <link rel=\"stylesheet\" href=\"page.css\">\n</head><body><p id=\"text\">A</p>\n\
    <script src=\"page.js\"></script>\n</body></html>\n";

const PARTS: Parts = Parts {
    html: HTML,
    css: "p { color: red }\n",
    js: "start();\n",
    worker: "work();\n",
    glue: "let wasm_bindgen;\n",
    wasm: "H4sI",
    version: "1.2.3",
};

fn error(parts: &Parts) -> String {
    bundle(parts).unwrap_err().to_string()
}

#[test]
fn everything_is_in_its_place() {
    let page = bundle(&PARTS).unwrap();
    assert!(page.starts_with("<!doctype html>\n<!-- pooltree 1.2.3; made by `cargo xtask page` -->\n<html"), "{page}");
    let order = [
        "<style>\np { color: red }\n</style>",
        "<p id=\"text\">A</p>",
        "<script type=\"application/gzip\" id=\"wasm\">H4sI</script>",
        "<script id=\"glue\">\nlet wasm_bindgen;\n</script>",
        "<script type=\"text/plain\" id=\"worker\">\nwork();\n</script>",
        "<script>\nstart();\n</script>",
        "</body></html>",
    ];
    let places: Vec<_> = order.iter().map(|part| page.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {page}");
    let read = Page::read(&page);
    assert!(read.references.is_empty(), "{:?}", read.references);
    assert!(["text", "wasm", "glue", "worker"].iter().all(|id| read.anchors.contains(*id)), "{:?}", read.anchors);
}

#[test]
fn each_place_must_be_there_once() {
    for place in [STYLE, SCRIPT] {
        let without = error(&Parts { html: &HTML.replace(place, ""), ..PARTS });
        assert_eq!(without, format!("index.html must contain `{place}` exactly once, and contains it 0 times"));
        let twice = error(&Parts { html: &HTML.replace(place, &place.repeat(2)), ..PARTS });
        assert_eq!(twice, format!("index.html must contain `{place}` exactly once, and contains it 2 times"));
    }
    let before = HTML.replace("<html", &format!("{SCRIPT}<html"));
    assert!(error(&Parts { html: &before, ..PARTS }).ends_with("contains it 2 times"));
}

#[test]
fn places_in_what_is_put_in_are_no_places() {
    let js = format!("const text = '{STYLE}';\n");
    assert!(bundle(&Parts { js: &js, ..PARTS }).unwrap().contains(&js));
}

#[test]
fn doctype_and_policy_are_required() {
    for html in ["", "<html>", &format!("\n{HTML}"), "<!doctype htm\u{e9}l>"] {
        let html = format!("{html}{}", POLICY.join(" "));
        assert!(error(&Parts { html: &html, ..PARTS }).contains("must begin with `<!doctype html>`"), "{html}");
    }
    let open = HTML.replace("default-src 'none'", "default-src *");
    assert!(error(&Parts { html: &open, ..PARTS }).contains("there is no `default-src 'none'`"));
}

#[test]
fn all_that_would_be_fetched_is_named() {
    let html = HTML.replace("<p", "<img src=\"https://example.org/i.png\"><p");
    let parts = Parts { html: &html, css: "@import 'b.css';", js: "fetch(u)", worker: "importScripts(u)", ..PARTS };
    let found = error(&parts);
    for name in ["index.html: <img>", "page.css: @import", "page.js, line 1", "worker.js, line 1"] {
        assert!(found.contains(name), "{name}: {found}");
    }
    // What wasm-bindgen writes could fetch; the policy and the page's script keep it from doing so.
    assert!(bundle(&Parts { glue: "fetch(u)", ..PARTS }).is_ok());
}

#[test]
fn a_script_does_not_end_before_its_end() {
    let code = "a('</script>', '</SCRIPT ', \"<!-- \u{e9} <script>\", 1 </script/.test(b));\n";
    let escaped = "a('<\\/script>', '<\\/SCRIPT ', \"<\\!-- \u{e9} <script>\", 1 <\\/script/.test(b));\n";
    assert_eq!(escape(code, "script"), escaped);
    let page = bundle(&Parts { js: code, worker: code, glue: code, ..PARTS }).unwrap();
    assert_eq!(page.matches(escaped).count(), 3, "{page}");
    let scripts = page.to_ascii_lowercase().matches("</script").count();
    assert_eq!(scripts, 4, "{page}");
    let page = bundle(&Parts { css: "a::after { content: '</style>' }", ..PARTS }).unwrap();
    assert!(page.contains("content: '<\\/style>'"), "{page}");
    assert!(matches!(escape("a < b && c </d/", "script"), Cow::Borrowed(_)));
}
