//! Sites: distances on the globe, round trips, and the latency of a pool.

mod division;
mod files;

use approx::{assert_abs_diff_eq, assert_relative_eq};
use pooltree::network::sites;
use pooltree::network::sites::{Asymmetry, Fibre, Place, Sites, pool_latencies, pool_latency};
use pooltree::pool_tree::Pools;
use pooltree::pool_tree::{Latency, LatencyModel, PoolTree, RingStatistic};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("s{i}")).collect()
}

fn of_function(n: usize, latency: impl Fn(usize, usize) -> f64) -> Sites {
    Sites::new(names(n), (0..n * n).map(|at| latency(at / n, at % n)).collect()).unwrap()
}

/// At points of the plane.
fn of_points(points: &[[f64; 2]]) -> Sites {
    of_function(points.len(), |a, b| {
        let ([x, y], [u, v]) = (points[a], points[b]);
        (x - u).hypot(y - v)
    })
}

fn of_ring(n: usize, spacing: f64) -> Sites {
    of_function(n, |a, b| spacing * a.abs_diff(b).min(n - a.abs_diff(b)) as f64)
}

fn place(name: &str, latitude: f64, longitude: f64) -> Place {
    Place { name: name.to_owned(), latitude, longitude }
}

const STATISTICS: [RingStatistic; 8] = [
    RingStatistic::Diameter,
    RingStatistic::MeanFarthest,
    RingStatistic::RandomQuorum { quorum: 2.0 / 3.0 },
    RingStatistic::RandomQuorum { quorum: 0.1 },
    RingStatistic::RandomQuorum { quorum: 1.0 },
    RingStatistic::FastestQuorum { quorum: 2.0 / 3.0 },
    RingStatistic::FastestQuorum { quorum: 0.1 },
    RingStatistic::FastestQuorum { quorum: 1.0 },
];

/// Metres by the Python package geographiclib 2.1 (C. Karney), `Geodesic.WGS84.Inverse(...)['s12']`.
#[test]
fn distances_of_cities_are_those_of_another_implementation() {
    let zurich = place("Zurich", 47.3769, 8.5417);
    let new_york = place("New York", 40.7128, -74.0060);
    let tokyo = place("Tokyo", 35.6762, 139.6503);
    let sydney = place("Sydney", -33.8688, 151.2093);
    let sao_paulo = place("Sao Paulo", -23.5505, -46.6333);
    let london = place("London", 51.5074, -0.1278);
    let frankfurt = place("Frankfurt", 50.1109, 8.6821);
    let singapore = place("Singapore", 1.3521, 103.8198);
    let johannesburg = place("Johannesburg", -26.2041, 28.0473);
    let (fiji, samoa) = (place("Fiji", -17.7134, 178.065), place("Samoa", -13.759, -172.1046));
    let antipodes = [place("p", 0.5, 0.0), place("q", -0.5, 179.7)];
    let pairs = [
        (&zurich, &new_york, 6_340_672.986_823_505),
        (&frankfurt, &london, 639_667.159_679_137_6),
        (&tokyo, &sydney, 7_792_174.827_115_239),
        (&sao_paulo, &singapore, 15_999_728.834_494_514),
        (&london, &johannesburg, 9_039_559.525_587_676),
        (&fiji, &samoa, 1_140_491.286_253_393_6), // across the date line
        (&new_york, &tokyo, 10_875_723.685_157_005),
        (&antipodes[0], &antipodes[1], 19_995_624.889_961_265), // nearly antipodal
    ];
    for (a, b, metres) in pairs {
        let km = a.distance(b).unwrap();
        assert_abs_diff_eq!(km, metres / 1e3, epsilon = 1e-7);
        assert_eq!(km, b.distance(a).unwrap());
        let sites = Sites::from_places(&[a.clone(), b.clone()], &Fibre::new(0.7, 1.25).unwrap()).unwrap();
        // Latencies are those of distances to the metre.
        let to_the_metre = metres.round() / 1e3;
        assert_relative_eq!(sites.one_way(0, 1), to_the_metre / (0.7 * 299.792_458) + 1.25, max_relative = 1e-14);
        assert_eq!((sites.one_way(0, 0), sites.one_way(1, 1)), (0.0, 0.0));
        // A sphere of the mean radius is not good enough to pass.
        let radians = |p: &Place| (p.latitude.to_radians(), p.longitude.to_radians());
        let ((f, l), (g, m)) = (radians(a), radians(b));
        let haversine = ((g - f) / 2.0).sin().powi(2) + f.cos() * g.cos() * ((m - l) / 2.0).sin().powi(2);
        let sphere = 2.0 * 6371.0088 * haversine.sqrt().asin();
        assert!((sphere - km).abs() > 0.05 && (sphere / km - 1.0).abs() < 0.006, "{sphere} {km}");
    }
}

#[test]
fn the_order_of_places_changes_no_bit() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let places: Vec<Place> = (0..40)
        .map(|i| place(&i.to_string(), rng.random_range(-90.0..=90.0), rng.random_range(-180.0..=180.0)))
        .collect();
    let sites = Sites::from_places(&places, &Fibre::default()).unwrap();
    let reversed: Vec<Place> = places.iter().rev().cloned().collect();
    let other = Sites::from_places(&reversed, &Fibre::default()).unwrap();
    for i in 0..40 {
        for j in 0..40 {
            assert_eq!(sites.one_way(i, j), other.one_way(39 - i, 39 - j));
            assert!(sites.one_way(i, j) <= 20_004.0 * 1.5 / 299.792_458);
        }
    }
}

#[test]
fn places_and_fibre_out_of_range_are_told() {
    let said = |place: Place| Sites::from_places(&[place], &Fibre::default()).unwrap_err().to_string();
    let degrees = "must be a number of degrees from -90 to 90";
    assert_eq!(said(place("a", 90.1, 0.0)), format!("places.0.latitude = 90.1: {degrees}"));
    assert_eq!(said(place("a", f64::NAN, 0.0)), format!("places.0.latitude = NaN: {degrees}"));
    let degrees = "must be a number of degrees from -180 to 180";
    assert_eq!(said(place("a", 0.0, 180.5)), format!("places.0.longitude = 180.5: {degrees}"));
    assert_eq!(said(place("", 0.0, 0.0)), "names.0 = \"\": must be a name that is not empty");
    let none = Sites::from_places(&[], &Fibre::default()).unwrap_err().to_string();
    assert_eq!(none, "sites = 0: must be from 1 to 4096");
    for share in [0.0, -1.0, 1.0 + 1e-15, f64::NAN, 1e-300] {
        let said = Fibre::new(share, 0.0).unwrap_err().to_string();
        assert!(said.starts_with("share = ") && said.ends_with(": must be at least 0.001 and at most 1"), "{said}");
    }
    for overhead in [-1e-9, f64::NAN, f64::INFINITY, 1e10] {
        let said = Fibre::new(0.5, overhead).unwrap_err().to_string();
        assert!(said.starts_with("overhead = ") && said.ends_with(": must be at least 0 and at most 1e9"), "{said}");
    }
}

/// Every pool of every regular tree on a circle has the latency of the ring, by every statistic.
#[test]
fn sites_on_a_circle_have_the_latencies_of_the_ring() {
    let mut checked = 0;
    for (arity, depth) in [(2, 0), (2, 1), (2, 5), (2, 9), (3, 1), (3, 4), (4, 4), (5, 3), (7, 2), (16, 2), (64, 1)] {
        let tree = PoolTree::new(arity, depth).unwrap();
        let pools = Pools::regular(&tree).unwrap();
        let sites = of_ring(pools.operators(), 0.75);
        for statistic in STATISTICS {
            let ring = Latency::new(LatencyModel::Ring { statistic, spacing: 0.75 }).unwrap();
            let found = pool_latencies(&sites, &pools, statistic).unwrap();
            for height in 0..=depth {
                let expected = ring.at(&tree, height).unwrap();
                for (pool, &latency) in found[height as usize].iter().enumerate() {
                    assert_relative_eq!(latency, expected, max_relative = 1e-13);
                    checked += 1;
                    if pool == 0 {
                        let members = pools.members(height, pool);
                        assert_eq!(pool_latency(&sites, members, statistic).unwrap(), latency);
                    }
                }
            }
        }
    }
    assert!(checked > 8 * 1023);
}

/// The farthest of every set of `q` members, counted.
#[test]
fn random_and_fastest_quorum_by_enumeration_on_any_matrix() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let points: Vec<[f64; 2]> = (0..9).map(|_| [rng.random(), rng.random()]).collect();
    let sites = of_points(&points);
    let members = [7, 0, 3, 8, 4, 1, 5];
    for q in 1..=7u32 {
        let quorum = (f64::from(q) - 0.5) / 7.0; // ⌊q - 0.5⌋ + 1 = q
        let (mut random, mut fastest, mut sets) = (0.0, 0.0, 0.0);
        for proposer in members {
            let mut nearest = f64::INFINITY;
            for set in 0u32..1 << 7 {
                if set.count_ones() == q {
                    let chosen = (0..7).filter(|i| set >> i & 1 == 1).map(|i| sites.one_way(proposer, members[i]));
                    let farthest = chosen.fold(0.0, f64::max);
                    nearest = nearest.min(farthest);
                    random += farthest;
                    sets += 1.0;
                }
            }
            fastest += nearest / 7.0;
        }
        let found = |statistic| pool_latency(&sites, &members, statistic).unwrap();
        assert_relative_eq!(found(RingStatistic::RandomQuorum { quorum }), random / sets, max_relative = 1e-13);
        assert_relative_eq!(found(RingStatistic::FastestQuorum { quorum }), fastest, max_relative = 1e-13);
    }
}

#[test]
fn pools_that_do_not_fit_are_told() {
    let sites = of_ring(4, 1.0);
    let said = |members: &[usize], quorum| {
        pool_latency(&sites, members, RingStatistic::FastestQuorum { quorum }).unwrap_err().to_string()
    };
    assert_eq!(said(&[], 0.5), "members = (none): must be at least one site");
    assert_eq!(said(&[0, 4], 0.5), "members = 4: must be sites 0 to 3");
    assert_eq!(said(&[1, 2, 1], 0.5), "members = 1: must be sites that are there once");
    for quorum in [0.0, -0.1, 1.1, f64::NAN] {
        assert_eq!(said(&[1], quorum), format!("quorum = {quorum}: must be above 0 and at most 1"));
    }
    let pools = Pools::new(5, &[]).unwrap();
    let said = pool_latencies(&sites, &pools, RingStatistic::Diameter).unwrap_err().to_string();
    assert_eq!(said, "pools = (of 5 operators): must be of 4 operators, one at each site");
}

#[test]
fn a_matrix_that_is_none_is_told() {
    let said = |one_way: &[f64]| Sites::new(names(2), one_way.to_vec()).unwrap_err().to_string();
    let range = "must be finite, at least 0 and at most 1000000000000";
    assert_eq!(said(&[0.0, 1.0, 1.0]), "one_way = (3 values): must be 4 values, 2 rows of 2");
    assert_eq!(said(&[0.0, -1.0, 1.0, 0.0]), format!("one_way.0.1 = -1: {range}"));
    assert_eq!(said(&[0.0, f64::NAN, 1.0, 0.0]), format!("one_way.0.1 = NaN: {range}"));
    assert_eq!(said(&[0.0, 2e12, 2e12, 0.0]), format!("one_way.0.1 = 2000000000000: {range}"));
    assert_eq!(said(&[0.0, 1.0, 1.0, 3.0]), "one_way.1.1 = 3: must be 0 from a site to itself");
    assert_eq!(said(&[0.0, 1.0, 2.0, 0.0]), "one_way.1.0 = 2: must be one_way.0.1 = 1, the same both ways");
    let many = Sites::new(names(sites::MOST_SITES + 1), Vec::new()).unwrap_err().to_string();
    assert_eq!(many, "sites = 4097: must be from 1 to 4096");
    let twice = Sites::new(vec!["a".into(), "a".into()], vec![0.0; 4]).unwrap_err().to_string();
    assert_eq!(twice, "names.1 = a: must be different from the names before it");
}

/// Holes and asymmetry by hand: a-b both, b-c one way, c-d both, and d-e one way; the other six pairs by paths.
#[test]
fn round_trips_with_holes_by_hand() {
    let mut round_trips = vec![None; 25];
    let known =
        [(0, 1, 10.0), (1, 0, 14.0), (1, 2, 6.0), (2, 3, 2.0), (3, 2, 1.0), (4, 3, 20.0), (2, 2, 0.3), (1, 1, 0.0)];
    known.iter().for_each(|&(i, j, ms)| round_trips[i * 5 + j] = Some(ms));
    let (sites, report) = Sites::from_round_trips(names(5), &round_trips).unwrap();
    // 6, 3, 0.75 and 10 along the chain.
    let at = [0.0, 6.0, 9.0, 9.75, 19.75];
    for i in 0..5 {
        for j in 0..5 {
            assert_abs_diff_eq!(sites.one_way(i, j), f64::abs(at[i] - at[j]), epsilon = 1e-14);
        }
    }
    assert_eq!((report.sites, report.both_directions, report.one_direction, report.by_path), (5, 2, 2, 6));
    assert_eq!(report.diagonal_ignored, 1);
    assert_eq!(report.largest_asymmetry, Some(Asymmetry { from: 0, to: 1, forward: 10.0, back: 14.0 }));
    // A measured pair stays as measured, even where a path is shorter.
    round_trips[4] = Some(1000.0);
    let (sites, report) = Sites::from_round_trips(names(5), &round_trips).unwrap();
    assert_eq!((sites.one_way(4, 0), report.by_path), (500.0, 5));
    // Without d-e nothing reaches e.
    (round_trips[4], round_trips[23]) = (None, None);
    let said = Sites::from_round_trips(names(5), &round_trips).unwrap_err().to_string();
    let wanted =
        "round_trips.0.4 = (not measured, no path from s0 to s4): must be measured, or connected by pairs that are";
    assert_eq!(said, wanted);
}

/// Floyd's algorithm, another route to all shortest paths.
#[test]
fn holes_are_filled_by_shortest_paths() {
    let n = 40;
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut round_trips = vec![None; n * n];
    for i in 0..n {
        for j in 0..n {
            if rng.random_bool(0.06) || j == i + 1 {
                round_trips[i * n + j] = Some(rng.random_range(1.0..100.0));
            }
        }
    }
    let (sites, report) = Sites::from_round_trips(names(n), &round_trips).unwrap();
    let half = |i: usize, j: usize| match (round_trips[i * n + j], round_trips[j * n + i]) {
        (Some(a), Some(b)) => Some((a + b) / 4.0),
        (a, b) => a.or(b).map(|one| one / 2.0),
    };
    let mut shortest: Vec<f64> = (0..n * n).map(|at| half(at / n, at % n).unwrap_or(f64::INFINITY)).collect();
    for via in 0..n {
        for at in 0..n * n {
            let (i, j) = (at / n, at % n);
            shortest[at] = shortest[at].min(shortest[i * n + via] + shortest[via * n + j]);
        }
    }
    let mut filled = 0;
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i) {
            let expected = half(i, j).unwrap_or(shortest[i * n + j]);
            assert_relative_eq!(sites.one_way(i, j), expected, max_relative = 1e-13);
            filled += usize::from(i < j && half(i, j).is_none());
        }
    }
    assert_eq!(report.by_path, filled);
    assert_eq!(report.both_directions + report.one_direction + filled, n * (n - 1) / 2);
}
