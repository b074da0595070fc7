//! Single steps that make a program smaller. Not all of them leave a valid program behind; that is found out afterwards.

use super::walk::Piece;
use crate::syntax::{Argument, Block, End, Expr, Node, OnOption, Pattern, Statement, Type};

/// Does the step of this number to a piece. `None` if there are no more.
pub(super) fn apply(piece: Piece<'_>, step: usize) -> Option<()> {
    match piece {
        Piece::Block(block) => reduce_block(block, step),
        Piece::Expr(expr) => reduce_expr(expr, step),
    }
}

/// Removes a half, a statement, or puts what is inside of a statement in its place.
fn reduce_block(block: &mut Block, step: usize) -> Option<()> {
    let n = block.statements.len();
    match step {
        0 => drop(block.statements.drain(..n / 2)),
        1 => block.statements.truncate(n / 2),
        _ if step < 2 + n => drop(block.statements.remove(step - 2)),
        _ if step < 2 + 2 * n => {
            let at = step - 2 - n;
            let inside = insides(&block.statements[at]);
            let inside = inside.into_iter().flat_map(|b| b.statements);
            // One `else` after the other: later steps remove what is not needed.
            let inside: Vec<Statement> = inside.collect();
            if !inside.is_empty() {
                block.statements.splice(at..=at, inside);
            }
        }
        _ => return None,
    }
    Some(())
}

fn insides(statement: &Statement) -> Vec<Block> {
    let (Statement::Do(value) | Statement::Let { value, .. }) = statement else {
        return Vec::new();
    };
    match &value.node {
        Node::If(_, then, otherwise) => [Some(then), otherwise.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect(),
        Node::Match(_, arms) => arms.iter().map(|arm| arm.body.clone()).collect(),
        Node::For { body, .. }
        | Node::While { body, .. }
        | Node::Loop { body, .. }
        | Node::Each { body, .. }
        | Node::Labeled(_, body)
        | Node::Block(body) => vec![body.clone()],
        _ => Vec::new(),
    }
}

fn reduce_expr(expr: &mut Expr, step: usize) -> Option<()> {
    let mut smaller: Vec<Expr> = children(expr);
    smaller.retain(|child| child.ty == expr.ty && expr.ty != Type::Unit);
    let literal = matches!(
        expr.node,
        Node::Float(_) | Node::Int(_) | Node::Small(_) | Node::Bool(_)
    );
    if !literal {
        smaller.extend(literals(&expr.ty));
    }
    smaller.extend(variants(expr));
    *expr = smaller.into_iter().nth(step)?;
    Some(())
}

/// What stands directly in an expression and might stand for it.
fn children(expr: &Expr) -> Vec<Expr> {
    let tails = |blocks: &[&Block]| {
        let tails = blocks.iter().filter_map(|b| b.value.as_deref().cloned());
        tails.collect::<Vec<Expr>>()
    };
    match &expr.node {
        Node::Neg(a) | Node::Not(a) | Node::Cast(a) | Node::Powi(a, _) | Node::StopGradient(a) => {
            vec![(**a).clone()]
        }
        Node::Binary(_, a, b) | Node::PowiBy(a, b) => vec![(**a).clone(), (**b).clone()],
        Node::Method(_, list) | Node::OnInteger(_, list) | Node::Build(list) => list.clone(),
        Node::If(_, then, Some(otherwise)) => tails(&[then, otherwise]),
        Node::Match(_, arms) => {
            let bodies: Vec<&Block> = arms.iter().map(|arm| &arm.body).collect();
            tails(&bodies)
        }
        Node::Block(body) | Node::Labeled(_, body) => tails(&[body]),
        Node::Apply(_, list) => list.clone(),
        Node::Replace(_, value) => vec![(**value).clone()],
        Node::OnOption(_, OnOption::UnwrapOr(x) | OnOption::MapOr(x, ..)) => vec![(**x).clone()],
        Node::Chain {
            end: End::Fold(start, _),
            ..
        } => vec![(**start).clone()],
        Node::Call(_, arguments) => {
            let values = arguments.iter().filter_map(|a| match a {
                Argument::Value(e) | Argument::Temporary(e) => Some(e.clone()),
                Argument::Ref(_) | Argument::Mut(_) => None,
            });
            values.collect()
        }
        _ => Vec::new(),
    }
}

fn literals(ty: &Type) -> Vec<Expr> {
    match ty {
        Type::Float => vec![Expr::float(0.5)],
        Type::Int => vec![Expr::int(0), Expr::int(1)],
        Type::Small(kind) => vec![Expr::small(*kind, 0), Expr::small(*kind, 1)],
        Type::Bool => [true, false]
            .map(|b| Expr::new(Type::Bool, Node::Bool(b)))
            .into(),
        Type::Array(element, _) => literals(element)
            .into_iter()
            .take(1)
            .map(|e| Expr::new(ty.clone(), Node::Repeat(Box::new(e))))
            .collect(),
        Type::Tuple(_) | Type::Struct(_) => {
            let parts: Vec<Expr> = ty
                .parts()
                .iter()
                .filter_map(|part| literals(part).into_iter().next())
                .collect();
            vec![Expr::new(ty.clone(), Node::Build(parts))]
        }
        Type::Sum(_) => vec![Expr::new(ty.clone(), Node::Variant(0, Vec::new()))],
        Type::Unit | Type::Slice(_) => Vec::new(),
    }
}

/// The same kind of expression with less to it.
fn variants(expr: &Expr) -> Vec<Expr> {
    let with = |node: Node| Expr::new(expr.ty.clone(), node);
    match &expr.node {
        Node::If(c, then, Some(_)) if expr.ty == Type::Unit => {
            vec![with(Node::If(c.clone(), then.clone(), None))]
        }
        Node::Match(subject, arms) => {
            let mut list = Vec::new();
            for k in 0..arms.len() {
                let mut fewer = arms.clone();
                if k + 1 < arms.len() {
                    fewer.remove(k);
                } else {
                    fewer.iter_mut().for_each(|arm| arm.guard = None);
                }
                list.push(with(Node::Match(subject.clone(), fewer)));
                for pattern in patterns(&arms[k].pattern) {
                    let mut simpler = arms.clone();
                    simpler[k].pattern = pattern;
                    list.push(with(Node::Match(subject.clone(), simpler)));
                }
            }
            list
        }
        Node::Chain {
            items,
            filter,
            end,
            body,
        } => {
            let mut plain = items.clone();
            (plain.reversed, plain.skip, plain.take) = (false, 0, None);
            let chain = |items, filter| {
                with(Node::Chain {
                    items,
                    filter,
                    end: end.clone(),
                    body: body.clone(),
                })
            };
            vec![chain(plain, filter.clone()), chain(items.clone(), None)]
        }
        Node::Each { label, items, body } => {
            let (label, mut items, body) = (label.clone(), items.clone(), body.clone());
            (items.reversed, items.skip, items.take) = (false, 0, None);
            vec![with(Node::Each { label, items, body })]
        }
        Node::For {
            label,
            name,
            range,
            body,
        } => {
            let mut plain = range.clone();
            plain.inclusive = false;
            plain.step = 1;
            let mut forward = range.clone();
            forward.reversed = false;
            let ranges = [plain, forward].into_iter();
            let with_range = |range| {
                with(Node::For {
                    label: label.clone(),
                    name: name.clone(),
                    range,
                    body: body.clone(),
                })
            };
            ranges.map(with_range).collect()
        }
        _ => Vec::new(),
    }
}

/// Simpler patterns: those without one of the inner ones, or with a part of them alone.
fn patterns(of: &Pattern) -> Vec<Pattern> {
    let mut list = match of {
        Pattern::Any | Pattern::Name(_) | Pattern::Bool(_) => Vec::new(),
        Pattern::Numbers(spans) => match &spans[..] {
            [] | [_] => Vec::new(),
            [first, ..] => vec![Pattern::Numbers(vec![*first])],
        },
        Pattern::At(name, inner) => vec![Pattern::Name(name.clone()), (**inner).clone()],
        Pattern::Parts(parts) => within(parts, Pattern::Parts),
        Pattern::Variant(variant, parts) => {
            within(parts, |parts| Pattern::Variant(*variant, parts))
        }
        Pattern::Elements { front, rest, back } => {
            let fronts = within(front, |front| Pattern::Elements {
                front,
                rest: rest.clone(),
                back: back.clone(),
            });
            let backs = within(back, |back| Pattern::Elements {
                front: front.clone(),
                rest: rest.clone(),
                back,
            });
            [fronts, backs].concat()
        }
        Pattern::Either(ways) => ways.clone(),
    };
    if *of != Pattern::Any {
        list.push(Pattern::Any);
    }
    list
}

/// With one of the patterns simpler.
fn within(parts: &[Pattern], whole: impl Fn(Vec<Pattern>) -> Pattern) -> Vec<Pattern> {
    let mut list = Vec::new();
    for (k, part) in parts.iter().enumerate() {
        for simpler in patterns(part) {
            let mut parts = parts.to_vec();
            parts[k] = simpler;
            list.push(whole(parts));
        }
    }
    list
}
