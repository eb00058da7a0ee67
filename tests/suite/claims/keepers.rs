//! The claims of *Keeper selection*.

use pooltree::claims::{self, Claim, Document, Verdict};
use std::collections::HashSet;

const SIZES: [u32; 3] = [2, 5, 50];

/// Name, fixed cost of a revert, share of the bid, least bid.
const REVERTS: [(&str, f64, f64, f64); 5] = [
    ("a revert costs .1", 0.1, 0.0, 0.0),
    ("a revert costs .01", 0.01, 0.0, 0.0),
    ("a revert costs .3 of a bid of at least .1", 0.0, 0.3, 0.1),
    ("a revert costs .3 of the bid", 0.0, 0.3, 0.0),
    ("a revert costs the bid", 0.0, 1.0, 0.0),
];

fn claim(number: u32) -> Claim {
    let all = claims::all().unwrap().into_iter();
    all.filter(|claim| claim.document == Document::Keepers).find(|claim| claim.claim == number).unwrap()
}

#[track_caller]
fn get(claim: &Claim, name: &str) -> f64 {
    claim.figures.get(name).unwrap_or_else(|| panic!("no figure {name}: {:?}", claim.figures))
}

#[track_caller]
fn figure(claim: &Claim, name: &str, expected: f64) {
    let found = get(claim, name);
    assert!((found - expected).abs() <= 1e-12, "{name}: {found} is not {expected}");
}

#[test]
fn verdicts() {
    let rows = claims::all().unwrap().into_iter().filter(|claim| claim.document == Document::Keepers);
    let found: Vec<(u32, &str)> = rows.map(|claim| (claim.claim, claim.verdict.name())).collect();
    let expected = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(|n| (n, if n == 3 { "holds" } else { "holds if" }));
    assert_eq!(found, expected);
}

/// An object of JSON has one value for a name.
#[test]
fn no_figure_is_named_twice() {
    for claim in claims::all().unwrap() {
        let mut seen = HashSet::new();
        claim.figures.iter().for_each(|(name, value)| {
            assert!(value.is_finite(), "{name}");
            assert!(seen.insert(name.to_owned()), "{:?} {}: {name}", claim.document, claim.claim);
        });
    }
}

/// A bid just above the least one wins where the one rival who matters stays out: `A (1 - r) = (1 - A)(c + αr)`.
fn left(fixed: f64, share: f64, reserve: f64, n: u32) -> f64 {
    let loss = fixed + share * reserve;
    (loss / (1.0 - reserve + loss)).powf(f64::from(n) / f64::from(n - 1))
}

/// `∫ H^n - q^n` by the midpoint rule.
fn lost(fixed: f64, share: f64, reserve: f64, n: u32) -> f64 {
    const STEPS: u32 = 200_000;
    let power = f64::from(n) / f64::from(n - 1);
    let width = (1.0 - reserve) / f64::from(STEPS);
    let at = |i: u32| {
        let bid = reserve + (f64::from(i) + 0.5) * width;
        let loss = fixed + share * bid;
        (loss / (1.0 - bid + loss)).powf(power) - left(fixed, share, reserve, n)
    };
    (0..STEPS).map(at).sum::<f64>() * width
}

#[test]
fn tasks_left_and_losses() {
    let [one, two, three] = [1, 2, 3].map(claim);
    for (name, fixed, share, reserve) in REVERTS {
        for n in SIZES {
            let unserved = left(fixed, share, reserve, n);
            let of = |what: &str| format!("{what}, {name}, {n} keepers");
            figure(&one, &of("unserved"), unserved);
            let loss = lost(fixed, share, reserve, n);
            // The midpoint rule is not as good near a bid of 0 with many keepers.
            assert!((get(&two, &of("losers' loss")) - loss).abs() < 1e-8, "{name} {n}");
            figure(&two, &of("losers' share of all payments"), get(&two, &of("losers' loss")) / (1.0 - unserved));
            figure(&three, &of("payments to the miner"), 1.0 - unserved);
            figure(&three, &of("payments to the miner with Flashbots"), 1.0);
            figure(&three, &of("losers' loss with Flashbots"), 0.0);
            figure(&three, &of("value of revert protection"), unserved);
        }
    }
    SIZES.iter().for_each(|n| figure(&one, &format!("unserved, Flashbots, {n} keepers"), 0.0));
    // By hand: all pay, and ∫ (.1/(1.1 - b))² - 1/121.
    figure(&two, "losers' loss, a revert costs the bid, 5 keepers", 4.0 / 9.0);
    figure(&two, "losers' loss, a revert costs .1, 2 keepers", 10.0 / 121.0);
    figure(&two, "largest expected profit of a keeper", 0.0);
    figure(&three, "largest expected profit of a keeper at common value", 0.0);
    assert!(get(&one, "most that a bid earns where one of two keepers never stays out").abs() < 1e-12);
    // Two of the verdicts rest on losses on either side of a tenth.
    let losses = SIZES.map(|n| get(&two, &format!("losers' loss, a revert costs .1, {n} keepers")));
    assert!(losses[0] < 0.1 && losses[1] > 0.1, "{losses:?}");
    // Wrong formulas: one keeper stays out instead of all, a bid's share of the loss forgotten, the reserve forgotten.
    let found = get(&one, "unserved, a revert costs .3 of a bid of at least .1, 5 keepers");
    let wrong = [left(0.0, 0.3, 0.1, 5).powf(0.2), left(0.0, 0.0, 0.1, 5), left(0.0, 0.3, 0.0, 5)];
    wrong.iter().for_each(|wrong| assert!((found - wrong).abs() > 1e-3, "{wrong}"));
}

/// Five keepers, uniform values: profit `∫_t^1 x⁴ (1 - x)`, `t⁵ = (1 - t⁴)/10` where a revert costs .1.
#[test]
fn who_gains_with_private_values() {
    let (mut low, mut high): (f64, f64) = (0.0, 1.0);
    for _ in 0..100 {
        let t = 0.5 * (low + high);
        if t.powi(5) < 0.1 * (1.0 - t.powi(4)) { low = t } else { high = t }
    }
    let three = claim(3);
    let above = 1.0 / 30.0 - low.powi(5) / 5.0 + low.powi(6) / 6.0;
    figure(&three, "profit of a keeper, private values, a revert costs .1, 5 keepers", above);
    figure(&three, "profit of a keeper with Flashbots, private values, 5 keepers", 1.0 / 30.0);
}

fn softmax(spread: f64) -> Vec<f64> {
    let weights: Vec<f64> = (0..8).map(|i| (spread * f64::from(i) / 7.0).exp()).collect();
    let all: f64 = weights.iter().sum();
    weights.iter().map(|w| w / all).collect()
}

/// Keepers left of eight equal ones: the law of the number of different ones in ten draws, ten times.
fn equal_keepers_left() -> f64 {
    let mut law = [0.0; 9];
    law[8] = 1.0;
    for _ in 0..10 {
        let mut next = [0.0; 9];
        for (keepers, &chance) in law.iter().enumerate().skip(1) {
            // One draw after the other: the next one is new, or not.
            let mut seen = [0.0; 9];
            seen[0] = 1.0;
            for _ in 0..10 {
                for k in (0..=keepers).rev() {
                    let old = k as f64 / keepers as f64;
                    seen[k] *= old;
                    if k > 0 {
                        seen[k] += seen[k - 1] * (1.0 - (k - 1) as f64 / keepers as f64);
                    }
                }
            }
            next.iter_mut().zip(seen).for_each(|(next, p)| *next += chance * p);
        }
        law = next;
    }
    law.iter().enumerate().map(|(k, p)| k as f64 * p).sum()
}

#[test]
fn the_shrinking_pool() {
    let four = claim(4);
    for rounds in [2, 10, 100, 1000] {
        let pool = |p: &[f64]| p.iter().map(|p| 1.0 - (1.0 - p).powi(rounds)).sum::<f64>();
        let name = |mix: &str| format!("keepers with work in {rounds} tasks, {mix}");
        figure(&four, &name("uniform"), pool(&[0.125; 8]));
        for size in [1.0, 4.0] {
            figure(&four, &name(&format!("bids differ by {size} tau")), pool(&softmax(size)));
            figure(&four, &name(&format!("pings differ by {size} tau")), pool(&softmax(size)));
            figure(&four, &name(&format!("the fast bid more by {size} tau")), pool(&softmax(2.0 * size)));
            let offset = format!("the slow bid more by what their ping costs by {size} tau");
            figure(&four, &name(&offset), pool(&[0.125; 8]));
        }
    }
    // n H_n, and inclusion-exclusion over the sets that are missing.
    figure(&four, "tasks until all have had work, uniform", 8.0 * (1..=8).map(|k| f64::from(k).recip()).sum::<f64>());
    let p = softmax(8.0);
    let missing = (1..256u32).map(|set| {
        let mass: f64 = (0..8).filter(|i| set >> i & 1 == 1).map(|i| p[i]).sum();
        if set.count_ones() % 2 == 1 { mass.recip() } else { -mass.recip() }
    });
    let wait = get(&four, "tasks until all have had work, the fast bid more by 4 tau");
    approx::assert_relative_eq!(wait, missing.sum::<f64>(), max_relative = 1e-9);
    let stay = "keepers left after 100 tasks if those without work in ten leave";
    figure(&four, &format!("{stay}, uniform"), equal_keepers_left());
    assert!(get(&four, &format!("{stay}, the fast bid more by 4 tau")) < get(&four, &format!("{stay}, uniform")));
}

#[test]
fn guesses() {
    let five = claim(5);
    for name in ["gas", "stake", "count", "reliability", "stake times reliability"] {
        figure(&five, &format!("best guess, {name}"), 1.0);
        figure(&five, &format!("guesses until the keeper is named, {name}"), 1.0);
    }
    let tied = |ties: &str| format!("stake, three equal, ties: {ties}");
    figure(&five, &format!("best guess, {}", tied("uniform")), 1.0 / 3.0);
    figure(&five, &format!("guesses until the keeper is named, {}", tied("uniform")), 2.0);
    ["file-order", "hash", "least-executed"]
        .iter()
        .for_each(|ties| figure(&five, &format!("best guess, {}", tied(ties)), 1.0));
    figure(&five, "best guess, gas, bids sealed", 0.1);
    figure(&five, "guesses until the keeper is named, gas, bids sealed", 5.5);
    figure(&five, "best guess, uniform", 0.1);
    figure(&five, "best guess, proportional to stake", 10.0 / 55.0);
    figure(&five, "chance of a new keeper, count", 1.0);
    figure(&five, "chance of a keeper with one success, reliability as a ratio", 1.0);
    // One success of one: 1/(1 + z²) = .21 at least, others .69 and more.
    figure(&five, "chance of a keeper with one success, reliability by Wilson's lower bound", 0.0);
}

#[test]
fn ties() {
    let six = claim(6);
    for (ties, one, many) in [("uniform", 0.0, 0.0), ("file-order", 1.0, 1.0), ("least-executed", 1.0, 0.0)] {
        figure(&six, &format!("largest difference in one task, {ties}"), one);
        figure(&six, &format!("largest difference over 1024 tasks, {ties}"), many);
    }
    figure(&six, "largest difference in one task, hash", 1.0);
    // Two shares of 1024 draws differ by sqrt(2/4/1024) = .022 or so.
    let hash = get(&six, "largest difference over 1024 tasks, hash");
    assert!(hash > 0.0 && hash < 0.1, "{hash}");
}

#[test]
fn what_a_stake_is_good_for() {
    let seven = claim(7);
    figure(&seven, "stake elasticity, uniform", 0.0);
    // 1 - Σp²: one of 1/11, twenty of 1/22. By differences: not to the last digit.
    let elasticity = get(&seven, "stake elasticity, proportional to stake");
    approx::assert_relative_eq!(elasticity, 1.0 - 24.0 / 484.0, max_relative = 1e-9);
    figure(&seven, "share of 1000 in one piece, uniform", 1.0 / 21.0);
    figure(&seven, "share of 1000 in pieces of 100 among 20 of 500, uniform", 1.0 / 3.0);
    figure(&seven, "gain by splitting, uniform", 1.0 / 3.0 - 1.0 / 21.0);
    figure(&seven, "share of 1000 in pieces of 100 among 20 of 500, proportional to stake", 1.0 / 11.0);
    figure(&seven, "share of 1000 if all split, uniform", 1.0 / 11.0);
    figure(&seven, "share of 2000 if all split, uniform", 1.0 / 6.0);
    for (name, excluded) in [("one of 1000, 20 of 500", 20.0), ("100, 200 … 1000", 5.0)] {
        // Half of the greatest stake still makes two pieces.
        let minimum = get(&seven, &format!("smallest minimum that deters splitting, {name}"));
        assert_eq!(minimum, 500f64.next_up());
        figure(&seven, &format!("keepers excluded by it, {name}"), excluded);
    }
}

#[test]
fn functions_of_the_properties() {
    let eight = claim(8);
    let stakes = [100.0, 200.0, 300.0, 400.0, 500.0];
    let total = |weight: &dyn Fn(f64) -> f64| stakes.map(weight).iter().sum::<f64>();
    // Every keeper in every number of pieces, every pair.
    let best = |weight: &dyn Fn(f64) -> f64| {
        let all = total(weight);
        let (mut split, mut merge) = (0f64, f64::NEG_INFINITY);
        for (i, s) in stakes.into_iter().enumerate() {
            for k in 1..=i + 1 {
                let pieces = k as f64 * weight(s / k as f64);
                split = split.max(pieces / (all - weight(s) + pieces) - weight(s) / all);
            }
            for t in stakes.into_iter().filter(|&t| t != s) {
                let (both, one) = (weight(s) + weight(t), weight(s + t));
                merge = merge.max(one / (all - both + one) - both / all);
            }
        }
        (split, merge)
    };
    let functions: [(&str, &dyn Fn(f64) -> f64); 8] = [
        ("stake^0", &|_| 1.0),
        ("stake^.5", &f64::sqrt),
        ("stake", &|s| s),
        ("stake^2", &|s| s * s),
        ("reliability", &|_| 0.5),
        ("stake times reliability", &|s| 0.5 * s),
        ("stake + 100", &|s| s + 100.0),
        ("stake - 50", &|s| s - 50.0),
    ];
    for (name, weight) in functions {
        let (split, merge) = best(weight);
        figure(&eight, &format!("gain by splitting, {name}"), split);
        figure(&eight, &format!("gain by merging two, {name}"), merge);
        assert_eq!(
            split < 1e-12 && merge < 1e-12,
            name.starts_with("stake") && !name.contains(['^', '+', '-']),
            "{name}"
        );
    }
    figure(&eight, "gain by merging two, the greatest stake", 1.0);
    for (name, power) in [("stake^.5", 0.5), ("stake", 1.0), ("stake^2", 2.0)] {
        let all = total(&|s: f64| s.powf(power));
        let expected = power * (1.0 - stakes.map(|s| (s.powf(power) / all).powi(2)).iter().sum::<f64>());
        let found = get(&eight, &format!("stake elasticity, {name}"));
        approx::assert_relative_eq!(found, expected, max_relative = 1e-9);
    }
}

#[test]
fn several_keepers() {
    let nine = claim(9);
    for weights in [[1.0, 1.0, 1.0], [0.4, 0.3, 0.3], [0.7, 0.2, 0.1]] {
        let name = weights.map(|w: f64| w.to_string()).join(" : ");
        let all: f64 = weights.iter().sum();
        // Not among two of three: third of an order, the sum over the orders of the other two.
        let mut ratios = Vec::new();
        for i in 0..3 {
            let [j, k] = [(i + 1) % 3, (i + 2) % 3].map(|j| weights[j] / all);
            let inclusion = 1.0 - j * k / (1.0 - j) - k * j / (1.0 - k);
            figure(&nine, &format!("one of two, keeper {} of {name}", i + 1), inclusion);
            ratios.push(inclusion / weights[i]);
        }
        ratios.sort_by(f64::total_cmp);
        figure(&nine, &format!("distortion, {name}"), ratios[2] / ratios[0]);
    }
    // Three products of a score and a uniform number: from the integrals by hand.
    let one = [13.0 / 36.0, 28.0 / 36.0, 31.0 / 36.0];
    let p = [1.0 / 18.0, 11.0 / 36.0, 23.0 / 36.0];
    // The smaller of two scores wins with half their quotient.
    let again =
        [p[0] + p[1] / 6.0 + p[2] / 4.0, p[1] + p[0] / 3.0 + p[2] * 0.75, p[2] + p[0] * 2.0 / 3.0 + p[1] * 5.0 / 6.0];
    // As weights: 1 - P(last).
    let weights = [1.0 - 2.0 / 6.0 * 3.0 / 4.0 - 3.0 / 6.0 * 2.0 / 3.0, 0.0, 0.0];
    for i in 0..3 {
        figure(&nine, &format!("one of two, score {}, uniform noise, one draw", i + 1), one[i]);
        figure(&nine, &format!("one of two, score {}, uniform noise, exclude and repeat", i + 1), again[i]);
        assert!((one[i] - again[i]).abs() > 0.02); // the two readings are told apart
        let [draw, repeat] = ["one draw", "exclude and repeat"]
            .map(|how| get(&nine, &format!("one of two, score {}, Fréchet noise, {how}", i + 1)));
        assert!((draw - repeat).abs() < 1e-12);
    }
    figure(&nine, "one of two, score 1, Fréchet noise, one draw", weights[0]);
    let [five, four] = [5, 4].map(|n| 1.0 - left(0.1, 0.0, 0.0, n));
    figure(&nine, "keepers selected of two, gas auction", five * (1.0 + four));
    figure(&nine, "keepers selected of two, uniform", 2.0);
}

#[test]
fn only_one_row_holds_in_every_case() {
    assert_eq!(claim(3).verdict, Verdict::Holds);
    assert!(claim(3).finding.contains("the miner gains it all"), "{}", claim(3).finding);
    assert!(claim(4).finding.contains("nothing shrinks"), "{}", claim(4).finding);
    let neutral = "neither splitting nor merging pays: stake, stake times reliability;";
    assert!(claim(8).finding.contains(neutral), "{}", claim(8).finding);
    assert!(claim(9).finding.contains("with Fréchet noise the same"), "{}", claim(9).finding);
}
