//! Stage 5: the passive reply in time, else a customer-service message inside its window.
