//! Changes that a reader makes, with what must change with them so that the scenario stays whole.

use crate::control::Kind;
use crate::controls;
use crate::study::Study;
use pooltree::Scenario;
use toml::{Table, Value};

/// Puts what a reader typed or chose at a key. `scenario` is the last valid one.
///
/// # Errors
/// A key that the study has no control for.
pub fn set(study: &mut Study, scenario: &Scenario, key: &str, text: &str) -> Result<(), String> {
    let groups = controls::groups(study, scenario);
    let Some(control) = controls::find(&groups, key) else { return Err(format!("{key}: there is no such control")) };
    let value = controls::value(control.kind, text);
    match key {
        "discount.half_life" => {
            study.take("discount");
            // Nobody is impatient: a rate of 0, since no half-life says so.
            if value.as_float() == Some(f64::INFINITY) {
                study.put("discount.rate", 0.0);
            } else {
                study.put(key, value);
            }
        }
        "keepers.rule" if text.is_empty() => {
            study.take("keepers");
        }
        "keepers.rule" if study.get("keepers").is_none() => study.put("keepers", controls::example_keepers(text)),
        "keepers.deadline" if text.trim().is_empty() => {
            study.take(key);
        }
        "monte_carlo.replications" => {
            study.take("monte_carlo.precision");
            study.put(key, value);
        }
        "timing.latency.model" => latency(study, scenario, text),
        "timing.period.model" => period(study, scenario, text),
        "timing.latency.statistic" => {
            study.put(key, value);
            if !text.ends_with("quorum") {
                study.take("timing.latency.quorum");
            } else if study.get("timing.latency.quorum").is_none() {
                study.put("timing.latency.quorum", 0.6667);
            }
        }
        _ => match component(key) {
            Some((i, "kind")) => kind(study, scenario, i, text),
            Some((i, "share")) => share(study, i, value),
            _ => study.put(key, value),
        },
    }
    if control.kind == Kind::Integer && ["tree.arity", "tree.depth"].contains(&key) {
        fit(study);
    }
    Ok(())
}

/// Adds a component to the flow, with an equal share.
///
/// # Errors
/// A list to which nothing can be added.
pub fn add(study: &mut Study, key: &str) -> Result<(), String> {
    if key != "flow.components" {
        return Err(format!("{key}: nothing can be added there"));
    }
    if study.len(key) == 0 {
        let mut uniform = Table::new();
        uniform.insert("kind".to_owned(), "uniform".into());
        study.push(key, Value::Table(uniform));
    }
    let all = study.len(key);
    let mut new = Table::new();
    new.insert("kind".to_owned(), "uniform".into());
    new.insert("share".to_owned(), 0.0.into());
    study.push(key, Value::Table(new));
    share(study, all, Value::Float(1.0 / (all + 1) as f64));
    Ok(())
}

/// Takes a component of the flow away; the others keep their proportions.
///
/// # Errors
/// A key that is no component, or the last one.
pub fn remove(study: &mut Study, key: &str) -> Result<(), String> {
    let all = study.len("flow.components");
    let index =
        key.strip_prefix("flow.components.").and_then(|i| i.parse::<usize>().ok()).filter(|&i| i < all && all > 1);
    let Some(index) = index else { return Err(format!("{key}: cannot be removed")) };
    study.take(&format!("flow.components.{index}"));
    if all == 2 {
        study.take("flow.components.0.share");
    } else {
        scale_shares(study, None, 1.0);
    }
    Ok(())
}

/// Number and own key of a component's quantity.
fn component(key: &str) -> Option<(usize, &str)> {
    let (i, own) = key.strip_prefix("flow.components.")?.split_once('.')?;
    Some((i.parse().ok()?, own))
}

/// Another kind of counterparts, with what it needs.
fn kind(study: &mut Study, scenario: &Scenario, i: usize, name: &str) {
    let at = format!("flow.components.{i}");
    let mut new = Table::new();
    new.insert("kind".to_owned(), name.into());
    for kept in ["share", "side_share"] {
        if let Some(value) = study.get(&format!("{at}.{kept}")) {
            new.insert(kept.to_owned(), value.clone());
        }
    }
    let own: Option<(&str, Value)> = match name {
        "meet-at" => Some(("height", Value::Integer(i64::from(scenario.tree().depth())))),
        "nearby" => Some(("height", Value::Integer(i64::from(scenario.tree().depth().min(1))))),
        "scale-free" => Some(("exponent", Value::Float(1.0))),
        "circle-distance" => Some(("distance", Value::Integer(1))),
        "single-site" => Some(("operator", Value::Integer(0))),
        _ => None,
    };
    if let Some((key, value)) = own {
        new.insert(key.to_owned(), value);
    }
    study.put(&at, Value::Table(new));
}

/// The share of a component; the others take the rest in their proportions.
fn share(study: &mut Study, i: usize, value: Value) {
    let x = match value {
        Value::Float(x) if (0.0..=1.0).contains(&x) => x,
        other => return study.put(&format!("flow.components.{i}.share"), other),
    };
    study.put(&format!("flow.components.{i}.share"), x);
    scale_shares(study, Some(i), 1.0 - x);
}

/// Scales the shares of all components but one to a sum.
fn scale_shares(study: &mut Study, fixed: Option<usize>, sum: f64) {
    let others: Vec<usize> = (0..study.len("flow.components")).filter(|&i| Some(i) != fixed).collect();
    let key = |i: usize| format!("flow.components.{i}.share");
    let old: Vec<f64> = others.iter().map(|&i| study.number(&key(i)).unwrap_or(1.0).max(0.0)).collect();
    let total: f64 = old.iter().sum();
    let even = sum / others.len().max(1) as f64;
    for (&i, share) in others.iter().zip(&old) {
        let share = if total > 0.0 { share * sum / total } else { even };
        // Twelve decimals, which sum to 1 as exactly as the file must.
        study.put(&key(i), (share * 1e12).round() / 1e12);
    }
}

/// Another model of latencies, as close to the old one as it can be.
fn latency(study: &mut Study, scenario: &Scenario, model: &str) {
    let depth = scenario.tree().depth();
    let at = |height: u32| scenario.timing().latency().at(scenario.tree(), height).ok().filter(|x| x.is_finite());
    let mut new = Table::new();
    new.insert("model".to_owned(), model.into());
    let size = scenario.tree().size_f64(depth);
    let root = at(depth).filter(|&x| x > 0.0).unwrap_or(1.0);
    match model {
        "proportional" => {
            new.insert("scale".to_owned(), rounded(root / size).into());
        }
        "ring" => {
            new.insert("statistic".to_owned(), "diameter".into());
            new.insert("spacing".to_owned(), rounded(2.0 * root / size).into());
        }
        "sites" => {
            new.insert("statistic".to_owned(), "mean-farthest".into());
            new.insert("scale".to_owned(), 0.001.into());
        }
        "table" => {
            let values = (0..=depth).map(|height| Value::Float(at(height).map_or(root, rounded)));
            new.insert("values".to_owned(), Value::Array(values.collect()));
        }
        _ => {}
    }
    study.put("timing.latency", Value::Table(new));
}

/// Another model of batch periods, likewise.
fn period(study: &mut Study, scenario: &Scenario, model: &str) {
    let tree = pooltree::pool_tree::Architecture::full(scenario.tree());
    let periods: Vec<f64> =
        scenario.schedule(&tree).map_or_else(|_| vec![1.0], |s| s.levels().iter().map(|level| level.period).collect());
    let arity = scenario.tree().arity();
    let lowest = periods.first().copied().unwrap_or(1.0);
    let base = rounded(lowest / f64::from(arity));
    let mut new = Table::new();
    new.insert("model".to_owned(), model.into());
    match model {
        "ratio" => {
            new.insert("base".to_owned(), base.into());
            new.insert("ratio".to_owned(), Value::Integer(i64::from(arity)));
        }
        "table" => {
            let values = (0..=scenario.tree().depth())
                .map(|height| Value::Float(base * f64::from(arity).powi(height.cast_signed())));
            new.insert("values".to_owned(), Value::Array(values.collect()));
        }
        _ => {}
    }
    study.put("timing.period", Value::Table(new));
}

/// Six significant digits: what a reader would write.
fn rounded(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}

/// The greatest depth of a tree over places: as often as the largest pool can be divided.
pub fn most_divisions(study: &Study) -> Option<i64> {
    let arity = study.number("tree.arity").filter(|&arity| arity >= 2.0)?;
    let mut largest = study.len("sites.list") as f64;
    let mut divisions = 0;
    while largest > 1.0 {
        largest = (largest / arity).ceil();
        divisions += 1;
    }
    (divisions > 0).then_some(divisions)
}

/// Cuts or extends to another tree what depends on its depth.
fn fit(study: &mut Study) {
    let (Some(Value::Integer(arity)), Some(Value::Integer(depth))) = (study.get("tree.arity"), study.get("tree.depth"))
    else {
        return;
    };
    let (Ok(arity), Ok(depth)) = (u32::try_from(*arity), u32::try_from(*depth)) else { return };
    if depth > MOST_HEIGHTS {
        return;
    }
    let most = most_divisions(study).filter(|&most| i64::from(depth) > most);
    if let Some(most) = most {
        study.put("tree.depth", Value::Integer(most));
        return fit(study);
    }
    for (key, ratio) in [("timing.latency.values", 2.0), ("timing.period.values", 2.0)] {
        let Some(Value::Array(list)) = study.get(key) else { continue };
        let mut list = list.clone();
        let next = |list: &[Value]| list.last().and_then(Value::as_float).map_or(1.0, |x| x * ratio);
        while list.len() <= depth as usize {
            let value = next(&list);
            list.push(Value::Float(value));
        }
        list.truncate(depth as usize + 1);
        study.put(key, Value::Array(list));
    }
    let operators = f64::from(arity).powi(depth.cast_signed());
    let most = |x: f64| if x < 9e15 { x as i64 } else { i64::MAX };
    for i in 0..study.len("flow.components") {
        let limits = [
            ("height", 0, i64::from(depth)),
            ("distance", 1, most(operators / 2.0).max(1)),
            ("operator", 0, most(operators) - 1),
        ];
        for (own, low, high) in limits {
            let key = format!("flow.components.{i}.{own}");
            if let Some(Value::Integer(now)) = study.get(&key) {
                let fitting = (*now).clamp(low, high.max(low));
                study.put(&key, Value::Integer(fitting));
            }
        }
        let kind = study.text(&format!("flow.components.{i}.kind"));
        if depth == 0 && kind.is_some_and(|kind| ["scale-free", "circle-distance"].contains(&kind)) {
            study.put(&format!("flow.components.{i}"), Value::Table(lone(study, i)));
        }
    }
}

/// Beyond this many heights tables are not made longer.
const MOST_HEIGHTS: u32 = 64;

/// What a component becomes where there is a single operator.
fn lone(study: &Study, i: usize) -> Table {
    let mut uniform = Table::new();
    uniform.insert("kind".to_owned(), "uniform".into());
    if let Some(share) = study.get(&format!("flow.components.{i}.share")) {
        uniform.insert("share".to_owned(), share.clone());
    }
    uniform
}
