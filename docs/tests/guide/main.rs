//! That the guide says what is so: its index has every message of the compiler, its quotations are the compiler's words, its links lead somewhere.

mod book;
mod index;
mod messages;
mod quotations;
mod shown;
