//! Claims about the gas auction and Flashbots.

use super::{Claim, Figures, Verdict, numbers, of_keepers};
use crate::error::Result;
use crate::keepers::GasAuction;
use crate::keepers::closed_form::auction::{CommonValue, PrivateValues, deviation_profit};
use crate::keepers::model::{PrivateValue, ValueLaw};
use std::fmt::Write;

/// Numbers of keepers.
const SIZES: [u64; 3] = [2, 5, 50];

/// What a revert costs, in units of the value: in words, a fixed amount, a share of the bid, the least bid.
const REVERTS: [(&str, f64, f64, f64); 5] = [
    ("a revert costs .1", 0.1, 0.0, 0.0),
    ("a revert costs .01", 0.01, 0.0, 0.0),
    ("a revert costs .3 of a bid of at least .1", 0.0, 0.3, 0.1),
    ("a revert costs .3 of the bid", 0.0, 0.3, 0.0),
    ("a revert costs the bid", 0.0, 1.0, 0.0),
];

/// One way of paying for reverts, with what follows for every number of keepers.
struct Auction {
    name: &'static str,
    rules: GasAuction,
    outcomes: [CommonValue; SIZES.len()],
}

fn auctions() -> Result<Vec<Auction>> {
    let auction = |&(name, fixed, share, reserve): &(&'static str, f64, f64, f64)| {
        let rules = GasAuction::new(1.0, fixed, share, reserve)?;
        Ok(Auction { name, rules, outcomes: SIZES.map(|n| CommonValue::new(&rules, n)) })
    };
    REVERTS.iter().map(auction).collect()
}

/// Claim 1.
pub(super) fn automatic_selection() -> Result<Claim> {
    let mut all = auctions()?;
    // Losing costs nothing.
    let rules = GasAuction::new(1.0, 0.0, 0.0, 0.1)?;
    all.push(Auction { name: "Flashbots", rules, outcomes: SIZES.map(|n| CommonValue::new(&rules, n)) });
    let mut figures = Figures::default();
    let (mut cases, mut left, mut always) = (Vec::new(), Vec::new(), Vec::new());
    let mut rising = true;
    for auction in &all {
        let unserved = auction.outcomes.map(|outcome| outcome.unserved);
        for (n, unserved) in SIZES.iter().zip(unserved) {
            figures = figures.with(format!("unserved, {}, {n} keepers", auction.name), unserved);
            cases.push(unserved == 0.0);
        }
        rising &= unserved.windows(2).all(|pair| pair[1] >= pair[0]);
        if unserved == [0.0; SIZES.len()] {
            always.push(auction.name);
        } else {
            left.push(format!("{} % where {}", numbers(&unserved.map(|share| 100.0 * share), 2), auction.name));
        }
    }
    // Two keepers of whom one never stays out, but bids the reserve instead: other bids win as often as against one who does,
    // so that nobody gains by another bid. A third keeper would win less often still.
    let mut best = f64::NEG_INFINITY;
    for auction in &all[..REVERTS.len()] {
        for step in 1..=20 {
            let bid = auction.rules.reserve() + (1.0 - auction.rules.reserve()) * f64::from(step) / 20.0;
            best = best.max(deviation_profit(&auction.rules, 2, bid)?);
        }
    }
    figures = figures.with("most that a bid earns where one of two keepers never stays out", best);
    let finding = format!(
        "in the symmetric equilibrium of sealed bids {} or {} keepers leave the task to each other with probability {}; never where \
         the least bid has nothing to lose: {}; {}; where one keeper never stays out, one bids as above and the others stay away, the task is always served: an equilibrium, {}",
        SIZES[..SIZES.len() - 1].iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
        SIZES[SIZES.len() - 1],
        left.join("; "),
        always.join(", "),
        if rising { "more keepers do not make it surer" } else { "more keepers make it surer" },
        if best < 1e-12 { "too" } else { "it is not" },
    );
    let quote = "ensuring automatic selection by virtue of the miners behaving (approximately) rationally";
    Ok(of_keepers(1, quote, Verdict::over(cases), finding, figures))
}

/// A loss is great from this share of the value on.
const GREAT: f64 = 0.1;

/// Claim 2.
pub(super) fn great_losses() -> Result<Claim> {
    let mut figures = Figures::default();
    let (mut cases, mut rows) = (Vec::new(), Vec::new());
    let (mut profit, mut share): (f64, f64) = (0.0, 0.0);
    for auction in auctions()? {
        for outcome in auction.outcomes {
            let name = format!("{}, {} keepers", auction.name, outcome.keepers);
            figures = figures
                .with(format!("losers' loss, {name}"), outcome.losers_loss)
                .with(format!("losers' share of all payments, {name}"), outcome.losers_loss / outcome.payments);
            cases.push(outcome.losers_loss > GREAT);
            profit = profit.max(outcome.profit.abs());
            share = share.max(outcome.losers_loss / outcome.payments);
        }
        let losses = auction.outcomes.map(|outcome| 100.0 * outcome.losers_loss);
        rows.push(format!("{} % where {}", numbers(&losses, 1), auction.name));
    }
    figures = figures.with("largest expected profit of a keeper", profit);
    let finding = format!(
        "of the value of the task {} keepers together lose in unsuccessful bids {}: up to {:.0} % of all payments, and more than {:.0} % \
         of the value in {} of {} cases; on average a keeper earns {}",
        SIZES.map(|n| n.to_string()).join(", "),
        rows.join("; "),
        100.0 * share,
        100.0 * GREAT,
        cases.iter().filter(|&&great| great).count(),
        cases.len(),
        if profit < 1e-12 { "nothing: losses are what winners gain" } else { "something" },
    );
    let quote =
        "reversion of all transactions not included in the block … can incur great losses to the unsuccessful keepers";
    Ok(of_keepers(2, quote, Verdict::over(cases), finding, figures))
}

/// Claim 3.
pub(super) fn costless_reversions() -> Result<Claim> {
    let mut figures = Figures::default();
    let mut cases = Vec::new();
    let (mut profits, mut unpaid): (f64, f64) = (0.0, 0.0);
    let mut shown = None;
    for auction in auctions()? {
        for before in auction.outcomes {
            let after = CommonValue::new(&auction.rules.without_reverts(), before.keepers);
            let name = format!("{}, {} keepers", auction.name, before.keepers);
            figures = figures
                .with(format!("losers' loss, {name}"), before.losers_loss)
                .with(format!("losers' loss with Flashbots, {name}"), after.losers_loss)
                .with(format!("payments to the miner, {name}"), before.payments)
                .with(format!("payments to the miner with Flashbots, {name}"), after.payments)
                .with(format!("value of revert protection, {name}"), before.protection);
            cases.push(after.losers_loss < before.losers_loss);
            profits = profits.max(before.profit.abs()).max(after.profit.abs());
            unpaid = unpaid.max((after.payments - before.payments - before.protection).abs());
            shown = shown.or_else(|| (before.keepers == 5).then_some((auction.name, before, after)));
        }
    }
    figures = figures
        .with("largest expected profit of a keeper at common value", profits)
        .with("largest part of the value of protection that the miner does not get", unpaid);
    // Private values: a keeper knows more than its rivals, and profits.
    let law = PrivateValue::new(ValueLaw::Uniform)?;
    let reverting = GasAuction::new(1.0, 0.1, 0.0, 0.0)?;
    let [before, after] = [reverting, reverting.without_reverts()].map(|rules| PrivateValues::new(&rules, &law, 5));
    let [before, after] = [before?.profit, after?.profit];
    figures = figures
        .with("profit of a keeper, private values, a revert costs .1, 5 keepers", before)
        .with("profit of a keeper with Flashbots, private values, 5 keepers", after);
    let mut finding = String::new();
    if let Some((name, reverts, costless)) = shown {
        finding = format!(
            "losers' loss falls to {}; where {name}, of five keepers, from {:.4}, while losing bids grow from {:.2} to {:.2} a task; {}: \
             payments rise from {:.4} to {:.4}, by the worth of the tasks left before",
            costless.losers_loss,
            reverts.losers_loss,
            reverts.reverted,
            costless.reverted,
            match (profits < 1e-12, unpaid < 1e-12) {
                (true, true) => "at common value the miner gains it all, no keeper profits before or after",
                (false, true) => "the miner gains it all",
                _ => "keepers gain",
            },
            reverts.payments,
            costless.payments,
        );
    }
    let _ = write!(
        finding,
        "; with private values, uniform, a keeper's profit {} from {before:.4} to {after:.4}",
        if after > before { "rises" } else { "does not rise:" }
    );
    let quote =
        "diminishes the potential loss of gas on transaction reversion because reversions are costless in that pool";
    Ok(of_keepers(3, quote, Verdict::over(cases), finding, figures))
}
