//! The section `[sites]`, and the trees, latencies and flows of single operators.

use super::Scenario;
use super::section::Section;
use crate::error::{Error, Result};
use crate::network::sites::{Division, Fibre, Place, Sites, Survey};
use crate::pool_tree::{Class, CustomFlow, PoolTree, Pools};
use std::path::Path;
use toml::Value;

/// Where the operators are; files are looked for in `folder`. Distances between places that are `known` are not computed again.
pub(super) fn survey(section: &Section, folder: &Path, known: Option<&Scenario>) -> Result<Survey> {
    section.only(&["places", "list", "round_trips", "names", "one_way", "fibre", "overhead"])?;
    let sources = ["places", "list", "round_trips", "one_way"];
    let given: Vec<&str> = sources.into_iter().filter(|key| section.has(key)).collect();
    let either = "exactly one of places, list, round_trips, one_way";
    let [source] = given.as_slice() else {
        return match given.as_slice() {
            [] => Err(Error::Missing { key: section.key("places"), allowed: either.to_owned() }),
            [first, second, ..] => Err(Error::domain(section.key(second), format!("(beside {first})"), either)),
            [_] => unreachable!("one source is matched above"),
        };
    };
    let from_places = matches!(*source, "places" | "list");
    let own: &[&str] = match *source {
        "one_way" => &["names", "one_way"],
        "round_trips" => &["round_trips"],
        _ => &["places", "list", "fibre", "overhead"],
    };
    section.only(own)?;
    if !from_places {
        return if *source == "one_way" {
            Ok(Survey::of_sites(matrix(section)?))
        } else {
            round_trips(section, folder)
        };
    }
    let share = section.number("fibre")?.unwrap_or(Fibre::default().share());
    let overhead = section.number("overhead")?.unwrap_or(0.0);
    let fibre = Fibre::new(share, overhead).map_err(|e| renamed(e, "share", "fibre"));
    let fibre = section.place(fibre)?;
    let places = match section.tables("list")? {
        Some(list) => list.iter().map(place).collect::<Result<_>>()?,
        None => places(section, folder)?,
    };
    let known = known.and_then(Scenario::sites).filter(|known| known.places() == Some((&places, fibre)));
    if let Some(known) = known {
        return Ok(known.clone());
    }
    section.place(
        Survey::of_places(places, fibre)
            .map_err(|e| ["places", "names", "sites"].iter().fold(e, |e, key| renamed(e, key, "list"))),
    )
}

/// An error about a parameter that has another name in the file.
fn renamed(error: Error, from: &str, to: &str) -> Error {
    match error {
        Error::Domain { key, value, allowed } => {
            let key = if key.split('.').next() == Some(from) { key.replacen(from, to, 1) } else { key };
            Error::Domain { key, value, allowed }
        }
        other => other,
    }
}

fn place(section: &Section) -> Result<Place> {
    section.only(&["name", "latitude", "longitude"])?;
    let name = section.needed_text("name", "the name of the operator")?;
    let degrees =
        |key: &str, most: u32| section.needed_number(key, &format!("a number of degrees from -{most} to {most}"));
    Ok(Place { name, latitude: degrees("latitude", 90)?, longitude: degrees("longitude", 180)? })
}

fn matrix(section: &Section) -> Result<Sites> {
    let names = section.needed_texts("names", "an array of the names of the sites")?;
    let rows = section.needed_rows("one_way", "an array of one row of numbers per site")?;
    if let Some((i, row)) = rows.iter().enumerate().find(|(_, row)| row.len() != names.len()) {
        let allowed = format!("{} values, one per name", names.len());
        return Err(Error::domain(section.key(&format!("one_way.{i}")), format!("({} values)", row.len()), allowed));
    }
    section.place(Sites::new(names, rows.concat()).map_err(|e| renamed(e, "sites", "names")))
}

#[cfg(feature = "csv")]
fn places(section: &Section, folder: &Path) -> Result<Vec<Place>> {
    let file = folder.join(section.needed_text("places", "the name of a file")?);
    Place::all_from_file(&file)
        .map_err(|e| Error::domain(section.key("places"), file.display(), format!("a file of places ({e})")))
}

#[cfg(feature = "csv")]
fn round_trips(section: &Section, folder: &Path) -> Result<Survey> {
    let file = folder.join(section.needed_text("round_trips", "the name of a file")?);
    let read = Sites::round_trips_from_file(&file).map(|(sites, report)| Survey::of_round_trips(sites, &report));
    read.map_err(|e| Error::domain(section.key("round_trips"), file.display(), format!("a file of round trips ({e})")))
}

#[cfg(not(feature = "csv"))]
fn places(section: &Section, _: &Path) -> Result<Vec<Place>> {
    Err(Error::domain(section.key("places"), "(given)", "left out: the library was built without the feature \"csv\""))
}

#[cfg(not(feature = "csv"))]
fn round_trips(section: &Section, _: &Path) -> Result<Survey> {
    Err(Error::domain(
        section.key("round_trips"),
        "(given)",
        "left out: the library was built without the feature \"csv\"",
    ))
}

/// The tree of a scenario, and how it was made of the sites; they are not divided again if that is `known`.
pub(super) fn tree(
    section: &Section,
    survey: Option<&Survey>,
    known: Option<&Scenario>,
) -> Result<(PoolTree, Option<Division>)> {
    let divided = |survey: &Survey, division: Division| -> Result<(PoolTree, Option<Division>)> {
        let known = known.filter(|known| known.sites() == Some(survey) && known.division() == Some(&division));
        let tree = match known {
            Some(known) => known.tree().clone(),
            None => PoolTree::given(section.place(survey.pools(&division))?),
        };
        Ok((tree, Some(division)))
    };
    section.only(&["arity", "depth", "arities", "pools", "operators"])?;
    if section.has("pools") {
        section.only(&["operators", "pools"])?;
        return Ok((PoolTree::given(pools(section, survey)?), None));
    }
    if section.has("arities") {
        section.only(&["arities"])?;
        let Some(survey) = survey else {
            let allowed = "left out where there are no [sites] to divide";
            return Err(Error::domain(section.key("arities"), "(given)", allowed));
        };
        let arities = section.needed_integers("arities", "an array of integers of at least 2, from the root down")?;
        return divided(survey, Division::Arities { arities });
    }
    if section.has("operators") && !section.has("arity") && !section.has("depth") {
        let allowed = "an array of heights from 1 up, beside operators".to_owned();
        return Err(Error::Missing { key: section.key("pools"), allowed });
    }
    section.only(&["arity", "depth"])?;
    let arity = section.needed_integer("arity", "an integer of at least 2")?;
    let depth = section.needed_integer("depth", "an integer from 0 to 1023")?;
    match survey {
        None => Ok((section.place(PoolTree::new(arity, depth))?, None)),
        Some(survey) => divided(survey, Division::Even { arity, depth }),
    }
}

/// Pools of heights 1 to `k - 1`, each a list of operators by number or name.
fn pools(section: &Section, survey: Option<&Survey>) -> Result<Pools> {
    let allowed = "an array of heights from 1 up, each an array of pools, each an array of operators";
    let heights = section.needed_array("pools", allowed)?;
    let key = |place: &str| section.key(&format!("pools.{place}"));
    let array = |place: String, value: &Value| -> Result<Vec<Value>> {
        let wrong = || Error::domain(key(&place), super::section::shown(value), "an array");
        value.as_array().cloned().ok_or_else(wrong)
    };
    let mut all: Vec<Vec<Vec<usize>>> = Vec::new();
    for (h, of_height) in heights.iter().enumerate() {
        let mut pools = Vec::new();
        for (p, pool) in array(h.to_string(), of_height)?.iter().enumerate() {
            let members = array(format!("{h}.{p}"), pool)?;
            let member = |(i, value): (usize, &Value)| operator(value, survey, &key(&format!("{h}.{p}.{i}")));
            pools.push(members.iter().enumerate().map(member).collect::<Result<Vec<usize>>>()?);
        }
        all.push(pools);
    }
    let count = all.first().map(|pools| pools.iter().map(Vec::len).sum());
    let operators = match (survey, section.integer::<u32>("operators", "an integer of at least 1")?, count) {
        (Some(survey), None, _) => survey.sites().len(),
        (Some(survey), Some(n), _) if n as usize == survey.sites().len() => n as usize,
        (Some(survey), Some(n), _) => {
            let allowed = format!("the number of sites, {}", survey.sites().len());
            return Err(Error::domain(section.key("operators"), n, allowed));
        }
        (None, Some(n), _) => n as usize,
        (None, None, Some(count)) => count,
        (None, None, None) => {
            let allowed = "an integer of at least 1, where no pools say it".to_owned();
            return Err(Error::Missing { key: section.key("operators"), allowed });
        }
    };
    if operators > MOST_OPERATORS {
        return Err(Error::domain(section.key("operators"), operators, format!("at most {MOST_OPERATORS}")));
    }
    section.place(Pools::new(operators, &all).map_err(from_zero))
}

/// An error of pools, whose heights count from 1 there and from 0 in the file.
fn from_zero(error: Error) -> Error {
    match error {
        Error::Domain { key, value, allowed } => {
            let shifted = |(i, part): (usize, &str)| match part.parse::<usize>() {
                Ok(height) if i == 1 => (height - 1).to_string(),
                _ => part.to_owned(),
            };
            let key = key.split('.').enumerate().map(shifted).collect::<Vec<_>>().join(".");
            Error::Domain { key, value, allowed }
        }
        other => other,
    }
}

/// The most operators of given pools.
const MOST_OPERATORS: usize = 1 << 24;

/// An operator by its number, or by the name of its site.
fn operator(value: &Value, survey: Option<&Survey>, key: &str) -> Result<usize> {
    let found = match value {
        Value::Integer(n) => usize::try_from(*n).ok(),
        Value::String(name) => survey.and_then(|survey| survey.operator(name)),
        _ => None,
    };
    let allowed = if survey.is_some() {
        "the number of an operator, from 0, or the name of a site"
    } else {
        "the number of an operator, from 0"
    };
    found.ok_or_else(|| Error::domain(key, super::section::shown(value), allowed))
}

/// The operator of the key `operator`.
pub(super) fn one_operator(section: &Section, survey: Option<&Survey>) -> Result<u64> {
    match (survey, section.text_or_none("operator")) {
        (Some(survey), Some(name)) => {
            let allowed = "the number of an operator, from 0, or the name of a site";
            let found = survey.operator(name).map(|i| i as u64);
            found.ok_or_else(|| Error::domain(section.key("operator"), format!("\"{name}\""), allowed))
        }
        _ => section.needed_integer("operator", "an integer of at least 0 below the number of operators"),
    }
}

/// Classes with rates of their own, of a component of a flow in `tree`.
pub(super) fn custom(section: &Section, tree: &PoolTree, survey: Option<&Survey>, folder: &Path) -> Result<CustomFlow> {
    let all = tree.operators().and_then(|n| usize::try_from(n).ok()).filter(|&n| n <= MOST_OPERATORS);
    let Some(operators) = all else {
        let allowed = format!("another kind in a tree of more than {MOST_OPERATORS} operators");
        return Err(Error::domain(section.key("kind"), "\"custom\"", allowed));
    };
    match (section.text("file")?, section.tables("classes")?) {
        (Some(_), Some(_)) => {
            Err(Error::domain(section.key("classes"), "(beside file)", "exactly one of classes, file"))
        }
        (Some(file), None) => super::rates::from_file(&folder.join(&file), operators, survey).map_err(|e| {
            Error::domain(section.key("file"), folder.join(file).display(), format!("a file of rates ({e})"))
        }),
        (None, Some(list)) => {
            let classes = list.iter().map(|own| class(own, survey)).collect::<Result<Vec<_>>>()?;
            section.place(CustomFlow::new(operators, classes))
        }
        (None, None) => {
            Err(Error::Missing { key: section.key("classes"), allowed: "exactly one of classes, file".to_owned() })
        }
    }
}

fn class(section: &Section, survey: Option<&Survey>) -> Result<Class> {
    section.only(&["pair", "operators", "rates"])?;
    let allowed = "an array of operators";
    let listed = section.needed_array("operators", allowed)?;
    let key = |i: usize| section.key(&format!("operators.{i}"));
    let member = |(i, value): (usize, &Value)| operator(value, survey, &key(i));
    let operators: Vec<usize> = listed.iter().enumerate().map(member).collect::<Result<_>>()?;
    let rates = section.needed_rows("rates", "an array of two rates per operator, one for either side")?;
    if rates.len() != operators.len() {
        let allowed = format!("{} pairs, one per operator", operators.len());
        return Err(Error::domain(section.key("rates"), format!("({} pairs)", rates.len()), allowed));
    }
    if let Some((i, pair)) = rates.iter().enumerate().find(|(_, pair)| pair.len() != 2) {
        let given = format!("({} rates)", pair.len());
        return Err(Error::domain(section.key(&format!("rates.{i}")), given, "two rates, one for either side"));
    }
    let side = |side: usize| -> Vec<(usize, f64)> {
        operators.iter().copied().zip(rates.iter().map(|pair| pair[side])).collect()
    };
    for (i, pair) in rates.iter().enumerate() {
        for (j, &rate) in pair.iter().enumerate() {
            let key = section.key(&format!("rates.{i}.{j}"));
            crate::error::checked(&key, rate, |r| r >= 0.0, "finite and at least 0")?;
        }
    }
    let class = section.place(Class::new([&side(0), &side(1)]))?;
    let Some(pair) = section.has("pair").then(|| section.needed_texts("pair", "two names")).transpose()? else {
        return Ok(class);
    };
    let given = format!("({} names)", pair.len());
    let pair: [String; 2] =
        pair.try_into().map_err(|_| Error::domain(section.key("pair"), given, "two different names"))?;
    if pair[0] == pair[1] {
        return Err(Error::domain(section.key("pair"), format!("\"{}\" twice", pair[0]), "two different names"));
    }
    Ok(class.with_pair(pair))
}
