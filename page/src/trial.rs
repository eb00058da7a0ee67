//! The simulation of some architectures in steps, one after the other in turn.

use crate::answer::{Compared, Number};
use pooltree::Scenario;
use pooltree::compare::{Confirmed, Trial};
use serde::Serialize;
use serde_json::{Map, Value};

/// How many times the replications drawn before a step there are after it, at most.
const GROWTH: f64 = 1.25;

/// What is known of one architecture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Replications drawn.
    pub done: u64,
    /// Gross welfare in closed form.
    pub closed_form: Number,
    /// Estimated gross welfare.
    pub gross: Option<Number>,
    /// Lower end of its 95 % interval.
    pub low: Option<Number>,
    /// Upper end.
    pub high: Option<Number>,
    /// Estimated share of orders filled.
    pub filled: Option<Number>,
    /// Its standard error.
    pub filled_error: Option<Number>,
    /// Of the joint test of agreement, where anything is known exactly.
    pub p_value: Option<Number>,
    /// Whether the closed form is inside the interval.
    pub inside: Option<bool>,
    /// Why it is not simulated.
    pub refused: Option<String>,
}

/// How far the simulation is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// Replications drawn of the architecture that has the fewest.
    pub done: u64,
    /// Replications wanted of each.
    pub replications: u64,
    /// Whether nothing is left to draw.
    pub complete: bool,
    /// The seed.
    pub seed: String,
    /// The architectures.
    pub rows: Vec<Row>,
}

/// One architecture.
struct Contest {
    name: String,
    closed_form: f64,
    trial: Result<Trial, String>,
    /// Replications that took about as long as a step should.
    pace: u64,
}

/// A simulation of a scenario that can be left and taken up again.
pub struct Trials {
    seed: u64,
    contests: Vec<Contest>,
    /// Whose turn it is.
    next: usize,
}

impl Trials {
    /// Prepares the architectures of these names.
    ///
    /// # Errors
    /// A scenario that is not valid or asks for a precision, and names that it has no architecture of.
    pub fn new(file: &str, names: &[String]) -> Result<Self, String> {
        let scenario: Scenario = file.parse().map_err(|error: pooltree::Error| error.to_string())?;
        let compared = Compared::new(&scenario).map_err(|error| error.to_string())?;
        let contest = |name: &String| {
            let (architecture, welfare) =
                compared.named(name).ok_or_else(|| format!("{name}: no such architecture"))?;
            let trial = match Trial::new(&scenario, architecture) {
                Err(error @ pooltree::Error::Domain { .. }) => return Err(error.to_string()),
                other => other.map_err(|error| error.to_string()),
            };
            Ok(Contest { name: name.clone(), closed_form: welfare.gross, trial, pace: 1 })
        };
        let contests = names.iter().map(contest).collect::<Result<_, String>>()?;
        Ok(Self { seed: scenario.monte_carlo().seed(), contests, next: 0 })
    }

    /// Carries on for about that long by the clock that is given, each architecture in turn, one block at least; no further than
    /// [`GROWTH`], so that a reader sees the intervals close in however quick it is.
    ///
    /// # Errors
    /// None that [`Trials::new`] has not told.
    pub fn step(&mut self, milliseconds: f64, now: impl Fn() -> f64) -> Result<Progress, String> {
        let start = now();
        let enough = (self.least() as f64 * GROWTH) as u64 + 1;
        while let Some(i) = self.turn() {
            let contest = &mut self.contests[i];
            if let Ok(trial) = &mut contest.trial {
                let begun = now();
                let before = trial.done();
                trial.step(contest.pace).map_err(|error| error.to_string())?;
                let took = now() - begun;
                let drawn = trial.done().saturating_sub(before).max(1);
                // A quarter of the time at most, so that every architecture has its turn.
                let fitting = drawn as f64 * (0.25 * milliseconds / took.max(0.01)).clamp(0.1, 4.0);
                contest.pace = (fitting as u64).max(1);
            }
            if self.least() >= enough || now() - start >= 0.75 * milliseconds {
                break;
            }
        }
        self.progress()
    }

    /// The architecture that has least behind it, from the one whose turn it is.
    fn turn(&mut self) -> Option<usize> {
        let open = |contest: &Contest| contest.trial.as_ref().is_ok_and(|trial| !trial.is_complete());
        let found = (0..self.contests.len())
            .map(|i| (self.next + i) % self.contests.len())
            .filter(|&i| open(&self.contests[i]))
            .min_by_key(|&i| self.contests[i].trial.as_ref().map_or(0, Trial::done))?;
        self.next = found + 1;
        Some(found)
    }

    /// Replications drawn of the architecture that has the fewest.
    fn least(&self) -> u64 {
        self.contests.iter().filter_map(|contest| contest.trial.as_ref().ok()).map(Trial::done).min().unwrap_or(0)
    }

    /// How far it is.
    ///
    /// # Errors
    /// As [`Trials::step`].
    pub fn progress(&self) -> Result<Progress, String> {
        let running = || self.contests.iter().filter_map(|contest| contest.trial.as_ref().ok());
        Ok(Progress {
            done: self.least(),
            replications: running().map(Trial::replications).max().unwrap_or(0),
            complete: running().all(Trial::is_complete),
            seed: self.seed.to_string(),
            rows: self.contests.iter().map(Contest::row).collect::<Result<_, _>>()?,
        })
    }

    /// What has been seen, by architecture, as under `monte_carlo` in the JSON of `pooltree compare`.
    ///
    /// # Errors
    /// As [`Trials::step`].
    pub fn result(&self) -> Result<String, String> {
        let mut all = Map::new();
        for contest in &self.contests {
            if let Some(confirmed) = contest.confirmed()? {
                all.insert(contest.name.clone(), serde_json::to_value(confirmed).map_err(|error| error.to_string())?);
            }
        }
        serde_json::to_string(&Value::Object(all)).map_err(|error| error.to_string())
    }
}

impl Contest {
    fn confirmed(&self) -> Result<Option<Confirmed>, String> {
        match &self.trial {
            Ok(trial) => trial.confirmed().map_err(|error| error.to_string()),
            Err(_) => Ok(None),
        }
    }

    fn row(&self) -> Result<Row, String> {
        let confirmed = self.confirmed()?;
        let simulated = confirmed.as_ref().map(|confirmed| &confirmed.simulated);
        let agreement = confirmed.as_ref().map(|confirmed| &confirmed.agreement);
        Ok(Row {
            name: self.name.clone(),
            done: self.trial.as_ref().map_or(0, Trial::done),
            closed_form: Number::of(self.closed_form),
            gross: simulated.map(|seen| Number::of(seen.gross)),
            low: simulated.map(|seen| Number::of(seen.ci95[0])),
            high: simulated.map(|seen| Number::of(seen.ci95[1])),
            filled: simulated.map(|seen| Number::share(seen.filled_share)),
            filled_error: simulated.map(|seen| Number::share(seen.filled_share_std_error)),
            p_value: agreement.filter(|test| test.degrees_of_freedom > 0).map(|test| Number::of(test.p_value)),
            inside: simulated.map(|seen| seen.ci95[0] <= self.closed_form && self.closed_form <= seen.ci95[1]),
            refused: self.trial.as_ref().err().cloned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::PRESETS;
    use pooltree::compare::Comparison;
    use std::cell::Cell;

    /// A clock that goes on by a millisecond whenever it is read.
    fn clock() -> impl Fn() -> f64 {
        let now = Cell::new(0.0);
        move || now.replace(now.get() + 1.0)
    }

    #[test]
    fn steps_end_where_the_command_line_ends() {
        for preset in &PRESETS {
            let file = preset.study().unwrap().file() + "\n[monte_carlo]\nreplications = 300\nseed = 5\n";
            let names: Vec<String> = ["tree", "global", "local-1"].map(str::to_owned).to_vec();
            let mut trials = Trials::new(&file, &names).unwrap();
            let now = clock();
            let mut steps = 0;
            while !trials.step(3.0, &now).unwrap().complete {
                steps += 1;
                assert!(steps < 10_000, "{}", preset.name);
            }
            let scenario: Scenario = file.parse().unwrap();
            let whole = Comparison::new(&scenario, None, Some(&|_, _, _| ())).unwrap();
            let mut expected = Map::new();
            for name in &names {
                let one = whole.architectures.iter().find(|compared| compared.name == *name).unwrap();
                expected.insert(name.clone(), serde_json::to_value(one.monte_carlo.as_ref().unwrap()).unwrap());
            }
            assert_eq!(trials.result().unwrap(), Value::Object(expected).to_string(), "{}", preset.name);
            assert!(trials.progress().unwrap().rows.iter().all(|row| row.done == 300 && row.inside.is_some()));
        }
    }

    #[test]
    fn what_cannot_be_simulated_is_told() {
        let document = PRESETS[0].study().unwrap().file();
        let told = |file: &str, name: &str| Trials::new(file, &[name.to_owned()]).err().unwrap();
        assert!(told(&document, "local-9").contains("no such architecture"));
        assert!(told("x = 1", "tree").contains("unknown key"));
        assert!(told(&(document.clone() + "[monte_carlo]\nprecision = 0.1\n"), "tree").contains("replications"));
        let huge = document.replace("64.0", "1e18");
        let trials = Trials::new(&huge, &["tree".to_owned()]).unwrap();
        let progress = trials.progress().unwrap();
        assert!(progress.complete && progress.rows[0].refused.as_ref().unwrap().contains("out of reach"));
    }
}
