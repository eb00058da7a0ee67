//! The shipped data set of real places.

use pooltree::network::Sites;
use pooltree::network::sites::{Fibre, divide, division_quality, pool_latencies};
use pooltree::pool_tree::Pools;
use pooltree::pool_tree::RingStatistic;
use std::path::PathBuf;

fn places() -> Sites {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/places.csv");
    let (sites, report) = Sites::places_from_file(path, &Fibre::default()).unwrap();
    assert_eq!(report.ignored_columns, ["country", "kind"]);
    assert_eq!(report.pairs_at_one_place, 0);
    sites
}

#[test]
fn the_places_span_the_world() {
    let sites = places();
    assert!(sites.len() >= 64, "{}", sites.len());
    let at = |name: &str| sites.names().iter().position(|other| other == name).unwrap();
    // About 5570 km from New York to London, 16 990 km from London to Sydney, at 200 km/ms.
    let near = |from: &str, to: &str, ms: f64| {
        let found = sites.one_way(at(from), at(to));
        assert!((found / ms - 1.0).abs() < 0.01, "{from} to {to}: {found} ms");
    };
    near("New York", "London", 5572.0 / 199.86);
    near("London", "Sydney", 16_990.0 / 199.86);
    near("Frankfurt", "Amsterdam", 365.0 / 199.86);
}

/// Continents, countries, cities: pools of a good division are far more compact than random ones, and larger ones slower.
#[test]
fn pools_of_places_are_compact() {
    let sites = places();
    let pools: Pools = divide(&sites, &[4, 4, 4]).unwrap();
    assert_eq!(pools.operators(), sites.len());
    let quality = division_quality(&sites, &pools, 50, 1).unwrap();
    for height in &quality[..2] {
        assert!(height.mean_diameter < 0.6 * height.random_mean.mean, "{height:?}");
    }
    let latencies = pool_latencies(&sites, &pools, RingStatistic::MeanFarthest).unwrap();
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let by_height: Vec<f64> = latencies.iter().map(|of| mean(of)).collect();
    assert!(by_height.windows(2).all(|pair| pair[0] < pair[1]), "{by_height:?}");
    // Around the globe: half of 40 000 km at 200 km/ms at most.
    assert!((70.0..=100.2).contains(&by_height[by_height.len() - 1]), "{by_height:?}");
}
