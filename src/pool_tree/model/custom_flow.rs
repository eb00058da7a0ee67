//! Order flows that differ from operator to operator.

use crate::error::{Error, Result, checked};
use crate::kernels::sum::Sum;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A swap class: orders that want the one swap and orders that want its reverse, wherever they arrive.
///
/// Both sides are independent Poisson processes at every operator; an order of one side matches an order of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// What the orders of the first and of the second side sell, where it has names.
    pair: Option<[String; 2]>,
    /// Operator and orders per unit time of either side, by operator; each operator once.
    rates: Vec<(usize, [f64; 2])>,
    /// How many equal classes this stands for.
    copies: u64,
}

impl Class {
    /// - `sides`: operator and rate of the orders of either side; rates of one operator and side add up.
    ///
    /// # Errors
    /// [`Error::Domain`] for a rate that is not finite and at least 0, [`Error::NotFinite`] if their sum overflows.
    ///
    /// ```
    /// use pooltree::pool_tree::Class;
    /// let class = Class::new([&[(3, 0.5), (1, 1.0)], &[(1, 2.0)]])?;
    /// assert_eq!(class.rates(), [(1, [1.0, 2.0]), (3, [0.5, 0.0])]);
    /// assert_eq!(class.rate(), 3.5);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn new(sides: [&[(usize, f64)]; 2]) -> Result<Self> {
        let mut rates: Vec<(usize, [f64; 2])> = Vec::new();
        for (side, given) in sides.into_iter().enumerate() {
            for &(operator, rate) in given {
                checked("rate", rate, |r| r >= 0.0, "finite and at least 0")?;
                let mut both = [0.0; 2];
                both[side] = rate;
                rates.push((operator, both));
            }
        }
        rates.sort_by_key(|(operator, _)| *operator);
        rates.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = [kept.1[0] + next.1[0], kept.1[1] + next.1[1]];
            }
            same
        });
        rates.retain(|(_, [a, b])| a + b > 0.0);
        let class = Self { pair: None, rates, copies: 1 };
        if !class.rate().is_finite() {
            return Err(Error::not_finite("rate", f64::MAX, "the sum of the rates of a class"));
        }
        Ok(class)
    }

    /// The same class with names for what orders of the first and of the second side sell.
    #[must_use]
    pub fn with_pair(self, pair: [String; 2]) -> Self {
        Self { pair: Some(pair), ..self }
    }

    /// As many equal classes, whose orders do not match each other's.
    #[must_use]
    pub fn with_copies(self, copies: u64) -> Self {
        Self { copies, ..self }
    }

    /// What orders of the first and of the second side sell, where it has names.
    pub fn pair(&self) -> Option<&[String; 2]> {
        self.pair.as_ref()
    }

    /// How many equal classes this stands for.
    pub fn copies(&self) -> u64 {
        self.copies
    }

    /// Operators at which orders of the class arrive, with the rates of both sides.
    pub fn rates(&self) -> &[(usize, [f64; 2])] {
        &self.rates
    }

    /// Orders per unit time of one copy, both sides.
    pub fn rate(&self) -> f64 {
        self.rates.iter().flat_map(|(_, sides)| sides).copied().collect::<Sum>().value()
    }
}

/// Orders per unit time of any classes at any operators.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomFlow {
    operators: usize,
    classes: Arc<[Class]>,
    rate: f64,
}

impl CustomFlow {
    /// - `operators`: how many there are;
    /// - `classes`: orders of different classes never match.
    ///
    /// # Errors
    /// [`Error::Domain`] for an operator that does not exist or a flow without any order, [`Error::NotFinite`] if the sum of all
    /// rates overflows.
    pub fn new(operators: usize, classes: Vec<Class>) -> Result<Self> {
        for (i, class) in classes.iter().enumerate() {
            if let Some((operator, _)) = class.rates.iter().find(|(operator, _)| *operator >= operators) {
                let allowed = format!("an operator below {operators}");
                return Err(Error::domain(format!("classes.{i}.operator"), operator, allowed));
            }
        }
        let rate = classes.iter().map(|class| class.copies as f64 * class.rate()).collect::<Sum>().value();
        if !rate.is_finite() {
            return Err(Error::not_finite("classes", f64::MAX, "the sum of all rates"));
        }
        if rate == 0.0 {
            return Err(Error::domain("classes", "(no orders)", "at least one rate above 0"));
        }
        Ok(Self { operators, classes: classes.into(), rate })
    }

    /// Number of operators.
    pub fn operators(&self) -> usize {
        self.operators
    }

    /// The classes.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Share of the orders whose class has one side only: they never match.
    pub fn one_sided_share(&self) -> f64 {
        let alone = |class: &&Class| [0, 1].iter().any(|&side| class.rates.iter().all(|(_, rates)| rates[side] == 0.0));
        let orders = self.classes.iter().filter(alone).map(|class| class.copies as f64 * class.rate());
        orders.collect::<Sum>().value() / self.rate
    }

    /// Orders per unit time, both sides of all classes, `Λ`.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (operators, rates): (Vec<usize>, Vec<[f64; 2]>) = self.rates.iter().copied().unzip();
        let mut out = serializer.serialize_struct("Class", 3)?;
        if let Some(pair) = &self.pair {
            out.serialize_field("pair", pair)?;
        }
        out.serialize_field("operators", &operators)?;
        out.serialize_field("rates", &rates)?;
        out.end()
    }
}

impl Serialize for CustomFlow {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("CustomFlow", 1)?;
        out.serialize_field("classes", &*self.classes)?;
        out.end()
    }
}
