// Package config reads and writes the files that a user's settings are in. A [Folder] says where
// they are:
//
//	config.toml    what the user wrote: never changed by us
//	contexts.toml  named places to work at, kept by netsvc context
//	calls.toml     saved calls, kept by netsvc call --save
//
// # Reading
//
// [Read] takes a file that is not there for an empty one, and is strict with one that is: text
// that is no TOML, a key that nothing knows and a value of the wrong kind are an [Error], which
// names the file, the line, the key, and what was probably meant. Of several faults the first in
// the file is told. What a text means, such as a duration, is for those who use it; [File.Fault]
// lets them complain in the same way.
//
// # Writing
//
// [Change] reads a file, lets its caller edit what it says and puts a whole new file in its
// place. Whoever reads meanwhile sees the old file or the new one, a crash leaves one of the two,
// and of several processes that change a file at once each builds on what the one before it
// wrote. Files are for their owner alone (0600, folders 0700); a symbolic link stays one.
//
// # Concurrency
//
// All funcs may be called by any number of goroutines and processes. Nothing here knows the
// environment or starts a goroutine.
package config
