//! Keeper rules side by side.

use super::Figure;
use super::style::{FAINT, GREY, PALETTE, at, label, letters, px};
use crate::error::Result;
use crate::keepers::table::Row;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A number of a rule, if it has it.
type Measure = fn(&Row) -> Option<f64>;

/// What is drawn of a rule, with the name of the column; `None` where a rule has no such number.
const MEASURES: [(&str, Measure); 4] = [
    ("effective number", |row| row.effective_number),
    ("predictability", |row| row.predictability),
    ("Gini coefficient", |row| row.gini),
    ("gain by splitting", |row| row.sybil_gain),
];

/// Rules of a [`Table`](crate::keepers::table::Table): how many keepers a rule is worth, how well the winner is guessed, how unequal the
/// chances are, and what splitting a stake gains, each column on a scale of its own.
///
/// # Errors
/// [`crate::Error::Domain`] for a table that cannot be drawn.
pub fn keepers(rows: &[Row]) -> Result<Figure> {
    let height = 70 + 30 * rows.len() as u32;
    let names: Vec<&str> = MEASURES.iter().map(|(name, _)| *name).collect();
    let caption = format!("Rules of keeper selection by {}", names.join(", "));
    Figure::draw(caption, (980, height), |canvas| {
        let name = letters(14, &PALETTE[0]).pos(Pos::new(HPos::Right, VPos::Center));
        let left = letters(13, &PALETTE[0]).pos(Pos::new(HPos::Left, VPos::Center));
        for (i, row) in rows.iter().enumerate() {
            canvas.draw(&Text::new(row.rule.name(), (at(150), at(60 + 30 * i as i32)), name.clone()))?;
        }
        for (column, (title, of)) in MEASURES.iter().enumerate() {
            let x = 165 + 200 * column as i32;
            canvas.draw(&Text::new(*title, (at(x), at(25)), left.clone()))?;
            canvas.draw(&PathElement::new(
                [(at(x), at(40)), (at(x), at(height as i32 - 15))],
                FAINT.stroke_width(px(1)),
            ))?;
            let most = rows.iter().filter_map(of).map(f64::abs).fold(f64::MIN_POSITIVE, f64::max);
            for (i, row) in rows.iter().enumerate() {
                let y = 60 + 30 * i as i32;
                if let Some(value) = of(row) {
                    let length = (130.0 * value.max(0.0) / most).round() as i32;
                    let bar = [(at(x), at(y - 9)), (at(x + length), at(y + 9))];
                    canvas.draw(&Rectangle::new(bar, PALETTE[1 + column].filled()))?;
                    canvas.draw(&Text::new(label(value), (at(x + length + 6), at(y)), left.clone()))?;
                } else {
                    let grey = letters(13, &GREY).pos(Pos::new(HPos::Left, VPos::Center));
                    canvas.draw(&Text::new("-", (at(x + 6), at(y)), grey))?;
                }
            }
        }
        Ok(())
    })
}
