//! Keeper rules side by side.

use super::Figure;
use super::canvas::Anchor;
use super::letters::{SIZE, label, width};
use super::style::{BLACK, BLUE, FAINT, GREY, Paint, Stroke};
use crate::error::Result;
use crate::keepers::table::Row;

/// A number of a rule, if it has it.
type Measure = fn(&Row) -> Option<f64>;

/// What is drawn of a rule, with the name of the column; `None` where a rule has no such number.
const MEASURES: [(&str, Measure); 4] = [
    ("effective number of keepers", |row| row.effective_number),
    ("best guess (probability)", |row| row.predictability),
    ("Gini coefficient", |row| row.gini),
    ("gain by splitting a stake", |row| row.sybil_gain),
];

/// Pixels of the longest bar.
const BAR: f64 = 135.0;

/// Rules of a [`Table`](crate::keepers::table::Table): how many keepers a rule is worth, how well the winner is guessed, how unequal the
/// chances are, and what splitting a stake gains, each column on a scale of its own.
///
/// # Errors
/// [`crate::Error::Domain`] for a table that cannot be drawn.
pub fn keepers(rows: &[Row]) -> Result<Figure> {
    let names: Vec<&str> = MEASURES.iter().map(|(name, _)| *name).collect();
    let caption = format!("Rules of keeper selection by {}", names.join(", "));
    let left = 24.0 + rows.iter().map(|row| width(row.rule.name(), SIZE)).fold(0.0, f64::max);
    let pitch = 24.0 + names.iter().map(|name| width(name, SIZE)).fold(BAR + 60.0, f64::max);
    let height = 60.0 + 30.0 * rows.len() as f64;
    let size = [left + pitch * MEASURES.len() as f64, height];
    let at = |i: usize| 62.0 + 30.0 * i as f64;
    Ok(Figure::draw(caption, size, |canvas| {
        canvas.part("rules");
        for (i, row) in rows.iter().enumerate() {
            canvas.text(row.rule.name(), (left - 10.0, at(i)), Anchor::End, SIZE, BLACK);
        }
        for (column, (title, of)) in MEASURES.iter().enumerate() {
            canvas.part("measure");
            let x = left + pitch * column as f64;
            canvas.text(title, (x, 24.0), Anchor::Start, SIZE, BLACK);
            canvas.segment((x, 40.0), (x, height - 10.0), Stroke::new(FAINT, 1.0));
            let most = rows.iter().filter_map(of).fold(f64::MIN_POSITIVE, f64::max);
            for (i, row) in rows.iter().enumerate() {
                let Some(value) = of(row) else {
                    canvas.text("–", (x + 6.0, at(i)), Anchor::Start, SIZE, GREY);
                    continue;
                };
                let end = x + BAR * (value.max(0.0) / most);
                canvas.rectangle((x, at(i) - 9.0), (end, at(i) + 9.0), Paint::Plain(BLUE), None);
                canvas.text(&label(value), (end + 6.0, at(i)), Anchor::Start, SIZE, BLACK);
            }
        }
    }))
}
