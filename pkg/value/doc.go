// Package value is what a message may carry.
package value
