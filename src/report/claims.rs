//! What the documents claim, and what comes out.

use super::format::exact;
use super::{Report, Table};
use crate::claims::{Claim, Claims, Document};
use std::fmt::Write;

reported! {
    /// A table for each document: its claims, the verdicts, and what comes out.
    Claims => |claims| readable(claims, false);
}

impl Claims {
    /// [`Claims::report`] with the numbers behind every verdict.
    pub fn report_with_figures(&self) -> Report {
        readable(self, true)
    }
}

reported! {
    /// The claim in the words of its document, the verdict, and the numbers behind it.
    Claim => one;
}

fn readable(claims: &Claims, with_figures: bool) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    for document in Document::ALL {
        let of: Vec<&Claim> = claims.iter().filter(|claim| claim.document == document).collect();
        if of.is_empty() {
            continue;
        }
        if text != Report::new() {
            let _ = writeln!(text);
        }
        let _ = writeln!(text, "Claims of the document *{}*, computed now\n", document.title());
        text.push_table(table(&of));
        if with_figures {
            of.into_iter().for_each(|claim| figures(&mut text, claim));
        }
    }
    text
}

fn table(claims: &[&Claim]) -> Table {
    let mut table = Table::of_text(&["", "the document says", "verdict", "what comes out"]);
    for claim in claims {
        let number = claim.claim.to_string();
        table.add_row([number.as_str(), claim.quote, claim.verdict.name(), &claim.finding]);
    }
    table
}

fn figures(text: &mut Report, claim: &Claim) {
    let _ = writeln!(text, "\nClaim {}", claim.claim);
    for (name, value) in claim.figures.iter() {
        let _ = writeln!(text, "  {name}: {}", exact(value));
    }
}

fn one(claim: &Claim) -> Report {
    let mut text = Report::new();
    // Writing into a report cannot fail.
    let _ = writeln!(text, "Claim {} of the document *{}*", claim.claim, claim.document.title());
    let _ = writeln!(text, "\u{201c}{}\u{201d}", claim.quote);
    let _ = writeln!(text, "{}: {}\n", claim.verdict.name(), claim.finding);
    let mut table = Table::new(&["figure", "value"]);
    for (name, value) in claim.figures.iter() {
        table.add_row([name.to_owned(), exact(value)]);
    }
    text.push_table(table);
    text
}
