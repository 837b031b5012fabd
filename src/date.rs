//! Lenient timestamps as a list of strategies.
