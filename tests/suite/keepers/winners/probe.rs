//! The linear probe: the contract's own vectors, the gap law against every start, integers of 256 bits.

use super::{ring, staked};
use approx::assert_relative_eq;
use num_bigint::BigUint;
use pooltree::keepers::closed_form::winner;
use pooltree::keepers::model::{Mechanism, Ring};
use pooltree::keepers::simulation::{U256, probe};
use pooltree::keepers::{Contest, Keeper, Keepers, Rule, Task};
use proptest::prelude::*;

fn ring_of(contest: &Contest) -> &Ring {
    match contest.mechanism() {
        Mechanism::Probe(ring) => ring,
        other => panic!("{other:?}"),
    }
}

#[test]
fn vectors_of_the_contract() {
    let ends = |contest: &Contest, from: u64| -> Vec<usize> {
        (10..from).map(|r| probe(ring_of(contest), U256::from(r)).unwrap() + 1).collect()
    };
    let five = ring(&[10.0; 5], 10.0, 0.0, 55);
    assert_eq!(ends(&five, 16), [1, 2, 3, 4, 5, 1]);
    assert_eq!(probe(ring_of(&five), U256::MAX), Some(4));
    let gap = ring(&[10.0, 10.0, 9.0, 9.0], 10.0, 0.0, 55);
    assert_eq!(ends(&gap, 19), [2, 1, 1, 1, 2, 1, 1, 1, 2]);
    assert_eq!(winner(&gap), [0.75, 0.25, 0.0, 0.0]);
}

#[test]
fn nobody_has_what_is_required() {
    // The largest below 10, the first met of several; 5 is the agent's minimum and has to be exceeded.
    assert_eq!(winner(&ring(&[7.0, 6.0, 7.0, 3.0], 10.0, 5.0, 0)), [0.5, 0.0, 0.5, 0.0]);
    assert_eq!(winner(&ring(&[5.0, 4.0], 10.0, 5.0, 0)), [0.0, 0.0]);
    assert_eq!(probe(ring_of(&ring(&[5.0, 4.0], 10.0, 5.0, 0)), U256::from(3u64)), None);
    // The agent's minimum is what is required: one below it is below it.
    assert_eq!(winner(&ring(&[4.0, 4.5], 1.0, 5.0, 0)), [0.0, 0.0]);
    assert_eq!(winner(&ring(&[0.0, 0.0], 0.0, 0.0, 0)), [0.5, 0.5]);
    assert_eq!(winner(&ring(&[0.0, 0.0], 1.0, 0.0, 0)), [0.0, 0.0]);
    assert!(winner(&ring(&[], 1.0, 0.0, 0)).is_empty());
    assert_eq!(probe(ring_of(&ring(&[], 1.0, 0.0, 0)), U256::MAX), None);
}

/// Cheap keepers placed before one's own bring their places with them, and inactive keepers have none.
#[test]
fn runs_of_non_viable_keepers() {
    assert_eq!(
        winner(&ring(&[0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0], 5.0, 0.0, 0))[3..],
        [4.0, 1.0, 1.0, 1.0].map(|k| k / 7.0)
    );
    assert_eq!(winner(&ring(&[0.0, 9.0, 0.0], 5.0, 0.0, 0)), [0.0, 1.0, 0.0]);
    let mut all = staked(&[9.0, 9.0, 0.0, 9.0]).all().to_vec();
    all[1] = Keeper { active: false, ..all[1].clone() };
    let task = Task { min_stake: Some(5.0), job: 3 };
    let contest = Contest::new(&Keepers::new(all).unwrap(), &Rule::Probe { agent_minimum: 0.0 }, &task).unwrap();
    assert_eq!(contest.entrants(), [0, 2, 3]);
    let third = 1.0 / 3.0;
    assert_eq!(winner(&contest), [third, 0.0, 2.0 * third]);
    // The last one takes the place of the first.
    assert_eq!(contest.without(0).entrants(), [3, 2]);
    assert_eq!(winner(&contest.without(0)), [1.0, 0.0]);
}

#[test]
fn numbers_as_text() {
    let number = |text: &str| text.parse::<U256>();
    let two_to_the_256 = (BigUint::from(1u8) << 256u32).to_string();
    let most = ((BigUint::from(1u8) << 256u32) - 1u8).to_string();
    assert_eq!(number(&most).unwrap(), U256::MAX);
    assert_eq!(U256::MAX.to_string(), format!("0x{}", "f".repeat(64)));
    assert_eq!(number("0").unwrap().to_string(), "0x0");
    assert_eq!(number("0x10000000000000000").unwrap(), U256::from(1u128 << 64));
    assert_eq!(U256::from(1u128 << 64).to_string(), "0x10000000000000000");
    for wrong in [&two_to_the_256, "", "0x", "-1", "1e3", "0xg", "12a", "+5", " 1", &format!("0x1{}", "0".repeat(64))] {
        let message = number(wrong).unwrap_err().to_string();
        assert!(message.contains("must be an integer from 0 to 2^256 - 1"), "{message}");
    }
    assert_eq!(U256::MAX.checked_rem(0), None);
}

proptest! {
    #[test]
    fn integers_of_256_bits(a: [u8; 32], b: [u8; 32], n in prop_oneof![1..100usize, Just(usize::MAX), 1..usize::MAX]) {
        let (big, other) = (BigUint::from_bytes_be(&a), BigUint::from_bytes_be(&b));
        let sum = (&big + &other) % (BigUint::from(1u8) << 256u32);
        let number = U256::from_be_bytes(a);
        prop_assert_eq!(number.wrapping_add(U256::from_be_bytes(b)).to_string(), format!("0x{}", sum.to_str_radix(16)));
        prop_assert_eq!(BigUint::from(number.checked_rem(n).unwrap()), &big % n);
        prop_assert_eq!(big.to_string().parse::<U256>().unwrap(), number);
        prop_assert_eq!(number.to_string().parse::<U256>().unwrap(), number);
    }

    #[test]
    fn every_start_gives_the_gap_law(
        stakes in prop::collection::vec((0..5u8).prop_map(f64::from), 1..12),
        least in 0..7u8, agent in 0..5u8, job: u64, r: u64,
    ) {
        let contest = ring(&stakes, f64::from(least), f64::from(agent), job);
        let mut ends = vec![0.0; stakes.len()];
        for k in 0..stakes.len() as u64 {
            // Successive numbers meet every start once.
            let r = U256::from(r).wrapping_add(U256::from(k));
            if let Some(i) = probe(ring_of(&contest), r) {
                ends[i] += 1.0 / stakes.len() as f64;
            }
        }
        for (p, end) in winner(&contest).iter().zip(&ends) {
            assert_relative_eq!(p, end, epsilon = 1e-14);
        }
    }
}
