//! Stage 2: a push becomes a typed event.
