//! Networks in a scenario file: what is read, what comes back, what is refused and how.

use pooltree::Scenario;
use pooltree::explore::sweep::Sweep;
use pooltree::explore::threshold::Threshold;
use pooltree::explore::verdict::Among;
use pooltree::explore::{Axis, Contender, Spacing};
use pooltree::network::sites::{Fibre, Sites};
use pooltree::pool_tree::{Architecture, Kind};
use pooltree::{ClosedForm, network::sites::Division};

const REST: &str = "[flow]\nrate = 10.0\n[timing]\nlatency = { model = \"sites\", statistic = \"diameter\", scale = 0.5 }\n\
                    period = { model = \"ratio\", base = 1.0, ratio = 1 }\ndelay = \"batched\"\n[discount]\nhalf_life = 2.0\n";

const LIST: &str = "[sites]\nlist = [\n { name = \"a\", latitude = 0, longitude = 0 },\n { name = \"b\", latitude = 0, longitude = 90 },\n \
                    { name = \"c\", latitude = 0, longitude = 1 },\n { name = \"d\", latitude = 0, longitude = 91 },\n]\n";

const MATRIX: &str = "[sites]\nnames = [\"a\", \"b\", \"c\"]\none_way = [[0, 4, 1], [4, 0, 3], [1, 3, 0]]\n";

const TREE: &str = "[tree]\narity = 2\ndepth = 2\n";

fn read(text: &str) -> Scenario {
    text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn sites_are_divided_into_compact_pools() {
    let scenario = read(&format!("{LIST}{TREE}{REST}"));
    let pools = scenario.tree().given_pools().unwrap();
    assert_eq!((pools.members(1, 0), pools.members(1, 1)), (&[0, 2][..], &[1, 3][..]));
    assert_eq!(scenario.division(), Some(&Division::Even { arity: 2, depth: 2 }));
    let level =
        |height: u32| scenario.schedule(&Architecture::local(scenario.tree(), height).unwrap()).unwrap().levels()[0];
    // One degree and 91 degrees of the equator, at two thirds of the speed of light, half a unit of time per millisecond.
    let degrees = |n: f64| (n * 6_378_137.0 * std::f64::consts::PI / 180.0).round() / 1e3 / 299.792_458 * 1.5;
    let degree = degrees(1.0);
    assert!((level(1).latency - 0.5 * degree).abs() < 1e-12);
    assert!((level(2).latency - 0.5 * degrees(91.0)).abs() < 1e-10);
    assert_eq!(level(0).latency, 0.0);
    let overhead = read(&format!("{LIST}fibre = 1.0\noverhead = 3.0\n{TREE}{REST}"));
    let height = overhead.schedule(&Architecture::local(overhead.tree(), 1).unwrap()).unwrap().levels()[0];
    assert!((height.latency - 0.5 * (degree / 1.5 + 3.0)).abs() < 1e-12);
}

#[test]
fn what_is_read_comes_back() {
    let custom = REST.replace(
        "rate = 10.0",
        "rate = 10.0\ncomponents = [{ kind = \"custom\", share = 0.5, classes = [{ pair = [\"X\", \"Y\"], operators = [0, 2], \
         rates = [[1, 2], [0.5, 0]] }] }, { kind = \"uniform\", share = 0.5, side_share = 0.25 }]",
    );
    let texts = [
        format!("{LIST}{TREE}{REST}"),
        format!("{LIST}[tree]\narities = [2]\n{REST}"),
        format!("{LIST}[tree]\npools = [[[\"b\", 2], [\"a\", \"d\"]]]\n{REST}"),
        format!("{MATRIX}{TREE}{REST}"),
        format!("{MATRIX}[tree]\narity = 3\ndepth = 1\n{custom}"),
        format!("{LIST}{TREE}{custom}"),
        format!(
            "[tree]\npools = [[[0, 1], [2]]]\n{}",
            custom.replace("\"sites\", statistic = \"diameter\"", "\"proportional\"")
        ),
        format!(
            "[tree]\narity = 2\ndepth = 3\n{}",
            custom.replace("\"sites\", statistic = \"diameter\"", "\"proportional\"")
        ),
        format!(
            "[tree]\noperators = 3\npools = []\n{}",
            REST.replace("\"sites\", statistic = \"diameter\"", "\"proportional\"")
        ),
    ];
    for text in texts {
        let scenario = read(&text);
        let toml = toml::to_string(&scenario).unwrap();
        assert_eq!(read(&toml), scenario, "{toml}");
        let json = serde_json::to_string(&scenario).unwrap();
        assert_eq!(serde_json::from_str::<Scenario>(&json).unwrap(), scenario, "{json}");
        assert!(ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree())).unwrap().gross > 0.0);
    }
}

#[test]
fn files_beside_the_scenario_are_read() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("network-section");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("places.csv", "name,latitude,longitude\na,0,0\nb,0,90\nc,0,1\nd,0,91\n");
    write("rtt.csv", "ms,a,b,c\na,0,8,2\nb,8,0,6\nc,2,6,0\n");
    write("rates.csv", "# of yesterday\noperator,sell,buy,rate\nc,Y,X,3\n0,X,Y,1.5\na,X,Y,0.5\n1,X,Z,1\n");
    let scenario = |text: &str| {
        write("scenario.toml", text);
        Scenario::from_file(folder.join("scenario.toml"))
    };
    let places = scenario(&format!("[sites]\nplaces = \"places.csv\"\n{TREE}{REST}")).unwrap();
    assert_eq!(places, read(&format!("{LIST}{TREE}{REST}")));
    let matrix = scenario(&format!("[sites]\nround_trips = \"rtt.csv\"\n{TREE}{REST}")).unwrap();
    assert_eq!(matrix, read(&format!("{MATRIX}{TREE}{REST}")));
    let custom = REST.replace("rate = 10.0", "rate = 10.0\ncomponents = [{ kind = \"custom\", file = \"rates.csv\" }]");
    let fitted = scenario(&format!("{LIST}{TREE}{custom}")).unwrap();
    let Kind::Custom(flow) = fitted.flow().components()[0].kind() else { panic!("custom") };
    let class = &flow.classes()[0];
    assert_eq!(class.pair().unwrap(), &["X".to_owned(), "Y".to_owned()]);
    assert_eq!(class.rates(), [(0, [2.0, 0.0]), (2, [0.0, 3.0])]);
    assert_eq!((flow.classes().len(), flow.rate()), (2, 6.0));
    // Together they are the rate of the flow.
    assert!((fitted.network().unwrap().flow().rate() - 10.0).abs() < 1e-12);
    let mistake = |name: &str, text: &str| {
        write(name, text);
        let flow = REST.replace("rate = 10.0", "rate = 10.0\ncomponents = [{ kind = \"custom\", file = \"bad.csv\" }]");
        let message = scenario(&format!("{LIST}{TREE}{flow}")).unwrap_err().to_string();
        message.rsplit("bad.csv: ").next().unwrap().to_owned()
    };
    for (text, told) in [
        ("operator,sell,rate\n", "header operator,sell,rate: must be operator,sell,buy,rate)"),
        (
            "operator,sell,buy,rate\nz,X,Y,1\n",
            "row 1: operator = z: must be a number from 0 to 3, or the name of a site)",
        ),
        (
            "operator,sell,buy,rate\na,X,Y,1\n4,X,Y,1\n",
            "row 2: operator = 4: must be a number from 0 to 3, or the name of a site)",
        ),
        ("operator,sell,buy,rate\na,,Y,1\n", "row 1: sell = : must be the name of an asset)"),
        ("operator,sell,buy,rate\na,X,X,1\n", "row 1: buy = X: must be the name of another asset)"),
        ("operator,sell,buy,rate\na,X,Y,-1\n", "row 1: rate = -1: must be finite and at least 0)"),
        ("operator,sell,buy,rate\na,X,Y,nan\n", "row 1: rate = nan: must be finite and at least 0)"),
    ] {
        assert_eq!(mistake("bad.csv", text), told);
    }
    let none = mistake("bad.csv", "operator,sell,buy,rate\n");
    assert!(none.contains("at least one rate above 0"), "{none}");
}

/// The rest of a scenario with one component.
fn with_component(component: &str) -> String {
    REST.replace("rate = 10.0\n", &format!("rate = 1\ncomponents = [{component}]\n"))
}

#[test]
fn mistakes_about_sites_are_named() {
    let cases = [
        (
            format!("[sites]\n{TREE}{REST}"),
            "sites.places: missing; must be exactly one of places, list, round_trips, one_way",
        ),
        (
            format!("{LIST}places = \"x.csv\"\n{TREE}{REST}"),
            "sites.list = (beside places): must be exactly one of places, list, round_trips, one_way",
        ),
        (format!("{MATRIX}fibre = 0.5\n{TREE}{REST}"), "sites.fibre: unknown key; allowed here: names, one_way"),
        (format!("{LIST}fibre = 2\n{TREE}{REST}"), "sites.fibre = 2: must be at least 0.001 and at most 1"),
        (format!("{LIST}overhead = -1\n{TREE}{REST}"), "sites.overhead = -1: must be at least 0 and at most 1e9"),
        (
            format!("{}{TREE}{REST}", LIST.replace("latitude = 0, longitude = 90", "latitude = 91, longitude = 90")),
            "sites.list.1.latitude = 91: must be a number of degrees from -90 to 90",
        ),
        (
            format!("{}{TREE}{REST}", LIST.replace("\"c\"", "\"a\"")),
            "sites.list.2 = a: must be different from the names before it",
        ),
        (
            format!("{}{TREE}{REST}", LIST.replace("name = \"a\", ", "")),
            "sites.list.0.name: missing; must be the name of the operator",
        ),
        (
            format!("{}{TREE}{REST}", MATRIX.replace("[4, 0, 3]", "[4, 0]")),
            "sites.one_way.1 = (2 values): must be 3 values, one per name",
        ),
        (
            format!("{}{TREE}{REST}", MATRIX.replace("[4, 0, 3]", "[5, 0, 3]")),
            "sites.one_way.1.0 = 5: must be one_way.0.1 = 4, the same both ways",
        ),
        (
            format!("{}{TREE}{REST}", MATRIX.replace("[4, 0, 3]", "[4, 0, \"x\"]")),
            "sites.one_way.1.2 = \"x\": must be a number",
        ),
        (
            format!("[sites]\nround_trips = \"none.csv\"\n{TREE}{REST}"),
            "sites.round_trips = none.csv: must be a file of round trips (none.csv: No such file or directory (os error 2))",
        ),
        (format!("{LIST}[tree]\narity = 1\ndepth = 2\n{REST}"), "tree.arity = 1: must be an integer of at least 2"),
        (
            format!("{LIST}[tree]\narity = 2\ndepth = 3\n{REST}"),
            "tree.depth = 3: must be an integer from 1 to 2 for 4 sites divided by 2",
        ),
        (
            format!("{LIST}[tree]\narity = 2\ndepth = 0\n{REST}"),
            "tree.depth = 0: must be an integer from 1 to 2 for 4 sites divided by 2",
        ),
        (
            format!("{LIST}[tree]\narities = [2, 2, 2]\n{REST}"),
            "tree.arities.2 = 2: must be left out, since every pool is one operator by then",
        ),
        (format!("{LIST}[tree]\narities = [1]\n{REST}"), "tree.arities.0 = 1: must be at least 2"),
        (
            format!("{LIST}{TREE}{}", REST.replace("scale = 0.5", "scale = 0")),
            "timing.latency.scale = 0: must be finite and above 0",
        ),
        (
            format!("{LIST}{TREE}{}", REST.replace("\"diameter\"", "\"random-quorum\"")),
            "timing.latency.quorum: missing; must be above 0 and at most 1",
        ),
        (
            format!("{LIST}{TREE}{}", with_component("{ kind = \"circle-distance\", distance = 1 }")),
            "flow.components.0.kind = circle-distance: must be another kind where pools are given: their operators are not on a circle",
        ),
        (
            format!("{LIST}{TREE}{}", with_component("{ kind = \"single-site\", operator = \"z\" }")),
            "flow.components.0.operator = \"z\": must be the number of an operator, from 0, or the name of a site",
        ),
    ];
    for (text, told) in cases {
        assert_eq!(text.parse::<Scenario>().unwrap_err().to_string(), told, "{text}");
    }
}

#[test]
fn mistakes_about_trees_are_named() {
    let plain = REST.replace("\"sites\", statistic = \"diameter\"", "\"proportional\"");
    let cases = [
        (
            format!("[tree]\narities = [2]\n{plain}"),
            "tree.arities = (given): must be left out where there are no [sites] to divide",
        ),
        (
            format!("[tree]\npools = []\n{plain}"),
            "tree.operators: missing; must be an integer of at least 1, where no pools say it",
        ),
        (
            format!("[tree]\npools = [[[0, 0], [1]]]\n{plain}"),
            "tree.pools.0.0 = 0: must be operators that are there once at height 1",
        ),
        (format!("[tree]\npools = [[[0, 3], [1]]]\n{plain}"), "tree.pools.0.0 = 3: must be operators 0 to 2"),
        (
            format!("[tree]\npools = [[[0, \"a\"], [1]]]\n{plain}"),
            "tree.pools.0.0.1 = \"a\": must be the number of an operator, from 0",
        ),
        (
            format!("{LIST}[tree]\npools = [[[0, \"z\"], [1]]]\n{REST}"),
            "tree.pools.0.0.1 = \"z\": must be the number of an operator, from 0, or the name of a site",
        ),
        (format!("[tree]\npools = [[0, 1]]\n{plain}"), "tree.pools.0.0 = 0: must be an array"),
        (
            format!("{LIST}[tree]\noperators = 5\npools = []\n{REST}"),
            "tree.operators = 5: must be the number of sites, 4",
        ),
        (
            format!("[tree]\noperators = 4000000000\npools = []\n{plain}"),
            "tree.operators = 4000000000: must be at most 16777216",
        ),
        (
            format!("{LIST}[tree]\narity = 2\ndepth = 2\npools = []\n{REST}"),
            "tree.arity: unknown key; allowed here: operators, pools",
        ),
        (
            format!("{TREE}{REST}"),
            "timing.latency.model = \"sites\": must be \"proportional\", \"ring\" or \"table\" where there is no section [sites]",
        ),
    ];
    for (text, told) in cases {
        assert_eq!(text.parse::<Scenario>().unwrap_err().to_string(), told, "{text}");
    }
}

#[test]
fn mistakes_about_flows_are_named() {
    let custom = |rates: &str| format!("{LIST}{TREE}{}", with_component(&format!("{{ kind = \"custom\", {rates} }}")));
    let cases = [
        (custom(""), "flow.components.0.classes: missing; must be exactly one of classes, file"),
        (custom("classes = []"), "flow.components.0.classes = (no orders): must be at least one rate above 0"),
        (
            custom("side_share = 0.3, classes = []"),
            "flow.components.0.side_share: unknown key; allowed here: kind, share, classes, file",
        ),
        (
            custom("classes = [], file = \"x\""),
            "flow.components.0.classes = (beside file): must be exactly one of classes, file",
        ),
        (
            custom("classes = [{ operators = [4], rates = [[1, 1]] }]"),
            "flow.components.0.classes.0.operator = 4: must be an operator below 4",
        ),
        (
            custom("classes = [{ operators = [0], rates = [[1, -1]] }]"),
            "flow.components.0.classes.0.rates.0.1 = -1: must be finite and at least 0",
        ),
        (
            custom("classes = [{ operators = [0, 1], rates = [[1, 1]] }]"),
            "flow.components.0.classes.0.rates = (1 pairs): must be 2 pairs, one per operator",
        ),
        (
            custom("classes = [{ operators = [0], rates = [[1]] }]"),
            "flow.components.0.classes.0.rates.0 = (1 rates): must be two rates, one for either side",
        ),
        (
            custom("classes = [{ pair = [\"A\", \"A\"], operators = [0], rates = [[1, 1]] }]"),
            "flow.components.0.classes.0.pair = \"A\" twice: must be two different names",
        ),
        (
            custom("classes = [{ operators = [0], rates = [[1, 1]], rate = 3 }]"),
            "flow.components.0.classes.0.rate: unknown key; allowed here: pair, operators, rates",
        ),
        (
            format!("[tree]\narity = 2\ndepth = 40\n{}", with_component("{ kind = \"custom\", classes = [] }")),
            "flow.components.0.kind = \"custom\": must be another kind in a tree of more than 16777216 operators",
        ),
    ];
    for (text, told) in cases {
        assert_eq!(text.parse::<Scenario>().unwrap_err().to_string(), told, "{text}");
    }
}

#[test]
fn numbers_of_a_network_can_be_varied() {
    let custom = REST.replace(
        "rate = 10.0",
        "rate = 10.0\ncomponents = [{ kind = \"custom\", classes = [{ operators = [0, 2, 1], rates = [[1, 2], [0.5, 0], [1, 1]] }] }]",
    );
    let scenario = read(&format!("{LIST}{TREE}{custom}"));
    let whole = ["tree.depth"];
    let at = |key: &str, value: f64| scenario.leave_open(&[key]).unwrap().at(&[value]).unwrap();
    for (key, value, text) in [
        ("tree.depth", 1.0, format!("{LIST}[tree]\narity = 2\ndepth = 1\n{custom}")),
        ("sites.fibre", 0.9, format!("{LIST}fibre = 0.9\n{TREE}{custom}")),
        (
            "sites.list.1.longitude",
            45.0,
            format!("{}{TREE}{custom}", LIST.replace("longitude = 90 ", "longitude = 45 ")),
        ),
        ("timing.latency.scale", 0.1, format!("{LIST}{TREE}{}", custom.replace("scale = 0.5", "scale = 0.1"))),
        ("discount.half_life", 9.0, format!("{LIST}{TREE}{}", custom.replace("half_life = 2.0", "half_life = 9.0"))),
        ("flow.rate", 3.0, format!("{LIST}{TREE}{}", custom.replace("rate = 10.0", "rate = 3.0"))),
        (
            "flow.components.0.classes.0.rates.1.1",
            7.0,
            format!(
                "{LIST}{TREE}{}",
                custom.replace("[[1, 2], [0, 1], [0.5, 0]]", "").replace("[0.5, 0]", "[0.5, 0.0]")
            ),
        ),
    ] {
        let varied = at(key, value);
        if key.contains("rates") {
            // Operators are listed by their numbers once read.
            let Kind::Custom(flow) = varied.flow().components()[0].kind() else { panic!("custom") };
            assert_eq!(flow.classes()[0].rates()[1], (1, [1.0, 7.0]));
        } else {
            assert_eq!(varied, read(&text), "{key}");
        }
        assert_eq!(scenario.leave_open(&[key]).unwrap().is_whole(0), whole.contains(&key));
    }
}

#[test]
fn thresholds_and_sweeps_take_networks() {
    let scenario = read(&format!("{LIST}{TREE}{REST}"));
    let axis = Axis::new("discount.half_life", [0.5, 5e4], Spacing::Logarithmic, 24).unwrap();
    let sweep = Sweep::run(&scenario, &axis, &Among::All, &|_, _| ()).unwrap();
    assert_eq!(sweep.points.len(), 24);
    // The nearer pools are worth their time to the impatient only.
    let between = [Contender::Local(1), Contender::Global];
    let crossings = Threshold::find(&scenario, &axis, between, &|_, _| ()).unwrap().crossings;
    assert_eq!(crossings.len(), 1);
    let at = |half_life: f64| {
        let varied = scenario.leave_open(&["discount.half_life"]).unwrap().at(&[half_life]).unwrap();
        let net =
            |contender: Contender| ClosedForm::evaluate(&varied, &contender.on(varied.tree()).unwrap()).unwrap().net;
        net(Contender::Global) - net(Contender::Local(1))
    };
    assert!(at(crossings[0].at * 1.001) > 0.0 && at(crossings[0].at * 0.999) < 0.0);
}

#[test]
fn a_sites_file_is_the_same_network_in_code() {
    let text = "name,latitude,longitude\na,0,0\nb,0,90\nc,0,1\nd,0,91\n";
    let (sites, _) = Sites::places_from_csv(text.as_bytes(), "p.csv", &Fibre::default()).unwrap();
    let scenario = read(&format!("{LIST}{TREE}{REST}"));
    assert_eq!(scenario.sites().unwrap().sites(), &sites);
}
