//! Every elementary function of the rule table: at ordinary points against dual numbers or finite differences, at kinks, at extremes.

#[path = "../common/mod.rs"]
mod common;
mod extremes;
mod functions;
mod kinks;
mod ordinary;
