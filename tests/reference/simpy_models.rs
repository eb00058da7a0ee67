//! Reads the simulations that `simpy_models.py` stored, and holds figures against them.

use nalgebra::{DMatrix, DVector};
use pooltree::estimate::{Agreement, VectorEstimate};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One simulated case.
#[derive(Deserialize)]
pub struct Case {
    /// Parameters as in the script.
    parameters: Value,
    replications: u64,
    figures: Vec<Figure>,
    covariance_of_mean: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Figure {
    name: String,
    mean: f64,
    std_error: f64,
}

/// The case of that name.
pub fn case(name: &str) -> Case {
    #[derive(Deserialize)]
    struct File {
        cases: BTreeMap<String, Case>,
    }
    let mut file: File = serde_json::from_str(include_str!("simpy_models.json")).unwrap();
    file.cases.remove(name).unwrap_or_else(|| panic!("no case {name}"))
}

impl Case {
    /// A number among the parameters: `number("/rates/0")`.
    pub fn number(&self, pointer: &str) -> f64 {
        self.parameters.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("no number {pointer}"))
    }

    /// Names of the figures, in the order of the file.
    pub fn names(&self) -> Vec<&str> {
        self.figures.iter().map(|figure| figure.name.as_str()).collect()
    }

    fn index(&self, name: &str) -> usize {
        self.figures.iter().position(|figure| figure.name == name).unwrap_or_else(|| panic!("no figure {name}"))
    }

    /// Mean and standard error of one figure.
    pub fn figure(&self, name: &str) -> (f64, f64) {
        let figure = &self.figures[self.index(name)];
        (figure.mean, figure.std_error)
    }

    /// Some figures with the covariance of one replication.
    pub fn estimate(&self, names: &[&str]) -> VectorEstimate {
        self.plus(names, &DMatrix::zeros(names.len(), names.len()), self.replications)
    }

    /// The means of some figures with `noise` added to the covariance of the mean, as `replications` would give them.
    fn plus(&self, names: &[&str], noise: &DMatrix<f64>, replications: u64) -> VectorEstimate {
        let at: Vec<usize> = names.iter().map(|name| self.index(name)).collect();
        let mean: Vec<f64> = at.iter().map(|&i| self.figures[i].mean).collect();
        let entry = |i: usize, j: usize| (self.covariance_of_mean[at[i]][at[j]] + noise[(i, j)]) * replications as f64;
        let row = |i: usize| (0..at.len()).map(|j| entry(i, j)).collect::<Vec<f64>>();
        let rows: Vec<Vec<f64>> = (0..at.len()).map(row).collect();
        let plain = json!({ "mean": mean, "covariance": rows, "replications": replications });
        serde_json::from_value(plain).unwrap()
    }

    /// Joint test that figures have these exact means.
    pub fn agreement(&self, expected: &[(&str, f64)]) -> Agreement {
        let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
        let means = DVector::from_iterator(expected.len(), expected.iter().map(|(_, mean)| *mean));
        Agreement::test(&self.estimate(&names), None, &means, &DVector::zeros(expected.len()))
    }

    /// Joint test that figures have the same means as those of another, independent simulation, in the same order. The
    /// covariances of both means add up; the smaller number of replications counts.
    pub fn agreement_with(&self, names: &[&str], other: &VectorEstimate) -> Agreement {
        let estimate = self.plus(names, &other.covariance_of_mean(), self.replications.min(other.replications()));
        Agreement::test(&estimate, None, other.mean(), &DVector::zeros(names.len()))
    }

    /// The scenario of a case of the tree, one line a section, without priority, values and lifetime.
    pub fn scenario(&self) -> String {
        let text = |key: &str| self.parameters[key].to_string();
        format!(
            "tree = {{ arity = {}, depth = {} }}
             flow = {{ rate = {} }}
             timing.latency = {{ model = \"table\", values = {} }}
             timing.period = {{ model = \"ratio\", base = {}, ratio = {} }}
             timing.delay = \"batched\"
             discount = {{ factor = {} }}
             utility = {{ mean = {} }}",
            text("arity"),
            text("depth"),
            2.0 * self.number("/side_rate"),
            text("latency"),
            text("base_period"),
            text("period_ratio"),
            text("discount_factor"),
            text("value_mean"),
        )
    }
}
