//! Auctions played many times.

use super::round::Round;
use crate::error::Result;
use crate::estimate::{Moments, VectorEstimate};
use crate::keepers::model::{BidFunction, GasAuction, MixedStrategy, PrivateValue};
use crate::kernels::elementary::ln;
use rand::{Rng, RngExt};

/// Names of the components of [`common_value`].
pub const COMMON_VALUE: [&str; 9] = [
    "served",
    "unserved",
    "bidders",
    "reverted",
    "payments",
    "winner's payment",
    "losers' loss",
    "first keeper's gross income",
    "first keeper's payment",
];

/// Names of the components of [`private_values`].
pub const PRIVATE_VALUES: [&str; 11] = [
    "served",
    "unserved",
    "bidders",
    "reverted",
    "payments",
    "winner's payment",
    "losers' loss",
    "first keeper's gross income",
    "first keeper's payment",
    "winner's value",
    "largest value",
];

/// Plays `replications` auctions of `n` keepers at common value; one component a name of [`COMMON_VALUE`], the first keeper's
/// profit being the difference of the last two.
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for fewer than two replications.
pub fn common_value<R: Rng + ?Sized>(
    auction: &GasAuction,
    n: usize,
    replications: u64,
    rng: &mut R,
) -> Result<VectorEstimate> {
    let strategy = MixedStrategy::new(auction, n as u64);
    let mut moments = Moments::new(COMMON_VALUE.len());
    for _ in 0..replications {
        let (round, first_bid) = round(auction, n, rng, |rng| mixed_bid(&strategy, rng));
        moments.add(&numbers(&round, first_bid, auction.value()));
    }
    moments.estimate()
}

/// Plays `replications` auctions of `n` keepers with private values; one component a name of [`PRIVATE_VALUES`].
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for fewer than two replications, and those of [`BidFunction::new`].
pub fn private_values<R: Rng + ?Sized>(
    auction: &GasAuction,
    law: &PrivateValue,
    n: usize,
    replications: u64,
    rng: &mut R,
) -> Result<VectorEstimate> {
    let strategy = BidFunction::new(auction, law, n as u64)?;
    let mut moments = Moments::new(PRIVATE_VALUES.len());
    let mut values = Vec::with_capacity(n);
    for _ in 0..replications {
        values.clear();
        let (round, first_bid) = round(auction, n, rng, |rng| {
            let value = auction.value() * law.at_depth(-ln(open(rng)));
            values.push(value);
            strategy.at(value)
        });
        let of_winner = round.winner().and_then(|i| values.get(i).copied()).unwrap_or(0.0);
        let of_first = values.first().copied().unwrap_or(0.0);
        let [served, unserved, bidders, reverted, paid, by_winner, lost, income, payment] =
            numbers(&round, first_bid, of_first);
        let largest = values.iter().copied().fold(0.0, f64::max);
        moments.add(&[served, unserved, bidders, reverted, paid, by_winner, lost, income, payment, of_winner, largest]);
    }
    moments.estimate()
}

/// One auction, `draw` being a keeper's bid; with the bid of the first keeper.
fn round<R: Rng + ?Sized>(
    auction: &GasAuction,
    n: usize,
    rng: &mut R,
    mut draw: impl FnMut(&mut R) -> Option<f64>,
) -> (Round, Option<f64>) {
    let mut round = Round::new(auction);
    let mut first = None;
    for keeper in 0..n {
        let bid = draw(rng);
        if keeper == 0 {
            first = bid;
        }
        if let Some(bid) = bid {
            round.bid(keeper, bid, rng);
        }
    }
    (round, first)
}

fn numbers(round: &Round, first_bid: Option<f64>, first_value: f64) -> [f64; 9] {
    let served = f64::from(u8::from(round.winner().is_some()));
    [
        served,
        1.0 - served,
        round.bids() as f64,
        round.reverted() as f64,
        round.winner_payment() + round.losers_loss(),
        round.winner_payment(),
        round.losers_loss(),
        if round.winner() == Some(0) { first_value } else { 0.0 },
        round.payment(0, first_bid),
    ]
}

/// A keeper stays out or draws its bid.
pub(in crate::keepers::simulation) fn mixed_bid<R: Rng + ?Sized>(strategy: &MixedStrategy, rng: &mut R) -> Option<f64> {
    if let Some(bid) = strategy.sure_bid() {
        return Some(bid);
    }
    (rng.random::<f64>() < strategy.participation()).then(|| strategy.quantile(rng.random())).flatten()
}

/// Uniform on `(0, 1]`.
fn open<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    1.0 - rng.random::<f64>()
}
