// Package services has small services to learn from, to try things with and to test against.
// The command netsvc host runs them, and any program may announce them beside its own:
//
//	err := service.Run(ctx, "127.0.0.1:11111", services.Math(), services.Echo())
//
//	service     what it shows
//	math        funcs with types that callers see, and failures
//	clock       reports: one retained, one each second
//	echo        every kind of value, the caller, cancellation, groups joined while running
//	validator1  the eight methods of the XML-RPC validation suite
//
// All are members of the group "web-services", so a gateway for that group offers them. Each
// constructor makes a service of its own, which may be announced once; a program may make as many
// as it likes.
//
// An integer result that does not fit 64 bits is a failure, never a number that is wrong. A number
// is a float64: integers among them are exact up to 2^53.
package services
