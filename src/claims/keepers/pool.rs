//! The claim about the pool that Flashbots leaves.

use super::{Claim, Figures, Verdict, of_keepers};
use crate::error::Result;
use crate::keepers::closed_form::fairness::{Law, shrink};
use crate::keepers::{Contest, Keeper, Keepers, Rule, Task};

const KEEPERS: u32 = 8;

/// Tasks of a horizon.
const HORIZONS: [u64; 4] = [2, 10, 100, 1000];

/// A pool that is smaller by less than this share has not shrunk.
const SAME: f64 = 1e-9;

/// How bids and pings go together.
const MIXES: [(&str, f64, f64); 4] = [
    ("bids differ", 1.0, 0.0),
    ("pings differ", 0.0, 1.0),
    ("the fast bid more", 1.0, 1.0),
    ("the slow bid more by what their ping costs", 1.0, -1.0),
];

/// Keepers whose bids and pings are evenly spread, in units of the noise: the last bids most for `bid > 0`, and is the
/// fastest for `ping > 0`.
fn spread(bid: f64, ping: f64) -> Result<Keepers> {
    let keeper = |i: u32| {
        let place = f64::from(i) / f64::from(KEEPERS - 1);
        let slow = if ping > 0.0 { 1.0 - place } else { place };
        Keeper { bid: bid * place, ping: ping.abs() * slow, ..Keeper::new(format!("keeper {}", i + 1)) }
    };
    Keepers::new((0..KEEPERS).map(keeper).collect())
}

fn law(keepers: &Keepers) -> Result<Law> {
    Law::of(&Contest::new(keepers, &Rule::Flashbots { lambda: 1.0, temperature: 1.0 }, &Task::default())?)
}

/// Expected number of keepers left when those without work in ten tasks have left, ten times.
fn left(keepers: &Keepers) -> Result<f64> {
    let pool = shrink(keepers.len(), 10, 10, |set| law(&keepers.subset(set.iter().copied())))?;
    Ok(pool.expected.last().copied().unwrap_or(0.0))
}

/// Claim 4.
pub(super) fn shrinking() -> Result<Claim> {
    let alike = spread(0.0, 0.0)?;
    let uniform = Law::of(&Contest::new(&alike, &Rule::uniform(), &Task::default())?)?;
    let mut figures = Figures::default();
    for rounds in HORIZONS {
        figures = figures.with(format!("keepers with work in {rounds} tasks, uniform"), uniform.effective_pool(rounds));
    }
    let mut cases = Vec::new();
    let mut offset = true;
    let mut tenth = Vec::new();
    for (size, mixes) in [(0.0, &MIXES[..1]), (1.0, &MIXES[..]), (4.0, &MIXES[..])] {
        for &(mix, bid, ping) in mixes {
            let law = law(&spread(size * bid, size * ping)?)?;
            for rounds in HORIZONS {
                let pool = law.effective_pool(rounds);
                let shrinks = pool < (1.0 - SAME) * uniform.effective_pool(rounds);
                cases.push(shrinks);
                offset &= !(shrinks && ping < 0.0);
                figures = figures.with(format!("keepers with work in {rounds} tasks, {mix} by {size} tau"), pool);
            }
            if mix == MIXES[0].0 || mix == MIXES[2].0 {
                tenth.push(law.effective_pool(10));
            }
        }
    }
    let wide = spread(4.0, 4.0)?;
    let [soon, late] = [&uniform, &law(&wide)?].map(|law| law.all_selected().unwrap_or(f64::NAN));
    let [stay, stay_wide] = [left(&alike)?, left(&wide)?];
    figures = figures
        .with("tasks until all have had work, uniform", soon)
        .with("tasks until all have had work, the fast bid more by 4 tau", late)
        .with("keepers left after 100 tasks if those without work in ten leave, uniform", stay)
        .with("keepers left after 100 tasks if those without work in ten leave, the fast bid more by 4 tau", stay_wide);
    let at = |i: usize| tenth.get(i).copied().unwrap_or(f64::NAN);
    let finding = format!(
        "of {KEEPERS} keepers {:.2} have work in 10 tasks if all are alike; {:.2} if bids (or λ · pings) differ by the noise τ, {:.2} \
         by 4 τ, {:.2} if the fast bid more; only bid − λ · ping counts: {}; in 1000 tasks {:.2} of these \
         have work instead of {:.2}, and all have had some after {:.0} in the mean, not {:.1}; if those without work in 10 tasks leave, {:.2} are left after 100, instead of {:.2} by the \
         uniform rule",
        at(0),
        at(1),
        at(3),
        at(4),
        if offset {
            "if the slow bid more by what their ping costs, nothing shrinks"
        } else {
            "no other bids restore it"
        },
        law(&wide)?.effective_pool(1000),
        uniform.effective_pool(1000),
        late,
        soon,
        stay_wide,
        stay,
    );
    let quote = "a combination of the gas bid and the ping … produces the undesirable effect of shrinking the effective pool of \
                 potential keepers over any finite time horizon";
    Ok(of_keepers(4, quote, Verdict::over(cases), finding, figures))
}
