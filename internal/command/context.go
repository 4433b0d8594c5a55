package command

import (
	"context"
	"slices"

	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
)

func contextCommand() *Command {
	return &Command{
		Name:    "context",
		Section: SectionAdmin,
		Args:    "COMMAND",
		Summary: "name places to work at, and choose one",
		Doc: "A context is a name for an exchange and for other settings. The current one is used by every\n" +
			"command; --context NAME uses another for once. local, 127.0.0.1:11111, is there from the start.",
		Lenient: true,
		Sub: Table{
			contextLsCommand(), contextAddCommand(), contextUseCommand(), contextShowCommand(), contextRmCommand(),
		},
	}
}

func contextLsCommand() *Command {
	return &Command{
		Name:    "context ls",
		Section: SectionAdmin,
		Summary: "list contexts",
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatName, FormatRaw},
		Lenient: true,
		Run:     runContextLs,
	}
}

// contextRow is a context in a list. Its JSON is a contract.
type contextRow struct {
	Name     string `json:"name"`
	Exchange string `json:"exchange"` // the one that is used in it
	Current  bool   `json:"current"`
}

func runContextLs(_ context.Context, env *Env) error {
	contexts, err := env.readContexts()
	if err != nil {
		return err
	}
	rows := []contextRow{}
	for _, name := range contextNames(contexts) {
		rows = append(rows, env.contextRow(contexts, name))
	}
	name := func(row contextRow) string { return row.Name }
	return printNamed(env, rows, name, func() *render.Table {
		table := &render.Table{Header: []string{"NAME", "EXCHANGE", "CURRENT"}}
		for _, row := range rows {
			table.Add(row.Name, row.Exchange, mark(row.Current))
		}
		return table
	})
}

func mark(yes bool) string {
	if yes {
		return "*"
	}
	return ""
}

// readContexts reads the contexts that there are.
func (e *Env) readContexts() (config.Contexts, error) {
	var contexts config.Contexts
	_, err := config.Read(e.Folder.Contexts(), &contexts)
	return contexts, err
}

// contextRow describes a context that there is.
func (e *Env) contextRow(contexts config.Contexts, name string) contextRow {
	values, _ := findContext(contexts, name)
	return contextRow{Name: name, Exchange: e.exchangeIn(values), Current: name == e.Settings.Context}
}

// exchangeIn is the exchange used in a context: its own, else that of the user's file. What cannot
// be used is shown as it is written.
func (e *Env) exchangeIn(values config.Values) string {
	text := values.Exchange
	if text == "" {
		var file config.Config
		if _, err := config.Read(e.Folder.Config(), &file); err == nil {
			text = file.Exchange
		}
	}
	if text == "" {
		return DefaultExchange
	}
	if place, err := ParsePlace(text); err == nil {
		return place.Target()
	}
	return text
}

func contextShowCommand() *Command {
	return &Command{
		Name:     "context show",
		Section:  SectionAdmin,
		Args:     "[NAME]",
		Summary:  "show what a context says, the one in use without NAME",
		MaxArgs:  1,
		Formats:  []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Lenient:  true,
		Complete: anyContext,
		Run:      runContextShow,
	}
}

// contextShape is a context and all it says. Its JSON is a contract.
type contextShape struct {
	contextRow
	Gateway        string `json:"gateway,omitempty"`
	Timeout        string `json:"timeout,omitempty"`
	ConnectTimeout string `json:"connect-timeout,omitempty"`
	Output         string `json:"output,omitempty"`
	Color          string `json:"color,omitempty"`
	Log            string `json:"log,omitempty"`
	Theme          string `json:"theme,omitempty"`
	Clipboard      string `json:"clipboard,omitempty"`
}

func runContextShow(_ context.Context, env *Env) error {
	contexts, err := env.readContexts()
	if err != nil {
		return err
	}
	name := env.Settings.Context
	if len(env.Args) > 0 {
		name = env.Args[0]
	}
	if name == "" {
		return noContext("no context is in use", "netsvc context use NAME chooses one")
	}
	values, unknown := findContext(contexts, name)
	if unknown != nil {
		return unknown
	}
	shape := contextShape{
		env.contextRow(contexts, name), values.Gateway, values.Timeout, values.ConnectTimeout, values.Output,
		values.Color, values.Log, values.Theme, values.Clipboard,
	}
	return env.printShape(shape, func(dst []byte, l render.Look) []byte {
		return contextTable(&shape.contextRow, &values).Append(dst, l)
	})
}

// contextTable has a line for each thing a context says.
func contextTable(row *contextRow, values *config.Values) *render.Table {
	table := &render.Table{Header: []string{"NAME", "VALUE"}}
	table.Add("name", row.Name)
	table.Add("exchange", row.Exchange)
	if row.Current {
		table.Add("current", "true")
	}
	rest := slices.DeleteFunc(slices.Clone(settingTable), func(s setting) bool { return s.name == "exchange" })
	for _, s := range rest {
		if text := *values.Of(s.name); text != "" {
			table.Add(s.name, text)
		}
	}
	return table
}
