//! Sites as a scenario has them: where their latencies come from, and how their pools are made.

use super::{Fibre, Place, RoundTripReport, Sites, divide, pool_latencies};
use crate::error::{Error, Result, checked};
use crate::pool_tree::{Latency, LatencyModel, PoolTree, Pools, RingStatistic};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// Sites with what is known about where they are: the section `[sites]` of a scenario, everything in it.
///
/// ```
/// use pooltree::network::sites::{Division, Fibre, Place, Survey};
/// let place = |name: &str, longitude| Place { name: name.into(), latitude: 0.0, longitude };
/// let places = [place("a", 0.0), place("b", 90.0), place("c", 1.0), place("d", 91.0)].to_vec();
/// let survey = Survey::of_places(places, Fibre::default())?;
/// let pools = survey.pools(&Division::Even { arity: 2, depth: 2 })?;
/// assert_eq!(pools.members(1, 0), [0, 2]);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Survey {
    /// Where the sites are and what lies between, unless the latencies themselves are given.
    places: Option<(Arc<[Place]>, Fibre)>,
    sites: Arc<Sites>,
    /// What was made of measurements.
    notes: Vec<String>,
}

/// The same latencies, wherever they come from.
impl PartialEq for Survey {
    fn eq(&self, other: &Self) -> bool {
        self.places == other.places && self.sites == other.sites
    }
}

/// How the pools over sites are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Division {
    /// Every pool above height 1 is divided into `arity` compact parts of even size; height `depth` is the root, pools of
    /// height 1 hold what is left.
    Even {
        /// Parts of a pool, at least 2.
        arity: u32,
        /// Height of the root.
        depth: u32,
    },
    /// As [`divide`] has it.
    Arities {
        /// Parts of a pool, from the root down.
        arities: Vec<u32>,
    },
}

impl Survey {
    /// Latencies from places on the globe.
    ///
    /// # Errors
    /// As [`Sites::from_places`].
    pub fn of_places(places: Vec<Place>, fibre: Fibre) -> Result<Self> {
        let sites = Arc::new(Sites::from_places(&places, &fibre)?);
        Ok(Self { places: Some((places.into(), fibre)), sites, notes: Vec::new() })
    }

    /// Latencies as they are.
    pub fn of_sites(sites: Sites) -> Self {
        Self { places: None, sites: Arc::new(sites), notes: Vec::new() }
    }

    /// Latencies from measured round trips, with what was made of them.
    pub fn of_round_trips(sites: Sites, report: &RoundTripReport) -> Self {
        Self { notes: report.sentences(), ..Self::of_sites(sites) }
    }

    /// What was made of measurements, a sentence each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Names and latencies.
    pub fn sites(&self) -> &Sites {
        &self.sites
    }

    /// Where they are, and what lies between; `None` where the latencies themselves are given.
    pub fn places(&self) -> Option<(&[Place], Fibre)> {
        self.places.as_ref().map(|(places, fibre)| (&**places, *fibre))
    }

    /// Compact pools.
    ///
    /// # Errors
    /// As [`divide`], with the keys `arity`, `depth` and `arities`; [`Error::Domain`] for a depth at which pools are single
    /// operators before height 0.
    pub fn pools(&self, division: &Division) -> Result<Pools> {
        let n = self.sites.len();
        let (arity, depth) = match division {
            Division::Even { arity, depth } => (arity, depth),
            Division::Arities { arities } => return divide(&self.sites, arities),
        };
        if *arity < 2 {
            return Err(Error::domain("arity", arity, "an integer of at least 2"));
        }
        // The largest pool after i divisions holds ⌈n / γ^i⌉ operators.
        let mut most = 0;
        let mut left = n;
        while left > 1 {
            (left, most) = (left.div_ceil(*arity as usize), most + 1);
        }
        if *depth > most || (*depth == 0 && n > 1) {
            let least = u32::from(n > 1);
            let allowed = format!("an integer from {least} to {most} for {n} sites divided by {arity}");
            return Err(Error::domain("depth", depth, allowed));
        }
        if *depth == 0 {
            return Pools::regular(&PoolTree::new(*arity, 0)?); // one operator, whose pool is the global one
        }
        divide(&self.sites, &vec![*arity; *depth as usize - 1])
    }

    /// The latency of every pool over these sites, in units of time: `scale` of them are a millisecond.
    ///
    /// # Errors
    /// As [`pool_latencies`], and [`Error::Domain`] for a `scale` that is not finite and above 0.
    pub fn latency(&self, pools: &Pools, statistic: RingStatistic, scale: f64) -> Result<Latency> {
        checked("scale", scale, |s| s > 0.0, "finite and above 0")?;
        let mut latencies = pool_latencies(&self.sites, pools, statistic)?;
        latencies.iter_mut().flatten().for_each(|latency| *latency *= scale);
        Latency::new(LatencyModel::Sites { statistic, scale, pools: Arc::new(latencies) })
    }

    /// Index of the operator of that name.
    pub(crate) fn operator(&self, name: &str) -> Option<usize> {
        self.sites.names().iter().position(|own| own == name)
    }
}

/// As the section `[sites]` of a scenario.
impl Serialize for Survey {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Survey", 3)?;
        if let Some((places, fibre)) = &self.places {
            out.serialize_field("fibre", &fibre.share())?;
            out.serialize_field("overhead", &fibre.overhead())?;
            out.serialize_field("list", &**places)?;
        } else {
            let rows: Vec<&[f64]> = (0..self.sites.len()).map(|i| self.sites.row(i)).collect();
            out.serialize_field("names", self.sites.names())?;
            out.serialize_field("one_way", &rows)?;
        }
        out.end()
    }
}
