//! Shares filled at each level, component by component.

use crate::kernels::matched::Sides;
use crate::kernels::sum::Sum;
use crate::pool_tree::Model;
use crate::pool_tree::model::scale_free_shares;
use crate::pool_tree::{Component, Kind, Level, Schedule};

/// What a class fills in windows of any length, for some law of its counts.
///
/// Time is counted in orders of the class, both sides.
pub(crate) trait Filling: Copy {
    /// The share of the class that a window of `t` orders fills.
    fn filled(self, t: f64) -> f64 {
        self.filled_between(0.0, t)
    }

    /// The share of the class that a window of `t2` orders fills beyond what windows of `t1` inside it have filled.
    fn filled_between(self, t1: f64, t2: f64) -> f64;

    /// The share of the class that windows of `t` orders leave unfilled.
    fn unfilled(self, t: f64) -> f64;
}

/// Independent Poisson counts.
impl Filling for Sides {
    fn filled(self, t: f64) -> f64 {
        Self::filled(self, t)
    }

    fn filled_between(self, t1: f64, t2: f64) -> f64 {
        Self::filled_between(self, t1, t2)
    }

    fn unfilled(self, t: f64) -> f64 {
        Self::unfilled(self, t)
    }
}

/// Shares of all orders filled at each level of a schedule, and unfilled after it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fills {
    /// `F_h / Λ` by level.
    pub(crate) filled: Vec<f64>,
    /// `1 - M_h / Λ` by level.
    pub(crate) unfilled: Vec<f64>,
}

/// The flow taken apart into groups of classes once, for fills between any two levels.
pub(crate) struct Steps<'m> {
    model: &'m Model,
    groups: Vec<(Sides, Group)>,
}

impl<'m> Steps<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        let groups = model.flow().weighted().flat_map(|(share, component)| {
            let sides = sides(component);
            groups(model, share, component).into_iter().map(move |group| (sides, group))
        });
        Self { model, groups: groups.collect() }
    }

    /// Share of all orders that `level` fills beyond what the next lower level did.
    pub(crate) fn filled(&self, below: Option<&Level>, level: &Level) -> f64 {
        let mut filled = Sum::default();
        for (sides, group) in self.groups.iter().filter(|(_, group)| group.meets_at <= level.height) {
            let below = below.filter(|below| group.meets_at <= below.height);
            let before = below.map_or(0.0, |below| group.orders(self.model, below));
            filled.add(group.share * sides.filled_between(before, group.orders(self.model, level)));
        }
        filled.value().min(1.0)
    }
}

/// Equally active swap classes whose sides meet from the same height on.
struct Group {
    /// Share of all orders.
    share: f64,
    /// Lowest height at which both sides lie in one pool.
    meets_at: u32,
    /// Orders of one class per unit time are `rate · γ^exponent`, kept apart because `γ^exponent` may underflow alone.
    rate: f64,
    exponent: i64,
    /// Whether a pool of height `h` sees only the share `γ^(h-k)` of the class.
    spread: bool,
}

/// Equally active classes as one pool and window of a level see them.
pub(crate) struct Classes {
    /// Share of all orders.
    pub(crate) share: f64,
    /// Shares of the two sides.
    pub(crate) sides: Sides,
    /// Expected orders of one class, both sides, in one pool and window.
    pub(crate) orders: f64,
}

/// The classes that can meet at a level.
pub(crate) fn classes_at(model: &Model, level: &Level) -> Vec<Classes> {
    let classes = model.flow().weighted().flat_map(|(share, component)| {
        let meets = groups(model, share, component).into_iter().filter(|group| group.meets_at <= level.height);
        meets.map(|group| Classes { share: group.share, sides: sides(component), orders: group.orders(model, level) })
    });
    classes.collect()
}

impl Fills {
    /// The fills of every component of the model's flow on `schedule`.
    pub(crate) fn new(model: &Model, schedule: &Schedule) -> Self {
        Self::under(model, schedule, |_| true, |sides| sides)
    }

    /// The fills of the components whose kind is `wanted`, under any law of the counts: `law` of the two sides' shares of a
    /// class.
    ///
    /// Fills telescope whatever the law, because matching one to one never changes `N+ - N-`; what is needed is the
    /// counts' marginal law in one pool and window.
    pub(crate) fn under<F: Filling>(
        model: &Model,
        schedule: &Schedule,
        wanted: impl Fn(&Kind) -> bool,
        law: impl Fn(Sides) -> F,
    ) -> Self {
        let levels = schedule.levels();
        let mut filled = vec![Sum::default(); levels.len()];
        let mut unfilled = vec![Sum::default(); levels.len()];
        for (share, component) in model.flow().weighted().filter(|(_, component)| wanted(component.kind())) {
            let sides = law(sides(component));
            for group in groups(model, share, component) {
                let mut below = 0.0; // expected orders of the class per window of the next lower level
                for (i, level) in levels.iter().enumerate() {
                    if level.height < group.meets_at {
                        unfilled[i].add(group.share);
                        continue;
                    }
                    let orders = group.orders(model, level);
                    filled[i].add(group.share * sides.filled_between(below, orders));
                    unfilled[i].add(group.share * sides.unfilled(orders));
                    below = orders;
                }
            }
        }
        // Shares divided by their sum may add up to one rounding above 1.
        let values = |sums: Vec<Sum>| sums.into_iter().map(|sum| sum.value().min(1.0)).collect();
        Self { filled: values(filled), unfilled: values(unfilled) }
    }

    /// `M_h / Λ` in ever longer windows, for every height `0..=k`: the share of the orders that can meet in a pool of that
    /// height and are not the surplus of their class.
    ///
    /// ```text
    /// lim_{T → ∞} M_h / Λ = Σ_{classes meeting at or below h} share · 2 min(side share, 1 - side share)
    /// ```
    pub(crate) fn in_long_windows(model: &Model) -> Vec<f64> {
        Self::by_height(model, |side, group, _| group.share * 2.0 * side.min(1.0 - side))
    }

    /// `M_h / (Λ T)` in ever shorter windows, for every height `0..=k`; `M_h / Λ` never exceeds `T` times it, because
    /// `min(N+, N-) ≤ N+ N-`.
    ///
    /// ```text
    /// lim_{T → 0} M_h / (Λ T) = Σ_classes share · 2 side share (1 - side share) · orders of the class per pool and unit time
    /// ```
    pub(crate) fn per_time_in_short_windows(model: &Model) -> Vec<f64> {
        Self::by_height(model, |side, group, height| {
            let unit = Level { height, latency: 0.0, period: 1.0, offset: 0.0, deadline: 0.0 };
            group.share * 2.0 * side * (1.0 - side) * group.orders(model, &unit)
        })
    }

    /// Sums a quantity over the groups that meet at or below each height.
    fn by_height(model: &Model, of: impl Fn(f64, &Group, u32) -> f64) -> Vec<f64> {
        let mut sums = vec![Sum::default(); model.tree().depth() as usize + 1];
        for (share, component) in model.flow().weighted() {
            for group in groups(model, share, component) {
                for height in group.meets_at..=model.tree().depth() {
                    sums[height as usize].add(of(component.side_share(), &group, height));
                }
            }
        }
        sums.into_iter().map(Sum::value).collect()
    }
}

impl Group {
    /// Expected orders of one class, both sides, in one pool and window of `level`.
    fn orders(&self, model: &Model, level: &Level) -> f64 {
        let tree = model.tree();
        let seen = if self.spread { i64::from(level.height) - i64::from(tree.depth()) } else { 0 };
        tree.scaled(self.rate * level.period, self.exponent + seen)
    }
}

fn sides(component: &Component) -> Sides {
    Sides { plus: component.side_share(), minus: 1.0 - component.side_share() }
}

/// The groups of classes of one component that has `share` of the flow.
fn groups(model: &Model, share: f64, component: &Component) -> Vec<Group> {
    let tree = model.tree();
    let (arity, depth) = (f64::from(tree.arity()), tree.depth());
    let per_pair = share * model.flow().rate() / model.flow().asset_pairs();
    // γ^(k-j) pools of height j, γ(γ-1) ordered pairs of children in each; at height 0 one class per operator.
    let meet_at = |share: f64, rate: f64, j: u32| Group {
        share,
        meets_at: j,
        rate: if j == 0 { rate } else { rate / (arity * (arity - 1.0)) },
        exponent: i64::from(j) - i64::from(depth),
        spread: false,
    };
    match *component.kind() {
        Kind::Uniform => vec![Group { share, meets_at: 0, rate: per_pair, exponent: 0, spread: true }],
        Kind::SingleSite { .. } => vec![Group { share, meets_at: 0, rate: per_pair, exponent: 0, spread: false }],
        Kind::MeetAt { height } | Kind::Nearby { height } => vec![meet_at(share, per_pair, height)],
        Kind::Opposite => vec![meet_at(share, per_pair, depth)],
        Kind::ScaleFree { exponent } => (1..=depth)
            .zip(scale_free_shares(tree, exponent))
            .map(|(j, part)| meet_at(share * part, per_pair * part, j))
            .collect(),
        Kind::CircleDistance { distance } => {
            // Ordered pairs of operators: 2N, or N where the distance is half the circle.
            let opposite = tree.operators().is_some_and(|n| n % 2 == 0 && distance == n / 2);
            let rate = if opposite { per_pair } else { per_pair / 2.0 };
            (1..=depth)
                .map(|h| Group {
                    share: share * meets_exactly_at(model, distance, h),
                    meets_at: h,
                    rate,
                    exponent: -i64::from(depth),
                    spread: false,
                })
                .filter(|group| group.share > 0.0)
                .collect()
        }
        // Every class by itself: `super::network`.
        Kind::Custom(_) => Vec::new(),
    }
}

/// Share of the operator pairs `distance` apart on the circle whose lowest common pool has `height`.
///
/// A pool of `m` neighbours below the root holds both ends of `m - d` of the pairs that start in it; all meet at the root.
fn meets_exactly_at(model: &Model, distance: u64, height: u32) -> f64 {
    let tree = model.tree();
    let d = distance as f64;
    let apart = |h: u32| tree.scaled(d, -i64::from(h)); // d/m, the share of pairs cut apart by the seams if below 1
    let below = apart(height - 1).min(1.0);
    if height == tree.depth() {
        below
    } else if below < 1.0 {
        below - apart(height)
    } else {
        // 1 - d/m from whole numbers where they fit, so that neighbours of the seam do not cancel.
        tree.size(height).map_or(1.0 - apart(height), |m| m.saturating_sub(distance) as f64 / m as f64).max(0.0)
    }
}
