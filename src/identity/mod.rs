//! Stage 3: who an event is about.
