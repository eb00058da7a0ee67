//! Order flow: a mixture of components, each a set of equally active swap classes.

use crate::error::{Error, Result, checked, shown};
use crate::kernels::elementary::{exp, ln};
use crate::kernels::sum::Sum;
use crate::pool_tree::{CustomFlow, PoolTree};
use serde::Serialize;

/// Tolerance within which shares must sum to 1; they are divided by their sum, so that rounding in a file has no effect.
const SHARES: f64 = 1e-9;

/// Where the two sides of a component's swap classes arrive, and hence at which heights they can meet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// Both sides spread evenly over all operators; `C` classes.
    Uniform,
    /// For each pool of `height`, each ordered pair of two of its children and each asset pair a class with one side on
    /// either child; at height 0 both sides at one operator.
    MeetAt {
        /// Lowest height at which the two sides can meet.
        height: u32,
    },
    /// Both sides in different children of the root: the document's degenerate case ①.
    Opposite,
    /// Another name for [`Kind::MeetAt`] at a small height: the document's degenerate case ②.
    Nearby {
        /// Lowest height at which the two sides can meet.
        height: u32,
    },
    /// Mixture of [`Kind::MeetAt`] `j = 1..=k` with shares `∝ (γ^j - γ^(j-1)) γ^(-s j)`.
    ScaleFree {
        /// Locality `s`: 0 a counterpart at a uniformly placed other operator, 1 every height alike, large local.
        exponent: f64,
    },
    /// Counterparts exactly `distance` operators apart on the circle.
    CircleDistance {
        /// Distance in operators, from 1 to `⌊N/2⌋`.
        distance: u64,
    },
    /// Both sides at one operator.
    SingleSite {
        /// Index of the operator, below `N`.
        operator: u64,
    },
    /// Classes with rates of their own at every operator, in proportion to each other: together they make the component's
    /// share of the flow.
    Custom(CustomFlow),
}

impl Kind {
    /// The name in a scenario file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::MeetAt { .. } => "meet-at",
            Self::Opposite => "opposite",
            Self::Nearby { .. } => "nearby",
            Self::ScaleFree { .. } => "scale-free",
            Self::CircleDistance { .. } => "circle-distance",
            Self::SingleSite { .. } => "single-site",
            Self::Custom(_) => "custom",
        }
    }
}

/// One component of the flow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Component {
    #[serde(flatten)]
    kind: Kind,
    share: f64,
    /// Of custom classes each has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    side_share: Option<f64>,
}

impl Component {
    /// A component with `share` of all orders, `side_share` of each class's orders on its first side (1/2: matching swaps
    /// are of the same activity).
    ///
    /// # Errors
    /// [`Error::Domain`] unless `0 ≤ share ≤ 1`, `0 ≤ side_share ≤ 1` (1/2 for a custom flow, whose rates say it) and a scale-free
    /// exponent is finite.
    pub fn new(kind: Kind, share: f64, side_share: f64) -> Result<Self> {
        let unit =
            |key: &str, value: f64| checked(key, value, |v| (0.0..=1.0).contains(&v), "at least 0 and at most 1");
        unit("share", share)?;
        unit("side_share", side_share)?;
        match kind {
            Kind::ScaleFree { exponent } => {
                checked("exponent", exponent, |_| true, "finite")?;
            }
            Kind::Custom(_) if side_share != 0.5 => {
                return Err(Error::domain(
                    "side_share",
                    shown(side_share),
                    "left out: the rates of the classes say it",
                ));
            }
            _ => {}
        }
        let side_share = Some(side_share).filter(|_| !matches!(kind, Kind::Custom(_)));
        Ok(Self { kind, share, side_share })
    }

    /// Where the sides arrive.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Share of the total order rate.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Share of a class's orders on its first side; of a custom flow, whose rates say it, 1/2.
    pub fn side_share(&self) -> f64 {
        self.side_share.unwrap_or(0.5)
    }

    /// Checks heights, distances and operators against a tree.
    ///
    /// # Errors
    /// [`Error::Domain`] for a height above the depth, a distance or operator off the circle, a kind that needs a tree
    /// of depth 1 at least or a complete one, and a custom flow of another number of operators.
    pub fn check(&self, tree: &PoolTree) -> Result<()> {
        let depth = tree.depth();
        match &self.kind {
            Kind::MeetAt { height } | Kind::Nearby { height } if *height > depth => {
                Err(Error::domain("height", height, format!("an integer from 0 to {depth} (tree.depth)")))
            }
            Kind::ScaleFree { .. } if depth == 0 => Err(Error::domain("kind", "scale-free", "another kind at depth 0")),
            Kind::CircleDistance { .. } if depth == 0 => {
                Err(Error::domain("kind", "circle-distance", "another kind at depth 0, where there is one operator"))
            }
            Kind::CircleDistance { .. } if tree.given_pools().is_some() => {
                let allowed = "another kind where pools are given: their operators are not on a circle";
                Err(Error::domain("kind", "circle-distance", allowed))
            }
            // N = γ^k may exceed u64; then every distance fits.
            Kind::CircleDistance { distance }
                if *distance < 1 || tree.operators().is_some_and(|n| *distance > n / 2) =>
            {
                let most = tree.operators().map_or("half the number of operators".to_owned(), |n| (n / 2).to_string());
                Err(Error::domain("distance", distance, format!("an integer from 1 to {most} (half the circle)")))
            }
            Kind::SingleSite { operator } if tree.operators().is_some_and(|n| *operator >= n) => {
                let most = tree.operators().map_or(0, |n| n - 1);
                Err(Error::domain("operator", operator, format!("an integer from 0 to {most}")))
            }
            Kind::Custom(flow) if tree.operators() != Some(flow.operators() as u64) => {
                let n = tree.operators().map_or_else(|| "more".to_owned(), |n| n.to_string());
                let given = format!("(of {} operators)", flow.operators());
                Err(Error::domain("classes", given, format!("classes of the {n} operators of the tree")))
            }
            _ => Ok(()),
        }
    }
}

/// Shares of the heights `1..=k` in a scale-free flow, `∝ (γ^j - γ^(j-1)) γ^(-s j) ∝ γ^((1 - s) j)`, in a
/// complete tree; they sum to 1.
pub fn scale_free_shares(tree: &PoolTree, exponent: f64) -> Vec<f64> {
    let growth = (1.0 - exponent) * ln(f64::from(tree.arity()));
    // Relative to the largest, which is at one end: nothing overflows.
    let peak = if growth > 0.0 { tree.depth() } else { 1 };
    let weights: Vec<f64> = (1..=tree.depth())
        .map(|j| if j == peak { 1.0 } else { exp(growth * (f64::from(j) - f64::from(peak))) })
        .collect();
    let total = weights.iter().copied().collect::<Sum>().value();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// Total rate, number of assets and components of the order flow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flow {
    rate: f64,
    assets: u32,
    components: Vec<Component>,
}

impl Flow {
    /// A flow of `rate` orders per unit time (both sides of all classes) over `assets` assets.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `rate` is finite and `> 0`, `assets ≥ 2`, and the shares sum to 1 (tolerance 1e-9).
    pub fn new(rate: f64, assets: u32, components: Vec<Component>) -> Result<Self> {
        checked("rate", rate, |rate| rate > 0.0, "finite and above 0")?;
        if assets < 2 {
            return Err(Error::domain("assets", assets, "an integer of at least 2"));
        }
        let total = components.iter().map(|c| c.share).collect::<Sum>().value();
        if !((total - 1.0).abs() <= SHARES) {
            return Err(Error::domain(
                "components",
                format!("(shares sum to {})", shown(total)),
                "shares that sum to 1",
            ));
        }
        Ok(Self { rate, assets, components })
    }

    /// Orders per unit time, `Λ`.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Number of assets `a`.
    pub fn assets(&self) -> u32 {
        self.assets
    }

    /// Number of unordered asset pairs `C = a(a-1)/2`.
    pub fn asset_pairs(&self) -> f64 {
        let assets = f64::from(self.assets);
        assets * (assets - 1.0) / 2.0
    }

    /// The components.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// Each component with its share of the flow, the shares divided by their sum.
    pub(crate) fn weighted(&self) -> impl Iterator<Item = (f64, &Component)> {
        let total = self.components.iter().map(|c| c.share).collect::<Sum>().value();
        self.components.iter().map(move |component| (component.share / total, component))
    }

    /// Checks every component against a tree.
    ///
    /// # Errors
    /// As [`Component::check`], the key prefixed with `components.i`.
    pub fn check(&self, tree: &PoolTree) -> Result<()> {
        self.components
            .iter()
            .enumerate()
            .try_for_each(|(i, component)| component.check(tree).map_err(|e| e.within(&format!("components.{i}"))))
    }
}
