//! Figures show the numbers of the library.

use crate::cli::{run, text};
use pooltree::explore::phase::Phase;
use pooltree::explore::verdict::Among;
use pooltree::explore::{Axis, Contender, Spacing};
use pooltree::figures;
use pooltree::keepers::Keepers;
use pooltree::keepers::table::{Questions, Table};
use pooltree::pool_tree::{Architecture, PoolTree};
use pooltree::{ClosedForm, Scenario};
use std::path::{Path, PathBuf};

fn file(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("figures");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(name).to_str().unwrap().to_owned()
}

/// Elements of a kind, as far as the end of their tag.
fn elements<'s>(svg: &'s str, kind: &str) -> Vec<&'s str> {
    svg.split(&format!("<{kind} ")).skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

fn attribute<'e>(element: &'e str, name: &str) -> &'e str {
    element.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

/// Points of the lines of a colour.
fn line(svg: &str, colour: &str) -> Vec<(f64, f64)> {
    let line = elements(svg, "polyline")
        .into_iter()
        .find(|line| attribute(line, "stroke") == colour && attribute(line, "points").split_whitespace().count() > 50);
    let number = |text: &str| text.parse::<f64>().unwrap();
    let points = attribute(line.unwrap(), "points").split_whitespace().map(|point| {
        let (x, y) = point.split_once(',').unwrap();
        (number(x), number(y))
    });
    points.collect()
}

/// What can be opened: one root, every quote closed, nothing that is no number.
fn well_formed(svg: &str) {
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert_eq!(svg.matches('"').count() % 2, 0);
    assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    assert!(svg.contains("<title>"));
    for nonsense in ["NaN", "inf", "font-family=\"\""] {
        assert!(!svg.contains(nonsense), "{nonsense}");
    }
}

#[test]
fn the_picture_of_the_document() {
    let document = Scenario::document();
    let tree = document.tree();
    let full = figures::circle(&document, &Architecture::full(tree)).unwrap();
    well_formed(full.svg());
    // Eight operators, seven pools and four entries with a rim.
    assert_eq!(elements(full.svg(), "circle").len(), 8 + 2 * 7 + 2 * 4);
    let welfare = ClosedForm::evaluate(&document, &Architecture::full(tree)).unwrap();
    for level in &welfare.by_height {
        let percent = 100.0 * level.filled_share;
        let shown = if percent < 10.0 { format!("{percent:.3}") } else { format!("{percent:.2}") };
        assert!(full.svg().contains(&format!("height {}: {shown} %", level.height)), "{shown}");
    }
    assert!(full.caption().contains("90.05 %"));
    let some = figures::circle(&document, &Architecture::new(tree, [1, 3]).unwrap()).unwrap();
    assert!(some.svg().contains("height 2: no auctions"));
    assert_eq!(elements(some.svg(), "circle").len(), elements(full.svg(), "circle").len());
    for (arity, depth) in [(2, 0), (3, 1), (3, 6), (27, 2)] {
        let tree = PoolTree::new(arity, depth).unwrap();
        let scenario = crate::properties::support::changed(&document, |parts| parts.tree = tree.clone()).unwrap();
        well_formed(figures::circle(&scenario, &Architecture::full(&tree)).unwrap().svg());
    }
    let large =
        crate::properties::support::changed(&document, |parts| parts.tree = PoolTree::new(2, 12).unwrap()).unwrap();
    assert_eq!(
        figures::circle(&large, &Architecture::full(large.tree())).unwrap_err().to_string(),
        "tree = (4096 operators): must be at most 729 to be drawn"
    );
}

#[test]
fn curves_are_the_closed_form() {
    let document = Scenario::document();
    let axis = Axis::new("discount.half_life", [0.1, 10.0], Spacing::Logarithmic, None).unwrap();
    let contenders = [Contender::Tree, Contender::Global];
    let figure = figures::welfare(&document, &axis, &contenders, 200, &|_, _| ()).unwrap();
    well_formed(figure.svg());
    let gross = |half_life: f64, contender: &Contender| {
        let scenario = document.leave_open(&["discount.half_life"]).unwrap().at(&[half_life]).unwrap();
        ClosedForm::evaluate(&scenario, &contender.on(scenario.tree()).unwrap()).unwrap().gross
    };
    let [tree, global] = ["#000000", "#0072B2"].map(|colour| line(figure.svg(), colour));
    // Two points of one curve tell the scale, every other point of both is then known.
    let points = axis.points(120, false);
    assert_eq!((tree.len(), global.len()), (120, 120));
    let (first, last) = (gross(points[0], &contenders[0]), gross(points[119], &contenders[0]));
    let scale = (tree[119].1 - tree[0].1) / (last - first);
    for (curve, contender) in [(&tree, &contenders[0]), (&global, &contenders[1])] {
        for (&(x, y), &half_life) in curve.iter().zip(&points) {
            let expected = tree[0].1 + scale * (gross(half_life, contender) - first);
            assert!((y - expected).abs() <= 2.0, "{half_life}: {y} {expected}");
            let along = tree[0].0 + (tree[119].0 - tree[0].0) * (half_life / 0.1).ln() / 100f64.ln();
            assert!((x - along).abs() <= 2.0);
        }
    }
    // Nine points on each curve, and one more entry: none without replications.
    let dots = |figure: &figures::Figure| elements(figure.svg(), "circle").len();
    let bare = figures::welfare(&document, &axis, &contenders, 0, &|_, _| ()).unwrap();
    assert_eq!((dots(&figure), dots(&bare)), (18, 0));
}

#[test]
fn other_figures_are_drawn_of_any_scenario() {
    let document = Scenario::document();
    let axis = Axis::new("flow.rate", [1.0, 1e4], Spacing::Logarithmic, None).unwrap();
    well_formed(figures::shares(&document, &axis, &Contender::Tree).unwrap().svg());
    let linear = Axis::new("flow.rate", [1.0, 1e3], Spacing::Linear, 5).unwrap();
    well_formed(figures::shares(&document, &linear, &Contender::Global).unwrap().svg());
    let filling = figures::filling(&document, &Architecture::full(document.tree())).unwrap();
    well_formed(filling.svg());
    assert!(filling.svg().contains("1 - 1/√(γr) = 50 %") && filling.svg().contains("49.7 %"));
    // The limit is that of a uniform flow and of heights one after the other.
    let gap = figures::filling(&document, &Architecture::new(document.tree(), [1, 3]).unwrap()).unwrap();
    let local = include_str!("../../examples/exchange.toml").parse::<Scenario>().unwrap();
    let local = figures::filling(&local, &Architecture::full(local.tree())).unwrap();
    assert!([&gap, &local].iter().all(|figure| !figure.svg().contains("γr")));
    for (x, y) in [("flow.rate", "discount.half_life"), ("discount.half_life", "timing.latency.scale")] {
        for spacings in [[Spacing::Linear, Spacing::Logarithmic], [Spacing::Logarithmic, Spacing::Linear]] {
            let [across, up] = [(x, spacings[0]), (y, spacings[1])]
                .map(|(key, spacing)| Axis::new(key, [0.1, 9.0], spacing, 7).unwrap());
            let phase = Phase::run(&document, &across, &up, &Among::All, &|_, _| ()).unwrap();
            let figure = figures::phase(&phase, spacings).unwrap();
            well_formed(figure.svg());
            let named: f64 = figure
                .svg()
                .split("<text")
                .filter_map(|text| text.split("  ").nth(1)?.split(" %").next()?.trim().parse::<f64>().ok())
                .sum();
            assert!((named - 100.0).abs() < 0.1, "{named}");
        }
    }
    let mut questions = Questions::default();
    questions.parameters.min_stake = Some(Keepers::EXAMPLE_MIN_STAKE);
    let table = Table::new(Keepers::example(), questions, None, &|_, _| ()).unwrap();
    let figure = figures::keepers(&table.rules).unwrap();
    well_formed(figure.svg());
    assert!(table.rules.iter().all(|row| figure.svg().contains(row.rule.name())));
    let network = Scenario::from_file(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/real-world.toml")).unwrap();
    well_formed(figures::circle(&network, &Architecture::full(network.tree())).unwrap().svg());
}

#[test]
fn the_command_writes_what_the_library_draws() {
    let document = Scenario::document();
    let out = file("circle.svg");
    let told = text(&run(&["plot", "circle", "-o", &out]));
    assert!(told.contains("8 operators on a circle"), "{told}");
    let drawn = figures::circle(&document, &Architecture::full(document.tree())).unwrap();
    assert_eq!(std::fs::read_to_string(&out).unwrap(), drawn.svg());
    for args in [
        &["plot", "filling", "--heights", "0,2"][..],
        &["plot", "shares", "--vary", "flow.rate=1..100:log", "--of", "local-1"],
        &["plot", "welfare", "--vary", "tree.depth=1..6", "--of", "tree,global", "--replications", "20"],
        &["plot", "phase", "--x", "flow.rate=1..9:5", "--y", "tree.depth=1..4"],
        &["plot", "keepers"],
    ] {
        let out = file("other.svg");
        text(&run(&[args, &["-o", &out]].concat()));
        well_formed(&std::fs::read_to_string(&out).unwrap());
    }
    for (args, told) in [
        (
            &["plot", "circle", "-o", "circle.jpg"][..],
            "error: --output = circle.jpg: must be a name that ends in .svg\n",
        ),
        (
            &["plot", "circle", "--heights", "4", "-o", "x.svg"],
            "error: --heights = 4: must be distinct heights from 0 to 3 (tree.depth), at least one\n",
        ),
        (&["plot", "shares", "--vary", "flow.rate", "-o", "x.svg"], "error: --vary"),
        (&["plot", "welfare", "--vary", "flow.rte=1..2", "-o", "x.svg"], "error: flow.rte: unknown key"),
        (&["plot", "circle", "-o", "/nowhere/x.svg"], "error: /nowhere/x.svg: there is no folder /nowhere\n"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2));
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.starts_with(told), "{message}");
        assert!(!Path::new("x.svg").exists());
    }
}
