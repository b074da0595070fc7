//! The stages one by one, each followed by the verifier.

use proc_macro2::TokenStream;

use crate::diag::Errors;
use crate::differentiate::reverse::{Seed, differentiate};
use crate::differentiate::storage;
use crate::ir::Func;
use crate::ir::verify::{self, Kept};
use crate::options::{self, Options};
use crate::{analyze, fence, lower, sig, simplify};

/// What can be switched off.
const PASSES: [&str; 4] = ["fold", "cse", "dce", "fuse"];

/// From text to the primal, as the driver does it.
pub(super) fn primal(text: &str) -> Result<Func, String> {
    let item: syn::ItemFn = syn::parse_str(text).map_err(|e| e.to_string())?;
    let mut errors = Errors::default();
    fence::check(&item.sig, &item.block, &mut errors);
    let none = syn::Generics::default();
    let sig = sig::read(&item.sig, &Options::default(), &none, &mut errors);
    let func = if errors.is_empty() {
        lower::lower(&item.sig.ident, &sig, &item.block, &mut errors)
    } else {
        None
    };
    let texts = errors.texts();
    let mut func = func
        .filter(|_| texts.is_empty())
        .ok_or_else(|| texts.join("\n"))?;
    verified("lower", &func, Kept::Refused)?;
    lower::kinds::infer(&mut func);
    verified("kinds", &func, Kept::Refused)?;
    analyze::updates::recognise(&mut func);
    verified("updates", &func, Kept::Refused)?;
    analyze::trips::count(&mut func);
    verified("trips", &func, Kept::Refused)?;
    analyze::refill::recognise(&mut func, false);
    verified("refill", &func, Kept::Refused)?;
    Ok(func)
}

/// The reverse function as it comes out of differentiation, and with each set of passes, before and after storage.
pub(super) fn reverses(primal: &Func, seed: Seed) -> Result<Vec<(String, Func)>, String> {
    let mut raw = differentiate(primal, seed);
    verified("differentiate", &raw, Kept::Allowed)?;
    let mut all = vec![("differentiated".to_string(), raw.clone())];
    simplify::versions::run(&mut raw);
    verified("versions", &raw, Kept::Allowed)?;
    all.push(("versions".to_string(), raw.clone()));
    for without in sets() {
        let options = options(&without, true);
        let mut func = raw.clone();
        simplify::simplify(&mut func, &options);
        let name = format!("without({})", without.join(", "));
        verified(&name, &func, Kept::Allowed)?;
        let mut stored = func.clone();
        all.push((name.clone(), func));
        let mut errors = Errors::default();
        let done = storage::resolve(
            &mut stored,
            &options,
            &storage::Parameters::default(),
            &mut errors,
        );
        let texts = errors.texts();
        if done.is_none()
            && texts
                .iter()
                .all(|t| t.contains("neither a number nor an array of numbers"))
        {
            // A slice has no place on the tape; the passes before are compared all the same.
            continue;
        }
        done.ok_or_else(|| format!("{name}: with a tape every number has a place: {texts:?}"))?;
        let name = format!("{name}, stored");
        verified(&name, &stored, Kept::Refused)?;
        all.push((name, stored));
    }
    Ok(all)
}

/// The passes switched off: none, each one, all but each one, all.
fn sets() -> Vec<Vec<&'static str>> {
    let mut sets = vec![Vec::new(), PASSES.to_vec()];
    for p in PASSES {
        sets.push(vec![p]);
        sets.push(PASSES.into_iter().filter(|q| *q != p).collect());
    }
    sets
}

pub(super) fn options(without: &[&str], tape: bool) -> Options {
    let mut text = if tape {
        "tape,".to_string()
    } else {
        String::new()
    };
    if !without.is_empty() {
        text += &format!("without({})", without.join(", "));
    }
    let mut errors = Errors::default();
    let options = options::parse(tokens(&text), &mut errors);
    assert_eq!(errors.texts(), [""; 0], "{text}");
    options
}

pub(super) fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn verified(stage: &str, func: &Func, kept: Kept) -> Result<(), String> {
    verify::verify_with(func, kept).map_err(|e| format!("after {stage}: {e}\n{func}"))
}
