//! Which formula answers for which mechanism.

use super::blocks::{Block, Order, Ranking};
use super::clock::Clocks;
use crate::keepers::closed_form::auction;
use crate::keepers::model::{Contest, GasAuction, Mechanism, MixedStrategy, Noise, Reading, Rest, Ring};
use crate::kernels::elementary::ln;

/// Log weights this far apart are never met in the other order: `e^-745` underflows.
const APART: f64 = 745.0;

/// A mixture of rankings, or nothing but the recursion over sets.
#[derive(Debug, Clone)]
pub(super) enum Route {
    Rankings(Vec<(f64, Ranking)>),
    Sets,
}

impl Route {
    pub(super) fn of(contest: &Contest, reading: Reading) -> Self {
        let n = contest.len();
        let single = reading == Reading::SingleDraw;
        let alone = |ranking| Self::Rankings(vec![(1.0, ranking)]);
        match contest.mechanism() {
            Mechanism::Best { scores, ranks } => alone(best(scores, ranks.as_deref())),
            Mechanism::Uniform { rest: Rest::Cyclic } if single => {
                let from = |start| (0..n).map(|k| Block::one((start + k) % n)).collect();
                Self::Rankings((0..n).map(|start| ((n as f64).recip(), Ranking::Blocks(from(start)))).collect())
            }
            Mechanism::Uniform { .. } => alone(Ranking::Alike(vec![1.0; n])),
            Mechanism::Weighted { log_weights } => alone(weighted(log_weights, 1.0)),
            Mechanism::Gumbel { utilities, temperature } => alone(weighted(utilities, *temperature)),
            Mechanism::Noise { scores, noise } => {
                let logs: Vec<f64> = scores.iter().map(|&f| ln(f)).collect();
                match noise {
                    Noise::Frechet => alone(weighted(&logs, 1.0)),
                    Noise::Uniform if single => alone(timed(&logs, Clocks::Uniform)),
                    // The largest of exponential times is the last to ring.
                    Noise::Exponential if single => {
                        alone(timed(&logs, |logs| Clocks::Last(logs.iter().map(|f| -f).collect())))
                    }
                    _ => Self::Sets,
                }
            }
            Mechanism::Mixture { log_weights, epsilon } => {
                let Ranking::Blocks(mut blocks) = weighted(log_weights, 1.0) else { return Self::Sets };
                if blocks.is_empty() || *epsilon == 1.0 {
                    return alone(Ranking::Alike(vec![1.0; n]));
                }
                let nothing: Vec<usize> = (0..n).filter(|&i| log_weights[i] == f64::NEG_INFINITY).collect();
                if !nothing.is_empty() {
                    blocks.push(Block::random(nothing));
                }
                let both = [(1.0 - epsilon, Ranking::Blocks(blocks)), (*epsilon, Ranking::Alike(vec![1.0; n]))];
                if single || *epsilon == 0.0 { Self::Rankings(both.to_vec()) } else { Self::Sets }
            }
            Mechanism::Probe(ring) if single => {
                let from = |start| Ranking::Blocks(met(ring, start).into_iter().map(Block::one).collect());
                Self::Rankings((0..n).map(|start| ((n as f64).recip(), from(start))).collect())
            }
            Mechanism::GasAuction(auction) => alone(Ranking::Alike(bidders(auction, n, single))),
            Mechanism::Race { offsets, rates } => {
                let alike = offsets.windows(2).all(|pair| pair[0] == pair[1]);
                if alike {
                    alone(weighted(&rates.iter().map(|&r| ln(r)).collect::<Vec<_>>(), 1.0))
                } else if single {
                    let order = Order::Clocks(Clocks::Race { offsets: offsets.clone(), rates: rates.clone() });
                    alone(Ranking::Blocks(vec![Block { members: (0..n).collect(), order }]))
                } else {
                    Self::Sets
                }
            }
            Mechanism::Probe(_) => Self::Sets,
        }
    }
}

/// Classes of equal scores in decreasing order; single keepers where ranks break ties.
fn best(scores: &[f64], ranks: Option<&[usize]>) -> Ranking {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    let rank = |i: usize| ranks.map(|ranks| ranks[i]);
    order.sort_by(|&i, &j| scores[j].total_cmp(&scores[i]).then(rank(i).cmp(&rank(j))));
    // `-0` and `0` are equal scores although one sorts first.
    let tied = |i: &usize, j: &usize| scores[*i] == scores[*j];
    let mut blocks = Vec::new();
    for class in order.chunk_by(tied) {
        let mut class = class.to_vec();
        if ranks.is_some() {
            class.sort_by_key(|&i| rank(i));
            blocks.extend(class.into_iter().map(Block::one));
        } else {
            blocks.push(Block::random(class));
        }
    }
    Ranking::Blocks(blocks)
}

/// Weights `e^(utility/τ)`, those never to be exchanged in blocks of their own.
fn weighted(utilities: &[f64], temperature: f64) -> Ranking {
    let mut order: Vec<usize> = (0..utilities.len()).filter(|&i| utilities[i] > f64::NEG_INFINITY).collect();
    order.sort_by(|&i, &j| utilities[j].total_cmp(&utilities[i]));
    let near = |i: &usize, j: &usize| (utilities[*i] - utilities[*j]) / temperature <= APART;
    let block = |members: &[usize]| {
        let logs: Vec<f64> = members.iter().map(|&i| (utilities[i] - utilities[members[0]]) / temperature).collect();
        let order = if logs.iter().all(|w| *w == 0.0) { Order::Random } else { Order::Clocks(Clocks::First(logs)) };
        Block { members: members.to_vec(), order }
    };
    Ranking::Blocks(order.chunk_by(near).map(block).collect())
}

/// Clocks of those with a positive score.
fn timed(log_scores: &[f64], clocks: impl Fn(Vec<f64>) -> Clocks) -> Ranking {
    let members: Vec<usize> = (0..log_scores.len()).filter(|&i| log_scores[i] > f64::NEG_INFINITY).collect();
    if members.is_empty() {
        return Ranking::Blocks(Vec::new());
    }
    let logs = members.iter().map(|&i| log_scores[i]).collect();
    Ranking::Blocks(vec![Block { members, order: Order::Clocks(clocks(logs)) }])
}

/// Whom a probe from `start` meets if it goes on with the same start, passing over those it has selected: the viable ones
/// in turn, then the others above the agent's minimum by stake, of equal stakes the one met first.
fn met(ring: &Ring, start: usize) -> Vec<usize> {
    let n = ring.stakes().len();
    let stake = |i: usize| ring.stakes()[i];
    let around = || (0..n).map(|k| (start + k) % n);
    let mut met: Vec<usize> = around().filter(|&i| stake(i) >= ring.required()).collect();
    let mut rest: Vec<usize> =
        around().filter(|&i| stake(i) < ring.required() && stake(i) > ring.agent_minimum()).collect();
    rest.sort_by(|&i, &j| stake(j).total_cmp(&stake(i))); // stable
    met.extend(rest);
    met
}

/// Probabilities that at least 1, 2, …, `n` are selected: one auction after the other among those left, or the bids of one
/// auction ranked.
fn bidders(auction: &GasAuction, n: usize, single: bool) -> Vec<f64> {
    if !single {
        let served = |left: usize| auction::served(auction, left as u64);
        return (1..=n)
            .rev()
            .scan(1.0, |all, left| {
                Some({
                    *all *= served(left);
                    *all
                })
            })
            .collect();
    }
    let out = MixedStrategy::new(auction, n as u64).stay_out();
    // The binomial law of the number of bids, by adding one keeper after the other.
    let mut law = vec![0.0; n + 1];
    law[0] = 1.0;
    for last in 1..=n {
        for k in (0..=last).rev() {
            law[k] = law[k] * out + if k > 0 { law[k - 1] * (1.0 - out) } else { 0.0 };
        }
    }
    let mut tail = 0.0;
    let mut at_least: Vec<f64> = law
        .iter()
        .skip(1)
        .rev()
        .map(|p| {
            tail += p;
            tail
        })
        .collect();
    at_least.reverse();
    at_least
}
