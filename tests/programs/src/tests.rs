//! A batch of programs with the real compiler, and the oracle and the printer by themselves.

use std::collections::BTreeMap;

use crate::generate;
use crate::print;
use crate::run::judge::{Verdict, judge};
use crate::run::points::{POINTS, expected};
use crate::run::scratch::{Profile, Scratch};
use crate::run::source::Way;
use crate::syntax::{
    Binary, Block, By, Expr, Function, Home, Node, Over, Param, Place, Program, Range, Statement,
    Step, Type,
};

/// How many programs every test run compiles. `just fuzz` goes through thousands.
const PROGRAMS: usize = 100;

const FIRST_SEED: u64 = 410_001;

const EVERYTHING: Way = Way {
    with_macro: true,
    off: 1,
    modes: false,
};

#[test]
fn a_batch_of_programs() {
    let scratch = Scratch::new("test", false).expect("a scratch crate");
    let seeds = (FIRST_SEED..).take(PROGRAMS);
    let programs: Vec<Program> = seeds.clone().map(generate::program).collect();
    let verdicts = judge(&scratch, &programs, Profile::Debug, EVERYTHING).expect("verdicts");
    let mut refused = 0;
    for (seed, verdict) in seeds.zip(&verdicts) {
        match verdict {
            Verdict::Refused(_) => refused += 1,
            Verdict::Failed(failure) => {
                panic!("seed {seed}: {}: {}", failure.kind.name(), failure.detail)
            }
            Verdict::Right(_) | Verdict::Unusable => {}
        }
    }
    assert!(refused * 8 <= PROGRAMS, "{refused} programs are refused");
}

#[test]
fn a_seed_gives_one_program() {
    for seed in 0..50 {
        let text = || print::program(&generate::program(seed), &[]);
        assert_eq!(text(), text());
    }
    assert_ne!(
        print::program(&generate::program(1), &[]),
        print::program(&generate::program(2), &[])
    );
}

/// What the generator promises: programs end, do not panic, and most of their points are good for a comparison.
#[test]
fn programs_end() {
    let (mut usable, mut all) = (0, 0);
    for seed in 0..300 {
        let program = generate::program(seed);
        for point in 0..POINTS {
            let Some(expected) = expected(&program, point) else {
                panic!("seed {seed} does not come to its end at point {point}");
            };
            all += 1;
            usable += usize::from(expected.usable);
        }
    }
    assert!(usable * 10 > all * 8, "{usable} of {all} points are usable");
}

/// `fn f(x: f64, a: &mut [f64; 2], n: usize) -> f64 { let mut s = x; for i in (0..n).rev() { s = s * x; a[i % 2] += s.sin(); } s }`
fn example() -> Program {
    let param = |name: &str, ty: Type, by: By| Param {
        name: name.to_string(),
        ty,
        by,
        out: false,
        excluded: false,
        length: None,
    };
    let read = |name: &str| Expr::read(Type::Float, Place::local(name));
    let index = Expr::binary(
        Binary::Rem,
        Expr::read(Type::Int, Place::local("i")),
        Expr::int(2),
    );
    let element = Place {
        root: "a".to_string(),
        by: By::Mut,
        steps: vec![Step::Index(index)],
    };
    let body = Block {
        statements: vec![
            Statement::Assign(
                Place::local("s"),
                Expr::binary(Binary::Mul, read("s"), read("x")),
            ),
            Statement::Update(
                Binary::Add,
                element,
                Expr::call_method(&crate::maths::SIN, vec![read("s")]),
            ),
        ],
        value: None,
    };
    let range = Range {
        start: Box::new(Expr::int(0)),
        end: Box::new(Expr::read(Type::Int, Place::local("n"))),
        inclusive: false,
        reversed: true,
        step: 1,
    };
    let loop_ = Node::For {
        label: None,
        name: "i".to_string(),
        range,
        body,
    };
    let start = Statement::Let {
        name: "s".to_string(),
        mutable: true,
        value: read("x"),
    };
    Program {
        functions: vec![Function {
            recursive: false,
            home: Home::Free,
            over: Over::Double,
            name: "f".to_string(),
            tape: true,
            named: false,
            params: vec![
                param("x", Type::Float, By::Value),
                param("a", Type::floats(2), By::Mut),
                param("n", Type::Int, By::Value),
            ],
            ret: Type::Float,
            body: Block {
                statements: vec![start, Statement::Do(Expr::new(Type::Unit, loop_))],
                value: Some(Box::new(read("s"))),
            },
        }],
    }
}

#[test]
fn the_printed_form() {
    let want = "\
#[differentiable(tape, without(cse))]
pub fn f(x: f64, a: &mut [f64; 2], n: usize) -> f64 {
    let mut s = x;
    for i in (0..n).rev() {
        s = s * x;
        a[i % 2] += s.sin();
    }
    s
}
";
    assert_eq!(print::program(&example(), &["cse"]), want);
}

/// The same function, written here in Rust, and its derivative by hand.
#[test]
fn the_oracle_on_a_known_function() {
    for point in 0..POINTS {
        let n = point % 4;
        let input = crate::run::points::inputs(point);
        let (x, a) = (input[0], [input[1], input[2]]);
        let (mut s, mut d_s, mut left, mut d_left) = (x, 1.0, a, [0.0; 2]);
        for i in (0..n).rev() {
            (s, d_s) = (s * x, d_s * x + s);
            left[i % 2] += s.sin();
            d_left[i % 2] += s.cos() * d_s;
        }
        let expected = expected(&example(), point).expect("it ends");
        let c = crate::run::points::cotangents();
        let seed = crate::run::points::SEED;
        let d_x = seed * d_s + c[0] * d_left[0] + c[1] * d_left[1];
        let near = |got: &[f64], want: &[f64]| {
            got.len() == want.len() && got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-12)
        };
        assert!(near(&expected.primal, &[s, left[0], left[1]]));
        assert!(near(&expected.vjp, &[s, left[0], left[1], d_x, c[0], c[1]]));
        assert!(near(&expected.grad, &[s, left[0], left[1], d_s, 0.0, 0.0]));
    }
}

/// What is in an output at first is nobody's business.
#[test]
fn outputs_are_written_before_they_are_read() {
    let mut program = example();
    program.functions[0].params[1].out = true;
    for point in 0..POINTS {
        let expected = expected(&program, point).expect("it ends");
        assert!(!expected.usable, "point {point}");
    }
}

/// Derivatives of whole programs against differences of their values.
#[test]
fn the_oracle_agrees_with_differences() {
    let mut compared = 0;
    for seed in 0..200 {
        let program = generate::program(seed);
        // Differences see what `stop_gradient` hides.
        if print::program(&program, &[]).contains("stop_gradient") {
            continue;
        }
        for point in [1, 6] {
            compared += differences(&program, point);
        }
    }
    assert!(compared > 1000, "only {compared} derivatives are compared");
}

/// How many derivatives are compared at a point.
fn differences(program: &Program, point: usize) -> usize {
    use crate::run::points::{expected_at, inputs};
    let numbers = inputs(point);
    let Some(here) = expected_at(program, point, &numbers).filter(|e| e.usable) else {
        return 0;
    };
    let values = here.primal.len();
    let active = active_inputs(program, point % 4);
    let mut compared = 0;
    for (k, input) in active.iter().enumerate() {
        let value = |h: f64| {
            let mut moved = numbers.clone();
            moved[*input] += h;
            expected_at(program, point, &moved).map(|e| e.primal[0])
        };
        let slope = |h: f64| Some((value(h)? - value(-h)?) / (2.0 * h));
        let (Some(coarse), Some(fine)) = (slope(2e-5), slope(1e-5)) else {
            continue;
        };
        // Where the two differ, there is a kink in between.
        if (coarse - fine).abs() < 1e-6 * (1.0 + fine.abs()) && here.tolerance < 1e-8 {
            let got = here.grad[values + k];
            assert!(
                (got - fine).abs() < 1e-5 * (1.0 + fine.abs()),
                "input {input} at point {point}: {got}, {fine} in\n{}",
                print::program(program, &[])
            );
            compared += 1;
        }
    }
    compared
}

/// The positions, among all floats of the inputs, of those that the gradient has entries for.
fn active_inputs(program: &Program, n: usize) -> Vec<usize> {
    let mut at = 0;
    let mut list = Vec::new();
    for param in &program.entry().params {
        let count = floats(&param.ty, n);
        if param.active() {
            list.extend(at..at + count);
        }
        at += count;
    }
    list
}

fn floats(ty: &Type, n: usize) -> usize {
    match ty {
        Type::Float => 1,
        Type::Array(element, length) => length * floats(element, n),
        Type::Slice(element) => generate::slice_length(n) * floats(element, n),
        ty => ty.parts().iter().map(|part| floats(part, n)).sum(),
    }
}

/// Verdicts on programs whose verdict is known.
#[test]
fn faults_are_told_apart() {
    let scratch = Scratch::new("faults", false).expect("a scratch crate");
    let mut unknown = example();
    unknown.functions[0].body.value =
        Some(Box::new(Expr::read(Type::Float, Place::local("nothing"))));
    let mut refused = example();
    refused.functions[0].tape = false;
    let programs = BTreeMap::from([(0, unknown), (1, refused)]);
    let list: Vec<Program> = programs.into_values().collect();
    let verdicts = judge(&scratch, &list, Profile::Debug, EVERYTHING).expect("verdicts");
    assert!(
        matches!(&verdicts[0], Verdict::Failed(f) if f.kind == crate::run::judge::Kind::NotRust)
    );
    assert!(matches!(&verdicts[1], Verdict::Refused(_)), "{verdicts:?}");
}
