//! The two ways to say "this is a constant" inside a differentiated function: [`stop_gradient`] for a value, [`no_grad!`](crate::no_grad)
//! for an expression. Both are the identity; only the differentiating macro gives them their meaning.

/// The identity, whose derivative is taken to be zero.
///
/// ```
/// # use backprop_runtime::stop_gradient;
/// assert_eq!(stop_gradient(3.0), 3.0);
/// ```
#[inline(always)]
pub fn stop_gradient<T>(x: T) -> T {
    x
}

/// Evaluates an expression of any kind as a constant: nothing inside it is differentiated.
///
/// ```
/// # use backprop_runtime::no_grad;
/// let scale = no_grad!([1.0_f64, 4.0].iter().copied().fold(0.0, f64::max));
/// assert_eq!(scale, 4.0);
/// ```
#[macro_export]
macro_rules! no_grad {
    ($constant:expr) => {
        $constant
    };
}
