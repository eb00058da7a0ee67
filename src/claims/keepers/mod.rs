//! Claims of *Keeper selection*.

mod auctions;
mod committees;
mod order;
mod pool;
mod stakes;

use super::{Claim, Document, Figures, Verdict};
use crate::error::Result;
use crate::keepers::{Keeper, Keepers};

/// All rows, in the order of the report.
pub(super) fn all() -> Result<Vec<Claim>> {
    Ok(vec![
        auctions::automatic_selection()?,
        auctions::great_losses()?,
        auctions::costless_reversions()?,
        pool::shrinking()?,
        order::predictable()?,
        order::unfair_ties()?,
        stakes::uniform()?,
        stakes::a_function_of_the_properties()?,
        committees::exclude_and_repeat()?,
    ])
}

fn of_keepers(claim: u32, quote: &'static str, verdict: Verdict, finding: String, figures: Figures) -> Claim {
    Claim { claim, document: Document::Keepers, quote, verdict, finding, figures }
}

/// Keepers that differ in stake and name only.
fn staked(stakes: impl IntoIterator<Item = f64>) -> Result<Keepers> {
    let keepers = stakes.into_iter().enumerate();
    Keepers::new(keepers.map(|(i, stake)| Keeper { stake, ..Keeper::new(format!("keeper {}", i + 1)) }).collect())
}

/// Numbers with so many digits after the point, as a list: `0.1, 0.2 and 0.3`.
fn numbers(numbers: &[f64], digits: usize) -> String {
    let words: Vec<String> = numbers.iter().map(|x| format!("{x:.digits$}")).collect();
    match words.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        words => words.concat(),
    }
}
