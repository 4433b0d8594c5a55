package command

// strangers are the flags of call that do not go together with some others: in both cases more
// than one thing would become of an answer, or nothing at all.
var strangers = []struct {
	flag string
	with []string
}{
	{"all", []string{"group", "stream", "no-reply", "each", "envelope", "curl", "exit-status"}},
	{"group", []string{"stream", "no-reply", "each", "envelope", "curl", "exit-status"}},
	{"stream", []string{"no-reply", "each", "envelope", "curl", "exit-status"}},
	{"no-reply", []string{"curl", "exit-status"}},
	{"each", []string{"args", "exit-status"}},
	{"envelope", []string{"dry-run", "curl"}},
	{"dry-run", []string{"curl", "exit-status"}},
	{"curl", []string{"exit-status"}},
}

// companions are the flags of call that mean something together with another one only.
var companions = []struct{ flag, of string }{
	{"parallel", "each"}, {"fail-fast", "each"}, {"gateway", "curl"},
}

// checkModes refuses flags that do not go together.
func checkModes(flags Flags) error {
	for _, s := range strangers {
		if !asked(flags, s.flag) {
			continue
		}
		for _, other := range s.with {
			if asked(flags, other) {
				return usage("", "call: --%s and --%s do not go together", s.flag, other)
			}
		}
	}
	for _, c := range companions {
		if asked(flags, c.flag) && !asked(flags, c.of) {
			return usage("", "call: --%s goes with --%s only", c.flag, c.of)
		}
	}
	return nil
}

// asked reports whether a flag was given and not switched off.
func asked(flags Flags, name string) bool {
	return flags.IsSet(name) && (!isSwitch(name) || flags.Bool(name))
}

// isSwitch reports whether a flag of call takes no value.
func isSwitch(name string) bool {
	for _, f := range callFlags() {
		if f.Name == name {
			return f.Kind == Switch
		}
	}
	return false
}
