//! Visits every block and every expression of a function, the outer ones first.

use crate::syntax::{Argument, Block, End, Expr, Items, Node, OnOption, Place, Statement, Step};

pub(super) enum Piece<'a> {
    Block(&'a mut Block),
    Expr(&'a mut Expr),
}

pub(super) fn block(at: &mut Block, visit: &mut dyn FnMut(Piece<'_>)) {
    visit(Piece::Block(at));
    for statement in &mut at.statements {
        self::statement(statement, visit);
    }
    if let Some(value) = &mut at.value {
        expr(value, visit);
    }
}

fn statement(at: &mut Statement, visit: &mut dyn FnMut(Piece<'_>)) {
    match at {
        Statement::Let { value, .. } => expr(value, visit),
        Statement::LetPattern {
            value, otherwise, ..
        } => {
            expr(value, visit);
            otherwise.iter_mut().for_each(|b| block(b, visit));
        }
        Statement::Declare { .. } | Statement::Continue(_) => {}
        Statement::Borrow { place, .. } => self::place(place, visit),
        Statement::Choose {
            condition, places, ..
        } => {
            expr(condition, visit);
            places.iter_mut().for_each(|p| place(p, visit));
        }
        Statement::Split { place, at, .. } => {
            self::place(place, visit);
            expr(at, visit);
        }
        Statement::Assign(place, value) | Statement::Update(_, place, value) => {
            self::place(place, visit);
            expr(value, visit);
        }
        Statement::AssignParts(places, values) => {
            places.iter_mut().for_each(|p| place(p, visit));
            values.iter_mut().for_each(|v| expr(v, visit));
        }
        Statement::Closure { body, .. } => expr(body, visit),
        Statement::Swap(place, i, j) => {
            self::place(place, visit);
            expr(i, visit);
            expr(j, visit);
        }
        Statement::Exchange(a, b) | Statement::CopyFrom(a, b) => {
            place(a, visit);
            place(b, visit);
        }
        Statement::Fill(place, value) => {
            self::place(place, visit);
            expr(value, visit);
        }
        Statement::Break(_, value) | Statement::Return(value) => {
            value.iter_mut().for_each(|v| expr(v, visit));
        }
        Statement::Do(value) => expr(value, visit),
    }
}

fn place(at: &mut Place, visit: &mut dyn FnMut(Piece<'_>)) {
    for step in &mut at.steps {
        match step {
            Step::Index(index) => expr(index, visit),
            Step::Field(..) => {}
            Step::Range(low, high) => {
                expr(low, visit);
                expr(high, visit);
            }
        }
    }
}

fn sources(items: &mut Items, visit: &mut dyn FnMut(Piece<'_>)) {
    for source in &mut items.sources {
        place(&mut source.place, visit);
    }
}

pub(super) fn expr(at: &mut Expr, visit: &mut dyn FnMut(Piece<'_>)) {
    visit(Piece::Expr(at));
    match &mut at.node {
        Node::Float(_) | Node::Int(_) | Node::Small(_) | Node::Bool(_) => {}
        Node::Read(at) | Node::Length(at) | Node::Lent(at, _) => place(at, visit),
        Node::Neg(a)
        | Node::Not(a)
        | Node::Cast(a)
        | Node::Powi(a, _)
        | Node::SinCos(a)
        | Node::Widen(a)
        | Node::StopGradient(a)
        | Node::Repeat(a) => expr(a, visit),
        Node::Binary(_, a, b) | Node::PowiBy(a, b) => {
            expr(a, visit);
            expr(b, visit);
        }
        Node::Method(_, list)
        | Node::OnInteger(_, list)
        | Node::Build(list)
        | Node::Variant(_, list) => list.iter_mut().for_each(|e| expr(e, visit)),
        Node::If(condition, then, otherwise) => {
            expr(condition, visit);
            block(then, visit);
            otherwise.iter_mut().for_each(|b| block(b, visit));
        }
        Node::Match(number, arms) => {
            expr(number, visit);
            for arm in arms {
                arm.guard.iter_mut().for_each(|g| expr(g, visit));
                block(&mut arm.body, visit);
            }
        }
        Node::For { range, body, .. } => {
            expr(&mut range.start, visit);
            expr(&mut range.end, visit);
            block(body, visit);
        }
        Node::While {
            condition, body, ..
        } => {
            expr(condition, visit);
            block(body, visit);
        }
        Node::Loop { body, .. } | Node::Block(body) | Node::Labeled(_, body) => block(body, visit),
        Node::Each { items, body, .. } => {
            sources(items, visit);
            block(body, visit);
        }
        Node::Chain {
            items,
            filter,
            end,
            body,
        } => {
            sources(items, visit);
            filter.iter_mut().for_each(|f| expr(f, visit));
            if let End::Fold(start, _) = end {
                expr(start, visit);
            }
            expr(body, visit);
        }
        Node::Apply(_, arguments) => arguments.iter_mut().for_each(|a| expr(a, visit)),
        Node::OnOption(value, method) => {
            expr(value, visit);
            match method {
                OnOption::IsSome => {}
                OnOption::UnwrapOr(x) => expr(x, visit),
                OnOption::MapOr(x, _, body) => {
                    expr(x, visit);
                    expr(body, visit);
                }
            }
        }
        Node::Replace(at, value) | Node::Counted(value, at) => {
            place(at, visit);
            expr(value, visit);
        }
        Node::Filled(value, length) => {
            expr(value, visit);
            expr(length, visit);
        }
        Node::ToVec(at) => place(at, visit),
        Node::Call(_, arguments) => {
            for argument in arguments {
                match argument {
                    Argument::Value(e) | Argument::Temporary(e) => expr(e, visit),
                    Argument::Ref(p) | Argument::Mut(p) => place(p, visit),
                }
            }
        }
    }
}
