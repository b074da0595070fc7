//! Loops compiled for several sets of instructions, of which the one that runs is chosen where it runs.
//!
//! A user who compiles without flags gets the instructions that every processor of the target has; on x86-64 these are a quarter or an eighth of what most
//! processors can do. So the inner loops of kernels exist three times there: for AVX-512, for AVX2 with fused multiplication and addition, and for all. (On AArch64 the baseline has
//! vectors and fused operations.) Without `std` the choice is the compiler's flags.
//!
//! The attribute that writes the versions comes from the crate `multiversion`: calling a function whose instructions may not be there is `unsafe`, and it
//! is that crate which asks the processor before. Our own sources hold no `unsafe`.

/// The function in its versions. In it, `fused!()` is whether multiplication and addition are one instruction, and `wide!()` whether vectors have 512 bits.
macro_rules! versions {
    ($(#[$meta:meta])* $vis:vis fn $name:ident<T: Real>($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$meta])*
        #[multiversion::multiversion(targets(
            "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx2+fma",
            "x86_64+avx2+fma"
        ))]
        $vis fn $name<T: Real>($($arg: $type),*) $(-> $ret)? $body
    };
}

/// Inside a function of several versions: whether multiplication and addition are one instruction. Without `std` they are two: what there is of the fused operation
/// is a function that does it with integers.
macro_rules! fused {
    () => {
        cfg!(feature = "std")
            && (cfg!(target_arch = "aarch64")
                || multiversion::target::target_cfg_f!(target_feature = "fma"))
    };
}

/// Inside a function of several versions: whether vectors have 512 bits.
macro_rules! wide {
    () => {
        multiversion::target::target_cfg_f!(target_feature = "avx512f")
    };
}

pub(crate) use {fused, versions, wide};
