package command

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

func logsCommand() *Command {
	return &Command{
		Name:    "logs",
		Section: SectionWatch,
		Args:    "SERVICE",
		Summary: "print what services log, as they do",
		Doc: "SERVICE is a name, a glob or an address such as math@3; all its instances are heard, those that\n" +
			"come later, too. Records of every level come, and only while somebody listens does a service\n" +
			"capture them. Those of netsvc host tell of each call. A service in Go has this by service.LogTap.",
		MinArgs: 1, MaxArgs: 1,
		Formats:  []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Complete: anyService,
		Run:      runLogs,
	}
}

func runLogs(ctx context.Context, env *Env) error {
	opts := service.SubscribeOptions{Subjects: []string{service.LogSubject}}
	if err := publishersOf(&opts, env.Args[0]); err != nil {
		return err
	}
	out := &logOutput{env: env, lines: render.NewLogHandler(env.Out, slog.LevelDebug, env.OutLook)}
	f := following{env: env, show: out}
	return f.follow(ctx, opts)
}

// logRecord is a service.LogRecord as it is read.
type logRecord struct {
	Time    time.Time            `netsvc:"time"`
	Level   string               `netsvc:"level"`
	Message string               `netsvc:"msg"`
	Attrs   map[string]value.Raw `netsvc:"attrs"`
	Lost    uint64               `netsvc:"lost"`
}

// logShape is a log record as programs get it.
type logShape struct {
	Time     time.Time                  `json:"time"`
	Level    string                     `json:"level"`
	Message  string                     `json:"msg"`
	Service  string                     `json:"service"`
	Instance string                     `json:"instance"`
	Origin   string                     `json:"origin"`
	Attrs    map[string]json.RawMessage `json:"attrs"`
}

// logOutput prints log records, each at once.
type logOutput struct {
	env   *Env
	lines *render.LogHandler // for people
}

// report prints one. What is no log record, though it stands where they do, is passed over as
// one that is missing.
func (o *logOutput) report(ctx context.Context, r *service.Report) error {
	var record logRecord
	if err := r.Decode(&record); err != nil {
		return o.gap(&service.GapError{Count: 1})
	}
	if record.Lost > 0 {
		if err := o.gap(&service.GapError{Count: record.Lost}); err != nil {
			return err
		}
	}
	shape, err := shapeOfLog(r, &record)
	if err != nil {
		return err
	}
	if o.env.forPeople() {
		if err := o.env.passOnShape(shape, true); err != nil {
			return err
		}
		return o.lines.Handle(ctx, recordOf(shape))
	}
	return o.env.printShapeLine(shape, nil)
}

func (o *logOutput) gap(g *service.GapError) error {
	shown := reportOutput{o.env}
	return shown.gap(g)
}

func shapeOfLog(r *service.Report, record *logRecord) (*logShape, error) {
	shape := &logShape{
		Time: record.Time.UTC(), Level: record.Level, Message: record.Message, Service: r.Publisher.Name,
		Instance: r.Publisher.String(), Origin: originOf(r.Publisher),
		Attrs: map[string]json.RawMessage{},
	}
	for name, v := range record.Attrs {
		doc, err := value.AppendRawJSON(nil, v)
		if err != nil {
			return nil, err
		}
		shape.Attrs[name] = doc
	}
	return shape, nil
}

// recordOf makes it a record again, the facts in the order of their names.
func recordOf(s *logShape) slog.Record {
	var level slog.Level
	if level.UnmarshalText([]byte(s.Level)) != nil {
		level = slog.LevelInfo
	}
	record := slog.NewRecord(s.Time.Local(), level, s.Message, 0)
	record.Add("instance", s.Instance)
	for _, name := range slices.Sorted(maps.Keys(s.Attrs)) {
		var text string
		if json.Unmarshal(s.Attrs[name], &text) != nil {
			text = string(s.Attrs[name])
		}
		record.Add(name, text)
	}
	return record
}
