//! Reports hold the numbers of the results that they are made of, as text and as HTML.

use pooltree::always_on::{AlwaysOn, growth::WithoutPatience};
use pooltree::claims::{self, Document};
use pooltree::compare::{Comparison, Confirmed};
use pooltree::constant_filling::{self, Attempts, Climb, DelayCounting};
use pooltree::estimate::{Agreement, Estimate, MonteCarlo, Stopping};
use pooltree::explore::best::BestSet;
use pooltree::explore::levels::LevelThresholds;
use pooltree::explore::network::NetworkReport;
use pooltree::explore::periods::BestPeriods;
use pooltree::explore::phase::Phase;
use pooltree::explore::sizing::Sizing;
use pooltree::explore::sweep::Sweep;
use pooltree::explore::threshold::Threshold;
use pooltree::explore::verdict::{Among, Verdict};
use pooltree::fit::{FitOptions, FitReport, Sources, Unit, fit};
use pooltree::keepers::Keepers;
use pooltree::keepers::table::{Questions, Table as KeepersTable};
use pooltree::network::order_log::{Options, read};
use pooltree::orders::run::Run;
use pooltree::orders::{Orders, Priority, ValueLaw, continuous, quality::MatchQuality};
use pooltree::pool_tree::search::{Search, enumerate};
use pooltree::pool_tree::simulation::SimulatedWelfare;
use pooltree::pool_tree::{Architecture, Discount, DiscountModel};
use pooltree::report::format::{exact, given, number, percent, percent_with_error, with_error};
use pooltree::report::{Report, Table};
use pooltree::{ClosedForm, Scenario, always_on};
use std::path::Path;
use std::process::Command;

const QUIET: pooltree::progress::Progress = &|_, _| ();

fn scenario() -> Scenario {
    let scenario = Scenario::document();
    scenario.with_monte_carlo(MonteCarlo::new(3, Stopping::Replications(300)).unwrap())
}

fn tree(scenario: &Scenario) -> Architecture {
    Architecture::full(scenario.tree())
}

fn half() -> Discount {
    Discount::new(DiscountModel::Factor(0.5)).unwrap()
}

/// Cells of the HTML, their markup taken off and their characters as they were.
fn cells(html: &str) -> Vec<String> {
    let inner = html.split("<td").skip(1).map(|rest| rest.split_once('>').unwrap().1.split("</td>").next().unwrap());
    let plain =
        |text: &str| text.replace("&#39;", "'").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    inner.map(|text| plain(text).replace("&amp;", "&")).collect()
}

/// Whether the tables show the numbers, as text and as HTML, and nothing that is no number.
fn shows(report: &Report, numbers: &[String]) -> bool {
    let (text, html) = (report.to_string(), report.html());
    for nothing in ["NaN", "inf ", "inf<", "inf|"] {
        assert!(!text.contains(nothing) && !html.contains(nothing), "{text}");
    }
    let of_tables: usize = report.tables().flat_map(Table::rows).map(Vec::len).sum();
    let cells = cells(&html);
    assert!(of_tables > 0 && cells.len() == of_tables, "{html}");
    numbers.iter().all(|number| cells.contains(number) && text.contains(number.as_str()))
}

#[track_caller]
fn check(report: &Report, numbers: &[String]) {
    assert!(shows(report, numbers), "{numbers:?}\n{report}");
    // A number that is not there is missed.
    assert!(!shows(report, &["0.123456789".to_owned()]));
}

#[test]
fn welfare() {
    let scenario = scenario();
    let exact = ClosedForm::evaluate(&scenario, &tree(&scenario)).unwrap();
    let mut numbers = vec![number(exact.gross), number(exact.net_per_order), percent(exact.filled_share)];
    numbers.extend(exact.by_height.iter().map(|height| percent(height.filling_rate)));
    check(&exact.report(), &numbers);
    let seen = SimulatedWelfare::simulate(&scenario, &tree(&scenario), scenario.monte_carlo(), QUIET).unwrap();
    let mut numbers = vec![with_error(seen.gross, seen.std_error), number(seen.gross_per_order)];
    numbers.extend(seen.by_height.iter().map(|height| percent_with_error(height.filled_share, height.std_error)));
    check(&seen.report(), &numbers);
    let confirmed = Confirmed::new(&scenario, &exact, seen);
    check(&confirmed.report(), &numbers);
    assert!(confirmed.report().to_string().contains(&format!("p = {:.3}", confirmed.agreement.p_value)));
}

#[test]
fn a_comparison_and_one_line_of_it() {
    let comparison = Comparison::new(&scenario(), None, Some(&|_, _, _| ())).unwrap();
    let mut numbers = Vec::new();
    for compared in &comparison.architectures {
        let exact = &compared.closed_form;
        let confirmed = compared.monte_carlo.as_ref().unwrap();
        let seen = with_error(confirmed.simulated.gross, confirmed.simulated.std_error);
        let own =
            [number(exact.net), percent(exact.filled_share), seen, format!("p = {:.3}", confirmed.agreement.p_value)];
        check(&compared.report(), &own);
        numbers.extend(own);
    }
    numbers.extend(comparison.levels.iter().map(|level| number(level.value)));
    check(&comparison.report(), &numbers);
}

#[test]
fn best_sets_values_and_periods() {
    let scenario = scenario();
    let search = Search::new(&scenario).unwrap();
    let levels = search.raison_d_etre().unwrap();
    let values: Vec<String> = levels.iter().map(|level| number(level.value)).collect();
    check(&levels.report(), &values);
    let sets = enumerate(&scenario).unwrap();
    check(&sets.report(), &[number(sets.best().unwrap().net), "{0, …, 3}".to_owned()]);
    let best = search.best().unwrap();
    assert_eq!(best.report().to_string(), format!("Best heights: {}, net {}\n", best.architecture, number(best.net)));
    let found = BestSet::find(&scenario, Some(2), QUIET).unwrap();
    let periods = BestPeriods::new(&scenario, 2, QUIET).unwrap();
    let nets = periods.subjects.iter().filter_map(|subject| Some(number(subject.outcome.found()?.net)));
    let nets: Vec<String> = nets.collect();
    assert_eq!(nets.len(), 5);
    check(&periods.report(), &nets);
    check(&found.report(), &[values, nets].concat());
    assert!(found.report().to_string().contains(&format!("net {}", number(found.net))));
}

#[test]
fn explorations() {
    let scenario = scenario();
    let axis = |text: &str| text.parse().unwrap();
    let sweep = Sweep::run(&scenario, &axis("flow.rate=10..100:4"), &Among::All, QUIET).unwrap();
    let numbers: Vec<String> = sweep
        .points
        .iter()
        .flat_map(|point| [exact(point.at), number(point.verdict.net), number(point.tree.unwrap())])
        .collect();
    check(&sweep.report(), &numbers);

    let between = ["tree".parse().unwrap(), "global".parse().unwrap()];
    let threshold = Threshold::find(&scenario, &axis("discount.half_life=0.1..100:log"), between, QUIET).unwrap();
    assert!(!threshold.crossings.is_empty());
    let nets: Vec<String> = threshold.crossings.iter().map(|crossing| number(crossing.net)).collect();
    check(&threshold.report(), &nets);

    let levels = LevelThresholds::find(&scenario, &axis("cost.per_message=0..0.2"), QUIET).unwrap();
    let heights: Vec<String> = levels.changes.iter().map(|change| change.height.to_string()).collect();
    assert!(!heights.is_empty());
    check(&levels.report(), &heights);

    let axes = [axis("flow.rate=10..100:4"), axis("discount.half_life=0.1..10:log:3")];
    let phase = Phase::run(&scenario, &axes[0], &axes[1], &Among::All, QUIET).unwrap();
    let cells = phase.winner.iter().flatten().count();
    let first = phase.winner.iter().flatten().filter(|name| *name == &phase.winner[0][0]).count();
    check(&phase.report(), &[phase.winner[0][0].clone(), percent(first as f64 / cells as f64)]);
    // The map keeps its columns, and tells which axis is logarithmic.
    let (html, text) = (phase.report().html(), phase.report().to_string());
    assert!(html.contains("<pre") && text.contains("(4 points)") && text.contains("(3 points, logarithmic)"));
}

#[test]
fn sizes() {
    let scenario = scenario();
    let sizing = Sizing::new(&scenario, 0.3, None).unwrap();
    let windows: Vec<String> = sizing.windows.iter().map(|at| number(at.window.with().unwrap().period)).collect();
    check(&sizing.report(), &windows);
    check(&sizing.report_for(&scenario), &windows);
    let text = sizing.report().to_string();
    assert!(text.contains(&number(sizing.orders_per_side)) && text.contains("pools of height 3"));
    assert!(Sizing::new(&scenario, 0.3, Some(1)).unwrap().report().to_string().contains("pools of height 1"));
}

#[test]
fn claims_of_both_documents() {
    let claims = claims::all().unwrap();
    let report = claims.report();
    assert_eq!(report.tables().count(), 2);
    for (table, document) in report.tables().zip(Document::ALL) {
        let of: Vec<_> = claims.iter().filter(|claim| claim.document == document).collect();
        assert_eq!(table.rows().len(), of.len());
        for (row, claim) in table.rows().iter().zip(of) {
            assert_eq!(row[1..], [claim.quote.to_owned(), claim.verdict.name().to_owned(), claim.finding.clone()]);
        }
    }
    let html = cells(&report.html());
    let with_figures = claims.report_with_figures();
    for claim in &claims {
        assert!(html.contains(&claim.finding), "{}", claim.finding);
        let figures: Vec<String> = claim.figures.iter().map(|(_, value)| exact(value)).collect();
        check(&claim.report(), &figures);
        assert!(figures.iter().all(|figure| with_figures.html().contains(figure.as_str())));
    }
}

#[test]
fn a_climb() {
    let climb = Climb::tree(2, 3, 0.5, DelayCounting::Cumulative, half()).unwrap();
    let few = MonteCarlo::new(3, Stopping::Replications(2000)).unwrap();
    let found = constant_filling::compare::Comparison::new(climb, Some(&few), QUIET).unwrap();
    let seen = &found.monte_carlo.as_ref().unwrap().simulated;
    let mut numbers = vec![number(found.closed_form.welfare), with_error(seen.welfare, seen.std_error)];
    numbers.extend(found.closed_form.by_level.iter().map(|level| percent(level.filled_share)));
    numbers.extend(found.rivals.iter().map(|rival| number(rival.welfare)));
    check(&found.report(), &numbers);
    let levels: Vec<String> = found.closed_form.by_level.iter().map(|level| percent(level.reaching_share)).collect();
    check(&found.closed_form.report(), &[levels, vec![number(found.closed_form.auctions)]].concat());
    let levels = seen.by_level.iter().map(|level| with_error(level.welfare, level.welfare_std_error));
    check(&seen.report(), &levels.collect::<Vec<_>>());
    // Where orders wait for ever their auctions are no number.
    let pool = Climb::pool(0.0, 1.0, Attempts::Unlimited, half()).unwrap();
    check(&constant_filling::closed_form::evaluate(&pool).report(), &["unlimited".to_owned(), number(0.0)]);
}

#[test]
fn continuous_trading() {
    let pool = AlwaysOn::new(4.0, 3.0, 1.0).unwrap();
    let few = MonteCarlo::new(3, Stopping::Replications(2000)).unwrap();
    let found = always_on::compare::Comparison::new(pool, half(), Some(&few), QUIET).unwrap();
    let seen = found.monte_carlo.as_ref().unwrap().simulated.welfare;
    let exact = [found.closed_form.welfare, found.closed_form.first.waiting].map(number);
    let seen = [with_error(seen.mean, seen.std_error)];
    check(&found.report(), &[exact.as_slice(), &seen].concat());
    check(&found.closed_form.report(), &exact);
    check(&found.monte_carlo.as_ref().unwrap().simulated.report(), &seen);
    let batches = continuous::compare(&pool, 0.25, &[0.5, 1.0], &half(), None, QUIET).unwrap();
    let mut numbers = vec![number(batches.always_on.welfare), percent(batches.always_on.filled_share)];
    numbers.extend(batches.batches.iter().map(|batch| number(batch.outcome.welfare)));
    check(&batches.report(), &numbers);
    assert!(batches.report().to_string().contains("settling takes 0.25"));
    let growth = WithoutPatience::new(3.0, 3.0).unwrap();
    check(&growth.report(), &growth.growth.iter().map(|moment| number(moment.waiting)).collect::<Vec<_>>());
}

#[test]
fn orders_and_their_values() {
    let orders = Orders { value: ValueLaw::Exponential, priority: Priority::HighestValue, ..Orders::default() };
    let scenario = scenario().with_orders(orders).unwrap();
    let run = Run::simulate(&scenario, &tree(&scenario), QUIET).unwrap();
    let seen = &run.confirmed.simulated;
    let mut numbers = vec![with_error(seen.gross, seen.std_error)];
    numbers.extend(seen.by_height.iter().map(|height| percent_with_error(height.filled_share, height.std_error)));
    numbers.push(with_error(seen.mean_value.unwrap(), seen.mean_value_std_error.unwrap()));
    for report in [run.report(), run.confirmed.report(), seen.report()] {
        check(&report, &numbers);
        assert!(report.to_string().contains(&format!("Account: {} arrived", seen.account.arrived)));
    }
    assert!(run.report().to_string().contains("values exponential"));
    let quality = MatchQuality::evaluate(&scenario, &tree(&scenario), QUIET).unwrap();
    let all = quality.match_quality;
    let mut numbers = vec![with_error(all.mean, all.std_error)];
    numbers.extend(quality.by_height.iter().map(|height| percent(height.filled_share)));
    check(&quality.report(), &numbers);
    check(&quality.report_for(&scenario), &numbers);
    let gross = |heights| ClosedForm::evaluate(&scenario, &heights).unwrap().gross;
    let lead = gross(tree(&scenario)) - gross(Architecture::global(scenario.tree()));
    assert_eq!(quality.lead_at_equal_values, lead);
}

#[test]
fn keepers() {
    let few = MonteCarlo::new(3, Stopping::Replications(500)).unwrap();
    let found = KeepersTable::new(Keepers::example(), Questions::default(), Some(&few), QUIET).unwrap();
    let winners = found.rules.iter().flat_map(|row| row.winner.iter().copied().map(number));
    let agreement =
        found.rules.iter().filter_map(|row| Some(format!("p = {:.3}", row.monte_carlo.as_ref()?.agreement.p_value)));
    let numbers: Vec<String> = winners.chain(agreement).collect();
    check(&found.report(), &numbers);
    let stakes: Vec<String> = found.keepers.all().iter().map(|keeper| given(keeper.stake)).collect();
    check(&Keepers::example().report(), &stakes);
}

#[test]
fn keepers_of_pools() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/keepers.toml");
    let scenario = Scenario::from_file(Path::new(file)).unwrap();
    let keepers = scenario.keepers().unwrap();
    let execution =
        pooltree::pool_keepers::closed_form::execution(keepers, scenario.tree(), scenario.discount()).unwrap();
    let deadlines = execution.levels().iter().map(|level| given(level.deadline()));
    let least = execution
        .levels()
        .iter()
        .map(|level| percent(level.laws().iter().map(|law| law.probability).fold(1.0, f64::min)));
    check(&execution.report(), &deadlines.chain(least).collect::<Vec<_>>());
}

#[test]
fn single_lines() {
    let estimate = Estimate { mean: 2.0, std_error: 0.5, replications: 101 };
    let [low, high] = estimate.ci95().map(number);
    let line = format!("2.00 ± 0.50, 95 % interval {low} to {high}, 101 replications\n");
    assert_eq!(estimate.report().to_string(), line);
    let agreement = Agreement { chi_square: 1.0, degrees_of_freedom: 1, p_value: 0.3173 };
    assert_eq!(agreement.report().to_string(), "p = 0.317, 1 degree of freedom\n");
    assert!(Agreement::UNTESTED.report().to_string().starts_with("Not tested"));
    let verdict = Verdict::of(&scenario(), &Among::All).unwrap();
    let line = verdict.report().to_string();
    assert!(line.contains(&verdict.winner) && line.contains(&number(verdict.net)), "{line}");
    assert!(line.contains(&number(verdict.margin.unwrap())), "{line}");
}

#[test]
fn a_network() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/real-world.toml");
    let found = NetworkReport::new(&Scenario::from_file(Path::new(folder)).unwrap()).unwrap();
    let latencies = found.by_height.iter().skip(1).map(|height| number(height.latency.mean));
    let best = number(found.beside.best.as_ref().unwrap().net);
    check(&found.report(), &latencies.chain([best]).collect::<Vec<_>>());
    let text = found.report_with_pools().to_string();
    assert!(found.by_height[1].members.iter().all(|pool| text.contains(&pool.operators.join(", "))));
}

#[test]
fn a_fit() {
    let log = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/orders.csv")).unwrap();
    let summary = read(log.as_slice(), "orders.csv", &Options::default()).unwrap();
    let fitted = fit(&summary, None, &FitOptions::default()).unwrap();
    let orders: Vec<String> = fitted.pairs().iter().take(3).map(|pair| pair.orders[0].to_string()).collect();
    check(&fitted.report(), &orders);
    let sources = Sources {
        log: "orders.csv".to_owned(),
        scenario: "fitted.toml".to_owned(),
        unit: Unit::Seconds,
        level: 0.99,
        notes: Vec::new(),
    };
    let tree = ClosedForm::evaluate(fitted.scenario(), &tree(fitted.scenario())).unwrap();
    let assumptions = summary.assumptions(0.01).unwrap();
    let report = FitReport::new(sources, &summary, &fitted, &assumptions, &tree, Err("no log".to_owned())).unwrap();
    let mut numbers: Vec<String> = tree.by_height.iter().map(|height| percent(height.filling_rate)).collect();
    numbers.extend([assumptions.total.p_value, assumptions.activity.p_value].map(number));
    check(&report.report(), &numbers);
    assert!(report.report().to_string().contains("Not replayed: no log"));
}

#[test]
#[ignore = "run by the test below, which reads what it prints"]
fn show() {
    let scenario = scenario();
    ClosedForm::evaluate(&scenario, &tree(&scenario)).unwrap().evcxr_display();
}

#[test]
fn a_kernel_gets_both_forms() {
    let mut run = Command::new(std::env::current_exe().unwrap());
    let output =
        run.args(["--exact", "report::show", "--ignored", "--nocapture", "--test-threads=1"]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let content = |kind: &str| {
        let (_, rest) = printed.split_once(&format!("EVCXR_BEGIN_CONTENT {kind}\n")).unwrap();
        rest.split_once("\nEVCXR_END_CONTENT\n").unwrap().0
    };
    let scenario = scenario();
    let report = ClosedForm::evaluate(&scenario, &tree(&scenario)).unwrap().report();
    assert_eq!(content("text/html"), report.html());
    assert_eq!(content("text/plain"), report.to_string().trim_end());
}
