//! Sites from coordinates: distance on the globe over the speed of light in fibre.

use super::{Sites, check_names};
use crate::error::{Result, checked};
use geographiclib_rs::{Geodesic, InverseGeodesic};
use rayon::prelude::*;
use serde::Serialize;

/// Speed of light in vacuum, in kilometres per millisecond; exact by the definition of the metre.
const LIGHT: f64 = 299.792_458;

/// Where an operator is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// Name of the operator, not empty.
    pub name: String,
    /// Degrees north of the equator, from -90 to 90.
    pub latitude: f64,
    /// Degrees east of Greenwich, from -180 to 180.
    pub longitude: f64,
}

impl Place {
    /// Whether the coordinates are on the globe; the keys are `latitude` and `longitude`.
    pub(super) fn check(&self) -> Result<()> {
        for (key, value, most) in [("latitude", self.latitude, 90.0), ("longitude", self.longitude, 180.0)] {
            checked(
                key,
                value,
                |v| (-most..=most).contains(&v),
                &format!("a number of degrees from -{most} to {most}"),
            )?;
        }
        Ok(())
    }

    /// Length in kilometres of the shortest way to another place on the WGS84 ellipsoid.
    ///
    /// Source: C. F. F. Karney, "Algorithms for geodesics", Journal of Geodesy 87 (2013), 43-55; to about 15 nanometres.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for coordinates that are not on the globe.
    pub fn distance(&self, other: &Self) -> Result<f64> {
        self.check()?;
        other.check()?;
        Ok(distance(&Geodesic::wgs84(), self, other))
    }
}

/// Kilometres; from the same place first whichever is given first, so that the order does not change the last digit.
fn distance(globe: &Geodesic, a: &Place, b: &Place) -> f64 {
    let before = a.latitude.total_cmp(&b.latitude).then(a.longitude.total_cmp(&b.longitude)).is_le();
    let (a, b) = if before { (a, b) } else { (b, a) };
    let metres: f64 = globe.inverse(a.latitude, a.longitude, b.latitude, b.longitude);
    metres / 1e3
}

/// A distance in kilometres, rounded to whole metres, 5 nanoseconds of fibre: no cable is known better, and the last digits
/// differ between platforms.
fn to_the_metre(distance: f64) -> f64 {
    (distance * 1e3).round() / 1e3
}

/// What lies between two operators: fibre, and a fixed time per hop.
///
/// ```text
/// one way = distance / (share · c) + overhead        0 from an operator to itself
/// ```
///
/// ```
/// use pooltree::network::sites::Fibre;
/// // 1 ms of light in vacuum takes 1.5 ms at two thirds of its speed.
/// assert!((Fibre::default().one_way(299.792458) - 1.5).abs() < 1e-15);
/// assert!((Fibre::new(0.5, 3.0)?.one_way(299.792458) - 5.0).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fibre {
    share: f64,
    overhead: f64,
}

impl Default for Fibre {
    /// Two thirds of the speed of light, no overhead.
    fn default() -> Self {
        Self { share: 2.0 / 3.0, overhead: 0.0 }
    }
}

impl Fibre {
    /// `share` of the speed of light in vacuum (glass: about 2/3; detours of the cable make it smaller), `overhead` in
    /// milliseconds per hop.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) unless `share` is from 0.001 to 1 and `overhead` from 0 to 1e9.
    pub fn new(share: f64, overhead: f64) -> Result<Self> {
        checked("share", share, |s| (0.001..=1.0).contains(&s), "at least 0.001 and at most 1")?;
        checked("overhead", overhead, |o| (0.0..=1e9).contains(&o), "at least 0 and at most 1e9")?;
        Ok(Self { share, overhead })
    }

    /// Share of the speed of light in vacuum.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Milliseconds per hop.
    pub fn overhead(&self) -> f64 {
        self.overhead
    }

    /// Milliseconds from an operator to another at a distance in kilometres.
    pub fn one_way(&self, distance: f64) -> f64 {
        distance / (self.share * LIGHT) + self.overhead
    }
}

/// What was done to make [`Sites`] of a file of places.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacesReport {
    /// Number of sites.
    pub sites: usize,
    /// Columns beside name, latitude and longitude, which were not read.
    pub ignored_columns: Vec<String>,
    /// Pairs of sites at the same place: nothing but the overhead lies between them.
    pub pairs_at_one_place: usize,
}

impl PlacesReport {
    /// Counts what is counted here.
    #[cfg(feature = "csv")]
    pub(super) fn new(sites: &Sites, fibre: &Fibre, ignored_columns: Vec<String>) -> Self {
        let n = sites.len();
        let together = |i: usize| sites.row(i).iter().skip(i + 1).filter(|&&latency| latency == fibre.overhead).count();
        Self { sites: n, ignored_columns, pairs_at_one_place: (0..n).map(together).sum() }
    }
}

impl Sites {
    /// Latencies from the distances on the globe to the metre; see [`Fibre`] for the formula, [`Place::distance`] for the distance.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for no places or more than [`MOST_SITES`](super::MOST_SITES), a name that is empty or there twice
    /// (`names.index`), or coordinates that are not on the globe (`places.index.latitude`).
    ///
    /// ```
    /// use pooltree::network::Sites;
    /// use pooltree::network::sites::{Fibre, Place};
    /// let place = |name: &str, longitude| Place { name: name.into(), latitude: 0.0, longitude };
    /// let sites = Sites::from_places(&[place("west", -0.5), place("east", 0.5)], &Fibre::new(1.0, 0.25)?)?;
    /// // One degree of the equator, whose radius is 6378.137 km: 111.3195 km.
    /// let degree = (6378137.0 * std::f64::consts::PI / 180.0).round() / 1e3;
    /// assert!((sites.one_way(0, 1) - (degree / 299.792458 + 0.25)).abs() < 1e-12);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn from_places(places: &[Place], fibre: &Fibre) -> Result<Self> {
        let names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
        check_names(&names)?;
        for (i, place) in places.iter().enumerate() {
            place.check().map_err(|e| e.within(&format!("places.{i}")))?;
        }
        let n = places.len();
        let globe = Geodesic::wgs84();
        let rows: Vec<Vec<f64>> = (0..n)
            .into_par_iter()
            .map(|i| (0..i).map(|j| fibre.one_way(to_the_metre(distance(&globe, &places[i], &places[j])))).collect())
            .collect();
        let mut one_way = vec![0.0; n * n];
        for (i, row) in rows.iter().enumerate() {
            for (j, &latency) in row.iter().enumerate() {
                one_way[i * n + j] = latency;
                one_way[j * n + i] = latency;
            }
        }
        Self::new(names, one_way)
    }
}
