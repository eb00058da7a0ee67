//! What a figure marks, and what it leaves out.

use pooltree::explore::{Axis, Contender, Spacing};
use pooltree::figures::{self, Figure, Measure};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};

fn scenario(tree: &str, discount: &str) -> Scenario {
    format!(
        "tree = {{ {tree} }}
         flow = {{ rate = 64.0 }}
         timing.latency = {{ model = \"proportional\", scale = 0.125, exponent = 0.01 }}
         timing.period = {{ model = \"ratio\", base = 0.125, ratio = 1 }}
         timing.delay = \"batched\"
         discount = {{ {discount} }}"
    )
    .parse()
    .unwrap()
}

/// Elements of a kind in the parts of a name, as far as the end of their tag.
fn elements<'s>(figure: &'s Figure, name: &str, kind: &str) -> Vec<&'s str> {
    let parts = figure.svg().split("<g class=\"").filter_map(|part| part.split_once("\">"));
    let parts = parts.filter(|(own, _)| *own == name).map(|(_, rest)| rest.split("</g>").next().unwrap());
    let tag = format!("<{kind}");
    parts.flat_map(|part| part.split(&tag).skip(1).map(|rest| rest.split("/>").next().unwrap())).collect()
}

fn number(element: &str, name: &str) -> f64 {
    element.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
}

fn legend(figure: &Figure) -> Vec<String> {
    let part = figure.svg().split("<g class=\"legend\">").nth(1).unwrap().split("</g>").next().unwrap();
    let texts = part.split("<text").skip(1).map(|rest| rest.split_once('>').unwrap().1.split('<').next().unwrap());
    texts.map(|text| text.trim().to_owned()).collect()
}

/// A key that is left open knows what the scenario has there, however it states its discount.
#[test]
fn the_present_value_of_a_key() {
    let present = |scenario: &Scenario, key: &str| scenario.leave_open(&[key]).unwrap().present(0);
    let half = scenario("arity = 2, depth = 3", "factor = 0.5");
    assert_eq!(present(&half, "discount.factor"), Some(0.5));
    assert_eq!(present(&half, "discount.half_life"), Some(1.0));
    assert_eq!(present(&half, "discount.rate"), Some(std::f64::consts::LN_2));
    let slow = scenario("arity = 2, depth = 3", "half_life = 0.1");
    assert_eq!(present(&slow, "discount.half_life"), Some(0.1));
    assert!((present(&slow, "discount.factor").unwrap() - 0.5f64.powi(10)).abs() < 1e-17);
    let never = scenario("arity = 2, depth = 3", "rate = 0.0");
    assert_eq!(present(&never, "discount.rate"), Some(0.0));
    assert_eq!(present(&never, "discount.factor"), Some(1.0));
    assert_eq!(present(&never, "discount.half_life"), None);
    assert_eq!(present(&half, "flow.rate"), Some(64.0));
    assert_eq!(present(&half, "tree.depth"), Some(3.0));
    assert_eq!(present(&half, "flow.components.0.share"), Some(1.0));
    assert_eq!(half.leave_open(&["tree.depth", "discount.rate"]).unwrap().present(2), None);
    // What is read with the present values is the scenario.
    let keys = ["flow.rate", "timing.latency.exponent", "discount.half_life"];
    let open = slow.leave_open(&keys).unwrap();
    let values: Vec<f64> = (0..3).map(|key| open.present(key).unwrap()).collect();
    assert_eq!(open.at(&values).unwrap(), slow);
}

/// The line stands at the value, the rings on the closed form there.
#[test]
fn the_present_value_is_marked() {
    let own = scenario("arity = 2, depth = 3", "half_life = 1.0");
    let axis = Axis::new("discount.half_life", [0.1, 10.0], Spacing::Logarithmic, None).unwrap();
    let both = [Contender::Tree, Contender::Global];
    let draw =
        |present: Option<f64>| figures::welfare_at(&own, &axis, &both, Measure::Gross, 0, present, &|_, _| ()).unwrap();
    let bare = draw(None);
    assert_eq!(bare.svg(), figures::welfare(&own, &axis, &both, Measure::Gross, 0, &|_, _| ()).unwrap().svg());
    for outside in [0.09, 10.5, f64::NAN, f64::INFINITY] {
        assert_eq!(draw(Some(outside)).svg(), bare.svg(), "{outside}");
    }
    assert!(elements(&bare, "present", "circle").is_empty());
    for (present, place) in [(1.0, 0.5), (0.1, 0.0), (10.0, 1.0)] {
        let figure = draw(Some(present));
        let rings = elements(&figure, "present", "circle");
        assert_eq!(rings.len(), 2);
        assert!(legend(&figure).contains(&format!("present value, {present}")), "{:?}", legend(&figure));
        let points = |line: &str| -> Vec<(f64, f64)> {
            let all = line.split(" points=\"").nth(1).unwrap().split('"').next().unwrap();
            let pair = |point: &str| point.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()));
            all.split_whitespace().filter_map(pair).collect()
        };
        let curves: Vec<Vec<(f64, f64)>> = elements(&figure, "curves", "polyline").into_iter().map(points).collect();
        let [left, right] = [curves[0][0].0, curves[0][curves[0].len() - 1].0];
        let there = own.leave_open(&["discount.half_life"]).unwrap().at(&[present]).unwrap();
        // Pixels of a unit of welfare, from the ends of a curve.
        let exact = |scenario: &Scenario, contender: &Contender| {
            ClosedForm::evaluate(scenario, &contender.on(scenario.tree()).unwrap()).unwrap().gross
        };
        let at = |x: f64| own.leave_open(&["discount.half_life"]).unwrap().at(&[x]).unwrap();
        let [low, high] = [exact(&at(0.1), &both[0]), exact(&at(10.0), &both[0])];
        let ends = [curves[0][0].1, curves[0][curves[0].len() - 1].1];
        for (ring, contender) in rings.iter().zip(&both) {
            assert!((number(ring, "cx") - (left + place * (right - left))).abs() < 0.02);
            let wanted = ends[0] + (exact(&there, contender) - low) / (high - low) * (ends[1] - ends[0]);
            assert!((number(ring, "cy") - wanted).abs() < 0.05, "{} {wanted}", number(ring, "cy"));
        }
    }
}

/// Of more operators than can be told apart the top is drawn: every tree has a picture.
#[test]
fn deep_trees_have_a_picture() {
    // 2 + 4 + … + 512 pools and the root are 1023 dots; those of the legend come on top.
    for (tree, dots, told) in [
        ("arity = 2, depth = 9", 1023, None),
        ("arity = 2, depth = 10", 1023, Some("but for those of the lowest height;")),
        ("arity = 2, depth = 40", 1023, Some("but for those of the lowest 31 heights;")),
        ("arity = 2, depth = 100", 1023, Some("but for those of the lowest 91 heights;")),
        (
            "arity = 3, depth = 8",
            1093,
            Some("6561 operators on a circle and the pools above them, but for those of the lowest 2 heights;"),
        ),
        ("arity = 1000, depth = 1", 1, Some("1000 operators on a circle")),
        ("arity = 2, depth = 0", 1, None),
    ] {
        let deep = scenario(tree, "factor = 0.5");
        let figure = figures::circle(&deep, &Architecture::full(deep.tree())).unwrap();
        assert_eq!(elements(&figure, "pools", "circle").len(), dots, "{tree}");
        assert!(!figure.svg().contains("NaN") && !figure.svg().contains("inf"), "{tree}");
        match told {
            Some(told) => assert!(figure.caption().contains(told), "{}", figure.caption()),
            None => assert!(!figure.caption().contains("but for"), "{}", figure.caption()),
        }
        let lines = legend(&figure);
        assert!(lines.len() <= 16 + 4, "{tree}: {lines:?}");
        assert_eq!(lines.iter().any(|line| line.starts_with("not drawn")), told.is_some(), "{tree}: {lines:?}");
        for dot in elements(&figure, "pools", "circle") {
            let [x, y] = ["cx", "cy"].map(|name| number(dot, name) - 310.0);
            assert!(x.hypot(y) < 280.1, "{tree}: {dot}");
        }
    }
}

/// The legend names every height of a tree of sixteen, of deeper ones those with auctions, and says so.
#[test]
fn the_legend_stays_readable() {
    let of = |tree: &str, heights: Option<&[u32]>| {
        let deep = scenario(tree, "factor = 0.5");
        let some = heights.map(|heights| Architecture::new(deep.tree(), heights.iter().copied()).unwrap());
        legend(&figures::circle(&deep, &some.unwrap_or_else(|| Architecture::full(deep.tree()))).unwrap())
    };
    let all = of("arity = 2, depth = 15", None);
    assert_eq!(all.iter().filter(|line| line.starts_with("height ") || *line == "operators").count(), 16, "{all:?}");
    let some = of("arity = 2, depth = 40", Some(&[1, 35]));
    let heights: Vec<&str> =
        some[1..].iter().filter_map(|line| line.split_once(':')).map(|(height, _)| height).collect();
    assert_eq!(heights, ["height 35", "not drawn, too many pools", "height 1", "listed", "all"], "{some:?}");
    let every = of("arity = 2, depth = 40", None);
    assert!(every.iter().any(|line| line == "listed: one height in 3"), "{every:?}");
    assert_eq!(every.iter().filter(|line| line.starts_with("height ")).count(), 14, "{every:?}");
    let top = of("arity = 2, depth = 40", Some(&[40]));
    assert!(top.iter().any(|line| line == "not drawn, too many pools: heights 0 to 30"), "{top:?}");
}
