//! Keepers: attacks. With the right formulas all tests of this file together fail with probability 1e-6 at most (fixed
//! seeds, so that they either always or never do).

use approx::assert_relative_eq;
use num_bigint::BigUint;
use pooltree::estimate::Moments;
use pooltree::keepers::closed_form::attacks::{
    LastRevealer, Modulo, WaitingHolder, best_pieces, candidate_minima, deterring_minimum, last_revealer,
    last_revealer_gain, merge_gain, minimum_trade_off, most_pieces, power_split, split, sybil_gain, uniform_split,
};
use pooltree::keepers::closed_form::winner;
use pooltree::keepers::simulation::attacks as played;
use pooltree::keepers::{Contest, GasAuction, Keeper, Keepers, Noise, Property, Rule, Score, Task, Ties};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Standard errors that a normal deviate exceeds with probability 8e-11; fewer than 1000 comparisons, of means of 20000 or
/// more numbers, are made.
const FAR: f64 = 6.5;

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Whether a share of `n` trials agrees with a claimed probability, by its own variance.
fn agrees(hits: u64, n: u64, claimed: f64) -> bool {
    let n = n as f64;
    (hits as f64 - n * claimed).abs() <= FAR * (n * claimed * (1.0 - claimed)).sqrt() + 1e-9
}

fn staked(stakes: &[f64]) -> Keepers {
    let keeper = |(i, &stake)| Keeper { stake, ..Keeper::new(format!("k{i}")) };
    Keepers::new(stakes.iter().enumerate().map(keeper).collect()).unwrap()
}

fn least(minimum: f64) -> Task {
    Task { min_stake: Some(minimum), ..Task::default() }
}

#[test]
fn modulo_bias_by_counting_all_numbers() {
    for bits in 1..=12u32 {
        for n in (1..=40u64).chain([63, 64, 65, 1000, 4095, 4096, 4097, 5000]) {
            let modulo = Modulo::new(bits, n).unwrap();
            let mut counts = vec![0u64; n as usize];
            (0..1u64 << bits).for_each(|r| counts[(r % n) as usize] += 1);
            let all = f64::from(1u32 << bits);
            let mut off = 0.0;
            for (residue, &count) in counts.iter().enumerate() {
                let p = modulo.probability(residue as u64);
                assert!((p - count as f64 / all).abs() <= 1e-16 + 1e-15 * p, "{bits} {n} {residue}");
                off += 0.5 * (count as f64 / all - 1.0 / n as f64).abs();
            }
            assert!((modulo.total_variation() - off).abs() < 1e-13, "{bits} {n}");
            assert_eq!(modulo.probability(n), 0.0);
            let accepted = all - all % n as f64;
            assert_eq!(modulo.expected_draws().is_some(), accepted > 0.0);
            if let Some(draws) = modulo.expected_draws() {
                assert_relative_eq!(draws, all / accepted, max_relative = 1e-15);
            }
        }
    }
    assert!(Modulo::new(0, 1).is_err() && Modulo::new(257, 1).is_err() && Modulo::new(8, 0).is_err());
}

#[test]
fn modulo_bias_of_wide_numbers_is_exact() {
    // t (N - t)/(N 2^b) with 30 digits (mpmath).
    let references = [
        (256, 1_000_003, 1.140_925_647_733_556_5e-72),
        (256, 1_000_000_000_000_000_009, 2.140_542_753_259_475e-60),
        (64, (1 << 63) + 1, 1.084_202_172_485_504_4e-19),
        (65, 12_345_678_901_234_567, 7.822_344_221_191_206e-5),
    ];
    for (bits, n, variation) in references {
        assert_relative_eq!(Modulo::new(bits, n).unwrap().total_variation(), variation, max_relative = 4e-16);
    }
    for bits in [1, 31, 63, 64, 65, 127, 128, 200, 255, 256] {
        for n in [1, 2, 3, 10, 1 << 32, (1 << 32) + 15, u64::MAX - 58, u64::MAX] {
            let remainder = (BigUint::from(1u8) << bits) % n;
            assert_eq!(BigUint::from(Modulo::new(bits, n).unwrap().remainder()), remainder, "{bits} {n}");
        }
    }
}

#[test]
fn modulo_draws_agree() {
    const DRAWS: u64 = 200_000;
    for (seed, (bits, n)) in [(3, 3), (4, 7), (5, 24), (2, 5), (64, 6), (70, 3), (256, 5)].into_iter().enumerate() {
        let (modulo, source) = (Modulo::new(bits, n).unwrap(), played::Bits::new(bits, n).unwrap());
        let mut rng = rng(10 + seed as u64);
        let mut counts = vec![0; n as usize];
        (0..DRAWS).for_each(|_| counts[source.remainder(&mut rng) as usize] += 1);
        for (residue, &count) in counts.iter().enumerate() {
            assert!(agrees(count, DRAWS, modulo.probability(residue as u64)), "{bits} {n} {residue} {count}");
        }
        if bits < 6 {
            assert!((0..n).any(|i| !agrees(counts[i as usize], DRAWS, 1.0 / n as f64)), "no bias would pass");
        }
        if bits <= 64 && bits > 2 {
            let mut counts = vec![0; n as usize];
            let mut draws = Moments::new(1);
            for _ in 0..DRAWS {
                let (residue, tries) = source.rejecting(&mut rng).unwrap();
                counts[residue as usize] += 1;
                draws.add(&[tries as f64]);
            }
            assert!(counts.iter().all(|&count| agrees(count, DRAWS, 1.0 / n as f64)), "rejection has no bias");
            let seen = draws.estimate().unwrap().component(0);
            assert!((seen.mean - modulo.expected_draws().unwrap()).abs() <= FAR * seen.std_error + 1e-12);
        }
    }
    assert!(played::Bits::new(2, 5).unwrap().rejecting(&mut rng(0)).is_err());
}

#[test]
fn last_revealer_is_what_is_played() {
    const EPOCHS: u64 = 100_000;
    let mut rng = rng(20);
    for (p, q) in [(0.1, 0), (0.1, 1), (0.1, 3), (0.01, 6), (1e-3, 8), (0.5, 2)] {
        let hits = (0..EPOCHS).filter(|_| played::last_revealer(p, q, &mut rng).unwrap()).count() as u64;
        assert!(agrees(hits, EPOCHS, last_revealer(p, q).unwrap()), "{p} {q} {hits}");
        assert_relative_eq!(last_revealer_gain(p, q).unwrap() + p, last_revealer(p, q).unwrap(), max_relative = 1e-14);
        if q > 1 {
            assert!(!agrees(hits, EPOCHS, 1.0 - (1.0 - p).powi(q as i32 + 1)), "one chance a slot would pass");
        }
    }
    for (alpha, p) in [(0.25, 0.01), (0.5, 0.1), (0.6, 0.003), (0.0, 0.3)] {
        let hits = (0..EPOCHS).filter(|_| played::reveal_round(alpha, p, &mut rng).unwrap()).count() as u64;
        let exact = LastRevealer::new(alpha, p).unwrap();
        assert!(agrees(hits, EPOCHS, exact.probability), "{alpha} {p} {hits} {exact:?}");
        if alpha > 0.0 {
            assert!(!agrees(hits, EPOCHS, p), "no gain would pass");
        }
        if alpha >= 0.5 {
            let mean_slots = alpha / (1.0 - alpha);
            assert!(!agrees(hits, EPOCHS, 1.0 - (1.0 - p).powf(mean_slots.exp2())), "the mean of slots would pass");
        }
    }
}

#[test]
fn last_revealer_in_the_limits() {
    // Sums of 900 terms with 30 digits (mpmath).
    let mixtures = [(0.25, 0.01, 0.014_754_625_566_196_183), (0.9, 0.001, 0.370_031_494_693_814_16)];
    for (alpha, p, exact) in mixtures {
        let mixture = LastRevealer::new(alpha, p).unwrap();
        assert_relative_eq!(mixture.probability, exact, max_relative = 1e-14);
        assert!(mixture.truncation < 1e-18);
    }
    assert_relative_eq!(last_revealer(1e-20, 10).unwrap(), 1024e-20, max_relative = 1e-14);
    assert_relative_eq!(last_revealer_gain(1e-20, 1).unwrap(), 1e-20, max_relative = 1e-14);
    assert_eq!((last_revealer(0.0, 5000).unwrap(), last_revealer(1e-300, 5000).unwrap()), (0.0, 1.0));
    assert_eq!((last_revealer(1.0, 0).unwrap(), last_revealer_gain(0.3, 0).unwrap()), (1.0, 0.0));
    assert!(last_revealer(f64::NAN, 1).is_err() && LastRevealer::new(1.0, 0.5).is_err());
    assert!(played::last_revealer(0.5, 31, &mut rng(0)).is_err());
    let sure = LastRevealer::new(0.999_999_999, 1e-300).unwrap();
    assert!(sure.probability > 0.999_998 && sure.probability <= 1.0);
}

#[test]
fn waiting_holder_is_what_is_played() {
    const EXECUTIONS: u64 = 4000;
    const RUNS: u64 = 200;
    for (w, share) in [(0, 0.2), (1, 5.0 / 21.0), (2, 0.2 / 0.712)] {
        assert_relative_eq!(WaitingHolder::new(0.2, w).unwrap().share_of_executions(), share, max_relative = 1e-14);
    }
    for (a, w) in [(0.2, 0), (0.2, 1), (0.2, 2), (0.5, 1), (0.05, 10), (0.9, 3)] {
        let (exact, player) = (WaitingHolder::new(a, w).unwrap(), played::WaitingHolder::new(a, w).unwrap());
        let mut moments = Moments::new(3);
        for run in 0..RUNS {
            let held = player.play(EXECUTIONS, &mut rng(1000 + run));
            let [own, all, blocks, time] =
                [held.executions, held.all_executions, held.blocks, held.all_blocks].map(|n| n as f64);
            // Residuals of the two ratios, so that no bias of a ratio of means is in the way.
            moments.add(&[own / all, blocks - exact.share_of_blocks() * time, time / all]);
        }
        let estimate = moments.estimate().unwrap();
        let [own, blocks, time] = [0, 1, 2].map(|i| estimate.component(i));
        // The chain forgets its start, drawn by the share instead of the stationary law, after a few executions.
        let start = 20.0 / EXECUTIONS as f64;
        let off = |seen: f64, claimed: f64, error: f64| (seen - claimed).abs() > FAR * error + start * claimed;
        assert!(!off(own.mean, exact.share_of_executions(), own.std_error), "{a} {w} {own:?} {exact:?}");
        assert!(!off(time.mean, exact.blocks_per_execution(), time.std_error), "{a} {w} {time:?}");
        assert!(blocks.mean.abs() <= FAR * blocks.std_error + 20.0 * (w + 1) as f64, "{a} {w} {blocks:?}");
        if w > 0 && a < 0.9 {
            assert!(off(own.mean, exact.share_of_blocks(), own.std_error), "the share of blocks would pass");
            assert!(off(own.mean, a, own.std_error), "no gain would pass");
            let fewer = WaitingHolder::new(a, w - 1).unwrap();
            assert!(off(own.mean, fewer.share_of_executions(), own.std_error), "one block fewer would pass");
        }
    }
}

#[test]
fn waiting_holder_in_the_limits() {
    let of = |a, w| WaitingHolder::new(a, w).unwrap();
    for w in [0, 5, u64::MAX] {
        assert_eq!((of(0.0, w).share_of_executions(), of(0.0, w).share_of_blocks()), (0.0, 0.0));
        assert_eq!((of(1.0, w).share_of_executions(), of(1.0, w).share_of_blocks()), (1.0, 1.0));
        assert_eq!((of(0.0, w).blocks_per_execution(), of(1.0, w).blocks_per_execution()), (1.0, 1.0));
    }
    assert_relative_eq!(of(0.3, u64::MAX).share_of_executions(), 1.0);
    assert!(WaitingHolder::new(1.1, 0).is_err() && WaitingHolder::new(f64::NAN, 0).is_err());
}

/// Total probability of the pieces, by the law of the split register.
fn after(keepers: &Keepers, rule: &Rule, task: &Task, keeper: usize, pieces: u64) -> f64 {
    let split = split(keepers, keeper, pieces).unwrap();
    let contest = Contest::new(&split, rule, task).unwrap();
    let own = keeper..keeper + pieces as usize;
    contest.entrants().iter().zip(winner(&contest)).filter(|(i, _)| own.contains(i)).map(|(_, p)| p).sum()
}

/// Rules of every kind; the laws of noise, probe, race and gas auction among them.
fn rules() -> Vec<Rule> {
    let stake = || Score::from(Property::Stake);
    let noise = |noise| Rule::Noise { score: stake(), noise, temperature: 0.7 };
    let mut rules: Vec<Rule> = [0.0, 0.5, 1.0, 2.0, f64::INFINITY].map(Rule::stake_power).to_vec();
    rules.extend(Noise::ALL.map(noise));
    rules.extend(Ties::ALL.map(Rule::by_stake));
    rules.extend([
        Rule::uniform(),
        Rule::by_count(Ties::Uniform),
        Rule::Weighted { score: stake().ln() + 1.0.into(), power: 1.5 },
        Rule::Weighted { score: Score::from(Property::Ping) + 1.0.into(), power: 1.5 },
        Rule::Mixture { score: stake(), epsilon: 0.3 },
        Rule::Mixture { score: stake(), epsilon: 1.0 },
        Rule::Mixture { score: stake().powf(2.0), epsilon: 0.1 },
        Rule::Probe { agent_minimum: 2.0 },
        Rule::Flashbots { lambda: 0.5, temperature: 2.0 },
        Rule::GasAuction(GasAuction::new(1.0, 0.1, 0.2, 0.0).unwrap()),
        Rule::Race { offset: Property::Ping.into(), rate: stake() + 1.0.into() },
    ]);
    rules
}

/// The gain is the largest one that the law of the split register shows, whatever formula was used.
#[test]
fn sybil_gains_by_trying_all_splits() {
    let keeper = |(i, (stake, ping)): (usize, (f64, f64))| Keeper { stake, ping, ..Keeper::new(format!("k{i}")) };
    let properties = [(3.0, 0.0), (1.0, 1.0), (8.0, 2.0), (3.0, 0.0), (4.5, 0.5)];
    let keepers = Keepers::new(properties.into_iter().enumerate().map(keeper).collect()).unwrap();
    for rule in rules() {
        for minimum in [0.4, 1.0, 1.5, 2.0, 4.0, 5.0] {
            let task = least(minimum);
            let asked = if matches!(rule, Rule::Probe { .. }) { minimum.max(2.0) } else { minimum };
            let law = winner(&Contest::new(&keepers, &rule, &task).unwrap());
            let mut best = 0.0f64;
            let entrants = Contest::new(&keepers, &rule, &task).unwrap();
            for (&i, p) in entrants.entrants().iter().zip(law) {
                for pieces in 2..=most_pieces(keepers.all()[i].stake, asked).unwrap() {
                    best = best.max(after(&keepers, &rule, &task, i, pieces) - p);
                }
            }
            let gain = sybil_gain(&keepers, &rule, &task).unwrap().unwrap();
            assert!((gain.gain - best).abs() < 1e-13, "{rule:?} {minimum} {gain:?} {best}");
            assert!(gain.exhaustive && gain.gain == gain.after - gain.before);
            let again = after(&keepers, &rule, &task, gain.keeper, gain.pieces);
            assert!(gain.pieces == 1 || (again - gain.after).abs() < 1e-13, "{rule:?} {gain:?} {again}");
        }
        assert_eq!(
            sybil_gain(&keepers, &rule, &Task::default()).unwrap().is_some(),
            matches!(rule, Rule::Probe { .. })
        );
    }
    assert_eq!(sybil_gain(&keepers, &Rule::uniform(), &least(0.0)).unwrap(), None);
    assert_eq!(sybil_gain(&keepers, &Rule::uniform(), &least(9.0)).unwrap(), None, "nobody viable");
    assert_eq!(sybil_gain(&staked(&[]), &Rule::uniform(), &least(1.0)).unwrap(), None);
}

#[test]
fn sybil_gain_of_the_example() {
    let stakes: Vec<f64> = std::iter::once(1000.0).chain([500.0; 20]).collect();
    let keepers = staked(&stakes);
    let uniform = sybil_gain(&keepers, &Rule::uniform(), &least(100.0)).unwrap().unwrap();
    assert_relative_eq!(uniform.after, 1.0 / 3.0, max_relative = 1e-15);
    assert_relative_eq!(uniform.after, uniform_split(10, 20).unwrap());
    let proportional = after(&keepers, &Rule::stake_power(1.0), &least(100.0), 0, 10);
    assert_relative_eq!(proportional, 1.0 / 11.0, max_relative = 1e-14);
    for a in [0.0, 0.5, 1.0, 1.5, 3.0] {
        for k in [1, 2, 7, 10] {
            let exact = after(&keepers, &Rule::stake_power(a), &least(100.0), 0, k);
            let formula = power_split(a, 1000.0, k, 20.0 * 500f64.powf(a)).unwrap();
            assert_relative_eq!(exact, formula, max_relative = 1e-13);
        }
        let merged = merge_gain(&keepers, &Rule::stake_power(a), &least(100.0)).unwrap().unwrap();
        let gain = sybil_gain(&keepers, &Rule::stake_power(a), &least(100.0)).unwrap().unwrap();
        assert_eq!((gain.gain > 1e-12, merged.gain > 1e-12), (a < 1.0, a > 1.0), "{a}");
        assert_eq!(gain.pieces, best_pieces(a, 10).unwrap());
    }
    assert!(power_split(f64::MAX, 2.0, 3, 1.0).unwrap().is_finite());
    assert!(
        power_split(-1.0, 2.0, 3, 1.0).is_err() && best_pieces(f64::NAN, 2).is_err() && uniform_split(0, 0).is_err()
    );
}

#[test]
fn absurd_numbers_of_pieces_end() {
    let keepers = staked(&[1e300, 5.0, 1.0]);
    let tiny = least(5e-324);
    let uniform = sybil_gain(&keepers, &Rule::uniform(), &tiny).unwrap().unwrap();
    assert!(!uniform.exhaustive && (uniform.gain - 2.0 / 3.0).abs() < 1e-12);
    let neutral = sybil_gain(&keepers, &Rule::stake_power(1.0), &tiny).unwrap().unwrap();
    assert!(neutral.exhaustive && neutral.gain == 0.0);
    let logarithm = Rule::Weighted { score: (Score::from(Property::Stake) + 1.0.into()).ln(), power: 1.0 };
    let bound = sybil_gain(&keepers, &logarithm, &least(1e-3)).unwrap().unwrap();
    assert!(!bound.exhaustive && bound.gain > 0.0 && bound.pieces <= 4096);
    assert_eq!(most_pieces(0.3, 0.1).unwrap(), 2);
    assert_eq!(most_pieces(1e308, 1e-308).unwrap(), 1 << 53);
    assert!(most_pieces(1.0, 0.0).is_err() && most_pieces(f64::NAN, 1.0).is_err());
}

#[test]
fn pieces_have_names_of_their_own() {
    let keepers = Keepers::new(["a", "a/1", "a/2'"].map(Keeper::new).to_vec()).unwrap();
    let split = split(&keepers, 0, 2).unwrap();
    assert_eq!(split.all().iter().map(|k| k.id.as_str()).collect::<Vec<_>>(), ["a/1'", "a/2", "a/1", "a/2'"]);
    assert!(pooltree::keepers::closed_form::attacks::split(&keepers, 3, 2).is_err());
    assert!(pooltree::keepers::closed_form::attacks::split(&keepers, 0, 0).is_err());
}

/// Splitting, played: the split register against the law of the register and the formula.
#[test]
fn sybil_splits_are_what_is_played() {
    const ROUNDS: u64 = 40_000;
    let keepers = staked(&[4.0, 3.0, 2.0, 6.0]);
    for (seed, a) in [0.0, 0.5, 1.0, 2.0].into_iter().enumerate() {
        let rule = Rule::stake_power(a);
        let weight: f64 = [4.0, 3.0, 2.0f64].iter().map(|s| s.powf(a)).sum();
        for (stream, k) in [1, 3, 6].into_iter().enumerate() {
            let register = split(&keepers, 3, k).unwrap();
            let mut rng = rng(100 + 10 * seed as u64 + stream as u64);
            let members = 3..3 + k as usize;
            let wins = played::coalition_wins(&register, &rule, &least(1.0), members, ROUNDS, &mut rng).unwrap();
            let claimed = power_split(a, 6.0, k, weight).unwrap();
            assert!(agrees(wins, ROUNDS, claimed), "{a} {k} {wins} {claimed}");
            if k > 1 && a != 1.0 {
                assert!(!agrees(wins, ROUNDS, power_split(1.0, 6.0, k, 9.0).unwrap()), "neutral splits would pass");
            }
        }
    }
    let beyond = played::coalition_wins(&keepers, &Rule::uniform(), &Task::default(), 0..5, 1, &mut rng(0));
    assert!(beyond.is_err());
}

#[test]
fn minima_deter_and_exclude() {
    let keepers = staked(&[1.0, 2.0, 3.0, 4.0, 10.0]);
    let minima = candidate_minima(&keepers);
    let curve = minimum_trade_off(&keepers, &Rule::uniform(), 0, &minima).unwrap();
    assert!(curve.windows(2).all(|pair| pair[0].excluded <= pair[1].excluded));
    let deterring = deterring_minimum(&curve, 0.0).unwrap();
    assert_eq!((deterring.minimum, deterring.excluded), (5f64.next_up(), 4));
    // Just half of the largest stake does not deter: two pieces of 5 have everything anyway, but at 4 two have 2/3.
    let at = |minimum: f64| minimum_trade_off(&keepers, &Rule::uniform(), 0, &[minimum]).unwrap()[0];
    assert_relative_eq!(at(4.0).gain.unwrap().gain, 2.0 / 3.0 - 0.5, max_relative = 1e-14);
    // By stake nothing has to be deterred.
    let curve = minimum_trade_off(&keepers, &Rule::stake_power(1.0), 0, &minima).unwrap();
    let none = deterring_minimum(&curve, 0.0).unwrap();
    assert_eq!((none.minimum, none.excluded), (0.5f64.next_up(), 0));
    assert_eq!(at(11.0).gain, None);
    assert!(minimum_trade_off(&keepers, &Rule::uniform(), 0, &[0.0]).is_err());
    assert_eq!(deterring_minimum(&[], 0.0), None);
}

#[test]
fn merging_by_hand() {
    // Uniform: two of three become one of two.
    let merged = merge_gain(&staked(&[1.0, 1.0, 1.0]), &Rule::uniform(), &Task::default()).unwrap().unwrap();
    assert_relative_eq!(merged.gain, 0.5 - 2.0 / 3.0, max_relative = 1e-14);
    // The greatest stake: together they are ahead.
    let merged = merge_gain(&staked(&[2.0, 2.0, 3.0]), &Rule::by_stake(Ties::Uniform), &Task::default());
    let merged = merged.unwrap().unwrap();
    assert_eq!((merged.gain, merged.keeper, merged.other), (1.0, 0, 1));
    assert_eq!(merge_gain(&staked(&[1.0]), &Rule::uniform(), &Task::default()).unwrap(), None);
    assert!(merge_gain(&staked(&[1.0; 200]), &Rule::uniform(), &Task::default()).is_err());
}

proptest! {
    #[test]
    fn residues_are_a_law(bits in 1u32..=256, n in prop_oneof![1u64..200, Just(1), Just(256)]) {
        let modulo = Modulo::new(bits, n).unwrap();
        let all: f64 = (0..n).map(|i| modulo.probability(i)).sum();
        prop_assert!((all - 1.0).abs() < 1e-13);
        let off: f64 = (0..n).map(|i| 0.5 * (modulo.probability(i) - 1.0 / n as f64).abs()).sum();
        prop_assert!((off - modulo.total_variation()).abs() < 1e-13);
        prop_assert!(modulo.expected_draws().is_none_or(|draws| (1.0..2.0).contains(&draws)));
    }

    #[test]
    fn attacks_never_harm(p in 0.0..1.0f64, q in 0u32..40, alpha in 0.0..1.0f64, a in 0.0..1.0f64, w in 0u64..100) {
        let plain = last_revealer(p, q).unwrap();
        prop_assert!(plain >= p * (1.0 - 1e-14) && plain <= last_revealer(p, q + 1).unwrap() * (1.0 + 1e-14));
        let mixture = LastRevealer::new(alpha, p).unwrap();
        prop_assert!(mixture.gain >= 0.0 && mixture.probability >= p && mixture.probability <= 1.0);
        prop_assert!(mixture.truncation <= 1e-18);
        let holder = WaitingHolder::new(a, w).unwrap();
        let share = holder.share_of_executions();
        prop_assert!(share >= a * (1.0 - 1e-14) && share <= holder.share_of_blocks() * (1.0 + 1e-14) + 1e-300);
        prop_assert!(holder.blocks_per_execution() >= 1.0 - 1e-14 && holder.blocks_per_execution() <= 1.0 + w as f64);
    }

    #[test]
    fn as_many_pieces_as_reach_the_minimum(stake in 0.0..1e6f64, minimum in 1e-3..1e3f64) {
        let most = most_pieces(stake, minimum).unwrap();
        prop_assert!(most == 0 || stake / most as f64 >= minimum);
        prop_assert!(stake / ((most + 1) as f64) < minimum);
    }
}
