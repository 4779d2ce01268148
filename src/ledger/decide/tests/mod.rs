//! What decisions promise, feature by feature. What holds over any order of events is in `properties.rs`.

mod answers;
mod harness;
mod life;
mod merging;
mod properties;
mod refunds;
mod rules;
