//! The oracle, on functions built by hand.

use proc_macro2::{Ident, Span};
use quote::quote;

use super::super::build::Builder;
use super::super::{
    Adapt, Arg, Bin, Call, Callee, Found, Head, If, Keeps, Loop, Param, Range, Runs, Shape,
    SlotArg, Store, Sweep, Un, Why, empty, verify,
};
use super::*;

fn value(b: &mut Builder) -> V {
    b.fresh(Shape::Float, Span::call_site())
}

fn op(b: &mut Builder, op: Op) -> V {
    b.op(op, Shape::Float, Span::call_site())
}

fn constant(b: &mut Builder, tokens: TokenStream) -> V {
    op(b, Op::Const(tokens.into()))
}

fn param(b: &mut Builder, name: &str, by: By) -> V {
    let v = value(b);
    b.func.params.push(Param {
        v,
        name: Ident::new(name, Span::call_site()),
        by,
        active: true,
        out: false,
    });
    v
}

fn upto(lo: V, hi: V, i: V, adapt: Vec<Adapt>) -> Head {
    Head::For {
        i,
        range: Range {
            lo,
            hi,
            inclusive: false,
            adapt,
        },
    }
}

fn finish(mut b: Builder, ret: Option<V>) -> Func {
    b.func.body = b.close(Vec::new());
    b.func.ret = ret;
    b.func
}

/// `let mut s = 1.0; for i in 0..a.len() { s *= a[i]; } s`: the value, and the loop with its numbers.
fn product(b: &mut Builder, a: V) -> (V, LoopId, V, V, V) {
    let one = constant(b, quote!(1.0));
    let (lo, hi) = (constant(b, quote!(0)), op(b, Op::Len(a, Vec::new())));
    let (s, i, out) = (value(b), value(b), value(b));
    b.open();
    let x = op(b, Op::Get(a, vec![Proj::Index(i)]));
    let next = op(b, Op::Bin(Bin::Mul, s, x));
    let body = b.close(vec![next]);
    let id = b.fresh_loop();
    b.push(Stmt::Loop(Loop {
        id,
        head: upto(lo, hi, i, Vec::new()),
        params: vec![s],
        inits: vec![one],
        body,
        stop: None,
        outs: vec![out],
        trips: None,
        reverses: None,
    }));
    (out, id, s, lo, hi)
}

/// The product and its gradient by hand; what the loop keeps stands in a store, or is only asked for.
fn product_grad(stored: bool) -> Func {
    let mut b = Builder::new(empty("product_grad"));
    let a = param(&mut b, "a", By::Ref);
    if stored {
        b.func.stores.push(Store {
            name: "s".into(),
            stack: None,
            keeps: Keeps::Plain,
            why: Why::Begins,
        });
        b.push(Stmt::Open(0));
    }
    let (ret, id, s, lo, hi) = product(&mut b, a);
    let (d, i, d_out, seed) = (
        value(&mut b),
        value(&mut b),
        value(&mut b),
        op(&mut b, Op::Lit(1.0)),
    );
    b.open();
    let old = op(
        &mut b,
        if stored {
            Op::Restore(0, Some(i), ret)
        } else {
            Op::Kept(id, s)
        },
    );
    let x = op(&mut b, Op::Get(a, vec![Proj::Index(i)]));
    let d_x = op(&mut b, Op::Bin(Bin::Mul, d, old));
    b.push(Stmt::Accum {
        param: 0,
        path: vec![Proj::Index(i)],
        v: d_x,
    });
    let d_s = op(&mut b, Op::Bin(Bin::Mul, d, x));
    let body = b.close(vec![d_s]);
    let reverse = b.fresh_loop();
    let head = upto(lo, hi, i, vec![Adapt::Rev]);
    b.push(Stmt::Loop(Loop {
        id: reverse,
        head,
        params: vec![d],
        inits: vec![seed],
        body,
        stop: None,
        outs: vec![d_out],
        trips: None,
        reverses: Some(id),
    }));
    let mut f = finish(b, Some(ret));
    if stored
        && let Some(Stmt::Loop(l)) = f.body.stmts.iter_mut().find(|s| matches!(s, Stmt::Loop(_)))
    {
        let Head::For { i, .. } = l.head else {
            unreachable!()
        };
        l.body.stmts.insert(
            0,
            Stmt::Save {
                store: 0,
                at: Some(i),
                v: s,
            },
        );
    }
    f.adjoints = vec![None];
    f
}

#[test]
fn what_a_loop_keeps_is_found_with_and_without_a_store() {
    for stored in [false, true] {
        let f = product_grad(stored);
        assert_eq!(
            verify::verify_with(
                &f,
                if stored {
                    verify::Kept::Refused
                } else {
                    verify::Kept::Allowed
                }
            ),
            Ok(()),
            "{f}"
        );
        let out = run(&f, vec![Value::floats(&[2.0, 3.0, 5.0])]).expect("a run");
        assert_eq!(out.ret, Some(Value::Float(30.0)));
        assert_eq!(out.adjoints, [Some(Value::floats(&[15.0, 10.0, 6.0]))]);
    }
}

#[test]
fn the_print_of_a_loop() {
    let text = "\
fn product_grad(active &%0) -> %6 {
  store s0:s on tape
  open s0
  %1 = 1.0
  %2 = 0
  %3 = len %0
  %6 = L0: for %5 in %2..%3 with %4 = %1 {
    s0[%5] <- %4
    %7 = get %0[%5]
    %8 = %4 * %7
    yield %8
  }
  %12 = lit 1.0
  %11 = L1: for %10 in %2..%3 rev with %9 = %12 reversing L0 {
    %13 = s0[%10]
    %14 = get %0[%10]
    %15 = %9 * %13
    d_a[%10] += %15
    %16 = %9 * %14
    yield %16
  }
}
";
    assert_eq!(product_grad(true).to_string(), text);
}

#[test]
fn branches_ranges_and_exits() {
    // let mut k = 0; loop { k += 1; if k > 3 { break; } } then `x` or `-x` by whether k is 4.
    let mut b = Builder::new(empty("f"));
    let x = param(&mut b, "x", By::Value);
    let (zero, one) = (
        constant(&mut b, quote!(0usize)),
        constant(&mut b, quote!(1usize)),
    );
    let (k, out) = (value(&mut b), value(&mut b));
    b.open();
    let next = op(&mut b, Op::Bin(Bin::Add, k, one));
    let three = constant(&mut b, quote!(3));
    let stop = op(&mut b, Op::Bin(Bin::Gt, next, three));
    let body = b.close(vec![next]);
    let id = b.fresh_loop();
    b.push(Stmt::Loop(Loop {
        id,
        head: Head::Forever,
        params: vec![k],
        inits: vec![zero],
        body,
        stop: Some(stop),
        outs: vec![out],
        trips: Some(0),
        reverses: None,
    }));
    let hole = Ident::new("matched", Span::call_site());
    let cond = op(
        &mut b,
        Op::Opaque(
            quote!(::core::matches!(matched, 0 | 4..=9)),
            vec![(hole.clone(), out)],
        ),
    );
    b.push(Stmt::Effect(
        Runs::Again,
        quote!(assert!(matched == 4 && matched.pow(2) == 16, "message")),
        vec![(hole, out)],
    ));
    b.open();
    let minus = op(&mut b, Op::Un(Un::Neg, x));
    let else_ = b.close(vec![minus]);
    let ret = value(&mut b);
    b.push(Stmt::If(If {
        cond,
        then_: Block {
            stmts: Vec::new(),
            yields: vec![x],
        },
        else_,
        outs: vec![ret],
    }));
    let f = finish(b, Some(ret));
    assert_eq!(verify::verify(&f), Ok(()));
    assert_eq!(
        run(&f, vec![Value::Float(2.5)]).expect("a run").ret,
        Some(Value::Float(2.5))
    );
    assert!(
        f.to_string()
            .contains("L0: loop with %3 = %1 counting %3 {"),
        "{f}"
    );
}

#[test]
fn items_of_ranges() {
    let items = |adapt: &dyn Fn(V) -> Vec<Adapt>| {
        let mut b = Builder::new(empty("f"));
        let n = param(&mut b, "n", By::Value);
        let (lo, hi, init) = (
            constant(&mut b, quote!(0)),
            constant(&mut b, quote!(10)),
            constant(&mut b, quote!(0)),
        );
        let (s, i, out) = (value(&mut b), value(&mut b), value(&mut b));
        b.open();
        // Digits, one after the other.
        let ten = constant(&mut b, quote!(10));
        let t = op(&mut b, Op::Bin(Bin::Mul, s, ten));
        let t = op(&mut b, Op::Bin(Bin::Add, t, i));
        let body = b.close(vec![t]);
        let id = b.fresh_loop();
        b.push(Stmt::Loop(Loop {
            id,
            head: upto(lo, hi, i, adapt(n)),
            params: vec![s],
            inits: vec![init],
            body,
            stop: None,
            outs: vec![out],
            trips: None,
            reverses: None,
        }));
        run(&finish(b, Some(out)), vec![Value::Int(3)])
            .expect("a run")
            .ret
    };
    assert_eq!(items(&|n| vec![Adapt::StepBy(n)]), Some(Value::Int(369)));
    assert_eq!(
        items(&|n| vec![Adapt::Rev, Adapt::StepBy(n)]),
        Some(Value::Int(9630))
    );
    assert_eq!(
        items(&|n| vec![Adapt::StepBy(n), Adapt::Rev]),
        Some(Value::Int(9630))
    );
    assert_eq!(
        items(&|n| vec![Adapt::StepBy(n), Adapt::Backwards(None)]),
        Some(Value::Int(9630))
    );
    assert_eq!(
        items(&|n| vec![Adapt::Rev, Adapt::Backwards(Some(n))]),
        Some(Value::Int(789))
    );
}

/// `fn g(y: &mut [f64], x: f64) { y[0] *= x }` and its sweep.
fn scale() -> Function {
    let build = |reverse: bool| {
        let mut b = Builder::new(empty("g"));
        let (y, x) = (param(&mut b, "y", By::Mut), param(&mut b, "x", By::Value));
        let at = vec![Proj::Index(constant(&mut b, quote!(0)))];
        let old = op(&mut b, Op::Get(y, at.clone()));
        let new = op(&mut b, Op::Bin(Bin::Mul, old, x));
        let last = op(&mut b, Op::Set(y, at.clone(), new));
        b.func.finals = vec![Some(last), None];
        if reverse {
            let d_y = value(&mut b);
            b.func.cotangents = vec![Some(d_y), None];
            let d = op(&mut b, Op::Get(d_y, at.clone()));
            let d_x = op(&mut b, Op::Bin(Bin::Mul, d, old));
            let d_old = op(&mut b, Op::Bin(Bin::Mul, d, x));
            let d_y = op(&mut b, Op::ClearAt(d_y, at.clone()));
            let d_y = op(&mut b, Op::AddAt(d_y, at, d_old));
            b.func.adjoints = vec![Some(d_y), Some(d_x)];
        }
        finish(b, None)
    };
    Function {
        primal: build(false),
        sweep: Some(build(true)),
    }
}

#[test]
fn calls_and_their_sweeps() {
    // fn f(w: &[f64], x: f64): let mut t = [w[1], 1.0]; g(&mut t, x); t[0], differentiated by hand.
    let mut b = Builder::new(empty("f"));
    let (w, x) = (param(&mut b, "w", By::Ref), param(&mut b, "x", By::Value));
    let (i0, i1) = (constant(&mut b, quote!(0)), constant(&mut b, quote!(1)));
    let (first, second) = (vec![Proj::Index(i0)], vec![Proj::Index(i1)]);
    let (w1, one) = (
        op(&mut b, Op::Get(w, second.clone())),
        constant(&mut b, quote!(1f64)),
    );
    let t = op(&mut b, Op::Array(vec![w1, one]));
    let after = value(&mut b);
    let call = |t: V, after: V| Call {
        callee: Callee::Function(std::rc::Rc::new(syn::parse_quote!(g))),
        args: vec![Arg::Mut(t, Vec::new(), after), Arg::Value(x)],
        stopped: Vec::new(),
        ret: None,
        entries: vec![None, None],
        along: Vec::new(),
        beside: None,
    };
    b.push(Stmt::Call(call(t, after)));
    let ret = op(&mut b, Op::Get(after, first.clone()));
    let (zero, seed) = (op(&mut b, Op::ZeroLike(after)), op(&mut b, Op::Lit(1.0)));
    let d_after = op(&mut b, Op::AddAt(zero, first.clone(), seed));
    let (again, d_t, d_x) = (value(&mut b), value(&mut b), value(&mut b));
    let slots = vec![
        SlotArg::Local(d_after, Vec::new(), d_t),
        SlotArg::Fresh(d_x),
    ];
    b.push(Stmt::Sweep(Sweep {
        call: call(t, again),
        found: vec![Found::Left; 2],
        slots,
        seed: None,
    }));
    let d_w1 = op(&mut b, Op::Get(d_t, first));
    b.push(Stmt::Accum {
        param: 0,
        path: second,
        v: d_w1,
    });
    let mut f = finish(b, Some(ret));
    f.adjoints = vec![None, Some(d_x)];
    assert_eq!(verify::verify(&f), Ok(()), "{f}");
    assert!(
        f.to_string()
            .contains("call g(&mut %6 => %12, %1) sweep(%11 => %13, fresh %14)"),
        "{f}"
    );

    let host = Host {
        functions: BTreeMap::from([("g".to_string(), scale())]),
        ..Host::default()
    };
    let inputs = Inputs {
        args: vec![Value::floats(&[7.0, 3.0]), Value::Float(5.0)],
        ..Inputs::default()
    };
    let out = run_with(&f, &inputs, &host).expect("a run");
    assert_eq!(out.ret, Some(Value::Float(15.0)));
    assert_eq!(
        out.adjoints,
        [Some(Value::floats(&[0.0, 5.0])), Some(Value::Float(3.0))]
    );
}

#[test]
fn cotangents_come_in_and_go_out() {
    let sweep = scale().sweep.expect("a sweep");
    let inputs = Inputs {
        args: vec![Value::floats(&[3.0, 4.0]), Value::Float(5.0)],
        seed: None,
        cotangents: vec![Some(Value::floats(&[2.0, 1.0]))],
    };
    let out = run_with(&sweep, &inputs, &Host::default()).expect("a run");
    assert_eq!(out.finals, [Some(Value::floats(&[15.0, 4.0])), None]);
    assert_eq!(
        out.adjoints,
        [Some(Value::floats(&[10.0, 1.0])), Some(Value::Float(6.0))]
    );
}

#[test]
fn parts_of_parts() {
    let row = |a, b| Value::floats(&[a, b]);
    let mut v = Value::Seq(vec![row(1.0, 2.0), row(3.0, 4.0), row(5.0, 6.0)]);
    let path = [Step::Range(1, None), Step::Index(1), Step::Index(0)];
    assert_eq!(v.get(&path), Ok(Value::Float(5.0)));
    v.set(&path, Value::Float(9.0)).expect("a part");
    v.change(&[Step::Range(0, Some(2))], &mut |part| {
        part.add(&Value::Seq(vec![row(1.0, 1.0), row(1.0, 1.0)]))
    })
    .expect("a part");
    assert_eq!(
        v,
        Value::Seq(vec![row(2.0, 3.0), row(4.0, 5.0), row(9.0, 6.0)])
    );
    assert!(v.get(&[Step::Index(3)]).is_err());
    assert!(
        v.clone()
            .set(&[Step::Range(0, Some(2))], row(1.0, 2.0))
            .is_ok()
    );
    assert!(
        v.set(&[Step::Range(0, Some(2))], Value::Seq(Vec::new()))
            .is_err()
    );
    let zero = Value::Tuple(vec![Value::Int(3), Value::Bool(true), row(1.0, 2.0)]).zero();
    assert_eq!(
        zero,
        Value::Tuple(vec![Value::Int(0), Value::Bool(false), row(0.0, 0.0)])
    );
}

#[test]
fn constants_are_evaluated() {
    let constants = BTreeMap::from([("N".to_string(), Value::Int(4))]);
    let names = Names {
        holes: vec![
            ("a".into(), Value::floats(&[2.0, 8.0])),
            ("n".into(), Value::Int(3)),
        ],
        constants: &constants,
    };
    let cases = [
        (
            quote!(2.0 * core::f64::consts::PI),
            Value::Float(std::f64::consts::TAU),
        ),
        (quote!(-1.5e3f64), Value::Float(-1500.0)),
        (quote!(0x10_u8), Value::Int(16)),
        (quote!(7f32), Value::Float(7.0)),
        (quote!(N * 2 + 1), Value::Int(9)),
        (quote!(u32::MAX), Value::Int(4_294_967_295)),
        (quote!(f64::INFINITY), Value::Float(f64::INFINITY)),
        (quote!(a[1] as f64 / a.len() as f64), Value::Float(4.0)),
        (quote!(-1i32 as u8), Value::Int(255)),
        (quote!(1e10 as i8), Value::Int(127)),
        (quote!(f64::max(a[0], 3.0)), Value::Float(3.0)),
        (
            quote!(::core::matches!((n, true), (1..4, _) | (9, false))),
            Value::Bool(true),
        ),
        (quote!(n == 3 || a[9] > 0.0), Value::Bool(true)),
        (quote!(()), Value::Unit),
    ];
    for (tokens, expected) in cases {
        assert_eq!(names.tokens(&tokens), Ok(expected), "{tokens}");
    }
    for tokens in [
        quote!(M),
        quote!(g(n)),
        quote!(a + n),
        quote!(n / 0),
        quote!("text"),
        quote!(let),
    ] {
        assert!(names.tokens(&tokens).is_err(), "{tokens}");
    }
    assert_eq!(names.effect(&quote!(debug_assert_eq!(n, 3))), Ok(()));
    assert_eq!(
        names.effect(&quote!(assert!(n > 3, "no"))),
        Err("panicked: assert!(n>3, \"no\")".into())
    );
}

#[test]
fn an_unassigned_variable_spreads_and_decides_nothing() {
    let mut b = Builder::new(empty("f"));
    let x = param(&mut b, "x", By::Value);
    let u = op(&mut b, Op::Undef);
    let y = op(&mut b, Op::Bin(Bin::Mul, u, x));
    let zero = op(&mut b, Op::ZeroLike(y));
    let sum = op(&mut b, Op::Bin(Bin::Add, zero, x));
    let f = finish(b, Some(sum));
    assert_eq!(
        run(&f, vec![Value::Float(2.0)]).expect("a run").ret,
        Some(Value::Float(2.0))
    );
    let mut f = f;
    f.body.stmts.push(Stmt::If(If {
        cond: u,
        then_: Block::default(),
        else_: Block::default(),
        outs: Vec::new(),
    }));
    assert!(run(&f, vec![Value::Float(2.0)]).is_err_and(|e| e.contains("no condition")));
}

#[test]
fn kinks_and_unknown_rules() {
    let f = |x: f64| Value::Float(x);
    let cases = [
        ("sign", vec![f(0.0)], 0.0),
        ("max_x", vec![f(1.0), f(1.0)], 0.5),
        ("min_x", vec![f(1.0), f(2.0)], 1.0),
        ("clamp_x", vec![f(1.0), f(1.0), f(2.0)], 1.0),
        ("hypot_x", vec![f(0.0), f(0.0)], 0.0),
        ("powf_x", vec![f(0.0), f(0.5)], f64::INFINITY),
        ("powf_x", vec![f(0.0), f(1.0)], 1.0),
        ("powf_p", vec![f(0.0), f(2.0), f(0.0)], 0.0),
        ("powi_x", vec![f(3.0), Value::Int(0)], 0.0),
        ("sum_elements", vec![Value::floats(&[1.0, 2.0])], 3.0),
    ];
    for (name, args, expected) in cases {
        assert_eq!(
            maths::rule(name, &args),
            Some(Value::Float(expected)),
            "{name}"
        );
    }
    assert_eq!(maths::rule("mystery", &[f(1.0)]), None);
}
