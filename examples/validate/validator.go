package main

import "github.com/netsvc/netsvc/pkg/service"

// validator makes the service "validate", which tells the two directions apart: what arrives is
// told as text, which every client can read, and values are given by name, which every client
// can send.
func (s *suite) validator() *service.Service {
	v := service.New("validate", &service.ServiceOptions{
		Groups: []string{"web-services"}, Description: "Tells what arrived, and gives values to be read.",
	})
	v.Export("tell", func(v any) string { return formOf(v).String() }, &service.MethodOptions{
		Doc: "The value as it arrived, in words.", Params: []string{"value"}, ReadOnly: true, Idempotent: true,
	})
	v.Export("give", s.sampleValue, &service.MethodOptions{
		Doc: "The value of that name.", Params: []string{"name"}, ReadOnly: true, Idempotent: true,
	})
	return v
}
