package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/command"
)

// grammarHelp is what help says before the commands.
const grammarHelp = `math.multiply 3 4          call a method; arguments as on the command line
$s = math.series 5         keep a value; _ is the last one, _2 the one before
math.multiply _ $s[0]      give values to a call; $(math.add 1 2) gives that of another one
$s |> map(. * 2) |> add    go on with a value, in the language of jq
ls | sort                  give results to the system's shell, or to a file: > FILE, >> FILE
sub clock:tick &           go on while it runs; jobs lists what does, unsub ends it
time ITEM                  say how long it took; watch -n 5s ITEM, repeat 3 ITEM
!date                      a line of the system's shell
ITEM; ITEM                 one after the other
`

func (s *Session) runHelp(ctx context.Context, env *command.Env) error {
	if len(env.Args) == 0 {
		return write(env.Out, s.helpText())
	}
	name := strings.Join(env.Args, " ")
	if slices.Contains(command.Explained(), name) || s.hasNot(env.Args[0]) {
		return s.outerHelp(ctx, env)
	}
	line, err := s.table.Split(append(slices.Clone(env.Args), "--help"))
	if err != nil {
		return err
	}
	return write(env.Out, line.Command.Help())
}

// hasNot reports whether a word is no command of the session.
func (s *Session) hasNot(word string) bool {
	_, err := s.table.Find(word)
	return err != nil
}

// outerHelp is the help of the command line, for topics, with its words for what there is not.
func (s *Session) outerHelp(ctx context.Context, env *command.Env) error {
	help, err := command.Commands().Find("help")
	if err != nil {
		return err
	}
	return help.Run(ctx, env)
}

// helpText is the help of the prompt itself.
func (s *Session) helpText() string {
	var text strings.Builder
	text.WriteString(grammarHelp)
	for _, section := range []command.Section{command.SectionLook, command.SectionUse, command.SectionWatch, command.SectionAdmin, sectionSession} {
		fmt.Fprintf(&text, "\n%s:\n", section)
		for _, c := range s.table.Of(section) {
			if !c.Hidden {
				fmt.Fprintf(&text, "  %-10s %s\n", c.Name, c.Summary)
			}
		}
	}
	fmt.Fprintf(&text, "\nhelp COMMAND, help TOPIC (%s)\n", list(command.Explained()))
	return text.String()
}

func list(words []string) string { return strings.Join(words, ", ") }
