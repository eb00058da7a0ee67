//! From a TOML table to a [`Scenario`].

use super::Scenario;
use super::section::Section;
use super::{read_keepers, read_orders, read_sites};
use crate::error::{Error, Result};
use crate::estimate::{MonteCarlo, Stopping};
use crate::network::sites::Survey;
use crate::orders::Orders;
use crate::pool_tree::model::Parts;
use crate::pool_tree::{
    Component, Delay, Discount, DiscountModel, Flow, Kind, Latency, LatencyModel, Model, Period, PeriodModel, PoolTree,
    RingStatistic, Timing,
};
use std::path::Path;
use toml::Table;

const SECTIONS: [&str; 10] =
    ["sites", "tree", "flow", "timing", "discount", "utility", "cost", "keepers", "orders", "monte_carlo"];

/// What is read before the flow and the latencies, which depend on it.
struct Ground<'a> {
    survey: Option<&'a Survey>,
    tree: &'a PoolTree,
    known: Option<&'a Scenario>,
    folder: &'a Path,
}

/// The scenario of a table; what a `known` one has in common with it need not be computed again. Files that it names are
/// looked for in `folder`.
pub(super) fn scenario(table: &Table, known: Option<&Scenario>, folder: &Path) -> Result<Scenario> {
    let root = Section::root(table);
    root.only(&SECTIONS)?;
    let survey = root.table("sites")?.map(|s| read_sites::survey(&s, folder, known)).transpose()?;
    let section = root.needed_table("tree", "a table with arity and depth, or with pools")?;
    let (tree, division) = read_sites::tree(&section, survey.as_ref(), known)?;
    let ground = Ground { survey: survey.as_ref(), tree: &tree, known, folder };
    let flow = flow(&root.needed_table("flow", "a table with rate")?, &ground)?;
    let timing = timing(&root.needed_table("timing", "a table with latency, period and delay")?, &ground)?;
    let discount = discount(&root.needed_table("discount", "a table with factor, rate or half_life")?)?;
    let utility_mean = single(&root, "utility", "mean", 1.0)?;
    let cost_per_message = single(&root, "cost", "per_message", 0.0)?;
    let monte_carlo = root.table("monte_carlo")?.map_or_else(|| Ok(MonteCarlo::default()), |s| monte_carlo(&s))?;
    let orders = root.table("orders")?.map_or_else(|| Ok(Orders::default()), |s| read_orders::orders(&s))?;
    let parts = Parts { tree, flow, timing, discount, utility_mean, cost_per_message };
    let keepers = root.table("keepers")?.map(|s| read_keepers::keepers(&s, folder)).transpose()?;
    let model = Model::from_parts(parts, known.map(Scenario::model))?;
    let mut scenario = Scenario::new(model, monte_carlo).with_orders(orders)?;
    scenario.survey = survey;
    scenario.division = division;
    match keepers {
        None => Ok(scenario),
        Some(keepers) => scenario.with_keepers(keepers),
    }
}

/// A section with one optional number.
fn single(root: &Section, name: &str, key: &str, default: f64) -> Result<f64> {
    let Some(section) = root.table(name)? else { return Ok(default) };
    section.only(&[key])?;
    Ok(section.number(key)?.unwrap_or(default))
}

fn flow(section: &Section, ground: &Ground) -> Result<Flow> {
    section.only(&["rate", "assets", "components"])?;
    let rate = section.needed_number("rate", "finite and above 0")?;
    let assets = section.integer("assets", "an integer of at least 2")?.unwrap_or(2);
    let components = match section.tables("components")? {
        None => vec![Component::new(Kind::Uniform, 1.0, 0.5)?],
        Some(sections) => sections.iter().map(|own| component(own, ground)).collect::<Result<_>>()?,
    };
    section.place(Flow::new(rate, assets, components))
}

fn component(section: &Section, ground: &Ground) -> Result<Component> {
    const NAMES: [&str; 8] =
        ["uniform", "meet-at", "opposite", "nearby", "scale-free", "circle-distance", "single-site", "custom"];
    const KEYS: [&str; 9] =
        ["kind", "share", "side_share", "height", "exponent", "distance", "operator", "classes", "file"];
    section.only_without("kind", &KEYS)?;
    let name = section.needed_choice("kind", &NAMES)?;
    let own = match name {
        "meet-at" | "nearby" => Some("height"),
        "scale-free" => Some("exponent"),
        "circle-distance" => Some("distance"),
        "single-site" => Some("operator"),
        _ => None,
    };
    let allowed: Vec<&str> = ["kind", "share", "side_share"].into_iter().chain(own).collect();
    section.only(if name == "custom" { &["kind", "share", "classes", "file"] } else { &allowed })?;
    let height = || section.needed_integer("height", "an integer from 0 to the depth");
    let kind = match name {
        "meet-at" => Kind::MeetAt { height: height()? },
        "nearby" => Kind::Nearby { height: height()? },
        "opposite" => Kind::Opposite,
        "scale-free" => Kind::ScaleFree { exponent: section.needed_number("exponent", "a finite number")? },
        "circle-distance" => Kind::CircleDistance {
            distance: section.needed_integer("distance", "an integer from 1 to half the number of operators")?,
        },
        "single-site" => Kind::SingleSite { operator: read_sites::one_operator(section, ground.survey)? },
        "custom" => Kind::Custom(read_sites::custom(section, ground.tree, ground.survey, ground.folder)?),
        _ => Kind::Uniform,
    };
    let share = section.number("share")?.unwrap_or(1.0);
    let side_share = section.number("side_share")?.unwrap_or(0.5);
    section.place(Component::new(kind, share, side_share))
}

fn timing(section: &Section, ground: &Ground) -> Result<Timing> {
    section.only(&["latency", "period", "delay", "solving"])?;
    let latency = latency(&section.needed_table("latency", "a table with a model")?, ground)?;
    let period = period(&section.needed_table("period", "a table with a model")?)?;
    let name = section.needed_choice("delay", &Delay::ALL.map(Delay::name))?;
    let delay = Delay::ALL.into_iter().find(|delay| delay.name() == name).unwrap_or(Delay::Batched);
    let solving = section.number("solving")?.unwrap_or(0.0);
    section.place(Timing::new(latency, period, delay, solving))
}

fn latency(section: &Section, ground: &Ground) -> Result<Latency> {
    section.only_without("model", &["model", "scale", "exponent", "statistic", "spacing", "quorum", "values"])?;
    let model = match section.needed_choice("model", &["proportional", "ring", "table", "sites"])? {
        "proportional" => {
            section.only(&["model", "scale", "exponent"])?;
            let scale = section.needed_number("scale", "finite and at least 0")?;
            LatencyModel::Proportional { scale, exponent: section.number("exponent")?.unwrap_or(1.0) }
        }
        "ring" => {
            let statistic = statistic(section, "spacing")?;
            LatencyModel::Ring { statistic, spacing: section.number("spacing")?.unwrap_or(1.0) }
        }
        "sites" => {
            let statistic = statistic(section, "scale")?;
            let scale = section.number("scale")?.unwrap_or(1.0);
            let (Some(survey), Some(pools)) = (ground.survey, ground.tree.given_pools()) else {
                let allowed = "\"proportional\", \"ring\" or \"table\" where there is no section [sites]";
                return Err(Error::domain(section.key("model"), "\"sites\"", allowed));
            };
            // Of the same sites, pools, statistic and scale they are the same.
            let known = ground.known.filter(|known| known.sites() == Some(survey) && known.tree() == ground.tree);
            let same = known.map(|known| known.timing().latency()).filter(|latency| match latency.model() {
                LatencyModel::Sites { statistic: own, scale: one, .. } => *own == statistic && *one == scale,
                _ => false,
            });
            return same
                .map_or_else(|| section.place(survey.latency(pools, statistic, scale)), |same| Ok(same.clone()));
        }
        _ => {
            section.only(&["model", "values"])?;
            LatencyModel::Table { values: section.needed_numbers("values", "an array of one number per height")? }
        }
    };
    section.place(Latency::new(model))
}

/// What consensus waits for; the table has one more key, a length in units of time.
fn statistic(section: &Section, unit: &str) -> Result<RingStatistic> {
    let keys = ["model", "statistic", unit, "quorum"];
    section.only_without("statistic", &keys)?;
    let names = ["diameter", "mean-farthest", "random-quorum", "fastest-quorum"];
    let name = section.needed_choice("statistic", &names)?;
    section.only(if name.ends_with("quorum") { &keys } else { &keys[..3] })?;
    let quorum = || section.needed_number("quorum", "above 0 and at most 1");
    Ok(match name {
        "diameter" => RingStatistic::Diameter,
        "mean-farthest" => RingStatistic::MeanFarthest,
        "random-quorum" => RingStatistic::RandomQuorum { quorum: quorum()? },
        _ => RingStatistic::FastestQuorum { quorum: quorum()? },
    })
}

fn period(section: &Section) -> Result<Period> {
    section.only_without("model", &["model", "base", "ratio", "values"])?;
    let model = match section.needed_choice("model", &["ratio", "back-to-back", "table"])? {
        "ratio" => {
            section.only(&["model", "base", "ratio"])?;
            PeriodModel::Ratio {
                base: section.needed_number("base", "finite and above 0")?,
                ratio: section.needed_integer("ratio", "an integer of at least 1")?,
            }
        }
        "table" => {
            section.only(&["model", "values"])?;
            PeriodModel::Table { values: section.needed_numbers("values", "an array of one number per height")? }
        }
        _ => {
            section.only(&["model"])?;
            PeriodModel::BackToBack
        }
    };
    section.place(Period::new(model))
}

fn discount(section: &Section) -> Result<Discount> {
    const KEYS: [&str; 3] = ["factor", "rate", "half_life"];
    section.only(&KEYS)?;
    let given: Vec<&str> = KEYS.into_iter().filter(|key| section.has(key)).collect();
    let allowed = "exactly one of factor, rate, half_life";
    let model = match given.as_slice() {
        [] => return Err(Error::Missing { key: "discount".to_owned(), allowed: allowed.to_owned() }),
        [key] => {
            let value = section.needed_number(key, "a number")?;
            match *key {
                "factor" => DiscountModel::Factor(value),
                "rate" => DiscountModel::Rate(value),
                _ => DiscountModel::HalfLife(value),
            }
        }
        several => return Err(Error::domain("discount", format!("({})", several.join(" and ")), allowed)),
    };
    section.place(Discount::new(model))
}

fn monte_carlo(section: &Section) -> Result<MonteCarlo> {
    section.only(&["seed", "replications", "precision"])?;
    let seed = section.integer("seed", MonteCarlo::SEEDS)?.unwrap_or(MonteCarlo::DEFAULT_SEED);
    let replications = section.integer("replications", "an integer of at least 2")?;
    let precision = section.number("precision")?;
    let stopping = match (replications, precision) {
        (Some(_), Some(_)) => {
            let allowed = "one of replications, precision";
            return Err(Error::domain("monte_carlo", "(replications and precision)", allowed));
        }
        (None, Some(precision)) => Stopping::Precision(precision),
        (replications, None) => Stopping::Replications(replications.unwrap_or(MonteCarlo::DEFAULT_REPLICATIONS)),
    };
    section.place(MonteCarlo::new(seed, stopping))
}
