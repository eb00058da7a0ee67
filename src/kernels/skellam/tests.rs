use super::Skellam;
use crate::Result;
use crate::kernels::elementary::ln;
use approx::assert_relative_eq;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use statrs::distribution::DiscreteCDF;
use statrs::statistics::{self, Max, Min};

/// From one value to each of the forms, on either side of every switch.
const RATES: [f64; 14] = [0.0, 1e-310, 1e-290, 1e-8, 0.03, 0.7, 3.0, 9.5, 18.0, 40.0, 333.0, 1e4, 1e9, 1e15];

fn pairs() -> impl Iterator<Item = Result<Skellam>> {
    RATES.iter().flat_map(|&a| RATES.iter().map(move |&b| Skellam::new(a, b)))
}

/// Integers from one end to the other, dense around zero and the mean.
fn integers(law: &Skellam) -> impl Iterator<Item = i64> {
    let (mean, deviation) = (law.mean(), law.variance().sqrt());
    let around = [-30.0, -6.0, -1.0, -0.01, 0.0, 0.3, 2.0, 12.0].map(|z| (mean + z * deviation) as i64);
    let far = [i64::MIN, i64::MIN + 1, -(1 << 60), -1_000_000, 1_000_000, 1 << 60, i64::MAX - 1, i64::MAX];
    (-45..=45).chain(around).chain(far)
}

/// The trapezoidal rule on a circle for the generating function's coefficient, 60 digits: neither of the methods here.
#[test]
fn reference_values() -> Result<()> {
    for (function, a, b, k, expected) in [
        ("pmf", 1e12, 1e12, 40_000_000, 5.402_593_757_461_657e-181),
        ("pmf", 0.25, 3e8, -300_500_000, 3.207_897_504_086_821e-186),
        ("pmf", 1e-8, 2e-8, 30, 3.769_987_515_716_281e-273),
        ("pmf", 20.0, 15.0, 37, 8.882_782_353_220_076e-8),
        ("pmf", 20.0, 15.0, 150, 1.133_945_442_314_181_1e-82),
        ("pmf", 500.0, 0.01, 20, 3.503_830_270_423_401e-182),
        ("sf", 1e12, 1e12 + 1e6, 50_000_000, 4.402_207_467_464_392e-285),
        ("cdf", 1e9, 2.5, 999_000_000, 7.622_946_427_308_049e-220),
        ("sf", 5.0, 30.0, 20, 3.097_125_396_921_961_6e-18),
        ("cdf", 10.5, 9.25, -6, 6.332_709_701_041_576e-2),
        ("sf", 1e6, 1e6, -1, 5.001_410_474_047_024e-1),
        ("cdf", 0.75, 0.5, -9, 1.684_419_154_124_368_7e-9),
        ("sf", 900.0, 1e-3, 2000, 1.026_193_158_672_677_2e-218),
        ("mean_abs", 1e-4, 3e-4, 0, 3.999_400_119_981_002e-4),
        ("mean_abs", 20.0, 25.0, 0, 6.756_348_379_767_640_7),
        ("mean_abs", 1e8, 1e8 + 5e3, 0, 1.198_190_573_819_076_6e4),
        ("mean_abs", 1e12, 999_999e6, 0, 1.399_282_237_052_750_5e6),
    ] {
        let law = Skellam::new(a, b)?;
        let value = match function {
            "pmf" => law.pmf(k),
            "cdf" => law.cdf(k),
            "sf" => law.sf(k),
            _ => law.mean_abs(),
        };
        assert_relative_eq!(value, expected, max_relative = 5e-15);
    }
    Ok(())
}

#[test]
fn both_forms_of_the_mass_agree_with_the_convolution() -> Result<()> {
    for (a, b) in [(0.4, 0.9), (17.9, 18.1), (3.0, 120.0), (25.0, 13.0)] {
        let (law, plus, minus) = (Skellam::new(a, b)?, Skellam::new(a, 0.0)?, Skellam::new(b, 0.0)?);
        for k in -30..=60 {
            let convolution: f64 = (0..400).map(|i| plus.pmf(i + k) * minus.pmf(i)).sum();
            assert_relative_eq!(law.pmf(k), convolution, max_relative = 1e-14);
            assert_relative_eq!(law.ln_pmf(k), ln(law.pmf(k)), max_relative = 1e-14);
        }
    }
    Ok(())
}

#[test]
fn sums_of_the_mass() -> Result<()> {
    for (a, b) in [(1e-8, 1e-7), (0.4, 0.9), (17.9, 18.1), (3.0, 120.0), (500.0, 480.0)] {
        let law = Skellam::new(a, b)?;
        let all = -800..=800;
        assert_relative_eq!(all.clone().map(|k| law.pmf(k)).sum::<f64>(), 1.0, max_relative = 1e-14);
        let mean_abs: f64 = all.map(|k| law.pmf(k) * k.abs() as f64).sum();
        assert_relative_eq!(law.mean_abs(), mean_abs, max_relative = 1e-14);
        for k in -20..=20 {
            let (lower, upper) = ((-800..=k).map(|i| law.pmf(i)).sum(), (k + 1..=800).rev().map(|i| law.pmf(i)).sum());
            assert_relative_eq!(law.cdf(k), lower, max_relative = 1e-14);
            assert_relative_eq!(law.sf(k), upper, max_relative = if upper < 0.4 { 1e-14 } else { 1e-13 });
        }
    }
    Ok(())
}

/// `x⁺ P(k - 1) - k P(k) - x⁻ P(k + 1) = 0` couples three probabilities at any rates.
#[test]
fn recurrence_at_all_rates() -> Result<()> {
    for law in pairs() {
        let law = law?;
        for k in integers(&law).filter(|k| k.unsigned_abs() < 1 << 53) {
            let (up, here, down) =
                (law.rate_plus() * law.pmf(k - 1), k as f64 * law.pmf(k), law.rate_minus() * law.pmf(k + 1));
            let size = up + here.abs() + down;
            if size > 1e-290 {
                assert!((up - here - down).abs() <= 1e-14 * size, "{law} at {k}: {up:e} {here:e} {down:e}");
            }
        }
    }
    Ok(())
}

#[test]
fn valid_everywhere() -> Result<()> {
    for law in pairs() {
        let law = law?;
        let mirror = Skellam::new(law.rate_minus(), law.rate_plus())?;
        assert!(law.mean_abs() >= law.mean().abs() && law.mean_abs() == mirror.mean_abs(), "{law}");
        for k in integers(&law) {
            let (pmf, ln_pmf, cdf, sf) = (law.pmf(k), law.ln_pmf(k), law.cdf(k), law.sf(k));
            assert!(pmf <= 1.0 && ln_pmf <= 0.0 && cdf <= 1.0 && sf <= 1.0, "{law} at {k}");
            assert!(pmf >= 0.0 && cdf >= 0.0 && sf >= 0.0 && (cdf + sf - 1.0).abs() < 1e-15, "{law} at {k}");
            assert_eq!(ln_pmf > f64::NEG_INFINITY, k >= law.min() && k <= law.max(), "{law} at {k}");
            if k > i64::MIN {
                assert_eq!((pmf, ln_pmf), (mirror.pmf(-k), mirror.ln_pmf(-k)), "{law} at {k}");
                let step = cdf - law.cdf(k - 1);
                assert!((step - pmf).abs() < 1e-14 && step >= 0.0, "{law} at {k}: {step:e} {pmf:e}");
            }
        }
    }
    Ok(())
}

#[test]
fn degenerate_cases() -> Result<()> {
    let nothing = Skellam::new(0.0, -0.0)?;
    assert_eq!((nothing.pmf(0), nothing.ln_pmf(0), nothing.cdf(-1), nothing.cdf(0)), (1.0, 0.0, 0.0, 1.0));
    assert_eq!((nothing.mean_abs(), nothing.mode(), nothing.skewness()), (0.0, 0, None));
    assert_eq!((nothing.min(), nothing.max(), nothing.inverse_cdf(0.3)?), (0, 0, 0));
    let poisson = Skellam::new(4.0, 0.0)?;
    assert_eq!((poisson.min(), poisson.max(), poisson.mode(), poisson.mean_abs()), (0, i64::MAX, 4, 4.0));
    assert_eq!((poisson.pmf(-1), poisson.cdf(-1), poisson.skewness()), (0.0, 0.0, Some(0.5)));
    assert_relative_eq!(poisson.pmf(60), Skellam::new(0.0, 4.0)?.pmf(-60));
    assert_eq!(Skellam::new(0.0, 4.0)?.excess_kurtosis(), Some(0.25));
    // Normal limit of the mean absolute value: 2 √(x/π).
    assert_relative_eq!(Skellam::new(1e15, 1e15)?.mean_abs(), 2.0 * (1e15 / std::f64::consts::PI).sqrt());
    Ok(())
}

#[test]
fn refuses_what_is_not_a_rate() {
    for bad in [f64::NAN, f64::INFINITY, -1e-300, 1.1e15] {
        for (rates, key) in [((bad, 1.0), "rate_plus"), ((1.0, bad), "rate_minus")] {
            let message = Skellam::new(rates.0, rates.1).map_err(|e| e.to_string());
            assert_eq!(message, Err(format!("{key} = {}: must be a rate in [0, 1e15]", crate::error::shown(bad))));
        }
    }
    let law = Skellam::new(1.0, 1.0);
    for bad in [f64::NAN, -0.1, 1.1] {
        assert!(law.clone().is_ok_and(|law| law.inverse_cdf(bad).is_err()));
    }
    assert!(serde_json::from_str::<Skellam>(r#"{"rate_plus": 1.0, "rate_minus": -1.0}"#).is_err());
    let text = serde_json::to_string(&law.clone().ok()).unwrap_or_default();
    assert_eq!(serde_json::from_str(&text).ok(), law.ok());
}

#[test]
fn quantiles_invert_the_distribution_function() -> Result<()> {
    for law in pairs() {
        let law = law?;
        for p in [5e-324, 1e-300, 1e-40, 0.01, 0.499_999, 0.5, 0.75, 1.0 - 1e-9, 1.0 - f64::EPSILON / 2.0] {
            let k = law.inverse_cdf(p)?;
            assert!(law.cdf(k) >= p && (k == law.min() || law.cdf(k - 1) < p), "{law} at {p}: {k}");
        }
        assert_eq!((law.inverse_cdf(0.0)?, law.inverse_cdf(1.0)?), (law.min(), law.max()));
        let outside = [f64::NAN, -1.0, 2.0].map(|p| DiscreteCDF::inverse_cdf(&law, p));
        assert_eq!(outside, [law.min(), law.min(), law.max()]);
    }
    Ok(())
}

#[test]
fn mode_is_most_likely() -> Result<()> {
    for law in pairs() {
        let law = law?;
        let mode = law.mode();
        assert_eq!(statistics::Mode::mode(&law), Some(mode));
        let neighbours = law.ln_pmf(mode - 1).max(law.ln_pmf(mode + 1));
        assert!(law.ln_pmf(mode) >= neighbours - 1e-14, "{law}: {mode}");
    }
    // For many counts the largest density is at mean - (a - b)/(2(a + b)): a hair on either side of a tie.
    let (b, tie) = (1e9, 1e9 + 0.5 + 1.0 / 6.0);
    assert_eq!(Skellam::new(b + (tie - 1e-5), b)?.mode(), 1_000_000_000);
    assert_eq!(Skellam::new(b + (tie + 1e-5), b)?.mode(), 1_000_000_001);
    Ok(())
}

/// Pearson's statistic of 40 000 draws of `law` in 13 cells, the outer ones open, against `model`.
fn chi_square(law: &Skellam, model: &Skellam) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(20);
    let mut counts = [0_u32; 13];
    for _ in 0..40_000 {
        let k: i64 = rand::distr::Distribution::sample(law, &mut rng);
        counts[(k - model.mean() as i64 + 6).clamp(0, 12) as usize] += 1;
    }
    let cell = |(count, k): (u32, i64)| {
        let place = k + model.mean() as i64;
        let p = match k {
            -6 => model.cdf(place),
            6 => model.sf(place - 1),
            _ => model.pmf(place),
        };
        (f64::from(count) - 4e4 * p).powi(2) / (4e4 * p)
    };
    counts.into_iter().zip(-6..=6).map(cell).sum()
}

#[test]
fn samples_follow_the_law() -> Result<()> {
    // The 1 - 1e-6 quantile of the chi-square distribution with 12 degrees of freedom.
    let bound = 50.83;
    let law = Skellam::new(5.0, 3.0)?;
    assert!(chi_square(&law, &law) < bound);
    assert!(chi_square(&Skellam::new(5.2, 3.2)?, &law) > bound, "the test must see a wrong rate");
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    for (a, b) in [(0.0, 0.0), (0.0, 1e-300), (1e-300, 0.0), (1e15, 1e15)] {
        let draw: f64 = rand::distr::Distribution::sample(&Skellam::new(a, b)?, &mut rng);
        assert!(draw.abs() <= 6.0 * (a + b).sqrt());
    }
    Ok(())
}
