//! Command line of the mock.
fn main() {}
