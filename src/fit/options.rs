//! What a log does not tell.

use crate::error::shown;
use crate::pool_tree::{PeriodModel, RingStatistic};

/// Unit of the times of a log, and so of the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Seconds.
    #[default]
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

impl Unit {
    /// A time in seconds in this unit.
    pub fn from_seconds(self, time: f64) -> f64 {
        match self {
            Self::Seconds => time,
            Self::Milliseconds => 1e3 * time,
        }
    }

    /// Its symbol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
        }
    }
}

/// What a log does not tell about a scenario; times in its [`Unit`].
#[derive(Debug, Clone, PartialEq)]
pub struct FitOptions {
    /// Parts of a pool, at least 2; default 2.
    pub arity: u32,
    /// Height of the root; by default the greatest at which pools of height 1 still hold `arity` operators.
    pub depth: Option<u32>,
    /// Unit of the log's times; default seconds.
    pub unit: Unit,
    /// What consensus in a pool of sites waits for; default the mean over its members of the farthest.
    pub statistic: RingStatistic,
    /// Time in which the value of a fill halves; 1 s by default.
    pub half_life: Option<f64>,
    /// Windows of the auctions; default back to back.
    pub period: PeriodModel,
    /// Latency of the pool of all operators where no sites are known, above 0; by default the half-life.
    pub latency: Option<f64>,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            arity: 2,
            depth: None,
            unit: Unit::default(),
            statistic: RingStatistic::MeanFarthest,
            half_life: None,
            period: PeriodModel::BackToBack,
            latency: None,
        }
    }
}

impl FitOptions {
    /// What is assumed whether sites are known or not.
    pub(super) fn account(&self, half_life: f64, mean_value: Option<f64>) -> Vec<String> {
        let unit = self.unit.name();
        let period = match &self.period {
            PeriodModel::BackToBack => "back to back".to_owned(),
            PeriodModel::Ratio { base, ratio: 1 } => format!("{} {unit} long at every height", shown(*base)),
            PeriodModel::Ratio { base, ratio } => format!("{} {unit} · {ratio}^height long", shown(*base)),
            PeriodModel::Table { .. } => "as given".to_owned(),
        };
        let value = match mean_value {
            Some(mean) => format!("[utility] a fill is worth {}, the mean value of the log's orders", shown(mean)),
            None => "[utility] a fill is worth 1: the orders of the log have no value".to_owned(),
        };
        vec![
            format!("times are in {unit}"),
            format!("[discount] the value of a fill halves in {} {unit}", shown(half_life)),
            format!("[timing] windows are {period}, delays batched, solving takes no time"),
            value,
            "[cost] messages cost nothing".to_owned(),
        ]
    }
}
