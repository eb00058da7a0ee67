//! Laws against exact numbers, definitions integrated as they stand, and limits.

use super::{contest, flashbots, mixture, noise, race};
use approx::assert_relative_eq;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use pooltree::keepers::closed_form::winner;
use pooltree::keepers::{Keeper, Keepers, Noise, Rule, Task, Ties};
use std::time::Instant;

fn law(scores: &[f64], kind: Noise) -> Vec<f64> {
    winner(&contest(scores, &noise(kind)))
}

fn close(found: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert_relative_eq!(found, wanted, max_relative = tolerance);
    }
}

/// `∫_0^1 Π min(1, f_i u/f_j) du` as it stands, in fractions: a power of `u` between any two breakpoints.
fn uniform_by_definition(scores: &[u64], i: usize) -> BigRational {
    let whole = |n: u64| BigRational::from(BigInt::from(n));
    let ratio = |a: u64, b: u64| whole(a) / whole(b);
    let mut ends: Vec<BigRational> = scores.iter().map(|&f| ratio(f, scores[i]).min(whole(1))).collect();
    ends.push(whole(0));
    ends.sort();
    let mut sum = whole(0);
    for piece in ends.windows(2) {
        let above = scores.iter().enumerate().filter(|&(j, &f)| j != i && ratio(f, scores[i]) >= piece[1]);
        let (mut power, mut factor) = (1, whole(1));
        for (_, &f) in above {
            factor *= ratio(scores[i], f);
            power += 1;
        }
        sum += factor * (piece[1].pow(power) - piece[0].pow(power)) / whole(power as u64);
    }
    sum
}

/// `Σ_S (-1)^|S| r_i/(r_i + Σ_S r_j)`, `r = 1/f`, over all sets of others.
fn exponential_by_inclusion_exclusion(scores: &[f64], i: usize) -> f64 {
    let others: Vec<f64> = scores.iter().enumerate().filter(|&(j, _)| j != i).map(|(_, f)| f.recip()).collect();
    let own = scores[i].recip();
    let term = |set: u32| {
        let taken = others.iter().enumerate().filter(|(j, _)| set >> j & 1 == 1).map(|(_, r)| r);
        let sign = if set.count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * own / (own + taken.sum::<f64>())
    };
    (0..1 << others.len()).map(term).sum()
}

/// Composite Simpson's rule.
fn simpson(lo: f64, hi: f64, f: impl Fn(f64) -> f64) -> f64 {
    const STEPS: i32 = 20_000;
    let h = (hi - lo) / f64::from(STEPS);
    let weight = |k: i32| if k == 0 || k == STEPS { 1.0 } else { f64::from(2 + 2 * (k % 2)) };
    (0..=STEPS).map(|k| weight(k) * f(lo + h * f64::from(k))).sum::<f64>() * h / 3.0
}

#[test]
fn known_values_of_uniform_noise() {
    close(&law(&[1.0, 2.0], Noise::Uniform), &[0.25, 0.75], 1e-15);
    close(&law(&[1.0, 2.0, 3.0], Noise::Uniform), &[1.0 / 18.0, 11.0 / 36.0, 23.0 / 36.0], 1e-15);
    close(&law(&[3.0, 0.0, 1.0, 2.0], Noise::Uniform), &[23.0 / 36.0, 0.0, 1.0 / 18.0, 11.0 / 36.0], 1e-15);
}

#[test]
fn uniform_noise_in_fractions() {
    let fields: [&[u64]; 5] =
        [&[1, 2, 3, 4, 5], &[7, 7, 7], &[1, 1000, 999, 1000, 998], &[5, 5, 1, 9, 9, 9, 2], &[1, 1_000_000]];
    for scores in fields {
        let exact: Vec<f64> = (0..scores.len()).map(|i| uniform_by_definition(scores, i).to_f64().unwrap()).collect();
        let scores: Vec<f64> = scores.iter().map(|&f| f as f64).collect();
        close(&law(&scores, Noise::Uniform), &exact, 1e-14);
    }
}

#[test]
fn exponential_noise_by_inclusion_exclusion() {
    let fields: [&[f64]; 5] =
        [&[1.0, 2.0], &[1.0, 2.0, 3.0], &[4.0, 4.0, 4.0, 4.0], &[1.0, 3.0, 2.5, 2.4, 0.9, 1.7], &[1.0, 1e-3, 1e-6]];
    for scores in fields {
        let exact: Vec<f64> = (0..scores.len()).map(|i| exponential_by_inclusion_exclusion(scores, i)).collect();
        close(&law(scores, Noise::Exponential), &exact, if scores.len() == 3 { 1e-9 } else { 1e-12 });
    }
}

/// One score `f` against `n - 1` scores `g`: `∫ e^(-t) (1 - e^(-tf/g))^(n-1) dt = (g/f) B(g/f, n) = Π_{k<n} k/(k + g/f)`.
#[test]
fn exponential_noise_in_the_far_tail() {
    for (n, ratio) in
        [(2, 7.0), (40, 100.0), (21, 1e8), (1000, 20.0), (300, 500.0), (35, 1e9), (1000, 0.01), (3, 1e150)]
    {
        let exact: f64 = (1..n).map(|k| f64::from(k) / (f64::from(k) + ratio)).product();
        let mut scores = vec![ratio; n as usize];
        scores[0] = 1.0;
        let law = law(&scores, Noise::Exponential);
        assert!(exact > 1e-302);
        assert_relative_eq!(law[0], exact, max_relative = 1e-12);
        assert_relative_eq!(law[1], (1.0 - exact) / f64::from(n - 1), max_relative = 1e-12);
    }
}

/// Inclusion-exclusion in fractions (Python): the alternating sum loses nothing there.
#[test]
fn exponential_noise_in_fractions() {
    let cases: [(&[f64], &[f64]); 4] = [
        (
            &[1.0, 2.0, 5.0, 100.0],
            &[0.002_038_899_200_104_669, 0.009_059_961_685_562_955, 0.042_905_486_777_556_796, 0.945_995_652_336_775_6],
        ),
        (&[1.0, 1e5, 1e10], &[1.999_970_000_100_001e-15, 9.999_900_000_000_01e-6, 0.999_990_000_099_998]),
        (
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0],
            &[
                3.934_625_951_705_627e-5,
                1.387_956_483_503_596e-3,
                6.956_036_172_445_231e-3,
                0.018_065_510_789_357_46,
                0.034_362_105_762_239_23,
                0.054_866_857_003_684_91,
                0.078_543_357_154_242_9,
                0.104_496_343_167_949_42,
                0.132_011_238_560_123_95,
                0.160_538_148_649_140_82,
                0.189_661_698_793_811_64,
                0.219_071_401_203_983_8,
            ],
        ),
        (
            &[3.0, 1e4, 1e4, 2e4, 9e6, 1e7],
            &[
                1.616_357_281_720_921e-22,
                1.422_857_770_279_853_4e-6,
                1.422_857_770_279_853_4e-6,
                8.246_841_427_398_425e-6,
                0.473_678_664_820_217_14,
                0.526_310_242_622_814_9,
            ],
        ),
    ];
    for (scores, exact) in cases {
        close(&law(scores, Noise::Exponential), exact, 1e-13);
    }
}

/// One score against `n - 1` scores `g` times as large: it has to reach them all, `p = g^(1-n)/n`.
#[test]
fn uniform_noise_in_the_far_tail() {
    for (n, ratio) in [(2, 7.0), (5, 1e60), (100, 1e3), (1000, 2.0), (1000, 1.0 + 1e-6)] {
        let mut scores = vec![ratio; n as usize];
        scores[0] = 1.0;
        let exact = 1.0 / f64::powi(ratio, n - 1) / f64::from(n);
        assert!(exact > 1e-304);
        assert_relative_eq!(law(&scores, Noise::Uniform)[0], exact, max_relative = 1e-12);
    }
}

#[test]
fn two_entrants() {
    for (a, b) in [(1.0, 1.0), (1.0, 1e-10), (1e300, 1e-5), (7e-300, 3e-300), (5e-324, 5e-324), (1e308, 1e308)] {
        let p = b / a / (1.0 + b / a);
        close(&law(&[a, b], Noise::Exponential), &[1.0 - p, p], 1e-12);
        close(&law(&[a, b], Noise::Frechet), &[1.0 - p, p], 1e-12);
        close(&law(&[a, b], Noise::Gumbel), &[1.0 - p, p], 1e-12);
        close(&law(&[a, b], Noise::Uniform), &[1.0 - 0.5 * (b / a), 0.5 * (b / a)], 1e-12);
    }
}

#[test]
fn a_thousand_entrants() {
    let fields: [Vec<f64>; 6] = [
        vec![1.0; 1000],
        (1..=1000).map(f64::from).collect(),
        (0..1000).map(|i| 10f64.powf(0.6 * f64::from(i) - 300.0)).collect(),
        (0..1000).map(|i| 1.0 + 1e-13 * f64::from(i)).collect(),
        (0..1000).map(|i| if i % 2 == 0 { 1e-300 } else { 1e300 }).collect(),
        (0..1000).map(|i| 1.0 + f64::from(i % 7)).collect(),
    ];
    for scores in &fields {
        for kind in Noise::ALL {
            let start = Instant::now();
            let law = law(scores, kind);
            let took = start.elapsed();
            assert_relative_eq!(law.iter().sum::<f64>(), 1.0, max_relative = 2e-13);
            assert!(law.iter().all(|p| (0.0..=1.0).contains(p)));
            let sorted = scores.windows(2).zip(law.windows(2)).all(|(f, p)| f[0] > f[1] || p[0] <= p[1]);
            assert!(sorted, "{kind:?}");
            println!("{kind:?} {:.4} {took:?}", scores[1]);
            // Far above what it takes, for a busy machine.
            assert!(took.as_secs_f64() < 1.0, "{kind:?} {took:?}");
        }
    }
    close(&law(&fields[0], Noise::Exponential), &[1e-3; 1000], 1e-12);
    close(&law(&fields[0], Noise::Uniform), &[1e-3; 1000], 1e-12);
}

#[test]
fn race_by_definition() {
    let fields: [(&[f64], &[f64]); 5] = [
        (&[0.0, 0.0], &[1.0, 3.0]),
        (&[0.0, 1.0, 0.3], &[0.5, 2.0, 1.0]),
        (&[-5.0, -5.0, -4.5, -4.5], &[0.1, 0.2, 3.0, 0.4]),
        (&[1.0, 2.0, 3.0, 4.0, 2.5], &[0.1, 5.0, 1.0, 1e-3, 0.7]),
        (&[0.0, 30.0], &[1.0, 1.0]),
    ];
    for (offsets, rates) in fields {
        let found = winner(&race(offsets, rates));
        let mut knots = offsets.to_vec();
        knots.sort_by(f64::total_cmp);
        knots.push(knots.iter().fold(f64::MIN, |a, b| a.max(*b)) + 80.0);
        for (i, &p) in found.iter().enumerate() {
            let density = |t: f64| {
                let hazard = |(o, r): (&f64, &f64)| r * (t - o).max(0.0);
                rates[i] * (-offsets.iter().zip(rates).map(hazard).sum::<f64>()).exp()
            };
            let started = |piece: &&[f64]| piece[0] >= offsets[i] && piece[1] > piece[0];
            let exact: f64 = knots.windows(2).filter(started).map(|piece| simpson(piece[0], piece[1], density)).sum();
            assert_relative_eq!(p, exact, max_relative = 1e-7, epsilon = 1e-12);
        }
        assert_relative_eq!(found.iter().sum::<f64>(), 1.0, max_relative = 1e-14);
    }
}

#[test]
fn race_far_out() {
    // The later one needs the first to be late by 600 mean times: e^-600/2.
    let late = winner(&race(&[1e6, 1e6 + 600.0], &[1.0, 1.0]));
    assert_relative_eq!(late[1], (-600f64).exp() / 2.0, max_relative = 1e-13);
    assert_eq!(winner(&race(&[0.0, 1e300, 1e308], &[1.0, 1e300, 1e308])), [1.0, 0.0, 0.0]);
    // Differences that vanish beside the offsets' own size count as they are.
    let near = winner(&race(&[1e15, 1e15 + 1.0], &[1e-3, 1e-3]));
    assert_relative_eq!(near[1], 0.5 * (-1e-3f64).exp(), max_relative = 1e-14);
    for scale in [1e-307, 1e-300, 1e-20, 1e20, 1e300, 8e307] {
        let rates = [scale, 2.0 * scale];
        close(&winner(&race(&[0.0, 0.0], &rates)), &[1.0 / 3.0, 2.0 / 3.0], 1e-15);
        // One mean time of the first between the two.
        let expected = [1.0 - (-1f64).exp() * 2.0 / 3.0, (-1f64).exp() * 2.0 / 3.0];
        close(&winner(&race(&[0.0, scale.recip()], &rates)), &expected, 1e-14);
    }
    assert_eq!(winner(&race(&[0.0, 1.0], &[f64::MAX, f64::MAX])), [1.0, 0.0]);
    assert_eq!(winner(&race(&[-1e308, 1e308], &[1e-200, 1.0])), [1.0, 0.0]);
    close(&winner(&race(&[0.0, 0.0], &[5e-324, f64::MAX])), &[0.0, 1.0], 1e-15);
    let n = 5000;
    let offsets: Vec<f64> = (0..n).map(|i| f64::from(i * 7919 % n) * 1e-3).collect();
    let law = winner(&race(&offsets, &vec![1.0; n as usize]));
    assert_relative_eq!(law.iter().sum::<f64>(), 1.0, max_relative = 1e-13);
    // Nobody ahead of the offset 0: the survival function of the sum of hazards.
    assert!(law.iter().zip(&offsets).all(|(p, o)| *p <= law[0] && (*o > 0.0 || *p == law[0])));
}

#[test]
fn softmax_at_any_temperature() {
    let law = |temperature| winner(&flashbots(&[1e300, 1e300, 5.0], &[0.0, 0.0, 1e200], temperature));
    assert_eq!(law(1e-300), [0.5, 0.5, 0.0]);
    assert_eq!(law(1.0), [0.5, 0.5, 0.0]);
    assert_relative_eq!(law(1e300)[2], (-1f64).exp() / (2.0 + (-1f64).exp()), max_relative = 1e-14);
    let small = winner(&flashbots(&[1e-300, 2e-300], &[0.0, 0.0], 1e-300));
    assert_relative_eq!(small[1] / small[0], std::f64::consts::E, max_relative = 1e-14);
}

#[test]
fn powers_lead_from_everybody_alike_to_the_greatest() {
    let stakes = [1.0, 2.0, 2.0, 0.5];
    assert_eq!(winner(&contest(&stakes, &Rule::stake_power(0.0))), [0.25; 4]);
    for power in [1e4, 1e300, f64::INFINITY] {
        assert_eq!(winner(&contest(&stakes, &Rule::stake_power(power))), [0.0, 0.5, 0.5, 0.0]);
    }
    // Without the greatest the next, however small its weight was beside them.
    let rest = contest(&stakes, &Rule::stake_power(1e300)).without(1).without(1);
    assert_eq!(winner(&rest), [1.0, 0.0]);
    close(
        &winner(&contest(&stakes, &mixture(0.2))),
        &[0.8 / 5.5 + 0.05, 1.6 / 5.5 + 0.05, 1.6 / 5.5 + 0.05, 0.4 / 5.5 + 0.05],
        1e-15,
    );
    // A score of 0 to the power 0 counts like any other; weights that are all 0 after an exclusion select nobody.
    assert_eq!(winner(&contest(&[0.0, 3.0], &Rule::stake_power(0.0))), [0.5, 0.5]);
    assert_eq!(winner(&contest(&[0.0, 3.0, 0.0], &Rule::stake_power(0.5)).without(1)), [0.0, 0.0]);
    for kind in Noise::ALL {
        assert_eq!(winner(&contest(&[0.0, 3.0, 0.0], &noise(kind)).without(1)), [0.0, 0.0], "{kind:?}");
    }
    assert_eq!(winner(&contest(&[0.0, 3.0, 0.0], &mixture(0.1)).without(1)), [0.5, 0.5]);
}

#[test]
fn ties_are_broken_by_their_policy() {
    let keeper = |id: &str, succeeded| Keeper { stake: 5.0, picked: 9, succeeded, ..Keeper::new(id) };
    let poor = Keeper { stake: 1.0, ..Keeper::new("poor") };
    let keepers = Keepers::new(vec![poor, keeper("a", 3), keeper("b", 1), keeper("c", 1)]).unwrap();
    let law = |ties, job| {
        let task = Task { job, ..Task::default() };
        winner(&pooltree::keepers::Contest::new(&keepers, &Rule::by_stake(ties), &task).unwrap())
    };
    let third = 1.0 / 3.0;
    assert_eq!(law(Ties::Uniform, 0), [0.0, third, third, third]);
    assert_eq!(law(Ties::FileOrder, 0), [0.0, 1.0, 0.0, 0.0]);
    assert_eq!(law(Ties::LeastExecuted, 0), [0.0, 0.0, 1.0, 0.0]);
    // The hash depends on the job: over 3000 of them everybody tied is first alike, within 6 standard deviations.
    let mut firsts = [0.0; 4];
    for job in 0..3000 {
        law(Ties::Hash, job).iter().zip(&mut firsts).for_each(|(p, first)| *first += p);
    }
    assert!(firsts[0] == 0.0 && firsts[1..].iter().all(|first| (first - 1000.0).abs() < 155.0), "{firsts:?}");
}

#[test]
fn nobody_enters() {
    for rule in super::monotone().iter().chain([&Rule::uniform(), &Rule::Probe { agent_minimum: 1.0 }]) {
        let contest = contest(&[], rule);
        assert!(winner(&contest).is_empty());
        assert_eq!(pooltree::keepers::closed_form::score_elasticity(&contest).unwrap_or_default(), [0.0; 0]);
    }
    assert!(winner(&race(&[], &[])).is_empty());
}
