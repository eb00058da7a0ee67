//! The section `[keepers]`.

use super::section::Section;
use crate::error::{Error, Result};
use crate::keepers::{Keeper, Keepers, Noise, Parameters, Reliability, Retry, RuleName, Ties};
use crate::pool_keepers::{Assignment, HeightKeepers, Outages, PoolKeepers};
use std::path::Path;

/// Keys that a height may have of its own.
const OWN: [&str; 18] = [
    "rule",
    "min_stake",
    "agent_min_stake",
    "job",
    "tie",
    "reliability",
    "power",
    "noise",
    "tau",
    "lambda",
    "epsilon",
    "value",
    "loser_fixed",
    "loser_share",
    "reserve",
    "retry",
    "failure_delay",
    "deadline",
];

/// The keepers who run the auctions; a file is looked for in `folder`.
pub(super) fn keepers(section: &Section, folder: &Path) -> Result<PoolKeepers> {
    let keys: Vec<&str> = ["file", "list", "assignment", "outages", "heights"].into_iter().chain(OWN).collect();
    section.only(&keys)?;
    let keepers = list(section, folder)?;
    let names = Assignment::ALL.map(Assignment::name);
    let assignment = named(section, "assignment", &names, &Assignment::ALL)?.unwrap_or_default();
    let outages = named(section, "outages", &Outages::ALL.map(Outages::name), &Outages::ALL)?.unwrap_or_default();
    let (rule, parameters) = selection(section, RuleName::Uniform, Parameters::default())?;
    let heights = section.tables("heights")?.unwrap_or_default();
    let per_height = heights.iter().map(|own| {
        let keys: Vec<&str> = ["height"].into_iter().chain(OWN).collect();
        own.only(&keys)?;
        let height = own.needed_integer("height", "an integer from 0 to the depth")?;
        let (rule, parameters) = selection(own, rule, parameters)?;
        Ok(HeightKeepers { height, rule, parameters })
    });
    let per_height: Vec<HeightKeepers> = per_height.collect::<Result<_>>()?;
    let all = PoolKeepers::new(keepers, assignment, outages, rule, parameters);
    section.place(all.and_then(|all| all.with_heights(per_height)))
}

/// Who they are.
fn list(section: &Section, folder: &Path) -> Result<Keepers> {
    let either = "exactly one of file, list";
    match (section.text("file")?, section.tables("list")?) {
        (Some(_), Some(_)) => Err(Error::domain(section.key("list"), "(beside file)", either)),
        (None, None) => Err(Error::Missing { key: section.key("list"), allowed: either.to_owned() }),
        (Some(file), None) => from_file(section, &folder.join(file)),
        (None, Some(list)) => {
            let keepers = list.iter().map(keeper).collect::<Result<_>>()?;
            Keepers::new(keepers).map_err(|e| e.within(&section.key("list")))
        }
    }
}

#[cfg(feature = "csv")]
fn from_file(section: &Section, file: &Path) -> Result<Keepers> {
    Keepers::from_file(file, PoolKeepers::MOST_KEEPERS)
        .map_err(|e| Error::domain(section.key("file"), file.display(), format!("a file of keepers ({e})")))
}

#[cfg(not(feature = "csv"))]
fn from_file(section: &Section, file: &Path) -> Result<Keepers> {
    let allowed = "left out: the library was built without the feature \"csv\"; give a list";
    Err(Error::domain(section.key("file"), file.display(), allowed))
}

fn keeper(section: &Section) -> Result<Keeper> {
    section.only(&["id", "stake", "bid", "cost", "ping", "picked", "succeeded", "active"])?;
    let id =
        section.text("id")?.ok_or_else(|| Error::Missing { key: section.key("id"), allowed: "a name".to_owned() })?;
    let number = |key| Ok::<f64, Error>(section.number(key)?.unwrap_or(0.0));
    let count = |key| Ok::<u64, Error>(section.integer(key, "an integer of at least 0")?.unwrap_or(0));
    let keeper = Keeper {
        id,
        stake: number("stake")?,
        bid: number("bid")?,
        cost: number("cost")?,
        ping: number("ping")?,
        picked: count("picked")?,
        succeeded: count("succeeded")?,
        active: section.boolean("active")?.unwrap_or(true),
    };
    section.place(keeper.check())?;
    Ok(keeper)
}

/// Rule and parameters, those that are not given as in `rule` and `given`.
fn selection(section: &Section, rule: RuleName, given: Parameters) -> Result<(RuleName, Parameters)> {
    let rule = named(section, "rule", &RuleName::ALL.map(RuleName::name), &RuleName::ALL)?.unwrap_or(rule);
    let number = |key: &str, default: f64| Ok::<f64, Error>(section.number(key)?.unwrap_or(default));
    let perhaps = |key: &str, default: Option<f64>| Ok::<Option<f64>, Error>(section.number(key)?.or(default));
    let estimates = Reliability::NAMED.map(|estimate| estimate.name());
    let parameters = Parameters {
        min_stake: perhaps("min_stake", given.min_stake)?,
        agent_min_stake: perhaps("agent_min_stake", given.agent_min_stake)?,
        job: section.integer("job", "an integer of at least 0")?.unwrap_or(given.job),
        tie: named(section, "tie", &Ties::ALL.map(Ties::name), &Ties::ALL)?.unwrap_or(given.tie),
        reliability: named(section, "reliability", &estimates, &Reliability::NAMED)?.unwrap_or(given.reliability),
        power: section.number_or_infinity("power")?.unwrap_or(given.power),
        noise: named(section, "noise", &Noise::ALL.map(Noise::name), &Noise::ALL)?.unwrap_or(given.noise),
        tau: number("tau", given.tau)?,
        lambda: number("lambda", given.lambda)?,
        epsilon: number("epsilon", given.epsilon)?,
        value: number("value", given.value)?,
        loser_fixed: number("loser_fixed", given.loser_fixed)?,
        loser_share: number("loser_share", given.loser_share)?,
        reserve: number("reserve", given.reserve)?,
        retry: named(section, "retry", &Retry::ALL.map(Retry::name), &Retry::ALL)?.unwrap_or(given.retry),
        failure_delay: number("failure_delay", given.failure_delay)?,
        deadline: perhaps("deadline", given.deadline)?,
    };
    Ok((rule, parameters))
}

/// One of a few values by name.
fn named<T: Copy>(section: &Section, key: &str, names: &[&str], values: &[T]) -> Result<Option<T>> {
    let name = section.choice(key, names)?;
    Ok(name.and_then(|name| names.iter().zip(values).find(|(other, _)| **other == name).map(|(_, value)| *value)))
}
