// Package render turns what people look at into text: values as JSON, lists as tables,
// descriptions of services, log records. Commands, prompt and screens all show things through
// it, so that one thing looks the same everywhere.
//
// # Terminals and pipes
//
// A [Look] says what an output can show. To a pipe everything goes verbatim. Before a
// terminal, whatever came from the network is made visible instead of executed: escape
// sequences, other control characters, the marks that turn the direction of text, and
// characters without any width. [Clean] does that for text; what appends JSON, tables,
// descriptions and log records here does it by itself.
//
// Only a [LogHandler] writes; everything else appends to bytes and hands them back. Nothing
// here looks at the terminal itself.
package render
