//! Simulation against the laws. With the right laws all tests of this file together fail with probability 1e-6 at most (fixed
//! seeds, so that they either always or never do).

use super::{contest, flashbots, mixture, noise, race, ring};
use pooltree::keepers::closed_form::winner;
use pooltree::keepers::simulation::{Selector, select};
use pooltree::keepers::{Contest, Noise, Rule, Ties};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use statrs::function::gamma::gamma_ur;

/// False-alarm rate of the file, and the number of comparisons in it at most (Bonferroni).
const BUDGET: f64 = 1e-6;
const COMPARISONS: f64 = 200.0;

const DRAWS: u64 = 60_000;

/// Cells with fewer expected draws are counted together.
const LEAST_EXPECTED: f64 = 20.0;

fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// How often each entrant was selected, and last how often nobody was.
fn counts(n: usize, mut draw: impl FnMut() -> Option<usize>) -> Vec<u64> {
    let mut counts = vec![0; n + 1];
    (0..DRAWS).for_each(|_| counts[draw().unwrap_or(n)] += 1);
    counts
}

/// Pearson's statistic of the counts; whoever cannot be selected must not have been.
fn accepts(law: &[f64], counts: &[u64]) -> bool {
    let nobody = 1.0 - law.iter().sum::<f64>();
    let (mut statistic, mut cells, mut rare) = (0.0, 0, (0.0, 0.0));
    let mut cell = |expected: f64, seen: f64| {
        statistic += (seen - expected).powi(2) / expected;
        cells += 1;
    };
    for (p, &seen) in law.iter().chain([&if nobody > 1e-12 { nobody } else { 0.0 }]).zip(counts) {
        let (expected, seen) = (p * DRAWS as f64, seen as f64);
        if expected < 1e-10 && seen > 0.0 {
            return false;
        } else if expected < LEAST_EXPECTED {
            rare = (rare.0 + expected, rare.1 + seen);
        } else {
            cell(expected, seen);
        }
    }
    if rare.0 >= LEAST_EXPECTED {
        cell(rare.0, rare.1);
    } else if rare.1 > 10.0 * (rare.0 + 6.0) {
        return false; // far beyond any Poisson count of that mean: below 1e-25
    }
    cells < 2 || gamma_ur(0.5 * f64::from(cells - 1), 0.5 * statistic) > BUDGET / COMPARISONS
}

fn drawn(contest: &Contest, seed: u64) -> [Vec<u64>; 2] {
    let (mut rng, mut other) = (stream(seed, 1), stream(seed, 2));
    let mut selector = Selector::new(contest);
    [counts(contest.len(), || select(contest, &mut rng)), counts(contest.len(), || selector.draw(&mut other))]
}

#[test]
fn every_mechanism_follows_its_law() {
    let stakes = [3.0, 1.0, 0.0, 5.0, 5.0, 0.2];
    let wide = [1e300, 0.4e300, 1e-300, 0.0, 0.7e300];
    let many: Vec<f64> = (1..=40).map(f64::from).collect();
    let mut contests = Vec::new();
    for kind in Noise::ALL {
        contests
            .extend([&stakes[..], &wide, &[1.0, 1.0, 1.0], &many, &[2e-310, 1e-310]].map(|s| contest(s, &noise(kind))));
    }
    for power in [0.0, 0.5, 1.0, 2.0, 1e3, 1e300, f64::INFINITY] {
        contests.extend([&stakes[..], &wide].map(|s| contest(s, &Rule::stake_power(power))));
    }
    contests.extend([0.0, 0.3, 1.0].map(|epsilon| contest(&stakes, &mixture(epsilon))));
    contests.push(contest(&[0.0, 1.0, 0.0], &mixture(0.2)).without(1));
    contests.extend(Ties::ALL.map(|ties| contest(&stakes, &Rule::by_stake(ties))));
    contests.push(contest(&stakes, &Rule::uniform()));
    contests.push(race(&[0.0, 1.0, 0.3, 0.3, 9.0], &[0.5, 2.0, 1.0, 0.2, 5.0]));
    contests.push(race(&[-1e6, 1e6, 1e6], &[1e-6, 1.0, 1.0]));
    contests.push(race(&[0.0, 0.0, 1e-300], &[1e300, 3e300, 1e300]));
    contests.push(race(&[0.0, 1e250, 1e250], &[1e-300, 1e-250, 1e-250]));
    contests.extend([0.1, 1.0, 1e3].map(|tau| flashbots(&[3.0, 2.0, 4.0, 4.0], &[0.5, 0.0, 2.0, 1.5], tau)));
    contests.push(flashbots(&[1e300, 1e300, 2.0], &[0.0, 0.0, 0.0], 1.0));
    contests.push(ring(&[0.0, 9.0, 0.0, 0.0, 9.0, 9.0], 5.0, 0.0, 55));
    contests.push(ring(&[4.0, 3.0, 4.0, 1.0, 1.0], 5.0, 2.0, 55));
    contests.push(ring(&[4.0, 3.0], 5.0, 4.0, 0));
    assert!(2.0 * (contests.len() as f64) < COMPARISONS - 20.0);
    for (seed, contest) in contests.iter().enumerate() {
        let law = winner(contest);
        for seen in drawn(contest, seed as u64) {
            assert!(accepts(&law, &seen), "{:?}\n{law:?}\n{seen:?}", contest.mechanism());
        }
    }
}

#[test]
fn wrong_laws_are_rejected() {
    let stakes = [3.0, 1.0, 2.0, 5.0];
    let proportional = winner(&contest(&stakes, &Rule::stake_power(1.0)));
    let rejects = |what: &str, claimed: &[f64], contest: &Contest, seed: u64| {
        for seen in drawn(contest, seed) {
            assert!(accepts(&winner(contest), &seen), "the right law passes");
            assert!(!accepts(claimed, &seen), "{what} passes");
        }
    };
    rejects("uniform noise taken as proportional", &proportional, &contest(&stakes, &noise(Noise::Uniform)), 1001);
    rejects(
        "exponential noise taken as proportional",
        &proportional,
        &contest(&stakes, &noise(Noise::Exponential)),
        1002,
    );
    let exponential = winner(&contest(&stakes, &noise(Noise::Exponential)));
    rejects("uniform noise taken as exponential", &exponential, &contest(&stakes, &noise(Noise::Uniform)), 1003);
    rejects("Fréchet noise taken as exponential", &exponential, &contest(&stakes, &noise(Noise::Frechet)), 1004);
    let gapped = ring(&[9.0, 9.0, 0.0, 0.0, 9.0], 5.0, 0.0, 0);
    rejects("the probe taken as uniform", &[1.0 / 3.0, 1.0 / 3.0, 0.0, 0.0, 1.0 / 3.0], &gapped, 1005);
    rejects("the gap counted behind", &[0.2, 0.6, 0.0, 0.0, 0.2], &gapped, 1006);
    rejects("somebody where nobody is", &[1.0, 0.0], &ring(&[4.0, 3.0], 5.0, 4.0, 0), 1007);
    let late = race(&[0.0, 0.5], &[1.0, 2.0]);
    rejects("offsets ignored", &[1.0 / 3.0, 2.0 / 3.0], &late, 1008);
    rejects("arrivals at the offsets", &[1.0, 0.0], &late, 1009);
    let nearly = winner(&contest(&stakes, &mixture(0.3)));
    rejects("another mixture", &nearly, &contest(&stakes, &mixture(0.5)), 1010);
    rejects("another power", &proportional, &contest(&stakes, &Rule::stake_power(1.1)), 1011);
    rejects(
        "another temperature",
        &winner(&flashbots(&[3.0, 2.0, 1.0], &[0.0; 3], 1.0)),
        &flashbots(&[3.0, 2.0, 1.0], &[0.0; 3], 1.1),
        1012,
    );
    rejects("ties in file order", &[0.0, 1.0, 0.0], &contest(&[1.0, 2.0, 2.0], &Rule::by_stake(Ties::Uniform)), 1013);
}

#[test]
fn same_seed_same_draws() {
    let contest = contest(&[1.0, 2.0, 3.0], &noise(Noise::Uniform));
    assert_eq!(drawn(&contest, 3), drawn(&contest, 3));
    assert_ne!(drawn(&contest, 3), drawn(&contest, 4));
}

#[test]
fn nobody_can_be_selected() {
    let mut rng = stream(0, 0);
    let empty = [
        contest(&[], &Rule::uniform()),
        race(&[], &[]),
        contest(&[], &Rule::by_stake(Ties::Hash)),
        ring(&[], 0.0, 0.0, 1),
    ];
    let weightless = Noise::ALL.map(|kind| contest(&[0.0, 1.0, 0.0], &noise(kind)).without(1));
    let all = empty.into_iter().chain(weightless).chain([contest(&[0.0, 1.0], &Rule::stake_power(2.0)).without(1)]);
    for contest in all {
        assert_eq!(select(&contest, &mut rng), None, "{:?}", contest.mechanism());
        assert_eq!(Selector::new(&contest).draw(&mut rng), None, "{:?}", contest.mechanism());
    }
}
