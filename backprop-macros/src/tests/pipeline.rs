//! Every stage leaves the numbers as they are: programs run by rustc, by the interpreter on the primal, and by the interpreter on the
//! reverse function after every pass, against central differences of the primal.

use super::programs::{Program, programs};
use super::stages::{primal, reverses};
use crate::differentiate::reverse::Seed;
use crate::ir::interp::{self, Host, Inputs, Outcome, Value};
use crate::ir::{Func, Shape};

#[test]
fn every_stage_keeps_the_numbers() {
    let wrong: Vec<String> = programs()
        .iter()
        .filter_map(|p| check(p).err().map(|e| format!("{}\n{e}\n", p.text)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} programs:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn check(p: &Program) -> Result<(), String> {
    let f = primal(&p.text)?;
    let outcome = interp::run(&f, p.args.clone()).map_err(|e| format!("primal: {e}\n{f}"))?;
    near("the primal and rustc", &results(&outcome), &p.direct, 1e-14)?;
    let expected = differences(&f, &p.args)?;
    let mut count = 0;
    let seed = outcome.ret.as_ref().map(|v| weights(v, &mut count));
    let cotangents = outcome
        .finals
        .iter()
        .map(|v| v.as_ref().map(|v| weights(v, &mut count)))
        .collect();
    let inputs = Inputs {
        args: p.args.clone(),
        seed,
        cotangents,
    };
    compare(&f, Seed::Argument, &inputs, &outcome, &expected)?;
    if f.ret.is_some_and(|r| *f.shape(r) == Shape::Float)
        && outcome.finals.iter().all(Option::is_none)
    {
        compare(&f, Seed::One, &inputs, &outcome, &expected)?;
    }
    Ok(())
}

/// All versions of the reverse function against the differences.
fn compare(
    f: &Func,
    seed: Seed,
    inputs: &Inputs,
    outcome: &Outcome,
    expected: &[Vec<f64>],
) -> Result<(), String> {
    for (stage, d) in reverses(f, seed)? {
        let context = |e: String| format!("{seed:?}, {stage}: {e}\n{d}\nprimal {f}");
        let out = interp::run_with(&d, inputs, &Host::default()).map_err(context)?;
        near("the value", &results(&out), &results(outcome), 1e-14).map_err(context)?;
        for ((param, adjoint), expected) in d
            .params
            .iter()
            .zip(&out.adjoints)
            .zip(expected)
            .filter(|((p, _), _)| p.active)
        {
            let adjoint = adjoint
                .as_ref()
                .ok_or_else(|| context(format!("`{}` has no adjoint", param.name)))?;
            near(
                &format!("the adjoint of `{}`", param.name),
                &leaves(adjoint),
                expected,
                1e-5,
            )
            .map_err(context)?;
        }
    }
    Ok(())
}

fn near(what: &str, a: &[f64], b: &[f64], tolerance: f64) -> Result<(), String> {
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * (1.0 + b.abs());
    if a.len() == b.len() && a.iter().zip(b).all(close) {
        Ok(())
    } else {
        Err(format!("{what}: {a:?} and {b:?}"))
    }
}

/// Central differences of the weighted sum of all results, by every float of every argument.
fn differences(f: &Func, args: &[Value]) -> Result<Vec<Vec<f64>>, String> {
    const H: f64 = 1e-6;
    let total = |args: Vec<Value>| -> Result<f64, String> {
        let all = results(&interp::run(f, args)?);
        Ok(all.iter().enumerate().map(|(k, x)| weight(k) * x).sum())
    };
    let mut out = Vec::new();
    for (k, arg) in args.iter().enumerate() {
        let mut row = Vec::new();
        for leaf in 0..leaves(arg).len() {
            let moved = |h: f64| {
                let mut args = args.to_vec();
                let mut at = 0;
                floats(&mut args[k], &mut |x| {
                    if at == leaf {
                        *x += h;
                    }
                    at += 1;
                });
                total(args)
            };
            row.push((moved(H)? - moved(-H)?) / (2.0 * H));
        }
        out.push(row);
    }
    Ok(out)
}

/// The cotangent of the result number `k`; that of the first is 1, so that both seeds agree.
fn weight(k: usize) -> f64 {
    1.0 + 0.3 * k as f64
}

/// A cotangent of the shape of `like`.
fn weights(like: &Value, count: &mut usize) -> Value {
    let mut v = like.zero();
    floats(&mut v, &mut |x| {
        *x = weight(*count);
        *count += 1;
    });
    v
}

/// The floats of the result, then those of what `&mut` parameters are left with.
fn results(out: &Outcome) -> Vec<f64> {
    out.ret
        .iter()
        .chain(out.finals.iter().flatten())
        .flat_map(leaves)
        .collect()
}

fn leaves(v: &Value) -> Vec<f64> {
    let mut out = Vec::new();
    floats(&mut v.clone(), &mut |x| out.push(*x));
    out
}

fn floats(v: &mut Value, f: &mut dyn FnMut(&mut f64)) {
    match v {
        Value::Float(x) => f(x),
        Value::Seq(list) | Value::Tuple(list) => list.iter_mut().for_each(|v| floats(v, f)),
        Value::Struct(fields) | Value::Variant(_, fields) => {
            fields.values_mut().for_each(|v| floats(v, f))
        }
        Value::Int(_) | Value::Bool(_) | Value::Unit | Value::Undef | Value::Zero => {}
    }
}
