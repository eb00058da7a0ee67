//! approx' comparisons for result types, field by field.

/// Implements [`approx::AbsDiffEq`] and [`approx::RelativeEq`] for a struct: `same` fields must be equal, `floats` close,
/// and `nested` sequences (or options) of comparable values close element by element.
macro_rules! compare_floats {
    ($type:ty { same: [$($same:ident),*], floats: [$($float:ident),*], nested: [$($nested:ident),*] $(,)? }) => {
        impl approx::AbsDiffEq for $type {
            type Epsilon = f64;

            fn default_epsilon() -> f64 {
                f64::EPSILON
            }

            fn abs_diff_eq(&self, other: &Self, epsilon: f64) -> bool {
                $(self.$same == other.$same &&)*
                $(f64::abs_diff_eq(&self.$float, &other.$float, epsilon) &&)*
                $(self.$nested.iter().count() == other.$nested.iter().count()
                    && self.$nested.iter().zip(&other.$nested).all(|(a, b)| a.abs_diff_eq(b, epsilon)) &&)*
                true
            }
        }

        impl approx::RelativeEq for $type {
            fn default_max_relative() -> f64 {
                f64::EPSILON
            }

            fn relative_eq(&self, other: &Self, epsilon: f64, max_relative: f64) -> bool {
                $(self.$same == other.$same &&)*
                $(f64::relative_eq(&self.$float, &other.$float, epsilon, max_relative) &&)*
                $(self.$nested.iter().count() == other.$nested.iter().count()
                    && self.$nested.iter().zip(&other.$nested).all(|(a, b)| a.relative_eq(b, epsilon, max_relative)) &&)*
                true
            }
        }
    };
}

pub(crate) use compare_floats;
