// Package catalog keeps a live copy of what the registry of an exchange says, for those who
// show it or complete by it: services, their instances, groups and methods, ready to be looked
// at without waiting for anybody.
//
//	link ──events──> Catalog ──at most 30 a second──> Snapshot ──> screens, prompts
//	     <─describe─
//
// # Snapshots
//
// A Snapshot never changes. Whoever holds one sees one state of the registry, and the next one
// shares with it what has stayed the same. Changed tells that there is a newer one; however many
// changes came meanwhile, that is one notice.
//
// # Methods
//
// The registry tells a hash of the methods of each instance. For each hash that is new the
// catalog asks the exchange once, in the background, a few at a time; until then the methods are
// not known. No method of a service is ever called.
//
// # Without a link
//
// When the link breaks the last snapshot stays, marked stale, until the present state has been
// told again. So a screen still shows what there was, and for how long it has not been true.
package catalog
