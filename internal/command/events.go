package command

import (
	"context"
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

func eventsCommand() *Command {
	return &Command{
		Name:    "events",
		Section: SectionWatch,
		Summary: "print what comes and goes, as it does",
		Doc: "First comes what there is: available for each instance, joined for each of its groups, and synced\n" +
			"at the end of it. Then comes each change. When the exchange is lost everything is withdrawn, for\n" +
			"the reason exchange-lost and with the rev 0; when it is back, what there is comes again. reset\n" +
			"means: forget what was told, what there is comes again. Text for people leaves synced and reset\n" +
			"out. In JSON every event has all its members; those that say nothing are null.\n\n" +
			"Names that begin with _ are left out unless the GLOB begins with it.",
		Flags: []Flag{
			{Name: "service", Kind: Text, Arg: "GLOB", Summary: "only of services whose name matches", Complete: AnyName},
			{Name: "group", Kind: Text, Arg: "GROUP", Summary: "only of the members of this group", Complete: AnyGroup},
			{Name: "max", Kind: Count, Arg: "N", Summary: "end after so many lines"},
		},
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Run:     runEvents,
	}
}

// eventShape is an event of the registry as the contract has it. Members that say nothing of
// the event are null.
type eventShape struct {
	Rev      uint64    `json:"rev"`
	Time     time.Time `json:"time"`
	Event    string    `json:"event"`
	Service  *string   `json:"service"`
	Instance *string   `json:"instance"`
	Origin   *string   `json:"origin"`
	Group    *string   `json:"group"`
	State    *string   `json:"state"`
	Reason   *string   `json:"reason"`
}

func shapeOfEvent(e *service.Event) *eventShape {
	shape := &eventShape{Rev: e.Rev, Time: e.Time.UTC(), Event: e.Kind.String()}
	if e.Kind == service.Synced || e.Kind == service.Reset {
		return shape
	}
	address, state := e.Info.Address.String(), e.Info.State.String()
	origin := originOf(e.Info.Address)
	shape.Service, shape.Instance, shape.State, shape.Origin = &e.Info.Name, &address, &state, &origin
	shape.Group = orNull(e.Group)
	if e.Reason != service.ReasonNone {
		reason := e.Reason.String()
		shape.Reason = &reason
	}
	return shape
}

func runEvents(ctx context.Context, env *Env) error {
	s := eventStream{env: env, glob: env.Flags.String("service"), most: env.Flags.Int("max")}
	opts, err := s.options()
	if err != nil {
		return err
	}
	conn, err := env.Connect(ctx, true)
	if err != nil {
		return err
	}
	watch, err := conn.Watch(opts)
	if err != nil {
		return err
	}
	defer watch.Close()
	background, cancel := context.WithCancel(ctx)
	var patience notice
	defer patience.wg.Wait()
	defer cancel()
	patience.begin(background, env, conn)
	return s.run(ctx, watch)
}

// eventStream is a watch whose events are printed until there were enough.
type eventStream struct {
	env  *Env
	glob string
	most int // lines; zero for no bound
}

// options are those of the watch. It follows a group or names, so that of a group the names are
// chosen here.
func (s *eventStream) options() (service.WatchOptions, error) {
	if s.glob != "" {
		if err := checkGlob("events", s.glob); err != nil {
			return service.WatchOptions{}, err
		}
	}
	if !s.env.Flags.IsSet("group") {
		return service.WatchOptions{Glob: s.glob}, nil
	}
	group := s.env.Flags.String("group")
	if err := value.CheckGroupName(group); err != nil {
		return service.WatchOptions{}, usage("such as --group web-services", "events: %v", err)
	}
	return service.WatchOptions{Group: group}, nil
}

func (s *eventStream) run(ctx context.Context, watch *service.Watch) error {
	for lines := 0; s.most == 0 || lines < s.most; {
		e, err := watch.Next(ctx)
		if err != nil {
			return err
		}
		if !s.wants(&e) {
			continue
		}
		if err := s.print(&e); err != nil {
			return err
		}
		lines++
	}
	return nil
}

// wants reports whether an event is to be printed.
func (s *eventStream) wants(e *service.Event) bool {
	if e.Kind == service.Synced || e.Kind == service.Reset {
		return !s.env.forPeople()
	}
	if strings.HasPrefix(e.Info.Name, "_") && !strings.HasPrefix(s.glob, "_") {
		return false
	}
	return s.glob == "" || value.Match(s.glob, e.Info.Name)
}

func (s *eventStream) print(e *service.Event) error {
	line := render.Event{
		Time: e.Time, Kind: e.Kind, Instance: e.Info.Address.String(), Group: e.Group, State: e.Info.State, Reason: e.Reason,
	}
	return s.env.printShapeLine(shapeOfEvent(e), line.Append)
}
