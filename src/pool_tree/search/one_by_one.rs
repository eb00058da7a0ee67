//! What every height is worth where sets are compared one by one: where auctions may fail, orders left over by a failed one make
//! what a height fills depend on all heights below; where pools differ, each has an offset of its own.

use super::enumerate::{Enumerated, Enumeration};
use super::reason::{Effect, Reason};
use super::{Best, HeightValue, HeightValues, TIE};
use crate::error::Result;
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::closed_form::network::Evaluator;
use crate::pool_tree::{Architecture, Delay, Level, Model, Schedule};

/// The value of every height of the full tree.
pub(super) fn raison_d_etre(model: &Model, sets: &Enumeration) -> Result<HeightValues> {
    let tree = Architecture::full(model.tree());
    tree.heights().iter().map(|&height| value(model, sets, height)).collect()
}

fn value(model: &Model, sets: &Enumeration, height: u32) -> Result<HeightValue> {
    let has = |set: &Architecture| set.heights().contains(&height);
    let with = sets.best_where(has);
    let without = sets.best_where(|set| !has(set));
    let value = if with.is_some() { sets.value(height) } else { 0.0 };
    let size = |best: &Option<Best>| {
        let of = |set: &&Enumerated| best.as_ref().is_some_and(|best| best.architecture == set.architecture);
        sets.sets().iter().find(of).map_or(0.0, |set| set.gross.abs() + set.cost.abs())
    };
    let tolerance = TIE * size(&with).max(size(&without));
    let value = if value.abs() <= tolerance { 0.0 } else { value };
    let others = if value > 0.0 { &with } else { &without };
    let others = others.as_ref().or(with.as_ref());
    let effect = match (&with, others) {
        // Where the height cannot join the others, a set that has it stands in.
        (Some(with), Some(others)) => match effect(model, height, &others.architecture)? {
            None => effect(model, height, &with.architecture)?,
            effect => effect,
        },
        _ => None,
    };
    let fills = effect.is_some_and(|(effect, filled)| effect.filled > TIE * filled);
    let effect = effect.map(|(effect, _)| effect);
    let reason = Reason::of(value, effect.as_ref(), fills);
    Ok(HeightValue { height, value, reason, with, without, effect })
}

/// What `height` does beside the other heights of `set`, and the share of all orders that is then filled; `None` if they
/// cannot all hold auctions.
fn effect(model: &Model, height: u32, set: &Architecture) -> Result<Option<(Effect, f64)>> {
    let before: Vec<u32> = set.heights().iter().copied().filter(|&other| other != height).collect();
    let mut heights = before.clone();
    heights.insert(heights.partition_point(|&other| other < height), height);
    let all = Architecture::from_sorted(heights);
    let Ok(after) = model.schedule(&all) else { return Ok(None) };
    let Ok(welfare) = ClosedForm::evaluate(model, &all) else { return Ok(None) };
    let (gross_before, cost_before, periods) = if before.is_empty() {
        (0.0, 0.0, Vec::new())
    } else {
        let before = Architecture::from_sorted(before);
        let schedule = model.schedule(&before)?;
        let ClosedForm { gross, cost, .. } = ClosedForm::evaluate(model, &before)?;
        (gross, cost, schedule.levels().iter().map(|level| level.period).collect())
    };
    let undelayed = match model.network() {
        Some(network) => Evaluator::new(network).evaluate_without(all.heights(), Some(height))?.total.gross,
        None => ClosedForm::on_schedule(model, &without_delay(model, &after, height))?.gross,
    };
    let other_periods = after.levels().iter().filter(|level| level.height != height).map(|level| level.period);
    let gain = undelayed - gross_before;
    let size = undelayed + gross_before;
    let effect = Effect {
        filled: welfare.by_height.iter().find(|level| level.height == height).map_or(0.0, |level| level.filled_share),
        gain: if gain.abs() <= 0.1 * TIE * size { 0.0 } else { gain },
        delay: undelayed - welfare.gross,
        messages: welfare.cost - cost_before,
        changes_windows: !periods.is_empty() && !other_periods.eq(periods.iter().copied()),
    };
    Ok(Some((effect, welfare.filled_share)))
}

/// The schedule if the auctions of `height` took those above no time.
fn without_delay(model: &Model, schedule: &Schedule, height: u32) -> Schedule {
    let own = schedule.levels().iter().find(|level| level.height == height).map_or(0.0, Level::duration);
    let delays = if model.timing().delay() == Delay::Idealised { 0.0 } else { own };
    let shifted = |level: &Level| {
        let earlier = if level.height > height { delays } else { 0.0 };
        Level { offset: (level.offset - earlier).max(0.0), ..*level }
    };
    Schedule::from_levels(schedule.levels().iter().map(shifted).collect())
}
