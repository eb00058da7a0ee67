//! The two forms of a report hold the same.

use super::{Report, Table};
use std::fmt::Write;

fn example() -> Report {
    let mut report = Report::new();
    let _ = writeln!(report, "Pools <of> \"two\" & 'three'\n  indented\n");
    let mut table = Table::new(&["name", "share", "winner"]);
    table.add_row(["a|b".replace('|', "\\|").as_str(), "12.5 %", "tree"]);
    table.add_row(["<i>", "-3", "global"]);
    report.push_table(table);
    let _ = writeln!(report, "\nbelow");
    report.push_drawing("  x y\n  | |\n");
    report
}

#[test]
fn display_is_the_text_and_the_tables_in_order() {
    let text = "Pools <of> \"two\" & 'three'\n  indented\n\n\
                | name | share  | winner |\n|------|--------|--------|\n\
                | a\\|b | 12.5 % |   tree |\n| <i>  |     -3 | global |\n\nbelow\n  x y\n  | |\n";
    assert_eq!(example().to_string(), text);
}

#[test]
fn html_holds_the_same_escaped() {
    let html = example().html();
    assert!(html.starts_with("<div>") && html.ends_with("</div>"), "{html}");
    assert!(html.contains("<p>Pools &lt;of&gt; &quot;two&quot; &amp; &#39;three&#39;<br>\n&nbsp;&nbsp;indented</p>"));
    assert!(html.contains(">a|b</td>") && html.contains(">&lt;i&gt;</td>"), "{html}");
    assert!(html.contains("<p>below</p>\n<pre"));
    assert!(html.contains(">  x y\n  | |</pre>"));
    // Nothing of the text stands unescaped, and what is opened is closed.
    assert!(!html.contains("<of>") && !html.contains("<i>"));
    for tag in ["div", "p", "pre", "table", "thead", "tbody", "tr", "th", "td"] {
        let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert!(opened > 0 && opened == html.matches(&format!("</{tag}>")).count(), "{tag}: {html}");
    }
}

#[test]
fn numbers_go_to_the_right_and_words_to_the_left() {
    let html = example().html();
    let aligned = |text: &str| {
        let before = html.split(&format!("\">{text}</t")).next().unwrap_or_default();
        before.rsplit("text-align:").next().unwrap_or_default().split(';').next().unwrap_or_default().to_owned()
    };
    assert_eq!(["share", "12.5 %", "-3"].map(aligned), ["right", "right", "right"]);
    assert_eq!(["name", "a|b", "winner", "tree"].map(aligned), ["left", "left", "left", "left"]);
    let column = |cells: &[&str]| {
        let mut table = Table::new(&["title"]);
        cells.iter().for_each(|cell| table.add_row([*cell]));
        table.is_of_numbers(0)
    };
    let numbers = ["0", "-0.5", "1.2e-5", "12.5 %", "0.30 ± 0.02", "p = 0.612", "0.1, 0.2", "4-5", "-", "3 levels"];
    numbers.iter().for_each(|number| assert!(column(&["all", number]), "{number}"));
    let words = ["", "tree", "{1, 2}", "0xfe", "2nd", "NaN", "inf", "p", "none seen", "- x"];
    assert!(words.iter().all(|word| !column(&[word])));
    let mut sentences = Table::with_sentences(&["height", "reason"]);
    sentences.add_row(["1", "2 % of all orders"]);
    assert!(sentences.is_of_numbers(0) && !sentences.is_of_numbers(1));
    let mut text = Table::of_text(&["claim"]);
    text.add_row(["1"]);
    assert!(!text.is_of_numbers(0));
}

#[test]
fn a_report_grows_by_another() {
    let mut both = example();
    both.append(example());
    assert_eq!(both.to_string(), example().to_string().repeat(2));
    assert_eq!(both.tables().count(), 2);
    // Text that goes on where other text ends is one paragraph.
    let (mut first, mut second) = (Report::new(), Report::new());
    let _ = (write!(first, "one "), writeln!(second, "line"));
    first.append(second);
    assert_eq!(first.html(), "<div>\n<p>one line</p>\n</div>");
}
