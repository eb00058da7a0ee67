//! What the library says of a scenario, in the form in which the page shows it.

use crate::verdict;
use pooltree::Scenario;
use pooltree::compare::Comparison;
use pooltree::estimate::Stopping;
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::closed_form::{ClosedForm, HeightWelfare};
use pooltree::pool_tree::search::HeightValue;
use pooltree::report::format::{number, percent};
use serde::Serialize;

/// A number as the command line prints it, and with all of its digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Number {
    /// For the eye.
    pub text: String,
    /// As in JSON.
    pub value: String,
}

impl Number {
    /// Six significant digits.
    pub fn of(x: f64) -> Self {
        Self { text: number(x), value: digits(x) }
    }

    /// A percentage.
    pub fn share(x: f64) -> Self {
        Self { text: percent(x), value: digits(x) }
    }
}

/// All digits, as in JSON.
fn digits(x: f64) -> String {
    serde_json::to_string(&x).unwrap_or_default()
}

/// One architecture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// `tree`, `global`, `local-j` or `best`.
    pub name: String,
    /// With its heights.
    pub title: String,
    /// Its heights.
    pub heights: String,
    /// Discounted utility per unit time.
    pub gross: Number,
    /// Of messages.
    pub cost: Number,
    /// Gross minus cost.
    pub net: Number,
    /// Gross over the order rate.
    pub gross_per_order: Number,
    /// Net over the order rate.
    pub net_per_order: Number,
    /// Share of all orders.
    pub filled: Number,
    /// Whether it is shown at once.
    pub main: bool,
    /// Whether no architecture shown has more net welfare.
    pub winner: bool,
    /// Whether it is the best of all sets of heights.
    pub best: bool,
}

/// One height of the architecture that is looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Height {
    /// The height.
    pub height: u32,
    /// Of its auctions.
    pub latency: Number,
    /// From one batch to the next.
    pub period: Number,
    /// Expected discount of an order filled there.
    pub discount: Number,
    /// Share filled of what reaches it.
    pub filling_rate: Number,
    /// Share of all orders.
    pub filled: Number,
    /// Discounted utility per unit time.
    pub gross: Number,
    /// Of messages.
    pub cost: Number,
    /// What the height is worth, where it is known.
    pub value: Option<Number>,
    /// Why.
    pub reason: String,
    /// Share of all orders, 0 to 1.
    pub bar: f64,
    /// Whether some best set does without it.
    pub nonsense: bool,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The scenario in two lines.
    pub summary: Vec<String>,
    /// What to build, in a sentence.
    pub verdict: String,
    /// The architectures.
    pub rows: Vec<Row>,
    /// The architecture that picture and bars show.
    pub shown: String,
    /// Its heights from the lowest to the highest.
    pub by_height: Vec<Height>,
    /// What it fills of all orders.
    pub filled: Number,
    /// What it leaves.
    pub unfilled: Number,
    /// The same, 0 to 1.
    pub unfilled_bar: f64,
    /// What a reader should know before believing a difference.
    pub notes: Vec<String>,
    /// Which architectures a simulation in steps draws; none where a precision is wanted.
    pub simulable: Vec<String>,
    /// Its seed.
    pub seed: String,
    /// Its replications of each architecture, if a number is asked for.
    pub replications: Option<String>,
}

/// A scenario with its comparison.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What `pooltree compare` says.
    pub comparison: Comparison,
    /// The best set of heights with what it earns, if it could be searched.
    pub best: Option<(Architecture, ClosedForm)>,
}

impl Compared {
    /// Compares.
    ///
    /// # Errors
    /// As [`Comparison::new`].
    pub fn new(scenario: &Scenario) -> pooltree::Result<Self> {
        let comparison = Comparison::new(scenario, None, None)?;
        let best = match &comparison.best {
            Some(best) => Some((best.architecture.clone(), ClosedForm::evaluate(scenario, &best.architecture)?)),
            None => None,
        };
        Ok(Self { comparison, best })
    }

    /// The architecture of a name.
    pub fn named(&self, name: &str) -> Option<(&Architecture, &ClosedForm)> {
        match &self.best {
            Some((architecture, welfare)) if name == "best" => Some((architecture, welfare)),
            _ => {
                let found = self.comparison.architectures.iter().find(|compared| compared.name == name);
                found.map(|compared| (&compared.architecture, &compared.closed_form))
            }
        }
    }

    /// The one of a name, or else the tree.
    pub fn or_tree<'s>(&'s self, name: &'s str) -> Option<(&'s str, &'s Architecture, &'s ClosedForm)> {
        let of = |name: &'s str| self.named(name).map(|(architecture, welfare)| (name, architecture, welfare));
        of(name).or_else(|| of("tree")).or_else(|| of("global"))
    }

    /// The local pools that earn most.
    fn best_local(&self) -> Option<&str> {
        let locals = self.comparison.architectures.iter().filter(|compared| compared.name.starts_with("local"));
        let most = locals.max_by(|a, b| a.closed_form.net.total_cmp(&b.closed_form.net));
        most.map(|compared| compared.name.as_str())
    }

    /// Tree, global pool, the best local pools, and the best set where it is none of these.
    pub fn main(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in ["tree", "global"].into_iter().chain(self.best_local()) {
            if self.named(name).is_some() {
                names.push(name.to_owned());
            }
        }
        if let Some((best, _)) = &self.best
            && !names.iter().any(|name| self.named(name).is_some_and(|(architecture, _)| architecture == best))
        {
            names.push("best".to_owned());
        }
        names
    }

    /// What the page shows, with `show` looked at.
    pub fn answer(&self, show: &str) -> Option<Answer> {
        let comparison = &self.comparison;
        let scenario = &comparison.scenario;
        let main = self.main();
        let (shown, architecture, welfare) = self.or_tree(show)?;
        let mut names = main.clone();
        names.extend(
            comparison.architectures.iter().map(|compared| compared.name.clone()).filter(|name| !main.contains(name)),
        );
        let winner = comparison.winner().map(|compared| compared.name.as_str());
        let rows: Vec<Row> = names
            .iter()
            .filter_map(|name| {
                let (architecture, welfare) = self.named(name)?;
                Some(Row {
                    title: format!("{name} {architecture}"),
                    heights: architecture.to_string(),
                    main: main.contains(name),
                    winner: winner == Some(name),
                    best: self.best.as_ref().is_some_and(|(best, _)| best == architecture),
                    name: name.clone(),
                    gross: Number::of(welfare.gross),
                    cost: Number::of(welfare.cost),
                    net: Number::of(welfare.net),
                    gross_per_order: Number::of(welfare.gross_per_order),
                    net_per_order: Number::of(welfare.net_per_order),
                    filled: Number::share(welfare.filled_share),
                })
            })
            .collect();
        let by_height = welfare.by_height.iter().map(|level| self.height(level)).collect();
        let monte_carlo = scenario.monte_carlo();
        // A wanted precision fixes their number by a pilot: no run in steps.
        let steps = match monte_carlo.stopping() {
            Stopping::Replications(n) => Some(n.to_string()),
            Stopping::Precision(_) => None,
        };
        let mut notes = comparison.notes.clone();
        if steps.is_none() {
            notes.push("the file asks for a precision, which fixes the replications by a pilot: type a number of replications to simulate here".to_owned());
        }
        Some(Answer {
            summary: scenario.report().to_string().lines().map(str::to_owned).collect(),
            verdict: verdict::sentence(self),
            rows,
            shown: format!("{shown} {architecture}"),
            by_height,
            filled: Number::share(welfare.filled_share),
            unfilled: Number::share(welfare.unfilled_share),
            unfilled_bar: welfare.unfilled_share,
            notes,
            simulable: if steps.is_some() { main } else { Vec::new() },
            seed: monte_carlo.seed().to_string(),
            replications: steps,
        })
    }

    fn height(&self, level: &HeightWelfare) -> Height {
        let worth = self.comparison.levels.iter().find(|own| own.height == level.height);
        Height {
            height: level.height,
            latency: Number::of(level.latency),
            period: Number::of(level.period),
            discount: Number::of(level.expected_discount),
            filling_rate: Number::share(level.filling_rate),
            filled: Number::share(level.filled_share),
            gross: Number::of(level.gross),
            cost: Number::of(level.cost),
            value: worth.map(|own| Number::of(own.value)),
            reason: worth.map_or_else(String::new, HeightValue::explain),
            bar: level.filled_share.clamp(0.0, 1.0),
            nonsense: worth.is_some_and(|own| own.value <= 0.0),
        }
    }

    /// Rows of all architectures and heights, as CSV.
    pub fn csv(&self) -> String {
        let mut text = String::from(
            "architecture,heights,height,latency,period,expected_discount,filling_rate,filled_share,gross,cost,net,net_per_order\n",
        );
        let best = self.best.as_ref().map(|(architecture, welfare)| ("best", architecture, welfare));
        let named = self.comparison.architectures.iter().map(|c| (c.name.as_str(), &c.architecture, &c.closed_form));
        for (name, architecture, welfare) in named.chain(best) {
            let heights: Vec<String> = architecture.heights().iter().map(u32::to_string).collect();
            let heights = heights.join("+");
            let all =
                [welfare.filled_share, welfare.gross, welfare.cost, welfare.net, welfare.net_per_order].map(digits);
            text += &format!("{name},{heights},all,,,,,{}\n", all.join(","));
            for level in &welfare.by_height {
                let own = [
                    level.latency,
                    level.period,
                    level.expected_discount,
                    level.filling_rate,
                    level.filled_share,
                    level.gross,
                    level.cost,
                ];
                text += &format!("{name},{heights},{},{},,\n", level.height, own.map(digits).join(","));
            }
        }
        text
    }
}
