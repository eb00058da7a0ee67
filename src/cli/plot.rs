//! `pooltree plot`: figures as SVG and PNG files.

use super::progress::Bar;
use super::{Heights, ScenarioFile, Threads, as_flag, scenario};
use clap::Subcommand;
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::explore::phase::Phase;
use pooltree::explore::verdict::Among;
use pooltree::explore::{Axis, Contender};
use pooltree::figures::{self, Figure, Measure};
use pooltree::fit::Target;
use pooltree::keepers::Keepers;
use pooltree::keepers::table::{MOST_KEEPERS, Questions, Table};
use pooltree::orders::Orders;
use pooltree::{Error, Result, Scenario};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    figure: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// Operators on their circle and the pools above them, by what every height fills.
    Circle {
        #[command(flatten)]
        file: ScenarioFile,
        #[command(flatten)]
        heights: Heights,
        #[command(flatten)]
        out: Out,
    },
    /// The filling rate of every height, with the limit that it tends to.
    Filling {
        #[command(flatten)]
        file: ScenarioFile,
        #[command(flatten)]
        heights: Heights,
        /// Replications of the simulated filling rates; 0 draws none.
        #[arg(long, value_name = "N", default_value_t = 0)]
        replications: u64,
        #[command(flatten)]
        threads: Threads,
        #[command(flatten)]
        out: Out,
    },
    /// Welfare of architectures against a scenario key, simulated points on the curves.
    Welfare {
        #[command(flatten)]
        file: ScenarioFile,
        /// The key and its values, `discount.half_life=0.1..10:log`.
        #[arg(long, value_name = "KEY=LO..HI", allow_hyphen_values = true)]
        vary: String,
        /// Architectures: tree, global, local-HEIGHT, heights such as 1+3 [default: tree, global, and the local pools that
        /// are the best of them somewhere along the key].
        #[arg(long, value_delimiter = ',', value_name = "NAMES")]
        of: Vec<String>,
        /// Gross welfare, before the cost of messages [default: net].
        #[arg(long)]
        gross: bool,
        /// Replications of every simulated point; 0 draws none.
        #[arg(long, value_name = "N", default_value_t = 1000)]
        replications: u64,
        #[command(flatten)]
        threads: Threads,
        #[command(flatten)]
        out: Out,
    },
    /// The share of all orders that every height fills against a scenario key, stacked.
    Shares {
        #[command(flatten)]
        file: ScenarioFile,
        /// The key and its values, `flow.rate=1..1000:log`.
        #[arg(long, value_name = "KEY=LO..HI", allow_hyphen_values = true)]
        vary: String,
        /// The architecture: tree, global, local-HEIGHT, heights such as 1+3.
        #[arg(long, value_name = "NAME", default_value = "tree")]
        of: String,
        #[command(flatten)]
        out: Out,
    },
    /// The best set of heights over two scenario keys.
    Phase {
        #[command(flatten)]
        file: ScenarioFile,
        /// The key along a row and its values, `flow.components.0.exponent=-1..3:60`.
        #[arg(long, value_name = "KEY=LO..HI:N", allow_hyphen_values = true)]
        x: String,
        /// The key from row to row and its values, `discount.half_life=0.1..10:log:30`.
        #[arg(long, value_name = "KEY=LO..HI:N", allow_hyphen_values = true)]
        y: String,
        #[command(flatten)]
        threads: Threads,
        #[command(flatten)]
        out: Out,
    },
    /// Every rule of keeper selection on the same keepers.
    Keepers {
        /// File of keepers (CSV) [default: a built-in example].
        file: Option<PathBuf>,
        /// Least stake of a viable keeper [default: none; 100 for the example].
        #[arg(long, value_name = "STAKE", allow_hyphen_values = true)]
        min_stake: Option<f64>,
        #[command(flatten)]
        out: Out,
    },
}

/// Where the figure goes.
#[derive(clap::Args)]
struct Out {
    /// File to write, `.svg` or `.png`; what is there is replaced.
    #[arg(long, short, value_name = "FIGURE")]
    output: PathBuf,
    /// Pixels of a PNG for one of the SVG.
    #[arg(long, value_name = "N", default_value_t = 2.0)]
    scale: f64,
}

impl Out {
    fn has_ending(&self, ending: &str) -> bool {
        self.output.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending))
    }

    /// Checked before the work is done: what the scenario is read from, and the files that it names, stay as they are.
    fn target(&self, scenario: &ScenarioFile) -> Result<Target> {
        let file = scenario.file.as_deref().filter(|file| *file != Path::new("-"));
        let named = file.map(super::files_named_in).unwrap_or_default();
        self.target_beside(&file.into_iter().chain(named.iter().map(PathBuf::as_path)).collect::<Vec<_>>())
    }

    fn target_beside(&self, inputs: &[&Path]) -> Result<Target> {
        if !self.has_ending("svg") && !self.has_ending("png") {
            return Err(Error::domain("--output", self.output.display(), "a name that ends in .svg or .png"));
        }
        Target::new(&self.output, inputs)
    }

    fn write(&self, target: &Target, figure: &Figure) -> Result<String> {
        if self.has_ending("png") {
            target.write_bytes(&figure.png(self.scale).map_err(|e| as_flag(e, "scale"))?)?;
        } else {
            target.write(figure.svg())?;
        }
        Ok(format!("{}\nFigure: {}\n", figure.caption(), self.output.display()))
    }

    /// The same, with what is left out.
    fn write_of(&self, target: &Target, scenario: &Scenario, figure: &Figure) -> Result<String> {
        let mut text = self.write(target, figure)?;
        if *scenario.orders() != Orders::default() {
            text += "Note: section [orders] is left out here: `pooltree simulate` runs it, order by order\n";
        }
        Ok(text)
    }
}

pub(super) fn run(args: &Args) -> Result<String> {
    match &args.figure {
        Kind::Circle { file, heights, out } => {
            let target = out.target(file)?;
            let scenario = scenario(file.file.as_deref())?;
            out.write_of(&target, &scenario, &figures::circle(&scenario, &heights.of(&scenario)?)?)
        }
        Kind::Filling { file, heights, replications, threads, out } => {
            let target = out.target(file)?;
            let scenario = scenario(file.file.as_deref())?;
            let heights = heights.of(&scenario)?;
            if *replications == 0 {
                return out.write_of(&target, &scenario, &figures::filling(&scenario, &heights)?);
            }
            let monte_carlo = MonteCarlo::new(scenario.monte_carlo().seed(), Stopping::Replications(*replications))
                .map_err(|e| as_flag(e, "replications"))?;
            let bar = Bar::new("windows");
            let watch = |done, all| bar.report("simulated", done, all);
            let simulated = threads.run(|| figures::simulated(&scenario, &heights, &monte_carlo, &watch))?;
            out.write_of(&target, &scenario, &figures::filling_beside(&scenario, &heights, &simulated)?)
        }
        Kind::Welfare { file, vary, of, gross, replications, threads, out } => {
            let target = out.target(file)?;
            let scenario = scenario(file.file.as_deref())?;
            let axis: Axis = vary.parse().map_err(|e| as_flag(e, "vary"))?;
            let contender = |text: &String| text.parse::<Contender>().map_err(|e| as_flag(e, "of"));
            let mut contenders: Vec<Contender> = of.iter().map(contender).collect::<Result<_>>()?;
            let measure = if *gross { Measure::Gross } else { Measure::Net };
            if contenders.is_empty() {
                contenders = vec![Contender::Tree, Contender::Global];
                contenders.extend(figures::best_local(&scenario, &axis, measure)?);
            }
            let bar = Bar::new("points");
            let watch = |done, all| bar.report("simulated", done, all);
            let present = scenario.leave_open(&[axis.key()])?.present(0);
            let figure = threads
                .run(|| figures::welfare_at(&scenario, &axis, &contenders, measure, *replications, present, &watch))?;
            out.write_of(&target, &scenario, &figure)
        }
        Kind::Shares { file, vary, of, out } => {
            let target = out.target(file)?;
            let scenario = scenario(file.file.as_deref())?;
            let axis: Axis = vary.parse().map_err(|e| as_flag(e, "vary"))?;
            let contender: Contender = of.parse().map_err(|e| as_flag(e, "of"))?;
            out.write_of(&target, &scenario, &figures::shares(&scenario, &axis, &contender)?)
        }
        Kind::Phase { file, x, y, threads, out } => {
            let target = out.target(file)?;
            let scenario = scenario(file.file.as_deref())?;
            let axes: [Axis; 2] = [x.parse().map_err(|e| as_flag(e, "x"))?, y.parse().map_err(|e| as_flag(e, "y"))?];
            let bar = Bar::new("points");
            let watch = |done, all| bar.report("phase", done, all);
            let phase = threads.run(|| Phase::run(&scenario, &axes[0], &axes[1], &Among::All, &watch))?;
            out.write_of(&target, &scenario, &figures::phase(&phase, [axes[0].spacing(), axes[1].spacing()])?)
        }
        Kind::Keepers { file, min_stake, out } => {
            let target = out.target_beside(&file.as_deref().into_iter().collect::<Vec<_>>())?;
            let (keepers, default) = match file {
                None => (Keepers::example(), Some(Keepers::EXAMPLE_MIN_STAKE)),
                Some(file) => (Keepers::from_file(file, MOST_KEEPERS)?, None),
            };
            let mut questions = Questions::default();
            questions.parameters.min_stake = min_stake.or(default);
            let table = Table::new(keepers, questions, None, &|_, _| ())?;
            out.write(&target, &figures::keepers(&table.rules)?)
        }
    }
}
