use super::*;
use approx::assert_relative_eq;

#[test]
fn geometric_sides() -> Result<()> {
    // Shape 1, all by hand: E min = x²/(1 + 2x).
    for x in [1e-12, 1e-3, 0.1, 1.0, 7.0, 100.0, 1e6, 1e9] {
        assert_relative_eq!(unfilled_share(1.0, x)?, (1.0 + x) / (1.0 + 2.0 * x), max_relative = 4e-15);
        assert_relative_eq!(filled_share(1.0, x)?, x / (1.0 + 2.0 * x), max_relative = 4e-15);
        let drop = x / (1.0 + 2.0 * x) / (1.0 + 4.0 * x);
        assert_relative_eq!(filled_share_between(1.0, 1.0, 1.0, x, 2.0 * x)?, drop, max_relative = 2e-14);
    }
    Ok(())
}

#[test]
fn ends_of_the_range() -> Result<()> {
    for shape in [1e-6, 1.0, 1e12] {
        assert_eq!(unfilled_share(shape, 0.0)?, 1.0);
        assert_eq!(filled_share(shape, 0.0)?, 0.0);
        assert_eq!(unfilled_share_of_sides(shape, 0.0, 3.0)?, 1.0);
        let floor = unfilled_share_in_large_pools(shape)?;
        assert_relative_eq!(unfilled_share(shape, f64::MAX)?, floor, max_relative = 1e-12);
        assert!(filled_share(shape, f64::MIN_POSITIVE)? > 0.0);
        // Steady factors leave the surplus of 1/3 only, up to the rounding of 1 - 1/3.
        let filled = filled_share_between(shape, 1.0, 2.0, 0.0, f64::MAX / 4.0)?;
        assert!(filled <= 2.0 / 3.0 * (1.0 + f64::EPSILON), "{filled}");
    }
    // In endless windows lopsided sides still are lopsided.
    assert_relative_eq!(filled_share_between(1.0, 1e-12, 1.0, 0.0, 1e162)?, 2e-12, max_relative = 1e-11);
    for shape in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-7] {
        assert!(unfilled_share(shape, 1.0).is_err());
        assert!(unfilled_share_in_large_pools(shape).is_err());
    }
    assert!(unfilled_share(1.0, f64::NAN).is_err());
    assert!(filled_share_between(1.0, 1.0, 1.0, 2.0, 1.0).is_err());
    Ok(())
}
