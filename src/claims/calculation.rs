//! Claims of the back-of-the-envelope calculation.

use super::{Claim, Figures, Verdict, of_pools};
use crate::constant_filling::critical::{CriticalRate, Rival, critical_filling_rate};
use crate::constant_filling::{Attempts, Climb, DelayCounting, closed_form};
use crate::error::{Error, Result};
use crate::kernels::roots::{Root, Valued, scanned};
use crate::pool_tree::closed_form::ClosedForm;
use crate::pool_tree::{Architecture, Discount, DiscountModel};
use crate::scenario::Scenario;

/// The discount of the document's numbers.
fn half() -> Result<Discount> {
    Discount::new(DiscountModel::Factor(0.5))
}

/// Claim 4.
pub(super) fn the_squared_discount() -> Result<Claim> {
    let t = 2.0;
    let (squared, root) = (half()?.after(2.0 * t), half()?.after(t / 2.0));
    let figures = Figures::default().with("beta^(2t)", squared).with("beta^(t/2)", root);
    let finding = format!("β^(2t) is {squared}, β^(t/2) is {root}");
    let quote = "if β = .5 and t = 2: β^(2t) = .125 and β^(.5t) = 1/2";
    Ok(of_pools(4, quote, Verdict::over([squared == 0.125 && root == 0.5]), finding, figures))
}

/// What a share `fast` filled after `t/2` and the rest after `2t` earns beyond one auction after `t`, `x = β^(t/2)`.
fn gain(fast: f64, x: f64) -> f64 {
    fast * x + (1.0 - fast) * x.powi(4) - x * x
}

/// The roots of `f` strictly between 0 and 1.
fn roots_within(f: impl Fn(f64) -> f64) -> Result<Vec<Root>> {
    // Both ends are roots of some of the functions here.
    let points: Vec<f64> = (1..1000).map(|i| f64::from(i) / 1000.0).collect();
    let valued = |x: f64| Ok::<_, Error>(Valued { value: f(x), noise: 4.0 * f64::EPSILON });
    let values = points.iter().map(|&x| valued(x)).collect::<Result<Vec<_>>>()?;
    scanned(valued, &points, &values)
}

/// Claim 5.
pub(super) fn half_fast_half_slow() -> Result<Claim> {
    let roots = roots_within(|x| gain(0.5, x))?;
    let threshold = roots.first().map_or(f64::NAN, |root| root.at);
    let x = half()?.after(0.5);
    let share = roots_within(|share| gain(share, x))?.first().map_or(f64::NAN, |root| root.at);
    let figures = Figures::default()
        .with("beta^(t/2) below which half is enough", threshold)
        .with("(sqrt(5) - 1)/2", (5f64.sqrt() - 1.0) / 2.0)
        .with("beta below which half is enough, t = 1", threshold * threshold)
        .with("gain at beta = .5, t = 2", gain(0.5, half()?.after(1.0)))
        .with("gain at beta = .5, t = 1", gain(0.5, x))
        .with("fast share that is enough at beta = .5, t = 1", share)
        .with("x(1+x)/(1+x+x^2) at beta = .5, t = 1", x * (1.0 + x) / (1.0 + x + x * x));
    let cases = (1..100).map(|i| gain(0.5, f64::from(i) / 100.0) > 0.0);
    let finding = format!(
        "surely only if β^(t/2) < {threshold:.12}, the golden ratio's reciprocal (the fast half may wait less than β^(t/2) says); at \
         β = .5, t = 1 a fast share of {:.4} % is needed",
        100.0 * share
    );
    let quote = "if half the matches have to wait for β^(2t) and the other half at most β^(.5t), we are already better off: \
                 no matter what β is?";
    Ok(of_pools(5, quote, Verdict::over(cases), finding, figures))
}

/// Claim 6: orders filled below the root's children wait for the levels up to there at most, the others for all levels.
pub(super) fn less_than_half() -> Result<Claim> {
    let discount = half()?;
    // Latencies up to a height, the root's being 1 and a child's half of its parent's.
    let until = |depth: u32, height: u32| (1..=height).map(|h| 0.5f64.powi((depth - h) as i32)).sum::<f64>();
    let enough = |depth: u32| {
        let [fast, slow] = [until(depth, depth - 2), until(depth, depth)].map(|time| discount.after(time));
        (discount.after(1.0) - slow) / (fast - slow)
    };
    let depths: Vec<u32> = (3..=12).collect();
    let within = 0.5 * discount.after(2.0) + 0.5 * discount.after(0.5);
    let mut figures = Figures::default()
        .with("welfare of exactly half at the document's numbers", within)
        .with("welfare of the global pool", discount.after(1.0));
    for &depth in &[3, 4, 5, 6, 8, 12] {
        figures = figures.with(format!("fast share that is enough, depth {depth}"), enough(depth));
    }
    let deepest = depths.iter().copied().filter(|&depth| enough(depth) <= 0.5).max();
    let finding = format!(
        "exactly half gives {within:.4} < .5 at the document's numbers; held against a perfect global pool, with every order filled \
         as late as it may be, the share that must be filled below the root's children grows from {:.1} % at depth 3 to {:.1} % at \
         depth 12: half is enough up to depth {}",
        100.0 * enough(3),
        100.0 * enough(12),
        deepest.map_or("none".to_owned(), |depth| depth.to_string())
    );
    let quote = "we have a theoretical benefit from a hierarchical setup if less than half of the order flow has to flow to the \
                 global pool or its direct children";
    Ok(of_pools(6, quote, Verdict::over(depths.iter().map(|&depth| enough(depth) <= 0.5)), finding, figures))
}

/// Claim 7.
pub(super) fn one_additional_layer() -> Result<Claim> {
    let tree = |levels: u32| Climb::tree(2, levels, 0.5, DelayCounting::Cumulative, half()?);
    let welfare = |climb: &Climb| closed_form::evaluate(climb).welfare;
    let same = welfare(&Climb::pool(0.5, 1.0, Attempts::Limited(1), half()?)?);
    let perfect = welfare(&Climb::pool(1.0, 1.0, Attempts::Limited(1), half()?)?);
    let (two, three) = (welfare(&tree(2)?), welfare(&tree(3)?));
    let mut figures = Figures::default()
        .with("one pool of the same filling rate", same)
        .with("one perfect pool", perfect)
        .with("two levels", two)
        .with("three levels", three);
    let mut critical = Vec::new();
    for levels in 2..=6 {
        if let CriticalRate::At(root) = critical_filling_rate(&tree(levels)?, Rival::Perfect)?.rate {
            figures = figures.with(format!("critical filling rate against a perfect pool, {levels} levels"), root.at);
            critical.push(root.at);
        }
    }
    let deeper_helps = critical.windows(2).all(|pair| pair[1] < pair[0]);
    let cases = [two > same, two > perfect, three > same, three > perfect, deeper_helps];
    let finding = format!(
        "two levels give {two:.4}: more than one pool of the same filling rate ({same}), less than a perfect one ({perfect}); \
         three levels give {three:.4} and beat both; against a perfect pool the filling rate must exceed {} with 2, 3, 4 … \
         levels",
        critical.iter().map(|x| format!("{x:.4}")).collect::<Vec<_>>().join(", ")
    );
    let quote = "if we had a matching efficiency of 50%, one additional layer would already suffice … For values below 50%, we would need a \
                 deeper tree";
    Ok(of_pools(7, quote, Verdict::over(cases), finding, figures))
}

/// Claim 8.
pub(super) fn a_constant_rate() -> Result<Claim> {
    let open = Scenario::document().leave_open(&["flow.rate", "timing.period.ratio"])?;
    let rates = |rate: f64, ratio: f64| -> Result<Vec<f64>> {
        let scenario = open.at(&[rate, ratio])?;
        let tree = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree()))?;
        Ok(tree.by_height.iter().map(|height| height.filling_rate).collect())
    };
    let spread = |rates: &[f64]| {
        let rates = rates.iter().copied();
        rates.clone().fold(0.0, f64::max) - rates.fold(1.0, f64::min)
    };
    let (document, thick, cohort) = (rates(64.0, 2.0)?, rates(1e12, 2.0)?, rates(1e12, 1.0)?);
    let mut figures = Figures::default();
    for (height, rate) in document.iter().enumerate() {
        figures = figures.with(format!("filling rate at height {} of the document's tree", height + 1), *rate);
    }
    let at_top = |rates: &[f64]| rates.last().copied().unwrap_or(f64::NAN);
    figures = figures
        .with("in thick pools, a child twice as fast as its parent", at_top(&thick))
        .with("in thick pools, one common window", at_top(&cohort));
    let scenario = Scenario::document();
    let exact = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree()))?.filled_share;
    let climb = Climb::tree(2, 3, 0.5, DelayCounting::Cumulative, half()?)?;
    let constant = closed_form::evaluate(&climb).filled_share;
    figures = figures.with("filled share of the document's tree", exact).with("the same at a constant 50 %", constant);
    // In the document's tree, and where pools are thick with or without the lowest level, which meets fresh orders.
    let [wrong, lowest, forwarded] =
        [spread(&document), spread(&thick), spread(&thick[1..])].map(|spread| spread > 0.05);
    figures = figures
        .with("spread over the levels of the document's tree", spread(&document))
        .with("spread in thick pools", spread(&thick))
        .with("spread in thick pools from the second level on", spread(&thick[1..]));
    let guesses =
        [(at_top(&thick), 0.5), (at_top(&cohort), 0.3)].map(|(found, guess): (f64, f64)| (found - guess).abs() < 0.01);
    let finding = format!(
        "in the document's tree the rates are {}, which fill {:.1} % of all orders where a constant 50 % would fill {:.1} %; in \
         thick pools the rate {} from the second level on: {:.2} % where a child is twice as fast as its parent, {:.2} % with one \
         common window: {}",
        document.iter().map(|rate| format!("{:.1} %", 100.0 * rate)).collect::<Vec<_>>().join(", "),
        100.0 * exact,
        100.0 * constant,
        if forwarded { "differs" } else { "is constant" },
        100.0 * at_top(&thick),
        100.0 * at_top(&cohort),
        if guesses == [true; 2] { "both guesses come out" } else { "not both guesses come out" }
    );
    let cases = [wrong, lowest, forwarded];
    let quote = "I am missing a good value for X, but it should be around 50% or higher, but 30% may work as well … Assuming the \
                 filling rate as constant throughout pools is actually \"wrong\"";
    Ok(of_pools(8, quote, Verdict::over(cases), finding, figures))
}
