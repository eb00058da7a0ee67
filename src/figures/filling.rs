//! The filling rate height by height, with the limit that it tends to.

use super::Figure;
use super::style::{FAINT, GREY, PALETTE, at, label, letters, px};
use crate::error::Result;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Component, Kind, Model, PeriodModel};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The filling rate of the auctions of every active height; where periods grow by a ratio `r`, pools are alike and the flow is
/// uniform with equal sides, no auction fails and no height is left out between, with the limit `1 - 1/√(γr)` of thick batches.
///
/// Source: *Operator pool trees*, "the crux: filling rate".
///
/// # Errors
/// As [`ClosedForm::evaluate`].
pub fn filling(model: &Model, architecture: &Architecture) -> Result<Figure> {
    let welfare = ClosedForm::evaluate(model, architecture)?;
    let tree = model.tree();
    let even = |component: &Component| matches!(component.kind(), Kind::Uniform) && component.side_share() == 0.5;
    let applies = model.network().is_none()
        && model.execution().is_none()
        && model.flow().components().iter().all(even)
        && architecture.heights().windows(2).all(|pair| pair[1] == pair[0] + 1);
    let limit = match model.timing().period().model() {
        PeriodModel::Ratio { ratio, .. } if applies => {
            Some(1.0 - (f64::from(tree.arity()) * f64::from(*ratio)).sqrt().recip())
        }
        _ => None,
    };
    let caption = format!("Filling rate of the auctions at heights {architecture}");
    Figure::draw(caption, (760, 480), |canvas| {
        let depth = f64::from(tree.depth());
        let mut chart = ChartBuilder::on(canvas)
            .margin(px(15))
            .x_label_area_size(px(45))
            .y_label_area_size(px(70))
            .build_cartesian_2d(-0.6..depth + 0.6, 0.0..1.0)?;
        chart
            .configure_mesh()
            .set_all_tick_mark_size(px(4))
            .disable_x_mesh()
            .bold_line_style(FAINT.stroke_width(px(1)))
            .light_line_style(TRANSPARENT)
            .axis_style(GREY.stroke_width(px(1)))
            .x_labels(tree.depth() as usize + 3)
            .x_label_formatter(&|x| if x.fract() == 0.0 { label(*x) } else { String::new() })
            .y_label_formatter(&|y| format!("{} %", label(100.0 * y)))
            .x_desc("height")
            .y_desc("share filled of the orders that reach the auctions")
            .label_style(letters(14, &PALETTE[0]))
            .draw()?;
        let bars = welfare.by_height.iter().map(|level| {
            let x = f64::from(level.height);
            Rectangle::new([(x - 0.32, 0.0), (x + 0.32, level.filling_rate)], PALETTE[1].filled())
        });
        chart.draw_series(bars)?;
        let texts = welfare.by_height.iter().map(|level| {
            let text = format!("{} %", label(100.0 * level.filling_rate));
            let low = level.filling_rate < 0.08;
            let (y, colour) =
                if low { (level.filling_rate + 0.03, &PALETTE[0]) } else { (level.filling_rate - 0.04, &WHITE) };
            Text::new(text, (f64::from(level.height), y), letters(14, colour).pos(Pos::new(HPos::Center, VPos::Center)))
        });
        chart.draw_series(texts)?;
        if let Some(limit) = limit {
            let line = [(-0.6, limit), (depth + 0.6, limit)];
            chart
                .draw_series(DashedLineSeries::new(line, px(6), px(4), PALETTE[2].stroke_width(px(2))))?
                .label(format!("1 - 1/√(γr) = {} %", label(100.0 * limit)))
                .legend(|(x, y)| PathElement::new([(x, y), (x + at(22), y)], PALETTE[2].stroke_width(px(2))));
            chart
                .configure_series_labels()
                .position(SeriesLabelPosition::UpperLeft)
                .legend_area_size(px(30))
                .margin(px(10))
                .background_style(WHITE.mix(0.85))
                .border_style(FAINT.stroke_width(px(1)))
                .label_font(letters(14, &PALETTE[0]))
                .draw()?;
        }
        Ok(())
    })
}
