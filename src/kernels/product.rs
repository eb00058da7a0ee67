//! Products of matrices with the same bits on every platform.

use nalgebra::DMatrix;

/// `a · b`, column by column. The product of `nalgebra` sums in an order that depends on the processor.
pub(crate) fn product(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let mut product = DMatrix::zeros(a.nrows(), b.ncols());
    for (mut column, right) in product.column_iter_mut().zip(b.column_iter()) {
        column.gemv(1.0, a, &right, 0.0);
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_written_out() {
        let a = DMatrix::from_fn(7, 9, |i, j| (3 * i + 5 * j) as f64);
        let b = DMatrix::from_fn(9, 8, |i, j| i as f64 - 2.0 * j as f64);
        assert_eq!(product(&a, &b), &a * &b); // integers: exact in any order
        assert_eq!(product(&DMatrix::zeros(0, 2), &DMatrix::zeros(2, 3)).shape(), (0, 3));
        assert_eq!(product(&DMatrix::zeros(2, 0), &DMatrix::zeros(0, 3)), DMatrix::zeros(2, 3));
    }
}
