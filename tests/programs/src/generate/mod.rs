//! Random programs of the accepted language.
//!
//! They never panic and always end, because indices and counts are chosen so; and numbers do not grow without bound, because what is
//! assigned in loops is damped. What is left of bad luck (a point next to a kink, huge derivatives) the evaluator finds out.

mod call;
mod exit;
mod expr;
mod helper;
mod integer;
mod iterate;
mod lend;
mod memory;
mod number;
mod pattern;
mod repeat;
mod scope;
mod scratch;
mod statement;
mod sum;

use crate::random::Random;
use crate::syntax::{
    Binary, Block, By, Expr, Function, Home, Node, Over, Param, Place, Program, Statement, Struct,
    Type,
};
use scope::{Access, Scope, Variable};

/// The most floats among the inputs of an entry, where slices have the length [`slice_length`] of the last point.
const MOST_INPUTS: usize = 24;

/// The fewest elements of a slice that is a parameter.
const LEAST: usize = 2;

/// The length of the slices that are passed with `n`.
pub(crate) fn slice_length(n: usize) -> usize {
    n + LEAST
}

/// The program of a seed.
pub(crate) fn program(seed: u64) -> Program {
    let mut generator = Generator {
        random: Random::new(seed),
        functions: Vec::new(),
        fresh: 0,
        over: Over::Double,
        methods: false,
    };
    generator.methods = generator.random.percent(30);
    let tape = generator.random.percent(60);
    for _ in 0..generator.random.below(4) {
        let tape = tape && generator.random.percent(30);
        let helper = generator.helper(tape);
        generator.functions.push(helper);
    }
    let entry = generator.entry(tape);
    generator.functions.push(entry);
    Program {
        functions: generator.functions,
    }
}

struct Generator {
    random: Random,
    functions: Vec<Function>,
    /// Counts names.
    fresh: usize,
    /// What the floats of the function that is written are.
    over: Over,
    /// Whether the program has a struct of its own.
    methods: bool,
}

impl Generator {
    /// A name that is used nowhere else.
    fn name(&mut self, ty: &Type) -> String {
        self.fresh += 1;
        let stem = match ty {
            Type::Float => "t",
            Type::Int => "k",
            Type::Small(_) => "m",
            Type::Bool => "b",
            Type::Array(..) | Type::Slice(_) => "a",
            _ => "s",
        };
        format!("{stem}{}", self.fresh)
    }

    fn param(&mut self, ty: Type, by: By) -> Param {
        Param {
            name: self.name(&ty),
            ty,
            by,
            out: by == By::Mut && self.random.percent(50),
            excluded: false,
            length: None,
        }
    }

    /// Mostly of numbers.
    fn slice_type(&mut self) -> Type {
        Type::Slice(Box::new(match self.random.weighted(&[75, 15, 10]) {
            0 => Type::Float,
            1 => Type::floats(2),
            _ => Type::Struct(Struct::Pair),
        }))
    }

    fn output_type(&mut self) -> Type {
        match self.random.below(5) {
            0 => Type::Float,
            1 => Type::Slice(Box::new(Type::Float)),
            2 if self.over != Over::Double => Type::pair(),
            2 => Type::Struct(Struct::Pair),
            _ => Type::floats(3),
        }
    }

    fn entry(&mut self, tape: bool) -> Function {
        let mut params = vec![
            self.param(Type::Float, By::Value),
            self.param(Type::Float, By::Value),
        ];
        for _ in 0..self.random.within(1, 4) {
            let (ty, by) = match self.random.below(11) {
                0 | 1 => (Type::floats(3), By::Ref),
                2..=4 => (self.slice_type(), By::Ref),
                5 => (self.common_type(), By::Value),
                6 => (self.common_type(), By::Ref),
                7 => (Type::Float, By::Ref),
                8 => (Type::Float, By::Value),
                _ => (self.output_type(), By::Mut),
            };
            let mut param = self.param(ty, by);
            param.excluded = by != By::Mut && self.random.percent(6);
            params.push(param);
            if inputs(&params) > MOST_INPUTS {
                params.pop();
            }
        }
        // What is left in them counts, too.
        for _ in 0..self.random.weighted(&[70, 15, 15]) {
            let slice = Type::Slice(Box::new(Type::Float));
            let ty = match self.random.percent(60) {
                true => slice,
                false => Type::floats(3),
            };
            params.push(self.param(ty, By::Mut));
            if !tape || inputs(&params) > MOST_INPUTS {
                params.pop();
            }
        }
        params.push(Param {
            name: "n".to_string(),
            ty: Type::Int,
            by: By::Value,
            out: false,
            excluded: false,
            length: None,
        });
        let count = self.random.within(2, 6);
        let head = Function {
            name: "f".to_string(),
            home: Home::Free,
            over: Over::Double,
            tape,
            named: self.random.percent(30) && params.iter().any(|p| p.excluded),
            recursive: false,
            params,
            ret: Type::Float,
            body: Block::default(),
        };
        self.function(head, count)
    }

    /// Writes the body.
    fn function(&mut self, head: Function, count: usize) -> Function {
        let ret = head.ret.clone();
        let mut scope = Scope {
            variables: Vec::new(),
            loops: Vec::new(),
            closures: Vec::new(),
            ret: ret.clone(),
            may_return: false,
            tape: head.tape,
            callable: self.functions.len(),
            itself: None,
        };
        let (outputs, inputs): (Vec<&Param>, Vec<&Param>) =
            head.params.iter().partition(|p| p.by == By::Mut);
        for param in inputs {
            scope.add(Variable {
                by: param.by,
                counted: param.length.is_some(),
                ..Variable::constant(&param.name, param.ty.clone())
            });
        }
        let mut statements = Vec::new();
        for param in outputs {
            let mut output = Variable {
                by: By::Mut,
                counted: param.length.is_some(),
                readable: false,
                ..Variable::mutable(&param.name, param.ty.clone())
            };
            if param.out {
                statements.extend(self.fill(&scope, &output));
                output.readable = true;
                // What has no size cannot be copied, so that a slice which is written again is mostly refused.
                output.writable = !output.is_unsized() || self.random.percent(10);
            }
            // Else it may be updated in place. A slice of which old contents are needed is refused, too.
            if !param.out && self.random.percent(70) {
                output.readable = true;
                output.writable = !output.is_unsized() || self.random.percent(50);
            }
            output.scratch = scope.tape && output.is_row();
            scope.add(output);
        }
        // Where little happens, what is done to a parameter is all that is done to it.
        let terse = self.random.percent(20);
        let (starts, count) = match terse {
            true => (self.random.below(2), self.random.within(1, 2)),
            false => (self.random.within(1, 3), count),
        };
        for _ in 0..starts {
            self.start(&mut scope, &mut statements);
        }
        scope.may_return = true;
        if head.recursive {
            self.base(&scope, &head, &mut statements);
            scope.itself = Some(self.functions.len());
            self.functions.push(head.clone());
        }
        let depth = self.random.within(1, 3);
        statements.extend(self.statements(&mut scope, depth, count));
        let value = match (&ret, terse) {
            (Type::Unit, _) => None,
            (Type::Float, true) => Some(self.atom(&scope)),
            _ => Some(self.result(&scope, &ret)),
        };
        if head.recursive {
            self.functions.pop();
        }
        Function {
            body: Block {
                statements,
                value: value.map(Box::new),
            },
            ..head
        }
    }

    /// `if k == 0 { return ..; }`
    fn base(&mut self, scope: &Scope, head: &Function, list: &mut Vec<Statement>) {
        let left = Expr::read(Type::Int, Place::local(&head.params[0].name));
        let done = Expr::binary(Binary::Equal, left, Expr::int(0));
        let value = (head.ret != Type::Unit).then(|| self.value(scope, &head.ret, 2));
        let leave = Block {
            statements: vec![Statement::Return(value)],
            value: None,
        };
        self.run(Node::If(Box::new(done), leave, None), list);
    }

    /// A mutable local that starts from the inputs.
    fn start(&mut self, scope: &mut Scope, list: &mut Vec<Statement>) {
        let ty = match self.random.weighted(&[50, 38, 12]) {
            0 => Type::Float,
            1 => self.aggregate_type(),
            _ => self.sum_type(),
        };
        let name = self.name(&ty);
        let value = self.value(scope, &ty, 1);
        let mut variable = Variable::mutable(&name, ty);
        variable.scratch = scope.tape && variable.is_row();
        scope.add(variable);
        list.push(Statement::Let {
            name,
            mutable: true,
            value,
        });
    }

    /// The result: of floats, a mixture of what is in scope, so that little of the program is dead code.
    fn result(&mut self, scope: &Scope, ret: &Type) -> Expr {
        if *ret != Type::Float {
            return self.value(scope, ret, 2);
        }
        let mut sum = self.float(scope, 1);
        let mut last: Vec<Variable> = scope
            .having(&Type::Float, Access::Read)
            .into_iter()
            .cloned()
            .collect();
        while last.len() > 4 {
            last.remove(self.random.below(last.len()));
        }
        for variable in last {
            let place: Place = self.part(scope, &variable, &Type::Float);
            let mut term = Expr::read(Type::Float, place);
            if self.random.percent(50) {
                let factor = self.float(scope, 0);
                term = Expr::binary(Binary::Mul, term, factor);
            }
            sum = Expr::binary(Binary::Add, sum, term);
        }
        sum
    }
}

/// How many floats the parameters hold at the last point.
fn inputs(params: &[Param]) -> usize {
    fn count(ty: &Type) -> usize {
        match ty {
            Type::Float => 1,
            Type::Array(element, n) => n * count(element),
            Type::Slice(element) => slice_length(3) * count(element),
            ty => ty.parts().iter().map(count).sum(),
        }
    }
    params.iter().map(|p| count(&p.ty)).sum()
}
