//! Every input gets an answer, and every mistake one sentence. What the implementations compute is tested in the facade crate.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand;

/// The messages for an input, and whether an implementation is emitted beside them.
fn check(input: TokenStream, messages: &[&str], implemented: bool) {
    let output = expand(input).to_string();
    let file: syn::File = syn::parse_str(&output).expect("items");
    let mut found = Vec::new();
    let mut implementations = 0;
    for item in &file.items {
        match item {
            syn::Item::Macro(item) => found.push(
                item.mac
                    .parse_body::<syn::LitStr>()
                    .expect("a message")
                    .value(),
            ),
            // Beside it stands that of the placeholder.
            syn::Item::Impl(item) => implementations += usize::from(is_differentiable(item)),
            _ => panic!("neither a message nor an implementation: {output}"),
        }
    }
    assert_eq!(found.len(), messages.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(messages) {
        assert!(
            found.contains(expected),
            "`{found}` does not say `{expected}`"
        );
    }
    assert_eq!(implementations, usize::from(implemented));
}

fn is_differentiable(item: &syn::ItemImpl) -> bool {
    let path = item.trait_.as_ref().map(|implemented| &implemented.0);
    path.and_then(|path| path.segments.last())
        .is_some_and(|name| name.ident == "Differentiable")
}

/// The implementation, laid out.
fn emitted(input: TokenStream) -> String {
    let file: syn::File = syn::parse2(expand(input)).expect("items");
    prettyplease::unparse(&file)
}

#[test]
fn plain_types_are_implemented() {
    check(
        quote!(
            struct Unit;
        ),
        &[],
        true,
    );
    check(
        quote!(
            struct Pair<T>(T, #[nodiff] usize);
        ),
        &[],
        true,
    );
    check(
        quote!(
            struct Layer<'a, T: Clone, const N: usize>
            where
                T: Copy,
            {
                w: [T; N],
                name: &'a str,
            }
        ),
        &[],
        true,
    );
    check(
        quote!(
            enum Never {}
        ),
        &[],
        true,
    );
    check(
        quote!(
            enum Shape {
                Point,
                Disc { r: f64 },
                Box(f64, f64),
            }
        ),
        &[],
        true,
    );
    check(
        quote!(
            #[differentiable(crate = a::b)]
            struct Unit;
        ),
        &[],
        true,
    );
}

#[test]
fn all_mistakes_are_reported_at_once() {
    check(
        quote! {
            #[nodiff]
            #[differentiable(jvp, crate = a, crate = b)]
            struct Layer { #[nodiff(x)] a: f64, #[nodiff] #[nodiff] b: f64, #[differentiable] c: f64 }
        },
        &[
            "not a type",
            "`jvp` is not an option here",
            "`crate` is given twice",
            "takes no arguments",
            "given twice",
            "stands on the type",
        ],
        true,
    );
    check(
        quote!(
            enum Shape {
                #[nodiff]
                Point,
                #[differentiable(jvp)]
                Disc(f64),
            }
        ),
        &["not a variant", "stands on the type"],
        true,
    );
}

#[test]
fn what_cannot_be_derived_gets_a_sentence_and_a_residue() {
    check(
        quote!(union Bits { a: f64, b: f32 }),
        &["a union has no derivative"],
        true,
    );
    check(
        quote!(
            #[repr(C, packed(2))]
            struct Packed {
                a: f64,
            }
        ),
        &["packed type cannot be borrowed"],
        true,
    );
}

#[test]
fn anything_else_is_an_error_and_no_panic() {
    check(quote!(), &["unexpected end of input"], false);
    check(
        quote!(
            fn f() {}
        ),
        &["expected"],
        false,
    );
    check(quote!(struct), &["expected"], false);
    check(
        quote!(
            #[differentiable(crate = "x")]
            struct Unit;
        ),
        &["expected identifier"],
        true,
    );
    check(
        quote!(
            #[differentiable = 3]
            struct Unit;
        ),
        &["only says where"],
        true,
    );
    check(
        quote!(
            #[differentiable(crate)]
            struct Unit;
        ),
        &["expected `=`"],
        true,
    );
}

#[test]
fn bounds_are_on_the_types_of_generic_fields() {
    let output = emitted(quote!(
        enum Tree<T> {
            Leaf(T, u8),
            Node(Box<Tree<T>>, #[nodiff] Vec<T>, T),
        }
    ));
    let (_, bounds) = output.split_once("where").expect("a where-clause");
    let bounds: Vec<&str> = bounds
        .split('{')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .collect();
    assert_eq!(
        bounds.join(" "),
        "T: ::backprop::__private::Differentiable, Vec<T>: ::core::clone::Clone,"
    );
}

#[test]
fn the_emitted_text_of_a_struct() {
    let output = emitted(quote!(
        #[differentiable(crate = crate)]
        struct Layer {
            w: [f64; 2],
            #[nodiff]
            n: usize,
        }
    ));
    for line in [
        "impl crate::__private::Differentiable for Layer {",
        "w: <[f64; 2] as crate::__private::Differentiable>::zeros_like(&self.w),",
        "let mut __zero = <usize as ::core::clone::Clone>::clone(&self.n);",
        "crate::__private::Cleared(&mut __zero).clear();",
        "<[f64; 2] as crate::__private::Differentiable>::set_zero(&mut self.w);",
        "__write.each_mut().map(|__x| &mut __x.w),",
        "__path.field(\"w\"),",
        "impl<__W> crate::__private::Blank<__W> for Layer",
        "n: <usize as crate::__private::Blank<__W>>::blank(),",
    ] {
        assert!(output.contains(line), "{line}\nis not in\n{output}");
    }
}
