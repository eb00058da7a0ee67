//! A scenario from a log of orders, and from the sites of its operators if they are known.
//!
//! [`fit`] takes what [`order_log::read`](crate::network::order_log::read()) has counted. The rates of the scenario are the counts of the log
//! over the time observed, for every pair of assets, side and operator: nothing is smoothed. What a log cannot tell (latencies
//! without sites, the half-life, the windows) is assumed, and every assumption is put into words ([`Fitted::assumptions`]).

mod flow;
mod natural;
mod options;
#[cfg(feature = "report")]
mod report;
mod target;
mod tree;
mod written;

pub use flow::Pair;
pub use options::{FitOptions, Unit};
#[cfg(feature = "report")]
pub use report::{FitReport, Height, Operator, PairRates, Replayed, Rows, Sides, Sources, Tests};
pub use target::Target;

use crate::error::{Error, Result, shown};
use crate::estimate::MonteCarlo;
use crate::network::order_log::{LogSummary, MeetingProfile};
use crate::network::sites::{Division, Fibre, Place, Sites, Survey};
use crate::pool_tree::{
    Architecture, Component, Delay, Discount, DiscountModel, Flow, Kind, Latency, LatencyModel, Model, Period,
    PeriodModel, PoolTree, Pools, Timing,
};
use crate::scenario::Scenario;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// A scenario with what it took to fit it.
#[derive(Debug)]
pub struct Fitted {
    scenario: Scenario,
    operators: Vec<String>,
    operator_of: Vec<usize>,
    silent: Vec<String>,
    pairs: Vec<Pair>,
    profile: MeetingProfile,
    assumptions: Vec<String>,
}

/// The scenario of a log.
///
/// ```text
/// rate of a pair of assets, side and operator = orders counted / time observed
/// ```
///
/// With a `survey` its sites are the operators, in its order, and the tree is a compact division of them; an operator of the log is
/// found by name, else by number, and a site without orders is an operator that receives none. Without one the operators are
/// those of the log in natural order (`n2` before `n10`), the pools are neighbours in that order, and a pool's latency is in
/// proportion to its size.
///
/// The mean utility of a filled order is the mean value of the log's orders; 1 if that is 0.
///
/// # Errors
/// [`Error::Domain`] for a log without orders or of a single moment, for an operator that is no site, for options that mean nothing,
/// and for windows back to back at a height where all latencies are 0.
///
/// ```
/// use pooltree::{fit::{FitOptions, fit}, network::order_log::{Options, read}};
/// use pooltree::pool_tree::Kind;
/// let text = "time,operator,sell,buy,value\n0,n2,eth,usd,1\n1,n10,usd,eth,3\n2,n2,usd,eth,2\n4,n10,usd,eth,2\n";
/// let log = read(text.as_bytes(), "log.csv", &Options::default())?;
/// let fitted = fit(&log, None, &FitOptions::default())?;
/// assert_eq!(fitted.operators(), ["n2", "n10"]);
/// let flow = fitted.scenario().flow();
/// assert_eq!(flow.rate(), 1.0); // 4 orders in 4 units of time
/// let Kind::Custom(custom) = flow.components()[0].kind() else { unreachable!() };
/// assert_eq!(custom.classes()[0].rates(), [(0, [0.25, 0.25]), (1, [0.0, 0.5])]);
/// assert_eq!(fitted.scenario().utility_mean(), 2.0);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn fit(summary: &LogSummary, survey: Option<Survey>, options: &FitOptions) -> Result<Fitted> {
    if summary.orders() == 0 {
        return Err(Error::domain("orders", 0, "at least 2, at different times"));
    }
    let rate = summary.rate(0.5)?.rate;
    let (operators, operator_of) = operators(summary, survey.as_ref())?;
    let (classes, pairs) = flow::classes(summary, &operator_of, operators.len())?;
    let arity = options.arity;
    let depth = options.depth.unwrap_or_else(|| tree::deepest(operators.len(), arity));
    let mut assumptions = Vec::new();
    let half_life = options.half_life.unwrap_or_else(|| options.unit.from_seconds(1.0));
    let discount = Discount::new(DiscountModel::HalfLife(half_life))?;
    let (tree, latency, division) = if let Some(survey) = &survey {
        let division = Division::Even { arity, depth };
        let pools = survey.pools(&division)?;
        let latency = survey.latency(&pools, options.statistic, options.unit.from_seconds(1e-3))?;
        (PoolTree::given(pools), latency, Some(division))
    } else {
        let root = options.latency.unwrap_or(half_life);
        crate::error::checked("latency", root, |l| l > 0.0, "finite and above 0")?;
        assumptions.push(format!(
            "[tree] pools are neighbours in the natural order of the operators' names, and [timing.latency] is in proportion to \
             the size of a pool, {} for all: no sites are known",
            shown(root)
        ));
        let scale = root / operators.len() as f64;
        let latency = Latency::new(LatencyModel::Proportional { scale, exponent: 1.0 })?;
        (tree::neighbours(operators.len(), arity, depth)?, latency, None)
    };
    let mean_value = summary.mean_value().filter(|mean| *mean > 0.0);
    assumptions.extend(options.account(half_life, mean_value));
    let period = Period::new(options.period.clone()).map_err(|e| e.within("period"))?;
    let assets = u32::try_from(summary.assets().len()).unwrap_or(u32::MAX);
    let component = Component::new(Kind::Custom(classes), 1.0, 0.5)?;
    let model = Model::new(
        tree,
        Flow::new(rate, assets.max(2), vec![component])?,
        Timing::new(latency, period, Delay::Batched, 0.0)?,
        discount,
        mean_value.unwrap_or(1.0),
        0.0,
    )?;
    check_windows(&model)?;
    let pools = match model.tree().given_pools() {
        Some(pools) => Arc::clone(pools),
        None => Arc::new(Pools::regular(model.tree())?),
    };
    let at = |operator: usize| operator_of.get(operator).copied().unwrap_or(0);
    let profile = summary.meeting_profile_at(&pools, at)?;
    let scenario = Scenario::new(model, MonteCarlo::default());
    let scenario = match survey {
        Some(survey) => scenario.with_sites(survey, division),
        None => scenario,
    };
    let mut orders = vec![0; operators.len()];
    for (operator, &to) in operator_of.iter().enumerate() {
        if let Some(sum) = orders.get_mut(to) {
            *sum += summary.operator_orders(operator);
        }
    }
    let silent =
        operators.iter().zip(orders).filter(|(_, orders)| *orders == 0).map(|(name, _)| name.clone()).collect();
    Ok(Fitted { scenario, operators, operator_of, silent, pairs, profile, assumptions })
}

/// Names of the scenario's operators, and which of them every operator of the log is.
fn operators(summary: &LogSummary, survey: Option<&Survey>) -> Result<(Vec<String>, Vec<usize>)> {
    let Some(survey) = survey else { return Ok(natural::order(summary.operators())) };
    let names = survey.sites().names();
    let numbers: std::collections::HashMap<&str, usize> =
        names.iter().enumerate().map(|(number, name)| (name.as_str(), number)).collect();
    let number = |name: &String| {
        let by_number = || name.parse().ok().filter(|&number: &usize| number < names.len());
        let found = numbers.get(name.as_str()).copied().or_else(by_number);
        found.ok_or_else(|| {
            let allowed = format!("the name of a site, or the number of one, from 0 to {}", names.len() - 1);
            Error::domain("operator", name.escape_debug(), allowed)
        })
    };
    Ok((names.to_vec(), summary.operators().iter().map(number).collect::<Result<_>>()?))
}

/// Refuses windows back to back where nothing takes time.
fn check_windows(model: &Model) -> Result<()> {
    let no_latency = |height: &u32| !(model.latency_at(*height) > 0.0);
    let full = Architecture::full(model.tree());
    match full.heights().iter().find(|height| no_latency(height)) {
        Some(height) if *model.timing().period().model() == PeriodModel::BackToBack => {
            let allowed = format!("a length of time, since no pool of height {height} has a latency above 0");
            Err(Error::domain("period", "back-to-back", allowed))
        }
        _ => model.schedule(&full).map(|_| ()),
    }
}

impl Fitted {
    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Names of the scenario's operators.
    pub fn operators(&self) -> &[String] {
        &self.operators
    }

    /// Number in the scenario of every operator of the log.
    pub fn operator_of(&self) -> &[usize] {
        &self.operator_of
    }

    /// Names of the operators that have no orders in the log.
    pub fn silent(&self) -> &[String] {
        &self.silent
    }

    /// The pairs of assets that are traded, by name.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Share of the orders of pairs of which the log has one side only: they stay in the flow and never match.
    pub fn one_sided_share(&self) -> f64 {
        let sums = self.pairs.iter().map(|pair| {
            let [a, b] = pair.orders;
            (a + b, if a.min(b) == 0 { a + b } else { 0 })
        });
        let (all, one_sided) = sums.fold((0, 0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        one_sided as f64 / all.max(1) as f64
    }

    /// At which heights of the fitted tree the orders of the log could be matched.
    pub fn profile(&self) -> &MeetingProfile {
        &self.profile
    }

    /// What the log does not tell, a sentence each.
    pub fn assumptions(&self) -> &[String] {
        &self.assumptions
    }
}

/// Reads a file of places or of measured round trips: one whose header has a column `latitude` or `longitude` is of places. `fibre` is for
/// places; the sentences tell what was made of round trips.
///
/// # Errors
/// As [`Place::all_from_file`] and [`Sites::round_trips_from_file`], and [`Error::Domain`] for a fibre given with round trips.
pub fn survey_from_file(path: &Path, fibre: Option<Fibre>) -> Result<(Survey, Vec<String>)> {
    let header = header(path).map_err(|e| Error::File { path: path.display().to_string(), message: e.to_string() })?;
    let columns = header.split(',').map(|name| name.trim().trim_matches('"').trim());
    if columns.into_iter().any(|name| name == "latitude" || name == "longitude") {
        let places = Place::all_from_file(path)?;
        return Ok((Survey::of_places(places, fibre.unwrap_or_default())?, Vec::new()));
    }
    if fibre.is_some() {
        let allowed = "left out: the sites are measured round trips, without columns latitude and longitude";
        return Err(Error::domain("fibre", "(given)", allowed));
    }
    let (sites, report) = Sites::round_trips_from_file(path)?;
    let survey = Survey::of_round_trips(sites, &report);
    let notes = survey.notes().iter().map(|note| format!("[sites] {note}")).collect();
    Ok((survey, notes))
}

/// The first line that is not a comment, as far as it matters.
fn header(path: &Path) -> std::io::Result<String> {
    let mut source = BufReader::new(std::fs::File::open(path)?.take(1 << 20));
    loop {
        let mut line = Vec::new();
        let length = source.read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_start_matches('\u{feff}').trim();
        if length == 0 || !(line.is_empty() || line.starts_with('#')) {
            return Ok(line.to_owned());
        }
    }
}
