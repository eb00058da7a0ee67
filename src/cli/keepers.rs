//! `pooltree keepers`.

use super::format::{given, number, table};
use super::{Threads, json, own_flag};
use clap::ArgGroup;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::keepers::table::{Drawn, MOST_KEEPERS, Questions, Row, Sampled, Table};
use pooltree::keepers::{Keeper, Keepers, Noise, Parameters, Reading, Reliability, Retry, Ties};
use pooltree::{Error, Result};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Tasks drawn for every rule where nothing else is asked for.
const REPLICATIONS: u64 = 20_000;

/// Keepers up to which the table of winners has a column for each.
const MANY_KEEPERS: usize = 12;

#[derive(clap::Args)]
#[command(group(ArgGroup::new("stop").args(["replications", "precision"])))]
pub(super) struct Args {
    /// Keepers (CSV: id,stake,bid,cost,ping,picked,succeeded,active), `-` for standard input [default: a built-in example].
    file: Option<PathBuf>,
    /// Least stake that the task asks for [default: none; 100 for the built-in example].
    #[arg(long, value_name = "STAKE", allow_hyphen_values = true)]
    min_stake: Option<f64>,
    /// Least stake of the probe's agent [default: that of the task].
    #[arg(long, value_name = "STAKE", allow_hyphen_values = true)]
    agent_min_stake: Option<f64>,
    /// Selects so many keepers and adds everybody's probability to be among them.
    #[arg(long, value_name = "M", allow_hyphen_values = true)]
    select: Option<usize>,
    /// How several are selected: the rule again after every exclusion, or one draw that ranks all.
    #[arg(long, value_name = "READING", default_value = "exclude-and-repeat", value_parser = names(Reading::ALL.map(Reading::name)))]
    reading: String,
    /// Number of the job: for the probe, and for the hash that breaks ties.
    #[arg(long, default_value_t = 0, allow_hyphen_values = true)]
    job: u64,
    /// Who of equal keepers comes first.
    #[arg(long, default_value = "uniform", value_parser = names(Ties::ALL.map(Ties::name)))]
    tie: String,
    /// How reliability is estimated from the record.
    #[arg(long, default_value = "ratio", value_parser = names(Reliability::NAMED.map(|estimate| estimate.name())))]
    reliability: String,
    /// Discount factor per unit of time of an auction that the selected keeper runs.
    #[arg(long, value_name = "FACTOR", default_value_t = 0.5, allow_hyphen_values = true)]
    beta: f64,
    /// What a failure costs beyond the attempt itself, in units of time.
    #[arg(long, value_name = "TIME", default_value_t = 0.0, allow_hyphen_values = true)]
    failure_delay: f64,
    /// Who tries next after a failure.
    #[arg(long, default_value = "exclude", value_parser = names(Retry::ALL.map(Retry::name)))]
    retry: String,
    /// Time after which an auction is given up [default: never].
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    deadline: Option<f64>,
    /// What the task is worth to a keeper in the gas auction.
    #[arg(long, default_value_t = Parameters::default().value, allow_hyphen_values = true)]
    value: f64,
    /// What a reverted transaction costs whatever its bid.
    #[arg(long, value_name = "COST", default_value_t = Parameters::default().loser_fixed, allow_hyphen_values = true)]
    loser_fixed: f64,
    /// Gas of a revert over the gas of a success.
    #[arg(long, value_name = "SHARE", default_value_t = Parameters::default().loser_share, allow_hyphen_values = true)]
    loser_share: f64,
    /// Least bid of the gas auction.
    #[arg(long, value_name = "BID", default_value_t = Parameters::default().reserve, allow_hyphen_values = true)]
    reserve: f64,
    /// What a unit of time is worth in units of the bid (flashbots).
    #[arg(long, default_value_t = Parameters::default().lambda, allow_hyphen_values = true)]
    lambda: f64,
    /// Scale of Gumbel noise (flashbots, and noise = gumbel).
    #[arg(long, default_value_t = Parameters::default().tau, allow_hyphen_values = true)]
    tau: f64,
    /// Exponent of the stake, `inf` for the largest (power).
    #[arg(long, value_name = "A", default_value_t = Parameters::default().power, allow_hyphen_values = true)]
    power: f64,
    /// Noise that the stake is multiplied by (noise).
    #[arg(long, default_value = "uniform", value_parser = names(Noise::ALL.map(Noise::name)))]
    noise: String,
    /// Share of uniform selection (mixture).
    #[arg(long, default_value_t = Parameters::default().epsilon, allow_hyphen_values = true)]
    epsilon: f64,
    /// Tasks over which the effective pool is counted.
    #[arg(long, value_name = "T", default_value_t = 100, allow_hyphen_values = true)]
    rounds: u64,
    /// Share of its stake that a failure costs a keeper.
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, allow_hyphen_values = true)]
    slash: f64,
    /// Tasks drawn for every rule [default: 20000].
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    replications: Option<u64>,
    /// Draws until no probability has a 95 % interval of a larger half-width.
    #[arg(long, value_name = "X", allow_hyphen_values = true)]
    precision: Option<f64>,
    /// Seed of the simulation.
    #[arg(long, default_value_t = MonteCarlo::DEFAULT_SEED, allow_hyphen_values = true)]
    seed: u64,
    /// Formulas only.
    #[arg(long)]
    no_simulation: bool,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    threads: Threads,
}

fn names<const N: usize>(names: [&'static str; N]) -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(names)
}

/// The value of a name that was checked when the arguments were read.
fn named<T: Copy + Default>(text: &str, all: &[T], name: impl Fn(&T) -> &'static str) -> T {
    all.iter().find(|value| name(value) == text).copied().unwrap_or_default()
}

pub(super) fn run(args: &Args) -> Result<String> {
    let (keepers, default_minimum) = register(args.file.as_deref())?;
    let parameters = Parameters {
        min_stake: args.min_stake.or(default_minimum),
        agent_min_stake: args.agent_min_stake,
        job: args.job,
        tie: named(&args.tie, &Ties::ALL, |tie| tie.name()),
        reliability: named(&args.reliability, &Reliability::NAMED, Reliability::name),
        power: args.power,
        noise: Noise::ALL.into_iter().find(|noise| noise.name() == args.noise).unwrap_or(Noise::Uniform),
        tau: args.tau,
        lambda: args.lambda,
        epsilon: args.epsilon,
        value: args.value,
        loser_fixed: args.loser_fixed,
        loser_share: args.loser_share,
        reserve: args.reserve,
        retry: named(&args.retry, &Retry::ALL, |retry| retry.name()),
        failure_delay: args.failure_delay,
        deadline: args.deadline,
    };
    let reading = named(&args.reading, &Reading::ALL, |reading| reading.name());
    let Args { beta, rounds, select, slash, .. } = *args;
    let questions = Questions { parameters, beta, rounds, select, reading, slash };
    questions.check().map_err(own_flag)?;
    let stopping = match (args.replications, args.precision) {
        (_, Some(precision)) => Stopping::Precision(precision),
        (replications, None) => Stopping::Replications(replications.unwrap_or(REPLICATIONS)),
    };
    let monte_carlo = MonteCarlo::new(args.seed, stopping).map_err(own_flag)?;
    let simulate = (!args.no_simulation).then_some(&monte_carlo);
    let bar = super::progress::Bar::new("rules");
    let report = |done, all| bar.report("keepers", done, all);
    let found =
        args.threads.run(|| Table::new(keepers, questions, simulate, &report)).map_err(|error| match error {
            // Below the least one of the table: the only flag that is looked at there.
            Error::Domain { ref key, .. } if key == "precision" => own_flag(error),
            other => other,
        })?;
    drop(bar);
    if args.json { json(&found) } else { Ok(readable(&found, args.file.as_deref())) }
}

/// The keepers, and the least stake that goes with them.
fn register(file: Option<&Path>) -> Result<(Keepers, Option<f64>)> {
    let Some(path) = file else { return Ok((Keepers::example(), Some(Keepers::EXAMPLE_MIN_STAKE))) };
    if path == Path::new("-") {
        return Ok((Keepers::from_csv(std::io::stdin().lock(), super::STANDARD_INPUT, MOST_KEEPERS)?, None));
    }
    if path.is_dir() {
        let message = "is a folder; name a CSV file".to_owned();
        return Err(Error::File { path: path.display().to_string(), message });
    }
    Ok((Keepers::from_file(path, MOST_KEEPERS)?, None))
}

/// A column of the tables of measures.
struct Measure {
    /// As in the JSON, and in notes.
    key: &'static str,
    title: &'static str,
    exact: fn(&Row) -> Option<f64>,
    seen: fn(&Sampled) -> Option<Drawn>,
}

/// Who is selected.
const WHO: [Measure; 6] = [
    Measure {
        key: "effective_number",
        title: "effective number",
        exact: |row| row.effective_number,
        seen: |seen| seen.effective_number,
    },
    Measure {
        key: "predictability",
        title: "best guess",
        exact: |row| row.predictability,
        seen: |seen| seen.predictability,
    },
    Measure { key: "gini", title: "Gini", exact: |row| row.gini, seen: |seen| seen.gini },
    Measure { key: "expected_wait", title: "wait", exact: |row| row.expected_wait, seen: |seen| seen.expected_wait },
    Measure { key: "effective_pool", title: "pool", exact: |row| row.effective_pool, seen: |seen| seen.effective_pool },
    Measure {
        key: "tie_unfairness",
        title: "tie gap",
        exact: |row| row.tie_unfairness,
        seen: |seen| seen.tie_unfairness,
    },
];

/// What it leads to.
const WHAT: [Measure; 6] = [
    Measure {
        key: "sybil_gain",
        title: "Sybil gain",
        exact: |row| row.sybil_gain,
        seen: |seen| seen.sybil_gain.map(Into::into),
    },
    Measure {
        key: "stake_elasticity",
        title: "elasticity",
        exact: |row| row.stake_elasticity,
        seen: |seen| seen.arc_elasticity.map(Into::into),
    },
    Measure {
        key: "losers_loss",
        title: "losers' loss",
        exact: |row| row.losers_loss,
        seen: |seen| Some(seen.losers_loss),
    },
    Measure { key: "deterrence", title: "deterrence", exact: |row| row.deterrence, seen: |seen| seen.deterrence },
    Measure { key: "executed", title: "executed", exact: |row| row.executed, seen: |seen| seen.executed },
    Measure {
        key: "expected_discount",
        title: "discount",
        exact: |row| row.expected_discount,
        seen: |seen| seen.expected_discount,
    },
];

/// Characters of an id that are shown.
const MOST_OF_ID: usize = 40;

fn readable(found: &Table, file: Option<&Path>) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = match file {
        None => writeln!(text, "Example keepers (give a CSV file with the same columns for your own)\n"),
        Some(path) if path == Path::new("-") => writeln!(text, "Keepers of {}\n", super::STANDARD_INPUT),
        Some(path) => writeln!(text, "Keepers of {}\n", path.display()),
    };
    if file.is_none() || found.keepers.len() <= MANY_KEEPERS {
        let _ = writeln!(text, "{}\n", keepers_table(found));
    }
    let parameters = &found.parameters.parameters;
    let viable = found.keepers.viable(parameters.min_stake).len();
    let minimum =
        parameters.min_stake.map_or_else(|| "no least stake".to_owned(), |s| format!("least stake {}", given(s)));
    let _ =
        writeln!(text, "{viable} of {} keepers viable ({minimum}); {}\n", found.keepers.len(), execution(parameters));
    if found.rules.iter().all(|row| row.unserved == 1.0) {
        let _ = writeln!(text, "By no rule can anybody be selected: every task is left.\n");
    } else if found.keepers.len() <= MANY_KEEPERS {
        let _ =
            writeln!(text, "Probability to be selected (closed form)\n\n{}\n", winners(found, |row| Some(&row.winner)));
        if let Some(m) = found.parameters.select {
            let title = format!("Probability to be among the {m} selected ({})", found.parameters.reading.name());
            let _ = writeln!(text, "{title}\n\n{}\n", winners(found, |row| row.inclusion.as_ref()));
        }
    }
    let is_drawn = found.rules.iter().any(|row| row.monte_carlo.is_some());
    for (title, measures, agreement) in [("Who is selected", &WHO, false), ("What it leads to", &WHAT, true)] {
        let _ = writeln!(text, "{title} (closed form)\n\n{}\n", exact(found, measures));
        if is_drawn {
            let _ =
                writeln!(text, "{title} (simulated ± standard error)\n\n{}\n", simulated(found, measures, agreement));
        }
    }
    let mut seen = found.rules.iter().filter_map(|row| row.monte_carlo.as_ref()).peekable();
    if let Some((replications, seed)) = seen.peek().map(|seen| (seen.replications, seen.seed)) {
        let (least, n) = seen.fold((1.0f64, 0), |(p, n), seen| (p.min(seen.agreement.p_value), n + 1));
        let _ = writeln!(
            text,
            "Simulation: {replications} tasks a rule, seed {seed}; smallest of {n} agreement p-values {least:.3}, corrected for \
             their number {:.3}",
            (least * f64::from(n)).min(1.0)
        );
    }
    legend(&mut text, found, is_drawn);
    notes(&mut text, found);
    text
}

/// How executions go on after failures.
fn execution(parameters: &Parameters) -> String {
    let deadline = parameters.deadline.map_or_else(|| "no deadline".to_owned(), |d| format!("deadline {}", given(d)));
    let (retry, reliability) = (parameters.retry.name(), parameters.reliability.name());
    let delay = given(parameters.failure_delay);
    format!("reliability by {reliability}, retry {retry}, failure delay {delay}, {deadline}")
}

/// An id as a cell can hold it.
fn cell(id: &str) -> String {
    let mut shown = String::new();
    for character in id.chars().take(MOST_OF_ID) {
        match character {
            '|' => shown.push_str("\\|"),
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    if id.chars().nth(MOST_OF_ID).is_some() {
        shown.push('…');
    }
    shown
}

fn keepers_table(found: &Table) -> String {
    let mut table = table(&["id", "stake", "bid", "cost", "ping", "picked", "succeeded", "active"]);
    for Keeper { id, stake, bid, cost, ping, picked, succeeded, active } in found.keepers.all() {
        let numbers = [stake, bid, cost, ping].map(|x| given(*x));
        let row = [cell(id)].into_iter().chain(numbers);
        table.add_row(row.chain([picked.to_string(), succeeded.to_string(), active.to_string()]));
    }
    table.to_string()
}

/// A column for every keeper.
fn winners(found: &Table, of: impl Fn(&Row) -> Option<&Vec<f64>>) -> String {
    let ids: Vec<String> = found.keepers.all().iter().map(|keeper| cell(&keeper.id)).collect();
    let ids = ids.iter().map(String::as_str);
    let mut table = table(&["rule"].into_iter().chain(ids).chain(["nobody"]).collect::<Vec<_>>());
    for row in &found.rules {
        let numbers: Vec<String> = of(row)
            .map_or_else(|| vec!["-".to_owned(); found.keepers.len()], |p| p.iter().map(|&p| number(p)).collect());
        table.add_row([row.rule.name().to_owned()].into_iter().chain(numbers).chain([number(row.unserved)]));
    }
    table.to_string()
}

/// Measures in closed form, a line a rule.
fn exact(found: &Table, measures: &[Measure]) -> String {
    let titles = measures.iter().map(|measure| measure.title);
    let mut table = table(&["rule"].into_iter().chain(titles).collect::<Vec<_>>());
    for row in &found.rules {
        let numbers = measures.iter().map(|measure| (measure.exact)(row).map_or_else(|| "-".to_owned(), short));
        table.add_row([row.rule.name().to_owned()].into_iter().chain(numbers));
    }
    table.to_string()
}

/// The same measures drawn.
fn simulated(found: &Table, measures: &[Measure], agreement: bool) -> String {
    let titles = measures.iter().map(|measure| measure.title);
    let last = agreement.then_some("agreement");
    let mut table = table(&["rule"].into_iter().chain(titles).chain(last).collect::<Vec<_>>());
    for (name, seen) in found.rules.iter().filter_map(|row| Some((row.rule.name(), row.monte_carlo.as_ref()?))) {
        let drawn = |of: Option<Drawn>| of.map_or_else(|| "-".to_owned(), |d| short_with_error(d.mean, d.std_error));
        let numbers = measures.iter().map(|measure| drawn((measure.seen)(seen)));
        let last = agreement.then(|| format!("p = {:.3}", seen.agreement.p_value));
        table.add_row([name.to_owned()].into_iter().chain(numbers).chain(last));
    }
    table.to_string()
}

/// Four significant digits.
fn short(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let magnitude = x.abs().log10().floor() as i32;
    if (-3..=5).contains(&magnitude) {
        format!("{x:.*}", (3 - magnitude).clamp(0, 6) as usize)
    } else {
        format!("{x:.2e}")
    }
}

fn short_with_error(mean: f64, error: f64) -> String {
    // An error beyond the digits shown says nothing.
    if error > 1e-5 * mean.abs() { super::format::with_error(mean, error) } else { short(mean) }
}

fn legend(text: &mut String, found: &Table, is_drawn: bool) {
    let questions = &found.parameters;
    let _ = writeln!(
        text,
        "effective number: 1/Σp²; best guess: the greatest chance; wait: mean over the viable keepers of the tasks until one is selected\n\
         pool: keepers selected in {} tasks; tie gap: greatest difference between equal keepers\n\
         Sybil gain: most chance gained by a split of a stake; elasticity: of one's chance in one's stake\n\
         losers' loss: of one auction, in units of value; deterrence: stake lost by a failure\n\
         discount: E[β^S] of an auction executed after S, β = {}",
        questions.rounds,
        given(questions.beta)
    );
    if is_drawn {
        let _ = writeln!(
            text,
            "simulated: the elasticity is for stakes raised by e^0.1; gains and gaps are those of the split and the keepers of the \
             closed form, and may come out below 0"
        );
    }
}

/// What the rules have to say, each note once.
fn notes(text: &mut String, found: &Table) {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in &found.rules {
        for note in &row.notes {
            match all.iter_mut().find(|(other, _)| other == note) {
                Some((_, rules)) => rules.push(row.rule.name()),
                None => all.push((note, vec![row.rule.name()])),
            }
        }
    }
    for (note, rules) in all {
        let rules = if rules.len() == found.rules.len() { "all rules".to_owned() } else { rules.join(", ") };
        // Keys are those of the JSON; columns have titles.
        let titled = WHO.iter().chain(&WHAT).find_map(|measure| {
            let rest = note.strip_prefix(measure.key)?.strip_prefix(": ")?;
            Some(format!("{}: {rest}", measure.title))
        });
        let _ = writeln!(text, "Note: {rules}: {}", titled.as_deref().unwrap_or(note));
    }
    let questions = &found.parameters;
    if let (Some(m), Some(short)) = (questions.select, found.rules.iter().filter_map(|row| row.short).reduce(f64::max))
        && short > 0.0
    {
        let rules: Vec<String> = found
            .rules
            .iter()
            .filter_map(|row| row.short.filter(|&s| s > 0.0).map(|s| format!("{} {}", row.rule.name(), number(s))))
            .collect();
        let _ = writeln!(text, "Note: probability that fewer than {m} are selected: {}", rules.join(", "));
    }
}
