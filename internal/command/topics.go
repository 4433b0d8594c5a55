package command

import "strings"

// topics are the pages of help, in the order of help.
func topics() []topic {
	return []topic{exitTopic(), environmentTopic(), outputTopic(), valuesTopic(), cheatTopic()}
}

func environmentTopic() topic {
	return topic{"environment", "variables, and the files that settings are kept in", append(environment(), part{rows: files})}
}

func environment() []part {
	return []part{
		{text: "A flag is stronger than the environment, which is stronger than the current context, then the user's file, then the default; --context is a flag. A variable that is empty is not set."},
		{rows: variables()},
		{text: "netsvc sub --exec sets NETSVC_SERVICE, NETSVC_INSTANCE, NETSVC_SUBJECT, NETSVC_RETAINED and NETSVC_EXCHANGE for the command it runs."},
	}
}

// variables are those that netsvc reads.
func variables() [][2]string {
	var rows [][2]string
	for _, s := range settingTable {
		if s.variable != "" {
			rows = append(rows, [2]string{s.variable, settingTexts[s.name] + " (default " + s.standard + ")"})
		}
	}
	return append(rows,
		[2]string{envContext, "the context to work in, as --context has it, but weaker than other variables"},
		[2]string{envConfig, "the path of config.toml; the other files are beside it"},
		[2]string{"XDG_CONFIG_HOME", "the user's folder for configuration, by default ~/.config"},
		[2]string{"NO_COLOR", "no colours, whatever its text is; --color is stronger"},
		[2]string{"CLICOLOR_FORCE", "colours in a pipe, too; 0 is none"},
		[2]string{"TERM", "dumb is a terminal without colours"},
		[2]string{"COLUMNS", "how wide a terminal is that does not tell; tables fit it"},
		[2]string{"LC_ALL", "a locale without UTF-8 gets ASCII where a table was cut; LC_CTYPE, LANG if it is not set"},
	)
}

// settingTexts say what the settings are that a variable can set.
var settingTexts = map[string]string{
	"exchange":  "the exchange, as --exchange has it",
	"timeout":   "give up after this long, as --timeout has it",
	"output":    "the format of results and errors, as --output has it; a command without that format keeps to auto",
	"log":       "what is logged: debug, info, warn or error",
	"theme":     "the colours of screens: auto, dark, light or mono",
	"clipboard": "how screens copy: auto, native, osc52 or off",
}

// files are those that netsvc keeps.
var files = [][2]string{
	{"~/.config/netsvc/config.toml", "settings, by the names of their flags"},
	{"~/.config/netsvc/contexts.toml", "named places to work at, and which is current"},
	{"~/.config/netsvc/calls.toml", "calls that were saved"},
}

func outputTopic() topic {
	return topic{"output", "formats of results, and what goes where", []part{
		{text: "Results go to stdout and nothing else does. Stderr is empty when all goes well; -v says more there, and those that run until they are told to end log there."},
		{rows: formatRows()},
		{text: "A command without a format that -o asks for refuses it and names those it has. With json and jsonl an error is a line of JSON on stderr, {\"error\":{...}}, with code, number, exit, message, delivered, hint and retryable."},
		{text: "Results that come one by one are a line each, flushed at once. JSON has integers with all their digits, and bytes as base64. On a terminal, characters that could change it are shown as escapes such as \\x1b; a pipe gets them as they are. Tables are cut to the terminal; values never are."},
		{text: "--jq makes of each result what an expression of jq says, as in -q .mean or, for text without quotes, -q '.[].name' -r. It sees the value of a call, the document of a list, or each line of a stream; what it yields is written in the format of -o. One that cannot be read is exit 2 before anything is sent, one that does not fit the result afterwards."},
	}}
}

// formatTexts say what each format is.
var formatTexts = map[Format]string{
	FormatAuto:  "text for people on a terminal, compact JSON in a pipe",
	FormatJSON:  "one document: indented on a terminal, compact in a pipe",
	FormatJSONL: "one compact value a line",
	FormatYAML:  "one document, or one for each line of a stream, with --- between them",
	FormatTable: "columns, in a pipe, too: of a list of maps rows, of a map two columns",
	FormatName:  "the name of each item of a list, one a line",
	FormatRaw:   "text and a line's end, bytes as they are, nothing for null, JSON for all else; -r is the same",
}

func formatRows() [][2]string {
	var rows [][2]string
	for _, name := range formats() {
		rows = append(rows, [2]string{"-o " + name, formatTexts[Format(name)]})
	}
	return rows
}

func valuesTopic() topic {
	return topic{"values", "how arguments are written, and their types", []part{
		{text: "An argument is [NAME=]FORM or [NAME]:=JSON. A NAME counts only if the method has that parameter; else the whole word is a FORM. The first that fits is taken:"},
		{rows: forms},
		{text: "-, -3, -.5, -1e3 and -Inf are never flags. -- ends flags; the forms keep their meaning behind it. Stdin is read only when a form says so, and only once."},
		{text: "Types: " + strings.Join(typeNames, " ") + ". An enum is text with some values only. netsvc describe SERVICE.METHOD shows those of a method, and what does not fit is told before anything is sent."},
	}}
}

// typeNames are the types as people see them.
var typeNames = []string{
	"any", "nil", "bool", "int", "number", "text", "bytes", "datetime", "date", "time", "duration",
	"list<T>", "map", "stream<T>",
}

// forms are the ways to write a value, in the order in which they are tried.
var forms = [][2]string{
	{"-", "stdin as text"},
	{":-", "stdin as JSON"},
	{"@@REST", "the text @REST"},
	{"@FILE", "text of a file"},
	{":@FILE", "JSON of a file"},
	{"b64:TEXT, hex:TEXT", "bytes"},
	{"bytes:@FILE, bytes:-", "the bytes of a file, of stdin"},
	{"date:2026-11-22", "a date"},
	{"time:10:00:00", "a time of day"},
	{"datetime:2026-11-22T10:00:00Z", "a time"},
	{"dur:1h30m", "a duration"},
	{"str:REST", "the text REST, whatever it holds"},
	{"WORD", "by the parameter's type: text as it is, list and map as JSON, bytes from base64; for any, or without a signature, JSON if it parses, else text"},
	{"NAME=FORM", "the argument of this name, as in x=3"},
	{":=JSON, NAME:=JSON", "JSON alone, or - or @FILE to read it from"},
}

func cheatTopic() topic {
	return topic{"cheat", "the lines to remember", []part{{lines: cheats}}}
}

// cheats are lines that work where an exchange and the example services run.
var cheats = []string{
	"netsvc demo                               # all of it in one process",
	"netsvc exchange --listen 11111            # the process all others connect to",
	"netsvc host math echo                     # example services",
	"netsvc gateway                            # XML-RPC over HTTP on port 8000",
	"netsvc wait math --timeout 10s            # until it is there",
	"",
	"netsvc ls                                 # what is there",
	"netsvc ls 'ma*' --group web-services      # some of it",
	"netsvc describe math.multiply             # what it wants, what it returns",
	"netsvc ping math                          # whether it answers, and how fast",
	"netsvc top                                # who is called how much",
	"netsvc events                             # what comes and goes",
	"",
	"netsvc call math.multiply 3 4             # 12",
	"netsvc call math.multiply y:=4 x=3        # by name",
	"netsvc call math.multiply 3 -4 -o json    # for programs",
	"netsvc call math.stats '[1,2,3]' -q .mean # 2",
	"netsvc call echo.whoami --all             # each instance",
	"netsvc call math.square --each -P 8       # each JSON line of stdin",
	"netsvc call math.multiply 3 4 --curl      # the same over HTTP",
	"netsvc xmlrpc http://127.0.0.1:8000/xmlrpc/service/math multiply 3 4",
	"netsvc call math.multiply x=3 y=4 --save area",
	"netsvc run area y=5                       # again, with another y",
	"",
	"netsvc sub 'clock:tick' --max 3           # reports, as they come",
	"netsvc pub build:done '{\"sha\":\"4f2\"}'     # one of our own",
	"netsvc logs math                          # what a service logs",
	"",
	"netsvc context add lab lab.example:11111  # a name for an exchange",
	"netsvc context use lab",
	"netsvc config show --origin               # what is set, and where",
	"",
	"eval \"$(netsvc completion bash)\"          # TAB knows all of it",
}
