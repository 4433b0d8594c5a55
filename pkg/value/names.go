package value

import "strings"

// maxSubject is the length of the longest subject and pattern, maxStars the most '*' in a pattern.
const (
	maxSubject = 256
	maxStars   = 8
)

// CheckServiceName reports whether a service may be announced under name:
// [A-Za-z0-9][A-Za-z0-9_/-]{0,127}, and not reserved. The error is a [NameError].
func CheckServiceName(name string) error { return checkAnnounced("service name", name) }

// CheckGroupName reports whether name may be a group's; the rule is that of services.
func CheckGroupName(name string) error { return checkAnnounced("group name", name) }

// CheckMethodName reports whether a method may be exported under name:
// [A-Za-z_][A-Za-z0-9_.:/-]{0,127}, and not beginning with "system.".
func CheckMethodName(name string) error {
	const sort = "method name"
	if err := checkLength(sort, name, maxName); err != nil {
		return err
	}
	if isDigit(name[0]) || !onlyHas(name[:1], "_") {
		return &NameError{sort, name, "must begin with a letter or _"}
	}
	if !onlyHas(name, "_.:/-") {
		return &NameError{sort, name, "may hold only letters, digits and _ . : / -"}
	}
	if strings.HasPrefix(name, "system.") {
		return &NameError{sort, name, "names that begin with \"system.\" are reserved"}
	}
	return nil
}

// CheckSubject reports whether reports may be published on subject: 1 to 256 bytes of printable
// ASCII without blanks, '*' and '?', and not reserved.
func CheckSubject(subject string) error {
	const sort = "subject"
	if err := checkPrintable(sort, subject); err != nil {
		return err
	}
	if strings.ContainsAny(subject, "*?") {
		return &NameError{sort, subject, "may not hold * or ?"}
	}
	return checkReserved(sort, subject)
}

// CheckPattern reports whether pattern may select subjects: as a subject, but with '?' and up to
// eight '*'.
func CheckPattern(pattern string) error {
	const sort = "pattern"
	if err := checkPrintable(sort, pattern); err != nil {
		return err
	}
	if strings.Count(pattern, "*") > maxStars {
		return &NameError{sort, pattern, "may hold at most 8 *"}
	}
	return checkReserved(sort, pattern)
}

// SplitTarget cuts "service.method" at the first dot. Without a dot the method is empty.
func SplitTarget(target string) (service, method string) {
	service, method, _ = strings.Cut(target, ".")
	return service, method
}

func checkAnnounced(sort, name string) error {
	if err := checkLength(sort, name, maxName); err != nil {
		return err
	}
	if err := checkReserved(sort, name); err != nil {
		return err
	}
	if !onlyHas(name[:1], "") {
		return &NameError{sort, name, "must begin with a letter or a digit"}
	}
	if !onlyHas(name, "_/-") {
		return &NameError{sort, name, "may hold only letters, digits and _ / -"}
	}
	return nil
}

func checkPrintable(sort, name string) error {
	if err := checkLength(sort, name, maxSubject); err != nil {
		return err
	}
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' {
			return &NameError{sort, name, "may hold only printable ASCII without blanks"}
		}
	}
	return nil
}

func checkReserved(sort, name string) error {
	switch {
	case name[0] == '$' || name[0] == '_':
		return &NameError{sort, name, "names that begin with " + name[:1] + " are reserved"}
	case name == "netsvc" || name == "nats":
		return &NameError{sort, name, "the names netsvc and nats are reserved"}
	}
	return nil
}

func checkLength(sort, name string, most int) error {
	switch {
	case name == "":
		return &NameError{sort, name, "may not be empty"}
	case len(name) > most && most == maxSubject:
		return &NameError{sort, name, "may have at most 256 bytes"}
	case len(name) > most:
		return &NameError{sort, name, "may have at most 128 characters"}
	}
	return nil
}

// onlyHas reports whether s has nothing but ASCII letters, digits and the characters in more.
func onlyHas(s, more string) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte(more, s[i]) < 0 {
			return false
		}
	}
	return true
}
