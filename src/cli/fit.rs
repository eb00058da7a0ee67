//! `pooltree fit`.

use super::{STANDARD_INPUT, as_flag, in_file, json, own_flag};
use clap::ArgGroup;
use pooltree::fit::{FitOptions, FitReport, Fitted, Sources, Target, Unit, fit, survey_from_file};
use pooltree::network::order_log::{LogSummary, Options, Replay, ReplayReport, Row, read, read_with};
use pooltree::network::sites::{Fibre, Survey};
use pooltree::pool_tree::{Architecture, PeriodModel, Pools, RingStatistic};
use pooltree::{ClosedForm, Error, Result};
use std::fs::File;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
#[command(group(ArgGroup::new("at sites").args(["statistic", "quorum", "fibre", "overhead"]).multiple(true).requires("sites")))]
pub(super) struct Args {
    /// Log of orders (CSV), `-` for standard input: columns time, operator, sell, buy, value, one row an order in the order of
    /// time; or what `pooltree simulate --trace` writes.
    log: PathBuf,
    /// Where the operators are (CSV): columns name, latitude and longitude, or else a matrix of measured round trips in
    /// milliseconds. The log names operators as this file does, or by number from 0 [default: latency in proportion to the
    /// size of a pool].
    #[arg(long, value_name = "FILE")]
    sites: Option<PathBuf>,
    /// Scenario file to write; what is there is replaced. `-` writes it to standard output instead of the report.
    #[arg(long, short, value_name = "SCENARIO")]
    output: PathBuf,
    /// Writes the rates to this file (CSV) instead of into the scenario, which names it: for flows beyond 16 MiB.
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
    /// Parts into which a pool is divided, at least 2.
    #[arg(long, default_value_t = 2, allow_hyphen_values = true)]
    arity: u32,
    /// Height of the pool of all operators [default: the greatest at which pools of height 1 still hold as many operators as
    /// the arity].
    #[arg(long, allow_hyphen_values = true)]
    depth: Option<u32>,
    /// Unit of the log's times, and so of the scenario.
    #[arg(long, value_name = "UNIT", value_parser = ["s", "ms"], default_value = "s")]
    unit: String,
    /// What consensus in a pool waits for [default: mean-farthest].
    #[arg(long, value_name = "STATISTIC", value_parser = ["diameter", "mean-farthest", "random-quorum", "fastest-quorum"])]
    statistic: Option<String>,
    /// Share of a pool that must agree, above 0 and at most 1; for the quorums [default: 2/3].
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    quorum: Option<f64>,
    /// Speed in the fibre between places, as a share of that of light [default: 2/3].
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    fibre: Option<f64>,
    /// Milliseconds that every hop between places takes beside that [default: 0].
    #[arg(long, value_name = "MS", allow_hyphen_values = true)]
    overhead: Option<f64>,
    /// Latency of the pool of all operators, in units of time, where no sites are known [default: the half-life].
    #[arg(long, value_name = "TIME", conflicts_with = "sites", allow_hyphen_values = true)]
    latency: Option<f64>,
    /// Time in which the value of a fill halves [default: 1 s in the unit of the log].
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    half_life: Option<f64>,
    /// Window of the auctions at height 0, which grows by the period ratio from height to height [default: back to back, as
    /// long as consensus takes].
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    period: Option<f64>,
    /// Whole number by which windows grow from height to height, at least 1; 1 is one common window.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "period", allow_hyphen_values = true)]
    period_ratio: u32,
    /// Time observed, `FROM..TO`; orders outside are counted apart [default: from the first order to the last].
    #[arg(long, value_name = "FROM..TO", allow_hyphen_values = true)]
    window: Option<String>,
    /// Leaves out rows that are no orders and reports them, instead of stopping at the first.
    #[arg(long)]
    skip_malformed: bool,
    /// Confidence level of the intervals, above 0 and below 1.
    #[arg(long, default_value_t = 0.999, allow_hyphen_values = true)]
    level: f64,
    /// Greatest probability of a remark on any of the four assumptions if the log meets them all, above 0 and below 1.
    #[arg(long, value_name = "P", default_value_t = 0.01, allow_hyphen_values = true)]
    false_alarm: f64,
    /// One JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<String> {
    let from_input = args.log == Path::new("-");
    let to_output = args.output == Path::new("-");
    if to_output && args.json {
        return Err(Error::domain("--output", "-", "a file beside --json: both would be written to standard output"));
    }
    let mut inputs: Vec<&Path> = args.sites.as_deref().into_iter().collect();
    inputs.extend((!from_input).then_some(args.log.as_path()));
    let target = if to_output { None } else { Some(Target::new(&args.output, &inputs)?) };
    inputs.push(&args.output);
    if args.rates.as_deref() == Some(Path::new("-")) {
        return Err(Error::domain("--rates", "-", "a file; standard output is for the report or the scenario"));
    }
    if args.rates.as_ref() == Some(&args.output) {
        return Err(Error::domain("--rates", args.output.display(), "another file than the scenario"));
    }
    let rates = args.rates.as_deref().map(|path| Target::new(path, &inputs)).transpose()?;
    let options = args.fit_options()?;
    let (survey, notes) = args.survey()?;
    let mut reading = args.reading(survey.as_ref())?;
    let mut summary = args.summary(&reading)?;
    if let (None, false, Some((first, last))) = (reading.window, from_input, summary.ends())
        && summary.runs() > 1
        && last > first
    {
        // Runs of a simulation observe the same stretch of time, from before their first order until after their last.
        reading.window = Some((first, last.next_up()));
        summary = args.summary(&reading)?;
    }
    let fitted = fit(&summary, survey, &options).map_err(|e| args.blame(e))?;
    summary.rate(args.level).map_err(|e| args.blame(e))?;
    let assumptions = summary.assumptions(args.false_alarm).map_err(|e| args.blame(e))?;
    let tree = Architecture::full(fitted.scenario().tree());
    let closed_form = ClosedForm::evaluate(fitted.scenario(), &tree)?;
    let replay = if from_input {
        Err("the log came from standard input, which cannot be read twice".to_owned())
    } else {
        args.replay(&reading, &fitted, &closed_form)?
    };
    let sources = Sources {
        log: if from_input { STANDARD_INPUT.to_owned() } else { args.log.display().to_string() },
        scenario: args.output.display().to_string(),
        unit: options.unit,
        level: args.level,
        notes,
    };
    let report = FitReport::new(sources, &summary, &fitted, &assumptions, &closed_form, replay);
    let report = report.map_err(|e| args.blame(e))?;
    let named = args.rates.as_deref().map(|path| args.beside(path));
    let text = fitted.to_toml(&report.about(), named.as_deref()).map_err(|e| match e {
        Error::OutOfReach { reason } => Error::OutOfReach { reason: format!("{reason} with --rates") },
        other => other,
    })?;
    let csv = rates.map(|rates| Ok::<_, Error>((rates, fitted.rates_csv()?))).transpose()?;
    // A device may refuse what is written to it, and then no file has changed.
    let (to_device, to_file) = match &target {
        Some(target) if target.is_device() => (Some(target), None),
        other => (None, other.as_ref()),
    };
    to_device.map_or(Ok(()), |target| target.write(&text))?;
    csv.map_or(Ok(()), |(rates, csv)| rates.write(&csv))?;
    to_file.map_or(Ok(()), |target| target.write(&text))?;
    if target.is_none() {
        return Ok(text);
    }
    if args.json { json(&report) } else { Ok(report.report().to_string()) }
}

impl Args {
    fn fit_options(&self) -> Result<FitOptions> {
        let statistic = match (self.statistic.as_deref().unwrap_or("mean-farthest"), self.quorum) {
            (name @ ("diameter" | "mean-farthest"), Some(quorum)) => {
                return Err(Error::domain("--quorum", quorum, format!("left out for {name}")));
            }
            ("diameter", None) => RingStatistic::Diameter,
            ("random-quorum", quorum) => RingStatistic::RandomQuorum { quorum: quorum.unwrap_or(2.0 / 3.0) },
            ("fastest-quorum", quorum) => RingStatistic::FastestQuorum { quorum: quorum.unwrap_or(2.0 / 3.0) },
            _ => RingStatistic::MeanFarthest,
        };
        statistic.check().map_err(own_flag)?;
        let period = match self.period {
            Some(base) => PeriodModel::Ratio { base, ratio: self.period_ratio },
            None => PeriodModel::BackToBack,
        };
        let unit = if self.unit == "ms" { Unit::Milliseconds } else { Unit::Seconds };
        let (arity, depth, half_life, latency) = (self.arity, self.depth, self.half_life, self.latency);
        Ok(FitOptions { arity, depth, unit, statistic, half_life, period, latency })
    }

    fn survey(&self) -> Result<(Option<Survey>, Vec<String>)> {
        let Some(path) = &self.sites else { return Ok((None, Vec::new())) };
        let fibre = if self.fibre.is_some() || self.overhead.is_some() {
            let share = self.fibre.unwrap_or(Fibre::default().share());
            let fibre = Fibre::new(share, self.overhead.unwrap_or(0.0));
            Some(
                fibre
                    .map_err(|e| if e.to_string().starts_with("share") { as_flag(e, "fibre") } else { own_flag(e) })?,
            )
        } else {
            None
        };
        let given = if self.fibre.is_some() { "fibre" } else { "overhead" };
        let (survey, notes) = survey_from_file(path, fibre).map_err(|e| match e {
            Error::Domain { ref key, .. } if key == "fibre" => as_flag(e, given),
            other => in_file(other, Some(path)),
        })?;
        Ok((Some(survey), notes))
    }

    fn reading(&self, survey: Option<&Survey>) -> Result<Options> {
        let operators = survey.map_or_else(Vec::new, |survey| survey.sites().names().to_vec());
        let window = self.window.as_deref().map(window).transpose()?;
        let skip_malformed = self.skip_malformed;
        Ok(Options { skip_malformed, operators, by_number: true, window, ..Options::default() })
    }

    fn summary(&self, reading: &Options) -> Result<LogSummary> {
        let summary = if self.log == Path::new("-") {
            read(std::io::stdin().lock(), STANDARD_INPUT, reading)
        } else {
            read(self.open()?, &self.log.display().to_string(), reading)
        };
        summary.map_err(|e| match e {
            Error::Domain { ref key, .. } if key == "window" => as_flag(e, "window"),
            Error::Domain { ref key, .. } if key == "operators" => in_file(e, self.sites.as_deref()),
            other => other,
        })
    }

    fn open(&self) -> Result<File> {
        let error = |message: String| Error::File { path: self.log.display().to_string(), message };
        if self.log.is_dir() {
            return Err(error("is a folder; name a log".to_owned()));
        }
        File::open(&self.log).map_err(|e| error(e.to_string()))
    }

    /// An error of a value that a flag gave names the flag, any other the log.
    fn blame(&self, error: Error) -> Error {
        const FLAGS: [&str; 6] = ["arity", "depth", "half_life", "latency", "level", "false_alarm"];
        match &error {
            Error::Domain { key, .. } | Error::NotFinite { key, .. } if FLAGS.contains(&key.as_str()) => {
                own_flag(error)
            }
            Error::Domain { key, .. } if key == "period.ratio" => as_flag(error, "period-ratio"),
            Error::Domain { key, .. } if key.starts_with("period") => as_flag(error, "period"),
            _ => in_file(error, Some(&self.log)),
        }
    }

    /// The log once more, order by order, through the windows of the fitted scenario; or why not.
    fn replay(
        &self,
        reading: &Options,
        fitted: &Fitted,
        closed_form: &ClosedForm,
    ) -> Result<std::result::Result<ReplayReport, String>> {
        let tree = fitted.scenario().tree();
        let regular;
        let pools = if let Some(pools) = tree.given_pools() {
            pools.as_ref()
        } else {
            regular = Pools::regular(tree)?;
            &regular
        };
        let heights: Vec<u32> = closed_form.by_height.iter().map(|level| level.height).collect();
        let periods: Vec<f64> = closed_form.by_height.iter().map(|level| level.period).collect();
        let mut replay = match Replay::new(pools, &heights, &periods, reading.window) {
            Ok(replay) => replay,
            Err(e) => return Ok(Err(e.to_string())),
        };
        let mut refused = None;
        let push = |row: &Row| {
            let operator = fitted.operator_of().get(row.operator as usize).and_then(|&i| u32::try_from(i).ok());
            let operator = operator.ok_or_else(|| Error::File {
                path: self.log.display().to_string(),
                message: "was changed while it was read".to_owned(),
            })?;
            if refused.is_none() {
                refused = replay.push(&Row { operator, ..*row }).err().map(|e| e.to_string());
            }
            Ok(())
        };
        read_with(self.open()?, &self.log.display().to_string(), reading, push)?;
        match refused {
            Some(reason) => Ok(Err(reason)),
            None => Ok(replay.finish().map_err(|e| e.to_string())),
        }
    }

    /// What a scenario calls a file: relative to its own folder where it is there, else as it was given from here.
    fn beside(&self, path: &Path) -> String {
        let folder = |path: &Path| path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let own = if folder(path) == folder(&self.output) { path.file_name().map(PathBuf::from) } else { None };
        own.or_else(|| std::path::absolute(path).ok()).unwrap_or_else(|| path.to_owned()).display().to_string()
    }
}

/// `FROM..TO`.
fn window(text: &str) -> Result<(f64, f64)> {
    let ends = text.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    ends.ok_or_else(|| Error::domain("--window", text.escape_debug(), "two times, FROM..TO"))
}
