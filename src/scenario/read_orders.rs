//! The section `[orders]`.

use super::section::Section;
use crate::error::{Error, Result};
use crate::orders::{Arrivals, Lifetime, Orders, PatienceFrom, Priority, Solver, SolverModel, Stretch, ValueLaw};

const KEYS: [&str; 9] =
    ["arrivals", "value", "priority", "solver", "lifetime", "patience_rate", "patience_from", "windows", "warm_up"];

/// How orders are handled.
pub(super) fn orders(section: &Section) -> Result<Orders> {
    section.only(&KEYS)?;
    let defaults = Orders::default();
    let names = Priority::ALL.map(Priority::name);
    let priority = section.choice("priority", &names)?;
    let orders = Orders {
        arrivals: section.table("arrivals")?.map_or(Ok(defaults.arrivals), |s| arrivals(&s))?,
        value: section.table("value")?.map_or(Ok(defaults.value), |s| value(&s))?,
        priority: Priority::ALL.into_iter().find(|p| Some(p.name()) == priority).unwrap_or(defaults.priority),
        solver: section.table("solver")?.map_or(Ok(defaults.solver), |s| solver(&s))?,
        lifetime: lifetime(section)?,
        stretch: Stretch {
            windows: section.integer("windows", "an integer of at least 1")?,
            warm_up: section.integer("warm_up", "an integer of at least 0")?,
        },
    };
    section.place(orders.check())?;
    Ok(orders)
}

fn arrivals(section: &Section) -> Result<Arrivals> {
    section.only_without("model", &["model", "shape", "size"])?;
    Ok(match section.needed_choice("model", &["poisson", "gamma", "batches"])? {
        "gamma" => {
            section.only(&["model", "shape"])?;
            Arrivals::Gamma { shape: section.needed_number("shape", "at least 1e-6 and at most 1e12")? }
        }
        "batches" => {
            section.only(&["model", "size"])?;
            Arrivals::Batches { size: section.needed_integer("size", "an integer from 1 to 1000000")? }
        }
        _ => {
            section.only(&["model"])?;
            Arrivals::Poisson
        }
    })
}

fn value(section: &Section) -> Result<ValueLaw> {
    section.only_without("law", &["law", "spread", "sigma", "shape"])?;
    let names = ["point", "uniform", "exponential", "log-normal", "pareto"];
    let name = section.needed_choice("law", &names)?;
    let own = match name {
        "uniform" => Some("spread"),
        "log-normal" => Some("sigma"),
        "pareto" => Some("shape"),
        _ => None,
    };
    let allowed: Vec<&str> = ["law"].into_iter().chain(own).collect();
    section.only(&allowed)?;
    Ok(match name {
        "uniform" => ValueLaw::Uniform { spread: section.number("spread")?.unwrap_or(1.0) },
        "exponential" => ValueLaw::Exponential,
        "log-normal" => ValueLaw::LogNormal { sigma: section.needed_number("sigma", "at least 0 and at most 5")? },
        "pareto" => ValueLaw::Pareto { shape: section.needed_number("shape", "above 1 and at most 1e6")? },
        _ => ValueLaw::Point,
    })
}

fn solver(section: &Section) -> Result<Solver> {
    section.only_without("model", &["model", "longest", "success"])?;
    let model = match section.needed_choice("model", &["pairs", "cycles", "unlimited"])? {
        "cycles" => {
            section.only(&["model", "longest", "success"])?;
            SolverModel::Cycles { longest: section.needed_integer("longest", "an integer of at least 2")? }
        }
        name => {
            section.only(&["model", "success"])?;
            if name == "unlimited" { SolverModel::Unlimited } else { SolverModel::Pairs }
        }
    };
    section.place(Solver::new(model, section.number("success")?.unwrap_or(1.0)))
}

fn lifetime(section: &Section) -> Result<Lifetime> {
    let lifetime = section.integer("lifetime", "an integer of at least 1")?;
    let rate = section.number("patience_rate")?;
    let from = section.choice("patience_from", &["root", "arrival"])?;
    let beside_lifetime =
        |key| Err(Error::domain(section.key(key), "(beside lifetime)", "left out, or lifetime left out"));
    match (lifetime, rate, from) {
        (Some(_), Some(_), _) => beside_lifetime("patience_rate"),
        (Some(_), None, Some(_)) => beside_lifetime("patience_from"),
        (None, None, Some(_)) => {
            Err(Error::Missing { key: section.key("patience_rate"), allowed: "finite and at least 0".to_owned() })
        }
        (Some(lifetime), None, None) => Ok(Lifetime::Auctions { lifetime }),
        (None, None, None) => Ok(Lifetime::default()),
        (None, Some(patience_rate), from) => {
            let patience_from = if from == Some("arrival") { PatienceFrom::Arrival } else { PatienceFrom::Root };
            Ok(Lifetime::Patience { patience_rate, patience_from })
        }
    }
}
