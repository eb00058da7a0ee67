//! Figures show the numbers of the library.

use crate::cli::{run, text};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::explore::phase::Phase;
use pooltree::explore::verdict::Among;
use pooltree::explore::{Axis, Contender, Spacing};
use pooltree::figures::{self, Measure};
use pooltree::keepers::Keepers;
use pooltree::keepers::table::{Questions, Table};
use pooltree::pool_tree::simulation::SimulatedWelfare;
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
    points(line.unwrap())
}

fn points(element: &str) -> Vec<(f64, f64)> {
    let number = |text: &str| text.parse::<f64>().unwrap();
    let points = attribute(element, "points").split_whitespace().map(|point| {
        let (x, y) = point.split_once(',').unwrap();
        (number(x), number(y))
    });
    points.collect()
}

/// The group of a name.
fn part<'s>(svg: &'s str, name: &str) -> &'s str {
    svg.split(&format!("<g class=\"{name}\">")).nth(1).unwrap().split("</g>").next().unwrap()
}

/// What the texts of a part say.
fn texts<'s>(svg: &'s str, name: &str) -> Vec<&'s str> {
    let texts = part(svg, name).split("<text").skip(1);
    texts.map(|rest| rest.split_once('>').unwrap().1.split('<').next().unwrap().trim()).collect()
}

/// An image: its sides and its pixels, of which 0 is black and 1 is white.
fn decoded(image: &[u8]) -> ([u32; 2], Vec<f64>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut bytes).unwrap();
    assert_eq!((frame.color_type, frame.bit_depth), (png::ColorType::Rgba, png::BitDepth::Eight));
    let light = bytes[..frame.buffer_size()].chunks(4).map(|pixel| {
        assert_eq!(pixel[3], 255); // white on pages of any colour
        pixel[..3].iter().map(|&c| f64::from(c)).sum::<f64>() / 765.0
    });
    ([frame.width, frame.height], light.collect())
}

fn dark(pixels: &[f64]) -> usize {
    pixels.iter().filter(|light| **light < 0.5).count()
}

/// How far the points of a curve of 120 points are from a function of the half-life, in pixels, and from even steps along the
/// axis; `scale` is the pixel of 0 and the pixels of 1.
fn farthest(curve: &[(f64, f64)], half_lives: &[f64], [zero, one]: [f64; 2], of: &dyn Fn(f64) -> f64) -> [f64; 2] {
    let mut farthest = [0.0_f64; 2];
    for (&(x, y), &half_life) in curve.iter().zip(half_lives) {
        let along = curve[0].0 + (curve[119].0 - curve[0].0) * (half_life / 0.1).ln() / 100f64.ln();
        farthest[0] = farthest[0].max((y - zero - one * of(half_life)).abs());
        farthest[1] = farthest[1].max((x - along).abs());
    }
    farthest
}

/// What can be opened: one root, every quote closed, nothing that is no number.
fn well_formed(svg: &str) {
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert_eq!(svg.matches('"').count() % 2, 0);
    assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    assert!(svg.contains("<title>") && svg.contains("role=\"img\"") && svg.contains("aria-label=\""));
    assert!(svg.contains("font-family=\"DejaVu Sans, Verdana, sans-serif\""));
    for nonsense in ["NaN", "inf\"", "inf,", ">inf"] {
        assert!(!svg.contains(nonsense), "{nonsense}");
    }
    let tag = svg.split('>').next().unwrap();
    let side = |name: &str| attribute(tag, name).parse::<f64>().unwrap();
    for text in elements(svg, "text") {
        let [x, y] = ["x", "y"].map(|name| attribute(text, name).parse::<f64>().unwrap());
        assert!((0.0..side("width")).contains(&x) && (0.0..side("height")).contains(&y), "{text}");
    }
}

#[test]
fn the_picture_of_the_document() {
    let document = Scenario::document();
    let tree = document.tree();
    let full = figures::circle(&document, &Architecture::full(tree)).unwrap();
    well_formed(full.svg());
    // Eight operators, seven pools and four entries.
    assert_eq!(elements(full.svg(), "circle").len(), 8 + 7 + 4);
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
}

#[test]
fn curves_are_the_closed_form() {
    let document = Scenario::document();
    let axis = Axis::new("discount.half_life", [0.1, 10.0], Spacing::Logarithmic, None).unwrap();
    let contenders = [Contender::Tree, Contender::Global];
    let figure = figures::welfare(&document, &axis, &contenders, Measure::Gross, 200, &|_, _| ()).unwrap();
    well_formed(figure.svg());
    let gross = |half_life: f64, contender: &Contender| {
        let scenario = document.leave_open(&["discount.half_life"]).unwrap().at(&[half_life]).unwrap();
        ClosedForm::evaluate(&scenario, &contender.on(scenario.tree()).unwrap()).unwrap().gross
    };
    let [tree, global] = ["#000000", "#0072b2"].map(|colour| line(figure.svg(), colour));
    let points = axis.points(120, false);
    assert_eq!((tree.len(), global.len()), (120, 120));
    // The axis alone tells the scale: 0 and the highest name of it.
    let ticks = elements(part(figure.svg(), "y-axis"), "text");
    let pixel = |i: usize| attribute(ticks[i], "y").parse::<f64>().unwrap() - 0.36 * 13.0;
    let names = texts(figure.svg(), "y-axis");
    assert_eq!(names[0], "0");
    let top: f64 = names[names.len() - 1].parse().unwrap();
    let scale = [pixel(0), (pixel(names.len() - 1) - pixel(0)) / top];
    for (curve, contender) in [(&tree, &contenders[0]), (&global, &contenders[1])] {
        let [up, along] = farthest(curve, &points, scale, &|half_life| gross(half_life, contender));
        assert!(up <= 0.05 && along <= 0.05, "{up} {along}");
    }
    // Wrong curves are seen: the other's, the tree without its highest level, one of a half-life 1 % longer.
    let wrong: [&dyn Fn(f64) -> f64; 3] = [
        &|half_life| gross(half_life, &contenders[1]),
        &|half_life| gross(half_life, &Contender::Heights(vec![1, 2])),
        &|half_life| gross(1.01 * half_life, &contenders[0]),
    ];
    for of in wrong {
        let [up, _] = farthest(&tree, &points, scale, of);
        assert!(up > 0.5, "{up}");
    }
    // Nine points on each curve, and one more entry: none without replications.
    let dots = |figure: &figures::Figure| elements(figure.svg(), "circle").len();
    let bare = figures::welfare(&document, &axis, &contenders, Measure::Gross, 0, &|_, _| ()).unwrap();
    assert_eq!((dots(&figure), dots(&bare)), (2 * 9 + 1, 0));
}

/// The limit is one of heights that stand upon others: none for a single one, and none upon the lowest.
#[test]
fn the_limit_is_drawn_where_it_holds() {
    let document = Scenario::document();
    let of = |heights: &[u32]| {
        let heights = Architecture::new(document.tree(), heights.iter().copied()).unwrap();
        let figure = figures::filling(&document, &heights).unwrap();
        (figure.svg().matches("class=\"limit\"").count(), figure.svg().contains("1 - 1/√(γr)"))
    };
    assert_eq!((of(&[1, 2]), of(&[0, 1, 2, 3])), ((1, true), (1, true)));
    assert_eq!((of(&[3]), of(&[0]), of(&[1, 3])), ((0, false), (0, false), (0, false)));
    let figure = figures::filling(&document, &Architecture::full(document.tree())).unwrap();
    let line = points(elements(part(figure.svg(), "limit"), "polyline")[0]);
    let bars = elements(part(figure.svg(), "bars"), "rect");
    let [left, width] = ["x", "width"].map(|name| attribute(bars[0], name).parse::<f64>().unwrap());
    assert!(line[0].0 > left + width);
}

/// The points of a curve have draws of their own, so that they do not all miss to one side (one seed in 256 would by chance); there
/// are none where too little is to be seen for an interval.
#[test]
fn simulated_points_are_independent() {
    let document = Scenario::document();
    let axis = Axis::new("discount.half_life", [0.5, 5.0], Spacing::Logarithmic, None).unwrap();
    let figure = figures::welfare(&document, &axis, &[Contender::Tree], Measure::Gross, 200, &|_, _| ()).unwrap();
    let curve = line(figure.svg(), "#000000");
    let dots = elements(part(figure.svg(), "simulated"), "circle");
    let dots: Vec<[f64; 2]> =
        dots.iter().map(|dot| ["cx", "cy"].map(|name| attribute(dot, name).parse().unwrap())).collect();
    assert_eq!(dots.len(), 9);
    let above = dots.iter().filter(|[x, y]| {
        let nearest = curve.iter().min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs())).unwrap();
        *y < nearest.1
    });
    let above = above.count();
    assert!((1..9).contains(&above), "{above}");
    let rare = document.leave_open(&["flow.rate"]).unwrap().at(&[0.1]).unwrap();
    let bare = figures::welfare(&rare, &axis, &[Contender::Tree], Measure::Gross, 200, &|_, _| ()).unwrap();
    assert!(
        !bare.svg().contains("class=\"simulated\"") || elements(part(bare.svg(), "simulated"), "circle").is_empty()
    );
    let full = Architecture::full(rare.tree());
    let few = MonteCarlo::new(1, Stopping::Replications(1000)).unwrap();
    let simulated = SimulatedWelfare::simulate(&rare, &full, &few, &|_, _| ()).unwrap();
    let beside = figures::filling_beside(&rare, &full, &simulated).unwrap();
    assert!(
        !beside.svg().contains("class=\"simulated\"") || elements(part(beside.svg(), "simulated"), "circle").is_empty()
    );
}

/// A file that the scenario names is read, and never written.
#[test]
fn inputs_stay() {
    let [scenario, places] = ["named.toml", "places.svg"].map(file);
    std::fs::write(&scenario, include_str!("../../examples/real-world.toml").replace("places.csv", "places.svg"))
        .unwrap();
    let kept = include_str!("../../examples/places.csv");
    std::fs::write(&places, kept).unwrap();
    let output = run(&["plot", "circle", &scenario, "-o", &places]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("places.svg"), "{told}");
    assert_eq!(std::fs::read_to_string(&places).unwrap(), kept);
}

/// With a cost of messages both curves fall by it: one pixel of net welfare for one of gross.
#[test]
fn net_welfare_is_gross_minus_cost() {
    let exchange: Scenario = include_str!("../../examples/exchange.toml").parse().unwrap();
    let axis = Axis::new("cost.per_message", [0.0, 0.01], Spacing::Linear, None).unwrap();
    let drawn = |measure| {
        let figure = figures::welfare(&exchange, &axis, &[Contender::Tree], measure, 20, &|_, _| ()).unwrap();
        let ticks = elements(part(figure.svg(), "y-axis"), "text");
        let names = texts(figure.svg(), "y-axis");
        let of = |i: usize| {
            let pixel: f64 = attribute(ticks[i], "y").parse().unwrap();
            (names[i].parse::<f64>().unwrap(), pixel - 0.36 * 13.0)
        };
        let [(low, bottom), (high, top)] = [of(0), of(names.len() - 1)];
        let value = |y: f64| low + (y - bottom) / (top - bottom) * (high - low);
        line(figure.svg(), "#000000").into_iter().map(|(_, y)| value(y)).collect::<Vec<_>>()
    };
    let [gross, net] = [Measure::Gross, Measure::Net].map(drawn);
    let messages = {
        let tree = ClosedForm::evaluate(&exchange, &Architecture::full(exchange.tree())).unwrap();
        tree.cost / exchange.cost_per_message()
    };
    let points = axis.points(120, false);
    for ((gross, net), price) in gross.iter().zip(&net).zip(points) {
        assert!((gross - net - price * messages).abs() < 0.2, "{gross} {net} {price}");
    }
    assert!(gross[119] - net[119] > 10.0);
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
    assert!(filling.svg().contains("1 - 1/√(γr) = 50 %, the limit") && filling.svg().contains("49.7 %"));
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
                .filter_map(|text| text.split(" %").next()?.rsplit(' ').next()?.trim().parse::<f64>().ok())
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
    assert!(std::fs::read_to_string(&out).unwrap() == drawn.svg());
    for args in [
        &["plot", "filling", "--heights", "0,2"][..],
        &["plot", "filling", "--replications", "50"],
        &["plot", "welfare", "--vary", "discount.half_life=0.1..10:log", "--replications", "0"],
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
            "error: --output = circle.jpg: must be a name that ends in .svg or .png\n",
        ),
        (
            &["plot", "circle", "--heights", "4", "-o", "x.svg"],
            "error: --heights = 4: must be distinct heights from 0 to 3 (tree.depth), at least one\n",
        ),
        (&["plot", "circle", "-o", "png"], "error: --output = png: must be a name that ends in .svg or .png\n"),
        (
            &["plot", "circle", "-o", "x.svg.gz"],
            "error: --output = x.svg.gz: must be a name that ends in .svg or .png\n",
        ),
        (&["plot", "circle", "-o", "x.png", "--scale", "0"], "error: --scale = 0: must be above 0, at most 8\n"),
        (&["plot", "shares", "--vary", "flow.rate", "-o", "x.svg"], "error: --vary"),
        (&["plot", "welfare", "--vary", "flow.rte=1..2", "-o", "x.svg"], "error: flow.rte: unknown key"),
        (&["plot", "circle", "-o", "/nowhere/x.svg"], "error: /nowhere/x.svg: there is no folder /nowhere\n"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2));
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.starts_with(told), "{message}");
        assert!(!Path::new("x.svg").exists() && !Path::new("x.png").exists());
    }
}

#[test]
fn the_best_local_pools_are_drawn_beside_the_tree() {
    let document = Scenario::document();
    let axis = Axis::new("flow.rate", [0.5, 2000.0], Spacing::Logarithmic, None).unwrap();
    assert_eq!(
        figures::best_local(&document, &axis, Measure::Net).unwrap(),
        [Contender::Local(1), Contender::Local(2)]
    );
    let fast = Axis::new("flow.rate", [500.0, 2000.0], Spacing::Logarithmic, None).unwrap();
    assert_eq!(figures::best_local(&document, &fast, Measure::Net).unwrap(), [Contender::Local(1)]);
    // A depth at which there are none between operators and root.
    let depth = Axis::new("tree.depth", [1.0, 5.0], Spacing::Linear, None).unwrap();
    assert_eq!(figures::best_local(&document, &depth, Measure::Net).unwrap(), []);
}

#[test]
fn axes_name_round_values_and_both_ends() {
    let document = Scenario::document();
    for (axis, names, title) in [
        ("discount.half_life=0.1..0.5:log", "0.1 0.2 0.3 0.4 0.5", "half-life of utility (units of time)"),
        ("discount.half_life=3..7:log", "3 4 5 6 7", "half-life of utility (units of time)"),
        ("flow.rate=1..20:log", "1 2 5 10 20", "order flow (orders per unit time)"),
        ("flow.rate=1e-9..1e12:log", "10⁻⁹ 10⁻⁶ 10⁻³ 1 10³ 10⁶ 10⁹ 10¹²", "order flow (orders per unit time)"),
        ("flow.rate=99990..100010", "99990 99995 100000 100005 100010", "order flow (orders per unit time)"),
        (
            "timing.solving=0..3e-6",
            "0 5·10⁻⁷ 10⁻⁶ 1.5·10⁻⁶ 2·10⁻⁶ 2.5·10⁻⁶ 3·10⁻⁶",
            "solving time of an auction (units of time)",
        ),
        ("tree.depth=1..6", "1 2 3 4 5 6", "depth of the tree (height of the root)"),
        ("tree.depth=2.5..3.5", "3", "depth of the tree (height of the root)"),
    ] {
        let figure = figures::shares(&document, &axis.parse().unwrap(), &Contender::Tree).unwrap();
        well_formed(figure.svg());
        assert_eq!(texts(figure.svg(), "x-axis").join(" "), names, "{axis}");
        assert_eq!(texts(figure.svg(), "x-title"), [title]);
        assert_eq!(texts(figure.svg(), "y-axis").join(" "), "0 10 20 30 40 50 60 70 80 90 100");
    }
    let none = figures::shares(&document, &"tree.depth=2.2..2.8".parse().unwrap(), &Contender::Tree).unwrap_err();
    assert_eq!(none.to_string(), "tree.depth = 2.2..2.8: must be a range that holds a whole number");
}

#[test]
fn simulated_filling_rates_lie_on_the_bars() {
    let document = Scenario::document();
    let full = Architecture::full(document.tree());
    let simulate = |heights: &Architecture| {
        let monte_carlo = MonteCarlo::new(5, Stopping::Replications(20_000)).unwrap();
        SimulatedWelfare::simulate(&document, heights, &monte_carlo, &|_, _| ()).unwrap()
    };
    let figure = figures::filling_beside(&document, &full, &simulate(&full)).unwrap();
    well_formed(figure.svg());
    let number = |element: &str, name: &str| attribute(element, name).parse::<f64>().unwrap();
    let tops: Vec<f64> = elements(part(figure.svg(), "bars"), "rect").iter().map(|bar| number(bar, "y")).collect();
    let simulated = part(figure.svg(), "simulated");
    let middles: Vec<f64> = elements(simulated, "circle").iter().map(|dot| number(dot, "cy")).collect();
    // Of every interval the upright line comes first.
    let ends: Vec<[f64; 2]> =
        elements(simulated, "line").chunks(3).map(|own| ["y1", "y2"].map(|name| number(own[0], name))).collect();
    assert_eq!((tops.len(), middles.len(), ends.len()), (3, 3, 3));
    for ((top, middle), [low, high]) in tops.iter().zip(&middles).zip(&ends) {
        // Half an interval is 1.96 standard errors; five of them are left with probability 2e-6 over the three bars.
        let error = 0.5 * (low - high) / 1.96;
        assert!((top - middle).abs() < 5.0 * error + 0.02, "{top} {middle} {error}");
        assert!(error > 0.0 && error < 4.1, "{error}"); // less than 1 % of the orders that reach it
    }
    // The limit of 50 % is not what thin batches fill.
    let wrong = line_of_limit(figure.svg());
    assert!((middles[0] - wrong).abs() > 5.0 * 0.5 * (ends[0][0] - ends[0][1]) / 1.96);
    let other = Architecture::new(document.tree(), [1, 3]).unwrap();
    assert!(figures::filling_beside(&document, &other, &simulate(&full)).is_err());
}

/// Height on the page of the dashed line.
fn line_of_limit(svg: &str) -> f64 {
    points(elements(part(svg, "limit"), "polyline")[0])[0].1
}

#[test]
fn images_show_the_figure() {
    let document = Scenario::document();
    let figure = figures::circle(&document, &Architecture::full(document.tree())).unwrap();
    let tag = figure.svg().split('>').next().unwrap();
    let sides = ["width", "height"].map(|name| attribute(tag, name).parse::<f64>().unwrap());
    for scale in [0.5, 1.0, 2.0] {
        let image = figure.png(scale).unwrap();
        assert!(image == figure.clone().png(scale).unwrap());
        let (size, pixels) = decoded(&image);
        assert_eq!(size.map(f64::from), sides.map(|side| (side * scale).ceil()));
        let share = dark(&pixels) as f64 / pixels.len() as f64;
        assert!((0.003..0.2).contains(&share), "{share}");
    }
    // Rectangles of the legend: all white but for its letters.
    let (size, pixels) = decoded(&figure.png(1.0).unwrap());
    let region = |left: u32, top: u32, right: u32, bottom: u32| -> Vec<f64> {
        (top..bottom).flat_map(|y| (left..right).map(move |x| (y * size[0] + x) as usize)).map(|i| pixels[i]).collect()
    };
    assert!(dark(&region(640, 20, size[0] - 5, 40)) > 150);
    assert_eq!(dark(&region(640, 400, size[0] - 5, 600)), 0);
    for scale in [0.0, -1.0, f64::NAN, f64::INFINITY, 8.1] {
        assert!(figure.png(scale).unwrap_err().to_string().contains("must be above 0, at most 8"));
    }
    for key in ["flow.rate", "discount.half_life"] {
        let axis = Axis::new(key, [0.1, 100.0], Spacing::Logarithmic, None).unwrap();
        let image = figures::shares(&document, &axis, &Contender::Tree).unwrap().png(1.0).unwrap();
        assert!(dark(&decoded(&image).1) > 2000);
    }
    let [circle, again] = ["circle.png", "again.PNG"].map(file);
    for out in [&circle, &again] {
        text(&run(&["plot", "circle", "-o", out, "--scale", "1"]));
    }
    assert!(std::fs::read(&circle).unwrap() == figure.png(1.0).unwrap());
    assert!(std::fs::read(&circle).unwrap() == std::fs::read(&again).unwrap());
}

#[test]
fn extreme_trees_are_drawn() {
    let document = Scenario::document();
    let axis = Axis::new("discount.half_life", [0.1, 10.0], Spacing::Logarithmic, None).unwrap();
    for (arity, depth) in [(2, 0), (2, 1), (729, 1), (2, 60)] {
        let tree = PoolTree::new(arity, depth).unwrap();
        let scenario = crate::properties::support::changed(&document, |parts| parts.tree = tree).unwrap();
        let full = Architecture::full(scenario.tree());
        well_formed(figures::filling(&scenario, &full).unwrap().svg());
        well_formed(figures::shares(&scenario, &axis, &Contender::Tree).unwrap().svg());
        let both = [Contender::Tree, Contender::Global];
        well_formed(figures::welfare(&scenario, &axis, &both, Measure::Net, 0, &|_, _| ()).unwrap().svg());
        well_formed(figures::circle(&scenario, &full).unwrap().svg());
    }
    // Nothing is worth anything.
    let nothing = document.leave_open(&["utility.mean"]).unwrap().at(&[0.0]).unwrap();
    let figure = figures::welfare(&nothing, &axis, &[Contender::Tree], Measure::Net, 50, &|_, _| ()).unwrap();
    well_formed(figure.svg());
    assert_eq!(texts(figure.svg(), "y-axis").last(), Some(&"1"));
}

/// The example of keepers without them.
fn unfailing() -> Scenario {
    let text = include_str!("../../examples/keepers.toml");
    let mut table: toml::Table = text.parse().unwrap();
    table.remove("keepers");
    table.to_string().parse().unwrap()
}

#[test]
fn keepers_who_fail_are_simulated_as_well() {
    let keepers = Scenario::from_file(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/keepers.toml")).unwrap();
    assert!(keepers.execution().is_some());
    let full = Architecture::full(keepers.tree());
    let monte_carlo = MonteCarlo::new(5, Stopping::Replications(2000)).unwrap();
    let exact = ClosedForm::evaluate(&keepers, &full).unwrap();
    let simulated = figures::simulated(&keepers, &full, &monte_carlo, &|_, _| ()).unwrap();
    // Five standard errors: false alarm 6e-7. Auctions that never fail are further away.
    let far = |gross: f64| (gross - exact.gross).abs() / simulated.std_error;
    assert!(far(simulated.gross) < 5.0, "{}", far(simulated.gross));
    let perfect = ClosedForm::evaluate(&unfailing(), &full).unwrap();
    assert!((perfect.gross - simulated.gross).abs() > 5.0 * simulated.std_error, "{}", perfect.gross);
    well_formed(figures::filling_beside(&keepers, &full, &simulated).unwrap().svg());
}
