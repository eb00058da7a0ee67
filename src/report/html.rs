//! A report as HTML. Colours and fonts are those of the page, so that it can be read on a light ground and on a dark one.

use super::{Block, Table};
use std::fmt::Write;

/// The blocks in the order in which they are read.
pub(super) fn of(blocks: &[Block]) -> String {
    let mut html = String::from("<div>\n");
    for block in blocks {
        match block {
            Block::Lines(text) => lines(&mut html, text),
            Block::Drawing(text) => {
                let lines = escaped(text.trim_end_matches('\n'));
                // Writing into a string cannot fail.
                let _ = writeln!(html, "<pre style=\"line-height:1.2\">{lines}</pre>");
            }
            Block::Table(rows) => table(&mut html, rows),
        }
    }
    html + "</div>"
}

/// Paragraphs, which end at empty lines.
fn lines(html: &mut String, text: &str) {
    let all: Vec<&str> = text.lines().collect();
    for paragraph in all.split(|line| line.trim().is_empty()).filter(|paragraph| !paragraph.is_empty()) {
        let shown: Vec<String> = paragraph.iter().map(|line| indented(line)).collect();
        let _ = writeln!(html, "<p>{}</p>", shown.join("<br>\n"));
    }
}

/// A line with the spaces that it begins with.
fn indented(line: &str) -> String {
    let rest = line.trim_start_matches(' ');
    "&nbsp;".repeat(line.len() - rest.len()) + &escaped(rest)
}

fn table(html: &mut String, table: &Table) {
    let columns = table.header().len().max(table.rows().iter().map(Vec::len).max().unwrap_or(0));
    let style: Vec<String> = (0..columns)
        .map(|column| {
            // A number stays in one line with its error and its unit.
            let align = if table.is_of_numbers(column) { "right;white-space:nowrap" } else { "left" };
            format!("text-align:{align};vertical-align:top;padding:0.15em 0.7em")
        })
        .collect();
    *html += "<table style=\"border-collapse:collapse\">\n<thead><tr>";
    for (title, style) in table.header().iter().zip(&style) {
        let style = format!("{style};border-bottom:1px solid currentColor");
        let _ = write!(html, "<th scope=\"col\" style=\"{style}\">{}</th>", cell(title));
    }
    *html += "</tr></thead>\n<tbody>\n";
    for row in table.rows() {
        *html += "<tr>";
        for (text, style) in row.iter().zip(&style) {
            let _ = write!(html, "<td style=\"{style}\">{}</td>", cell(text));
        }
        *html += "</tr>\n";
    }
    *html += "</tbody></table>\n";
}

/// Cells hold text as Markdown takes it: a bar that is no border has a backslash before it.
fn cell(text: &str) -> String {
    escaped(&text.replace("\\|", "|")).replace('\n', "<br>")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
