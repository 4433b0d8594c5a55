package config

// Calls is the file of saved calls.
type Calls struct {
	Named map[string]Call `toml:"call,omitempty"`
}

// Call is a call to be made again, in the words in which it was made.
type Call struct {
	Target string            `toml:"target"`          // SERVICE.METHOD, or METHOD with the flag group
	Args   []string          `toml:"args,omitempty"`  // the words behind it
	Flags  map[string]string `toml:"flags,omitempty"` // by their long names; of a switch "true"
}
