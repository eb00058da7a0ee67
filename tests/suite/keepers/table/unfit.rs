//! Registers and questions that leave nothing to measure, that are out of reach, or that are refused.

use super::{asked, register, row, six, table};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::keepers::table::{LEAST_PRECISION, MOST_KEEPERS, Questions, Row, Table};
use pooltree::keepers::{Keeper, Keepers, Noise, Parameters, Retry, RuleName};

/// Nobody is selected, and everything but that is left open.
fn nothing(row: &Row, keepers: usize) {
    assert_eq!((&row.winner, row.unserved), (&vec![0.0; keepers], 1.0), "{}", row.rule.name());
    let measures = [
        row.effective_number,
        row.predictability,
        row.gini,
        row.sybil_gain,
        row.stake_elasticity,
        row.losers_loss,
        row.expected_wait,
        row.tie_unfairness,
        row.effective_pool,
        row.deterrence,
        row.executed,
        row.expected_discount,
    ];
    assert_eq!(measures, [None; 12], "{}", row.rule.name());
    assert_eq!((&row.inclusion, row.short), (&Some(vec![0.0; keepers]), Some(1.0)));
    assert!(row.monte_carlo.is_none());
}

#[test]
fn nobody_viable_is_an_answer() {
    let inactive = |keeper: &Keeper| Keeper { active: false, ..keeper.clone() };
    let asleep = Keepers::new(six().all().iter().map(inactive).collect()).unwrap();
    for (keepers, least) in [(Keepers::default(), None), (asleep, None), (six(), Some(1e6)), (six(), Some(1e308))] {
        let found = table(&keepers, &asked(least), Some(100), 1);
        assert_eq!(found.rules.len(), RuleName::ALL.len());
        for row in &found.rules {
            nothing(row, keepers.len());
            assert!(row.notes.is_empty(), "{:?}", row.notes);
        }
    }
}

#[test]
fn stakes_of_zero_do_not_fit_the_rules_that_weigh_them() {
    let keepers = register(&[(0.0, 1.0, 0.5, 4, 3), (0.0, 2.0, 0.5, 4, 3), (0.0, 1.0, 0.5, 4, 3)]);
    let found = table(&keepers, &asked(None), Some(100), 1);
    let note =
        "does not fit these keepers, stake = 0 for every viable keeper: must be above 0 for one of them at least";
    let weigh = [RuleName::StakeWeighted, RuleName::Power, RuleName::Noise, RuleName::Mixture];
    for row in &found.rules {
        if weigh.contains(&row.rule) {
            nothing(row, 3);
            assert_eq!(row.notes, [note], "{}", row.rule.name());
        } else {
            assert!(row.effective_number.is_some() && row.monte_carlo.is_some(), "{}", row.rule.name());
            assert!(row.notes.is_empty(), "{:?}", row.notes);
        }
    }
    assert_eq!(row(&found, RuleName::ByBid).winner, [0.0, 1.0, 0.0]);
    // An exponent of 0 or infinity does not weigh them.
    for power in [0.0, f64::INFINITY] {
        let mut questions = asked(None);
        questions.parameters.power = power;
        assert_eq!(row(&table(&keepers, &questions, None, 1), RuleName::Power).winner, [1.0 / 3.0; 3]);
    }
}

#[test]
fn one_keeper_has_it_all() {
    let keepers = register(&[(500.0, 1.0, 1.0, 4, 1)]);
    let found = table(&keepers, &asked(Some(100.0)), Some(2000), 1);
    for row in &found.rules {
        let name = row.rule.name();
        assert_eq!((row.winner.as_slice(), row.unserved), (&[1.0][..], 0.0), "{name}");
        assert_eq!([row.effective_number, row.predictability, row.expected_wait], [Some(1.0); 3], "{name}");
        assert_eq!([row.gini, row.sybil_gain, row.tie_unfairness, row.losers_loss], [Some(0.0); 4], "{name}");
        assert_eq!([row.effective_pool, row.executed], [Some(1.0), Some(0.25)], "{name}");
        assert!((row.expected_discount.unwrap() - 0.25 * 0.6).abs() < 1e-15, "{name}");
        assert_eq!((row.inclusion.as_deref(), row.short), (Some(&[1.0][..]), Some(1.0)), "{name}");
        let seen = row.monte_carlo.as_ref().unwrap();
        assert_eq!(seen.winner, [1.0]);
        assert!(seen.agreement.p_value > 1e-8, "{name} {:?}", seen.agreement);
    }
}

fn many(n: usize) -> Keepers {
    let of = |i: usize| (100.0 + (i % 37) as f64 * 10.0, 1.0 + (i % 11) as f64 / 10.0, 0.001 * (i % 9) as f64, 10, 9);
    register(&(0..n).map(of).collect::<Vec<_>>())
}

#[test]
fn two_thousand_keepers_are_served_and_one_more_is_refused() {
    let questions = Questions { parameters: asked(None).parameters, ..Questions::default() };
    let found = table(&many(MOST_KEEPERS), &questions, Some(50), 1);
    for row in &found.rules {
        let name = row.rule.name();
        let all: f64 = row.winner.iter().sum();
        assert!((all + row.unserved - 1.0).abs() < 1e-9, "{name} {all}");
        assert!(row.effective_number.is_some() && row.gini.is_some(), "{name}");
        // What is missing is told.
        assert!(
            row.stake_elasticity.is_none() && row.notes.iter().any(|n| n.starts_with("stake_elasticity")),
            "{name}"
        );
        assert_eq!(
            row.executed.is_none(),
            row.notes.iter().any(|n| n.starts_with("executed")),
            "{name} {:?}",
            row.notes
        );
        assert!(row.monte_carlo.as_ref().unwrap().agreement.p_value > 1e-8, "{name}");
    }
    let refused = Table::new(many(MOST_KEEPERS + 1), questions, None, &|_, _| ()).unwrap_err();
    assert_eq!(refused.to_string(), "keepers = (2001 keepers): must be at most 2000 keepers");
}

#[test]
fn what_is_out_of_reach_has_a_note_and_the_rest_its_numbers() {
    let note = |row: &Row, start: &str| assert!(row.notes.iter().any(|n| n.starts_with(start)), "{:?}", row.notes);
    let mut questions = asked(None);
    questions.select = Some(8);
    let found = table(&many(30), &questions, Some(50), 1);
    for name in [RuleName::Noise, RuleName::Mixture] {
        let row = row(&found, name);
        note(row, "executed: out of reach, ");
        note(row, "inclusion: out of reach, ");
        assert_eq!((row.executed, row.expected_discount, row.inclusion.as_ref(), row.short), (None, None, None, None));
        assert!(row.effective_number.is_some() && row.stake_elasticity.is_some());
        // It is drawn all the same.
        let seen = row.monte_carlo.as_ref().unwrap();
        let included: f64 = seen.inclusion.as_ref().unwrap().iter().sum();
        assert!(seen.executed.unwrap().mean > 0.9 && (included - 8.0).abs() < 1e-9, "{included}");
    }
    assert!(row(&found, RuleName::Uniform).notes.is_empty());
    // A deadline, and times on no lattice.
    questions.parameters.deadline = Some(1.0);
    let odd = |(i, keeper): (usize, &Keeper)| Keeper { ping: (i as f64 + 0.5).sqrt() / 7.0, ..keeper.clone() };
    let keepers = Keepers::new(many(30).all().iter().enumerate().map(odd).collect()).unwrap();
    note(row(&table(&keepers, &questions, None, 1), RuleName::Uniform), "executed: out of reach, ");
    // So many pieces that not all numbers of them are tried.
    let rich = register(&[(1e9, 1.0, 0.5, 4, 3), (2.0, 2.0, 0.5, 4, 3)]);
    let found = table(&rich, &asked(Some(1.0)), Some(50), 1);
    note(row(&found, RuleName::Noise), "sybil_gain: a lower bound");
    note(row(&found, RuleName::Uniform), "sybil_gain: not drawn for more than 4096 pieces");
    assert!(row(&found, RuleName::Uniform).sybil_gain.unwrap() > 0.49);
    assert!(row(&found, RuleName::Uniform).monte_carlo.as_ref().unwrap().sybil_gain.is_none());
}

/// Attempts that never end are neither drawn nor waited for.
#[test]
fn attempts_without_end_are_not_drawn() {
    let hopeless = register(&[(5.0, 1.0, 0.5, 4, 0), (2.0, 2.0, 0.5, 4, 0)]);
    let unlikely = register(&[(5.0, 1.0, 0.5, 1 << 53, 1), (2.0, 2.0, 0.5, 1 << 53, 1)]);
    for retry in [Retry::Same, Retry::Redraw] {
        let mut questions = asked(None);
        questions.parameters.retry = retry;
        for row in &table(&hopeless, &questions, Some(200), 1).rules {
            assert_eq!([row.executed, row.expected_discount], [Some(0.0); 2], "{} {retry:?}", row.rule.name());
        }
        for row in &table(&unlikely, &questions, Some(200), 1).rules {
            let (name, executed) = (row.rule.name(), row.executed.unwrap());
            // The gas auction may select nobody at any redraw.
            let ends = row.rule == RuleName::GasAuction && retry == Retry::Redraw;
            assert!(
                if ends { executed < 1e-12 } else { (executed + row.unserved - 1.0).abs() < 1e-9 },
                "{name} {executed}"
            );
            if !ends {
                assert!(row.monte_carlo.as_ref().unwrap().executed.is_none(), "{name}");
                assert!(row.notes.iter().any(|n| n.starts_with("executed: not drawn, ")), "{name} {:?}", row.notes);
            }
        }
    }
}

#[test]
fn questions_out_of_range_are_refused_by_name() {
    let ask = |change: &dyn Fn(&mut Questions)| {
        let mut questions = asked(None);
        change(&mut questions);
        Table::new(six(), questions, None, &|_, _| ()).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(ask(&|q| q.beta = 0.0), "beta = 0: must be above 0 and at most 1");
    assert_eq!(ask(&|q| q.beta = f64::NAN), "beta = NaN: must be above 0 and at most 1");
    assert_eq!(ask(&|q| q.slash = 1.5), "slash = 1.5: must be at least 0 and at most 1");
    assert_eq!(ask(&|q| q.rounds = 0), "rounds = 0: must be an integer of at least 1");
    assert_eq!(ask(&|q| q.select = Some(0)), "select = 0: must be an integer of at least 1");
    let parameters = |change: &dyn Fn(&mut Parameters)| ask(&|q| change(&mut q.parameters));
    assert_eq!(parameters(&|p| p.epsilon = -0.1), "epsilon = -0.1: must be at least 0 and at most 1");
    assert_eq!(parameters(&|p| p.min_stake = Some(-1.0)), "min_stake = -1: must be finite and at least 0");
    assert!(parameters(&|p| p.tau = 0.0).starts_with("tau = 0: must be "));
    assert!(parameters(&|p| p.power = f64::NAN).starts_with("power = NaN: must be "));
}

/// The least precision is the longest run; none is begun that is longer.
#[test]
fn a_precision_is_half_the_width_of_an_interval() {
    let run = |precision: f64| {
        let monte_carlo = MonteCarlo::new(1, Stopping::Precision(precision)).unwrap();
        Table::new(six(), asked(Some(100.0)), Some(&monte_carlo), &|_, _| ())
    };
    for (precision, replications) in [(0.05, 385), (0.02, 2401), (0.5, 4), (0.999, 2)] {
        let found = run(precision).unwrap();
        for row in &found.rules {
            let seen = row.monte_carlo.as_ref().unwrap();
            assert_eq!(seen.replications, replications, "{precision}");
            // The standard error of a share is at most that of one half, with n - 1 in place of n.
            let most = precision / 1.96 * (replications as f64 / (replications as f64 - 1.0)).sqrt();
            assert!(seen.winner_std_error.iter().all(|e| *e <= most * (1.0 + 1e-9)), "{:?}", seen.winner_std_error);
        }
    }
    let refused = run(LEAST_PRECISION * (1.0 - 1e-9)).unwrap_err().to_string();
    assert!(
        refused.starts_with("precision = 0.0000999")
            && refused.ends_with("must be at least 0.0001 and below 1 for keepers"),
        "{refused}"
    );
}

/// A stake that cannot rise: what has no number is told, the others have theirs.
#[test]
fn the_largest_stake_has_no_elasticity() {
    let keepers = register(&[(f64::MAX, 1.0, 0.5, 4, 3), (1.0, 1.0, 0.5, 4, 3)]);
    for row in &table(&keepers, &asked(None), Some(50), 1).rules {
        assert_eq!(row.stake_elasticity, None);
        assert_eq!(row.notes, ["stake_elasticity: twice a stake is not finite in double precision"]);
        assert!(row.effective_number.is_some() && row.executed.is_some());
    }
}

/// Numbers at the ends of double precision: an answer each, and nothing that is no number.
#[test]
fn extreme_registers_have_finite_rows() {
    let registers = [
        register(&[(f64::MAX, f64::MAX, 0.0, 1 << 53, 1 << 53), (f64::MAX, 0.0, f64::MAX, 1 << 53, 0)]),
        register(&[(5e-324, 5e-324, 5e-324, 1, 0), (f64::MAX, 1.0, 1e-300, 1, 1)]),
        register(&[(1e300, 1.0, 1e3, 3, 1), (1e-300, 1.0, 1e3, 3, 1), (0.0, 1.0, 0.0, 3, 1)]),
    ];
    for (keepers, noise) in registers.iter().flat_map(|k| Noise::ALL.map(|noise| (k, noise))) {
        for retry in Retry::ALL {
            let mut questions = asked(None);
            questions.parameters = Parameters { noise, retry, power: 3.0, lambda: 2.0, ..questions.parameters };
            let found = table(keepers, &questions, Some(64), 1);
            let text = serde_json::to_string(&found).unwrap();
            for row in &found.rules {
                let numbers = row.winner.iter().chain([&row.unserved]);
                assert!(numbers.clone().all(|p| (0.0..=1.0 + 1e-12).contains(p)), "{text}");
                let some = [row.executed, row.expected_discount, row.predictability, row.gini, row.tie_unfairness];
                assert!(some.iter().flatten().all(|x| (0.0..=1.0 + 1e-12).contains(x)), "{}: {text}", row.rule.name());
                let more =
                    [row.effective_number, row.expected_wait, row.deterrence, row.effective_pool, row.stake_elasticity];
                assert!(more.iter().flatten().all(|x| x.is_finite()), "{}: {text}", row.rule.name());
            }
        }
    }
}
