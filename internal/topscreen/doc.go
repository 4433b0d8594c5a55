// Package topscreen is the screen of netsvc top: a table of all instances or services that is
// drawn anew each second, the busiest on top.
//
// The model asks for one sample at a time; the next is due an interval after the last has come.
// An exchange that is away leaves the table as it was, and the screen says so, until it is back.
// All that came from the network is cleaned before it is drawn. Each frame has exactly the size
// of the terminal.
package topscreen
