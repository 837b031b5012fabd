//! HTML to the plain text that its author wrote.
