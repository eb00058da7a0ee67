//! `pooltree claims`.

use super::format::{exact, table_with_text};
use super::json;
use comfy_table::{CellAlignment, Table, presets};
use pooltree::Result;
use pooltree::claims::{self, Claim, Document};
use std::fmt::Write;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The numbers behind every verdict as well.
    #[arg(long)]
    figures: bool,
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let claims = claims::all()?;
    if args.json {
        return json(&claims);
    }
    let mut text = String::new();
    for document in Document::ALL {
        let of: Vec<&Claim> = claims.iter().filter(|claim| claim.document == document).collect();
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "Claims of the document *{}*, computed now\n\n{}", document.title(), table(&of));
        if args.figures {
            figures(&mut text, &of);
        }
    }
    Ok(text)
}

fn table(claims: &[&Claim]) -> Table {
    let mut table = table_with_text(&["", "the document says", "verdict", "what comes out"]);
    table.load_style(presets::ASCII_FULL);
    table.column_iter_mut().for_each(|column| {
        column.set_cell_alignment(CellAlignment::Left);
    });
    for claim in claims {
        let number = claim.claim.to_string();
        table.add_row([number.as_str(), claim.quote, claim.verdict.name(), &claim.finding]);
    }
    table
}

fn figures(text: &mut String, claims: &[&Claim]) {
    for claim in claims {
        let _ = writeln!(text, "\nClaim {}", claim.claim);
        for (name, value) in claim.figures.iter() {
            let _ = writeln!(text, "  {name}: {}", exact(value));
        }
    }
}
