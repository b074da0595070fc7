//! The zoo, and what else has functions of all kinds, with the audited attribute in place of the usual one.

#![allow(
    unused_qualifications,
    unreachable_pub,
    clippy::duplicate_mod,
    reason = "the files are written for another root"
)]

#[path = "../../bugs_of_others.rs"]
mod bugs_of_others;
#[path = "../../regressions.rs"]
mod regressions;
#[path = "../../zoo_arrays.rs"]
mod zoo_arrays;
#[path = "../../zoo_batches.rs"]
mod zoo_batches;
#[path = "../../zoo_bounded.rs"]
mod zoo_bounded;
#[path = "../../zoo_branches.rs"]
mod zoo_branches;
#[path = "../../zoo_calls.rs"]
mod zoo_calls;
#[path = "../../zoo_carried.rs"]
mod zoo_carried;
#[path = "../../zoo_choices.rs"]
mod zoo_choices;
#[path = "../../zoo_closures.rs"]
mod zoo_closures;
#[path = "../../zoo_contract.rs"]
mod zoo_contract;
#[path = "../../zoo_custom.rs"]
mod zoo_custom;
#[path = "../../zoo_enums.rs"]
mod zoo_enums;
#[path = "../../zoo_for.rs"]
mod zoo_for;
#[path = "../../zoo_generics.rs"]
mod zoo_generics;
#[path = "../../zoo_in_place.rs"]
mod zoo_in_place;
#[path = "../../zoo_inactive.rs"]
mod zoo_inactive;
#[path = "../../zoo_items.rs"]
mod zoo_items;
#[path = "../../zoo_iter_mut.rs"]
mod zoo_iter_mut;
#[path = "../../zoo_iterator_values.rs"]
mod zoo_iterator_values;
#[path = "../../zoo_iterators.rs"]
mod zoo_iterators;
#[path = "../../zoo_jacobian.rs"]
mod zoo_jacobian;
#[path = "../../zoo_jvp.rs"]
mod zoo_jvp;
#[path = "../../zoo_kept.rs"]
mod zoo_kept;
#[path = "../../zoo_kept_behind.rs"]
mod zoo_kept_behind;
#[path = "../../zoo_kept_slices.rs"]
mod zoo_kept_slices;
#[path = "../../zoo_macros.rs"]
mod zoo_macros;
#[path = "../../zoo_methods.rs"]
mod zoo_methods;
#[path = "../../zoo_option.rs"]
mod zoo_option;
#[path = "../../zoo_orders.rs"]
mod zoo_orders;
#[path = "../../zoo_outputs.rs"]
mod zoo_outputs;
#[path = "../../zoo_parameters.rs"]
mod zoo_parameters;
#[path = "../../zoo_patterns.rs"]
mod zoo_patterns;
#[path = "../../zoo_pullbacks.rs"]
mod zoo_pullbacks;
#[path = "../../zoo_recursion.rs"]
mod zoo_recursion;
#[path = "../../zoo_returns.rs"]
mod zoo_returns;
#[path = "../../zoo_rewind.rs"]
mod zoo_rewind;
#[path = "../../zoo_rows.rs"]
mod zoo_rows;
#[path = "../../zoo_scratch.rs"]
mod zoo_scratch;
#[path = "../../zoo_scratch_kinds.rs"]
mod zoo_scratch_kinds;
#[path = "../../zoo_second.rs"]
mod zoo_second;
#[path = "../../zoo_straight.rs"]
mod zoo_straight;
#[path = "../../zoo_structs.rs"]
mod zoo_structs;
#[path = "../../zoo_swap.rs"]
mod zoo_swap;
#[path = "../../zoo_tape.rs"]
mod zoo_tape;
#[path = "../../zoo_undo.rs"]
mod zoo_undo;
#[path = "../../zoo_vec.rs"]
mod zoo_vec;
#[path = "../../zoo_while.rs"]
mod zoo_while;
