//! Shapes: what a kernel asks of the lengths of its slices, and what it says where they differ.

/// Panics where a slice has not the length that its shape asks for.
#[track_caller]
#[inline]
pub(crate) fn slice<const N: usize>(kernel: &str, name: &str, len: usize, shape: [usize; N]) {
    if shape.iter().product::<usize>() != len {
        mismatch(kernel, name, len, &shape);
    }
}

/// Panics where an adjoint has not the length of what it belongs to.
#[track_caller]
#[inline]
pub(crate) fn adjoint(kernel: &str, name: &str, len: usize, adjoint: usize) {
    assert!(
        len == adjoint,
        "{kernel}: `{name}` has length {len} and its adjoint has length {adjoint}"
    );
}

/// Panics where a tangent has not the length of what it belongs to.
#[track_caller]
#[inline]
pub(crate) fn tangent(kernel: &str, name: &str, len: usize, tangent: usize) {
    assert!(
        len == tangent,
        "{kernel}: `{name}` has length {len} and its tangent has length {tangent}"
    );
}

/// Panics where two slices that go together differ in length.
#[track_caller]
#[inline]
pub(crate) fn same(kernel: &str, (a, a_len): (&str, usize), (b, b_len): (&str, usize)) {
    assert!(
        a_len == b_len,
        "{kernel}: `{a}` has length {a_len} and `{b}` has length {b_len}"
    );
}

/// The number of rows of so many columns in a slice. No rows where there are no columns.
///
/// # Panics
/// Where the last row is not whole.
#[track_caller]
#[inline]
pub(crate) fn rows(kernel: &str, name: &str, len: usize, columns: usize) -> usize {
    if columns == 0 {
        slice(kernel, name, len, [0, 0]);
        return 0;
    }
    assert!(
        len.is_multiple_of(columns),
        "{kernel}: `{name}` has length {len}, which is not a number of whole rows of {columns}"
    );
    len / columns
}

#[cold]
#[inline(never)]
#[track_caller]
fn mismatch(kernel: &str, name: &str, len: usize, shape: &[usize]) -> ! {
    panic!("{kernel}: `{name}` has length {len} and its shape is {shape:?}")
}
