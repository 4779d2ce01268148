//! Stage 5: the passive reply in time, else a customer-service message inside its window.

mod reply;

pub use reply::{MAX_TEXT, fitting, passive};
