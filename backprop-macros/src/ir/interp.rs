//! Runs functions of the representation on trees of numbers: the oracle for every pass, which must leave
//! the numbers as they are.
//!
//! In: a [`Func`], primal or differentiated, and its [`Inputs`]. Out: an [`Outcome`], or a sentence that
//! says why the run stopped. What a loop keeps is found in a record of its iterations where `storage` has
//! not given it a place yet, so functions can be run between any two passes.

mod calls;
mod eval;
mod loops;
mod maths;
#[cfg(test)]
mod tests;
mod value;

use std::collections::{BTreeMap, HashMap};

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use super::print::compact;
use super::{Block, By, Func, LoopId, Op, Path, Proj, Stmt, V};
use eval::Names;
use value::Step;
pub(crate) use value::Value;

type Result<T> = core::result::Result<T, String>;

/// What a run starts from.
#[derive(Clone, Default)]
pub(crate) struct Inputs {
    /// One for each parameter.
    pub(crate) args: Vec<Value>,
    /// The cotangent of the result, where the function takes one.
    pub(crate) seed: Option<Value>,
    /// The cotangents of `&mut` parameters; missing ones are zero.
    pub(crate) cotangents: Vec<Option<Value>>,
}

/// What a run ends with.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Outcome {
    pub(crate) ret: Option<Value>,
    /// The last version of each `&mut` parameter.
    pub(crate) finals: Vec<Option<Value>>,
    /// By reference: the sum of what was added, from zero. By value: the adjoint. `&mut`: `d_y` on exit.
    pub(crate) adjoints: Vec<Option<Value>>,
}

/// Rules that the host brings: the name and the arguments; `None` where it is not known.
pub(crate) type Rules<'a> = &'a dyn Fn(&str, &[Value]) -> Option<Value>;

/// A function that others call.
pub(crate) struct Function {
    pub(crate) primal: Func,
    /// The primal with its reverse sweep, seeded by an argument.
    pub(crate) sweep: Option<Func>,
}

/// What the function finds around it.
pub(crate) struct Host<'a> {
    pub(crate) rules: Rules<'a>,
    /// By the path as written, `.name` for methods.
    pub(crate) functions: BTreeMap<String, Function>,
    /// By the path as written: constants and const parameters.
    pub(crate) constants: BTreeMap<String, Value>,
}

impl Default for Host<'_> {
    fn default() -> Self {
        Host {
            rules: &maths::rule,
            functions: BTreeMap::new(),
            constants: BTreeMap::new(),
        }
    }
}

/// Runs a function that needs nothing but its arguments.
pub(crate) fn run(func: &Func, args: Vec<Value>) -> Result<Outcome> {
    run_with(
        func,
        &Inputs {
            args,
            ..Inputs::default()
        },
        &Host::default(),
    )
}

/// Runs a function.
pub(crate) fn run_with(func: &Func, inputs: &Inputs, host: &Host<'_>) -> Result<Outcome> {
    let mut run = Run {
        func,
        host,
        values: vec![None; func.infos.len()],
        sums: Vec::new(),
        stores: vec![None; func.stores.len()],
        tape: Vec::new(),
        log: Vec::new(),
        records: HashMap::new(),
        backwards: Vec::new(),
        steps: 0,
    };
    run.start(inputs)?;
    run.statements(&func.body)?;
    run.outcome()
}

/// Iterations of a loop: what its parameters held at the start of each.
type Record = Vec<HashMap<V, Value>>;

struct Run<'a> {
    func: &'a Func,
    host: &'a Host<'a>,
    values: Vec<Option<Value>>,
    /// What was added to the adjoint of each parameter.
    sums: Vec<Value>,
    stores: Vec<Option<BTreeMap<Option<i128>, Value>>>,
    tape: Vec<Value>,
    log: Vec<Value>,
    /// The last run of each loop.
    records: HashMap<LoopId, Record>,
    /// The reverse loops that run now: whose iterations, and at which of them.
    backwards: Vec<(LoopId, Record, usize)>,
    steps: u64,
}

/// A run that takes longer than this has lost its way.
const LIMIT: u64 = 20_000_000;

impl Run<'_> {
    fn start(&mut self, inputs: &Inputs) -> Result<()> {
        let f = self.func;
        if inputs.args.len() != f.params.len() {
            return Err(format!(
                "{} arguments for {} parameters",
                inputs.args.len(),
                f.params.len()
            ));
        }
        for (p, v) in f.params.iter().zip(&inputs.args) {
            self.define(p.v, v.clone())?;
            self.sums.push(v.zero());
        }
        match (f.seed, &inputs.seed) {
            (Some(v), Some(seed)) => self.define(v, seed.clone())?,
            (Some(_), None) => return Err("no seed".into()),
            (None, _) => {}
        }
        for (k, v) in f.cotangents.iter().enumerate() {
            let given = inputs.cotangents.get(k).cloned().flatten();
            if let (Some(v), Some(arg)) = (v, inputs.args.get(k)) {
                self.define(*v, given.unwrap_or_else(|| arg.zero()))?;
            }
        }
        Ok(())
    }

    fn outcome(&self) -> Result<Outcome> {
        let f = self.func;
        let all = |list: &[Option<V>]| {
            list.iter()
                .map(|v| v.map(|v| self.value(v)).transpose())
                .collect::<Result<Vec<_>>>()
        };
        let mut adjoints = all(&f.adjoints)?;
        for ((a, p), sum) in adjoints.iter_mut().zip(&f.params).zip(&self.sums) {
            if p.by == By::Ref && p.active {
                *a = Some(sum.clone());
            }
        }
        Ok(Outcome {
            ret: f.ret.map(|v| self.value(v)).transpose()?,
            finals: all(&f.finals)?,
            adjoints,
        })
    }

    fn define(&mut self, v: V, value: Value) -> Result<()> {
        self.steps += 1;
        if self.steps > LIMIT {
            return Err("the run does not end".into());
        }
        let slot = self
            .values
            .get_mut(v.0 as usize)
            .ok_or_else(|| format!("%{} has no entry in `infos`", v.0))?;
        *slot = Some(value);
        Ok(())
    }

    fn value(&self, v: V) -> Result<Value> {
        self.values
            .get(v.0 as usize)
            .cloned()
            .flatten()
            .ok_or_else(|| format!("%{} is read before it is defined", v.0))
    }

    fn all(&self, vs: &[V]) -> Result<Vec<Value>> {
        vs.iter().map(|v| self.value(*v)).collect()
    }

    fn index(&self, v: V) -> Result<usize> {
        usize::try_from(self.value(v)?.int()?)
            .map_err(|_| format!("%{} is an index below zero", v.0))
    }

    /// `None` where an index was not assigned.
    fn path(&self, path: &Path) -> Result<Option<Vec<Step>>> {
        let mut steps = Vec::new();
        for p in path {
            let mut used = Vec::new();
            super::visit::path_uses(&vec![p.clone()], &mut |v| used.push(v));
            if used
                .iter()
                .any(|v| matches!(self.value(*v), Ok(Value::Undef)))
            {
                return Ok(None);
            }
            steps.push(match p {
                Proj::Deref => continue,
                Proj::Field(m) => Step::Field(compact(m.to_token_stream())),
                Proj::Payload(variant, m) => {
                    Step::Payload(variant_name(variant), compact(m.to_token_stream()))
                }
                Proj::Index(v) => Step::Index(self.index(*v)?),
                Proj::Range { lo, hi, inclusive } => {
                    let hi = hi
                        .map(|v| self.index(v))
                        .transpose()?
                        .map(|n| n + usize::from(*inclusive));
                    Step::Range(lo.map_or(Ok(0), |v| self.index(v))?, hi)
                }
            });
        }
        Ok(Some(steps))
    }

    fn known(&self, path: &Path) -> Result<Vec<Step>> {
        self.path(path)?
            .ok_or_else(|| "an index that was not assigned".to_string())
    }

    fn names(&self, holes: &[(Ident, V)]) -> Result<Names<'_>> {
        let holes = holes
            .iter()
            .map(|(i, v)| Ok((i.to_string(), self.value(*v)?)))
            .collect::<Result<_>>()?;
        Ok(Names {
            holes,
            constants: &self.host.constants,
        })
    }

    fn constant(&self, tokens: &TokenStream) -> Result<Value> {
        self.names(&[])?.tokens(tokens)
    }

    fn statements(&mut self, block: &Block) -> Result<()> {
        block.stmts.iter().try_for_each(|s| self.statement(s))
    }

    fn statement(&mut self, stmt: &Stmt) -> Result<()> {
        match stmt {
            Stmt::Let(v, op) => {
                let value = self.op(op).map_err(|e| format!("%{}: {e}", v.0))?;
                self.define(*v, value)
            }
            Stmt::If(s) => {
                let block = if self.value(s.cond)?.bool()? {
                    &s.then_
                } else {
                    &s.else_
                };
                self.statements(block)?;
                for (out, y) in s.outs.iter().zip(&block.yields) {
                    self.define(*out, self.value(*y)?)?;
                }
                Ok(())
            }
            Stmt::Loop(l) => self.loop_(l),
            Stmt::Call(c) => self.call(c),
            Stmt::Sweep(s) => self.sweep(s),
            Stmt::Accum { param, path, v } => {
                let (path, d) = (self.known(path)?, self.value(*v)?);
                self.accumulate(*param, &path, &d)
            }
            Stmt::Effect(_, tokens, holes) => self.names(holes)?.effect(tokens),
            Stmt::Open(store) => {
                *self.store(*store)? = Some(BTreeMap::new());
                Ok(())
            }
            Stmt::Reserve { rows, .. } => {
                for (row, _) in rows {
                    *self.store(*row)? = Some(BTreeMap::new());
                }
                Ok(())
            }
            Stmt::Release(_) => Ok(()),
            Stmt::Log(v) => {
                self.log.push(self.value(*v)?);
                Ok(())
            }
            Stmt::Save { store, at: None, v } if self.on_tape(*store) => {
                self.tape.push(self.value(*v)?);
                Ok(())
            }
            Stmt::Save { store, at, v } => {
                let (at, value) = (
                    at.map(|v| self.value(v)?.int()).transpose()?,
                    self.value(*v)?,
                );
                self.store(*store)?
                    .as_mut()
                    .ok_or("a store is used before it is opened")?
                    .insert(at, value);
                Ok(())
            }
        }
    }

    fn on_tape(&self, store: usize) -> bool {
        self.func
            .stores
            .get(store)
            .is_some_and(|s| s.stack.is_none())
    }

    fn store(&mut self, store: usize) -> Result<&mut Option<BTreeMap<Option<i128>, Value>>> {
        self.stores
            .get_mut(store)
            .ok_or_else(|| format!("no store s{store}"))
    }

    fn accumulate(&mut self, param: usize, path: &[Step], d: &Value) -> Result<()> {
        let sum = self
            .sums
            .get_mut(param)
            .ok_or_else(|| format!("no parameter {param}"))?;
        sum.change(path, &mut |part| part.add(d))
    }

    fn op(&mut self, op: &Op) -> Result<Value> {
        Ok(match op {
            Op::Const(c) if c.text().ends_with(":: None") => {
                Value::Variant("None".into(), BTreeMap::new())
            }
            Op::Const(c) => self.constant(c.tokens())?,
            Op::Undef => Value::Undef,
            // Whoever reads what was there before the fill gets this.
            Op::Refill(v, _) => self.value(*v)?.poisoned(),
            Op::Spent(v) => self.value(*v)?,
            Op::ZeroLike(v) => self.value(*v)?.zero(),
            Op::Lit(x) => Value::Float(*x),
            Op::Un(op, v) => maths::unary(*op, &self.value(*v)?)?,
            Op::Bin(op, a, b) => maths::binary(*op, &self.value(*a)?, &self.value(*b)?)?,
            Op::Cast(v, ty) => maths::cast(&self.value(*v)?, &compact(ty.to_token_stream()))?,
            Op::Convert(f, v) => maths::cast(
                &maths::cast(&self.value(*v)?, "f64")?,
                if compact(f.clone()).starts_with("f32") {
                    "f32"
                } else {
                    "f64"
                },
            )?,
            Op::CastBack { like, d } => match self.value(*like)? {
                Value::Float(_) => self.value(*d)?,
                other => other.zero(),
            },
            Op::Fn(name, vs) => maths::method(name, &self.all(vs)?)?,
            Op::Helper(name, vs) => {
                let args = self.all(vs)?;
                let found = (self.host.rules)(name, &args).or_else(|| maths::rule(name, &args));
                found.ok_or_else(|| format!("no rule `{name}` of {args:?} is known"))?
            }
            Op::Chain(d, p) => match (self.value(*d)?, self.value(*p)?) {
                (Value::Float(0.0) | Value::Zero, _) => Value::Float(0.0),
                (d, p) => maths::binary(super::Bin::Mul, &d, &p)?,
            },
            Op::Method(name, _, vs) => maths::method(&name.to_string(), &self.all(vs)?)?,
            Op::Len(v, path) => Value::Int(self.value(*v)?.get(&self.known(path)?)?.len()? as i128),
            Op::Opaque(tokens, holes) => self.names(holes)?.tokens(tokens)?,
            Op::Array(vs) => Value::Seq(self.all(vs)?),
            Op::Repeat(v, n) => {
                let n =
                    usize::try_from(self.constant(n)?.int()?).map_err(|_| "a length below zero")?;
                Value::Seq(vec![self.value(*v)?; n])
            }
            Op::Filled(v, n) => {
                let n =
                    usize::try_from(self.value(*n)?.int()?).map_err(|_| "a length below zero")?;
                Value::Seq(vec![self.value(*v)?; n])
            }
            Op::Tuple(vs) if vs.is_empty() => Value::Unit,
            Op::Tuple(vs) => Value::Tuple(self.all(vs)?),
            Op::Struct(path, fields, _) => {
                let fields = fields
                    .iter()
                    .map(|(m, v)| Ok((compact(m.to_token_stream()), self.value(*v)?)))
                    .collect::<Result<_>>()?;
                if self.func.is_variant(path) {
                    Value::Variant(variant_name(path), fields)
                } else {
                    Value::Struct(fields)
                }
            }
            Op::Is(v, path, pat) => {
                let asked = match &**pat {
                    syn::Pat::Struct(p) => variant_name(&p.path),
                    syn::Pat::Path(p) => variant_name(&p.path),
                    syn::Pat::Ident(p) => p.ident.to_string(),
                    p => return Err(format!("a test for {}", compact(p.to_token_stream()))),
                };
                match self.value(*v)?.get(&self.known(path)?)? {
                    Value::Variant(name, _) => Value::Bool(name == asked),
                    Value::Struct(_) => Value::Bool(true),
                    v => return Err(format!("{v:?} is of no variant")),
                }
            }
            Op::Get(v, path) => match (self.value(*v)?, self.path(path)?) {
                (Value::Undef, _) | (_, None) => Value::Undef,
                (v, Some(path)) => v.get(&path)?,
            },
            Op::Set(v, path, new) => {
                self.changed(*v, path, |v, path| v.set(path, self.value(*new)?))?
            }
            Op::AddAt(v, path, d) => self.changed(*v, path, |v, path| {
                v.change(path, &mut |part| part.add(&self.value(*d)?))
            })?,
            Op::ClearAt(v, path) => self.changed(*v, path, |v, path| {
                v.change(path, &mut |part| {
                    *part = part.zero();
                    Ok(())
                })
            })?,
            Op::Kept(id, v) => self.kept(*id, *v)?,
            Op::Unlog(_) => self.log.pop().ok_or("the log is empty")?,
            Op::Logged => Value::Int(self.log.len() as i128),
            Op::Restore(store, None, _) if self.on_tape(*store) => {
                self.tape.pop().ok_or("the tape is empty")?
            }
            Op::Restore(store, at, _) => {
                let at = at.map(|v| self.value(v)?.int()).transpose()?;
                let held = self
                    .stores
                    .get(*store)
                    .and_then(Option::as_ref)
                    .ok_or("a store is read before it is opened")?;
                held.get(&at)
                    .cloned()
                    .ok_or_else(|| format!("s{store} holds nothing at {at:?}"))?
            }
        })
    }

    /// An aggregate with a change made to it; of an unassigned one nothing is known afterwards.
    fn changed(
        &self,
        v: V,
        path: &Path,
        f: impl FnOnce(&mut Value, &[Step]) -> Result<()>,
    ) -> Result<Value> {
        let mut value = self.value(v)?;
        match self.path(path)? {
            Some(steps) if value != Value::Undef || steps.is_empty() => f(&mut value, &steps)?,
            _ => return Ok(Value::Undef),
        }
        Ok(value)
    }
}

fn variant_name(path: &syn::Path) -> String {
    path.segments
        .last()
        .map_or_else(String::new, |s| s.ident.to_string())
}
