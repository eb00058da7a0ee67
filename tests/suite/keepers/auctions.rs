//! Keepers: auctions.
//!
//! Statistical tests: fixed seeds, and less than one false alarm in a million over the whole file. The joint tests share
//! `8e-7` equally ([`ALARM`] each); deviations are 700 one-component tests at `|z| > 6.5`, in sum below `1e-7`.

mod deviations;
mod exact;
mod played;
mod properties;

use pooltree::keepers::GasAuction;
use pooltree::keepers::model::{PrivateValue, ValueLaw};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// False-alarm rate of one joint test, of which there are at most 80.
const ALARM: f64 = 1e-8;

/// Standard errors beyond which a single component disagrees.
const BAND: f64 = 6.5;

fn auction([value, fixed, share, reserve]: [f64; 4]) -> GasAuction {
    GasAuction::new(value, fixed, share, reserve).unwrap()
}

fn law(law: ValueLaw) -> PrivateValue {
    PrivateValue::new(law).unwrap()
}

fn rng(stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_121);
    rng.set_stream(stream);
    rng
}

/// Laws with enough moments for tests of means.
const LAWS: [ValueLaw; 5] = [
    ValueLaw::Uniform,
    ValueLaw::Power { exponent: 0.5 },
    ValueLaw::Power { exponent: 3.0 },
    ValueLaw::Exponential,
    ValueLaw::Pareto { shape: 12.0 },
];
