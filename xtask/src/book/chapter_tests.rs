use std::fs;

use super::*;

fn api() -> (tempfile::TempDir, Api) {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pooltree/estimate");
    fs::create_dir_all(&pages).unwrap();
    fs::write(folder.path().join("pooltree/index.html"), "").unwrap();
    fs::write(pages.join("index.html"), "").unwrap();
    fs::write(pages.join("struct.Estimate.html"), "<section id=\"method.mean\">").unwrap();
    let api = Api::open(folder.path()).unwrap();
    (folder, api)
}

fn rewritten(source: &str) -> Result<String, Vec<String>> {
    let (_folder, api) = api();
    let mut follow = |url: &str| Ok(url.starts_with("../").then(|| format!("moved/{}", &url[3..])));
    rewrite(source, Path::new("models/page.md"), &api, &mut follow)
}

#[test]
fn formulas_are_found_where_they_are_and_nowhere_else() {
    let page = rewritten("The rate $x_1$ is\n\n$$\n\\frac{a}{b}\n$$\n").unwrap();
    assert_eq!(page.matches("<math").count(), 2, "{page}");
    assert_eq!(page.matches("<mfrac>").count(), 1, "{page}");
    assert!(!page.contains('$'), "{page}");
    for untouched in [
        "`$x$` and ``$$y$$``\n",
        "```sh\necho $HOME $x$ $$\n```\n",
        "    indented $x$\n",
        "It costs $5, or $10 with \\$ before it.\n",
        "Between \\$x\\$ there is no formula.\n",
    ] {
        assert_eq!(rewritten(untouched).as_deref(), Ok(untouched));
    }
}

#[test]
fn formulas_stand_in_lists_quotes_headings_and_tables() {
    let page =
        rewritten("> - $$\n>   a\n>   $$\n\n## $b$\n\n| $c$ | $\\vert d \\vert$ |\n|---|---|\n| $e$ | f |\n").unwrap();
    assert_eq!(page.matches("<math").count(), 5, "{page}");
    let events = Parser::new_ext(&page, options());
    let cells = events.filter(|event| matches!(event, Event::Start(Tag::TableCell))).count();
    assert_eq!(cells, 4, "{page}");
}

#[test]
fn half_a_formula_is_named() {
    for source in ["a $x and b\n", "a\n\n$$\nx\n", "a $x $ b\n", "$$\nx\n\ny\n$$\n"] {
        let problems = rewritten(source).unwrap_err();
        assert!(problems[0].contains("without its partner"), "{source:?}: {problems:?}");
    }
}

#[test]
fn errors_in_tex_name_line_and_formula() {
    let problems = rewritten("Fine: $x$\n\nWrong: $\\nosuch{x}$ and $\\frac{1}$\n").unwrap_err();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("line 3: ") && problems[0].contains("`\\nosuch{x}`"), "{problems:?}");
    assert!(problems[1].contains("`\\frac{1}`"), "{problems:?}");
}

#[test]
fn paths_of_the_library_become_links() {
    let to = "../api/pooltree/estimate/struct.Estimate.html#method.mean";
    let code = "`pooltree::estimate::Estimate::mean`";
    let text = "<code>pooltree::<wbr>estimate::<wbr>Estimate::<wbr>mean</code>";
    assert_eq!(rewritten(&format!("See {code}.\n")).unwrap(), format!("See [{text}]({to}).\n"));
    // Already a link, or a heading: looked up, but no link inside a link.
    for untouched in [format!("[{code}](x.md)\n"), format!("# {code}\n"), format!("```rust\n{code}\n```\n")] {
        assert_eq!(rewritten(&untouched).as_ref(), Ok(&untouched));
    }
    let problems = rewritten("\n`pooltree::estimate::Estimat`\n").unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("line 2: ") && problems[0].contains("Estimat`"), "{problems:?}");
}

#[test]
fn links_are_retargeted_wherever_they_are_written() {
    let page =
        rewritten("[../a](../a \"../t\") ![i](../i.png) [r][r] [`../c`](../c) [n](n.md)\n\n[r]: ../r\n").unwrap();
    let expected = "[../a](moved/a \"../t\") ![i](moved/i.png) [r][r] [`../c`](moved/c) [n](n.md)\n\n[r]: moved/r\n";
    assert_eq!(page, expected);
    assert_eq!(rewritten("[![i](../i.png)](../a)\n").unwrap(), "[![i](moved/i.png)](moved/a)\n");
}
