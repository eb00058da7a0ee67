//! The index of the two documents is whole: rows, counts, claims and commands. (Its paths are checked where the book is built.)

use crate::cli::{run, text};
use pooltree::claims::{self, Document};
use std::collections::BTreeMap;
use std::path::Path;

const INDEX: &str = include_str!("../../docs/documents.md");
const INTRODUCTION: &str = include_str!("../../docs/introduction.md");

/// The cells of a table's line; a `\|` does not separate.
fn cells(line: &str) -> Option<Vec<String>> {
    let line = line.replace("\\|", "\u{a6}");
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(|cell| cell.trim().replace('\u{a6}', "|")).collect())
}

/// The lines of a page outside its code blocks.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    page.split("```").step_by(2).flat_map(str::lines)
}

/// The first line with another number of cells than the first line of its table.
fn malformed(page: &str) -> Option<&str> {
    let mut width = None;
    prose(page).find(|line| {
        if !line.starts_with('|') {
            width = None;
            return false;
        }
        let found = cells(line).map(|cells| cells.len());
        found.is_none() || *width.get_or_insert(found) != found
    })
}

/// One sentence of a document.
struct Sentence {
    document: Document,
    number: String,
    words: String,
    answer: String,
    command: String,
    remark: String,
}

/// The rows of the index.
fn sentences(page: &str) -> Vec<Sentence> {
    let mut document = None;
    let mut found = Vec::new();
    for line in prose(page) {
        if let Some(title) = line.strip_prefix("## ") {
            document = Document::ALL.into_iter().find(|document| document.title() == title);
        }
        let (Some(document), Some(row)) = (document, cells(line)) else { continue };
        let [number, words, answer, command, remark] = <[String; 5]>::try_from(row).unwrap();
        if number.chars().all(|c| c.is_ascii_digit()) {
            found.push(Sentence { document, number, words, answer, command, remark });
        }
    }
    found
}

/// The code spans of a cell.
fn spans(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn no_table_is_malformed() {
    assert_eq!(malformed(INDEX), None);
    assert_eq!(malformed(INTRODUCTION), None);
    assert_eq!(malformed("| a | b |\n|---|---|\n| 1 | x|y |\n"), Some("| 1 | x|y |"));
    assert_eq!(malformed("| a | b |\n|---|---|\n| 1 | x\\|y |\n"), None);
    assert_eq!(malformed("| a | b |\n|---|---|\n| 1 | 2\n"), Some("| 1 | 2"));
}

/// Every row has its number, a beginning of a sentence and a remark, and names functions and types or says why not.
#[test]
fn rows_are_whole() {
    let mut last = BTreeMap::new();
    for row in sentences(INDEX) {
        let number = last.entry(row.document.title()).or_insert(0);
        *number += 1;
        assert_eq!(row.number, number.to_string());
        let words = row.words.split_whitespace().count();
        assert!((1..=14).contains(&words), "{}", row.words);
        assert!(!row.remark.is_empty(), "{}", row.words);
        if row.answer == "-" {
            assert_eq!(row.command, "-", "{}", row.words);
        } else {
            let paths: Vec<_> = spans(&row.answer).collect();
            assert!(!paths.is_empty() && paths.iter().all(|path| path.starts_with("pooltree::")), "{}", row.words);
        }
    }
    assert_eq!(last.len(), Document::ALL.len());
}

/// As many sentences, answered or not, as the page says at its top.
#[test]
fn counts_are_those_stated() {
    let rows = sentences(INDEX);
    for document in Document::ALL {
        let of = |count: &dyn Fn(&Sentence) -> bool| {
            rows.iter().filter(|row| row.document == document && count(row)).count().to_string()
        };
        let silent = |row: &Sentence| row.answer == "-";
        let open = |row: &Sentence| row.remark.starts_with("not answered");
        let expected = [of(&|_| true), of(&|row| !silent(row) && !open(row)), of(&open), of(&silent)];
        let stated = prose(INDEX).filter_map(cells).find(|cells| cells[0] == document.title()).unwrap();
        assert_eq!(stated[1..], expected, "{}", document.title());
    }
}

/// The claims that a remark names, with the verdict where it tells one.
fn named_claims(remark: &str) -> Vec<(u32, Option<&str>)> {
    let claims = remark.split("claim ").skip(1).map(|rest| {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let verdict = rest[digits..].strip_prefix(" (").and_then(|rest| rest.split(')').next());
        (rest[..digits].parse().unwrap(), verdict)
    });
    claims.collect()
}

/// Every claim stands at a sentence of its document, with the verdict that is computed.
#[test]
fn claims_are_in_the_index() {
    let rows = sentences(INDEX);
    let computed: BTreeMap<_, _> =
        claims::all().unwrap().iter().map(|c| ((c.document.title(), c.claim), c.verdict.name())).collect();
    let mut missing: Vec<_> = computed.keys().copied().collect();
    for row in &rows {
        for (claim, verdict) in named_claims(&row.remark) {
            let key = (row.document.title(), claim);
            let expected = computed.get(&key).unwrap_or_else(|| panic!("no claim {claim}: {}", row.words));
            if let Some(verdict) = verdict {
                assert_eq!(verdict, *expected, "{}", row.words);
                missing.retain(|other| *other != key);
            }
        }
    }
    assert_eq!(missing, []);
    assert_eq!(named_claims("claim 4 (fails): 1/16, see claim 12"), [(4, Some("fails")), (12, None)]);
}

/// What of a command is not in the help of the binary: a subcommand, a flag, an example file.
fn unknown<'a>(command: &'a str, helps: &mut BTreeMap<String, String>) -> Option<&'a str> {
    let mut help = |names: &[&str]| {
        let asked = [names, &["--help"]].concat();
        helps.entry(names.join(" ")).or_insert_with(|| text(&run(&asked))).clone()
    };
    let listed = |help: &str, name: &str| help.lines().any(|line| line.split_whitespace().next() == Some(name));
    let mut names = Vec::new();
    let mut words = command.split_whitespace().skip(1).peekable();
    // Subcommands come first, and only the help of one that has any lists them.
    loop {
        let found = help(&names);
        if !found.contains("\nCommands:") {
            break;
        }
        let Some(name) = words.next() else { break };
        if !listed(&found, name) {
            return Some(name);
        }
        names.push(name);
    }
    let help = help(&names);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let flags: Vec<_> = help.split(|c| !is_part(c)).collect();
    words.find(|word| {
        let flag = word.starts_with('-') && !flags.contains(word);
        let file = word.starts_with("examples/") && !Path::new(env!("CARGO_MANIFEST_DIR")).join(word).exists();
        flag || file
    })
}

#[test]
fn commands_exist() {
    let rows = sentences(INDEX);
    let shown = INTRODUCTION.split("```").skip(1).step_by(2).flat_map(|block| block.lines().skip(1));
    let mut helps = BTreeMap::new();
    let mut checked = 0;
    for command in rows.iter().flat_map(|row| spans(&row.command)).chain(shown) {
        assert!(command.starts_with("pooltree "), "{command}");
        assert_eq!(unknown(command, &mut helps), None, "{command}");
        checked += 1;
    }
    assert!(checked >= 100, "{checked}");
    for (wrong, part) in [
        ("pooltree comapre", "comapre"),
        ("pooltree best --heights 1", "--heights"),
        ("pooltree plot square -o x.svg", "square"),
        ("pooltree plot circle --vary x", "--vary"),
        ("pooltree best examples/nowhere.toml", "examples/nowhere.toml"),
    ] {
        assert_eq!(unknown(wrong, &mut helps), Some(part));
    }
}
