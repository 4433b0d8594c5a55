package backlog_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/netsvc/netsvc/internal/backlog"
	"github.com/netsvc/netsvc/pkg/wire"
)

// event is what a reader of a queue sees: an item, or a count of lost ones.
type event struct {
	lost uint64
	item int
}

func drain(q *backlog.Queue[int]) []event {
	var all []event
	for {
		lost, item, has := q.Pop()
		if lost > 0 {
			all = append(all, event{lost: lost})
		}
		if !has {
			return all
		}
		all = append(all, event{item: item})
	}
}

func wantEvents(t *testing.T, q *backlog.Queue[int], want ...event) {
	t.Helper()
	got := drain(q)
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func push(t *testing.T, q *backlog.Queue[int], subject string, item int) {
	t.Helper()
	if _, ok := q.Push(backlog.Key{Publisher: 1, Subject: subject}, 10, item); !ok {
		t.Fatalf("item %d was refused", item)
	}
}

func TestOldestGoFirst(t *testing.T) {
	q := backlog.New[int](wire.PolicyDropOldest, 2, 1000)
	for i := 1; i <= 5; i++ {
		push(t, q, "a", i)
	}
	wantEvents(t, q, event{lost: 3}, event{item: 4}, event{item: 5})
}

func TestBytesAreBoundedToo(t *testing.T) {
	q := backlog.New[int](wire.PolicyDropOldest, 100, 25)
	for i := 1; i <= 3; i++ {
		push(t, q, "a", i)
	}
	wantEvents(t, q, event{lost: 1}, event{item: 2}, event{item: 3})
}

func TestOneItemOverTheBoundIsTakenAlone(t *testing.T) {
	q := backlog.New[int](wire.PolicyDropOldest, 100, 5)
	push(t, q, "a", 1)
	push(t, q, "a", 2)
	wantEvents(t, q, event{lost: 1}, event{item: 2})
}

func TestLatestKeepsTheNewestOfEachSubject(t *testing.T) {
	q := backlog.New[int](wire.PolicyLatest, 100, 1000)
	push(t, q, "a", 1)
	push(t, q, "b", 2)
	push(t, q, "a", 3)
	push(t, q, "c", 4)
	push(t, q, "c", 5)
	wantEvents(t, q, event{lost: 1}, event{item: 2}, event{item: 3}, event{lost: 1}, event{item: 5})
}

func TestDisconnectRefusesAndKeepsWhatItHas(t *testing.T) {
	q := backlog.New[int](wire.PolicyDisconnect, 1, 1000)
	push(t, q, "a", 1)
	if _, ok := q.Push(backlog.Key{}, 10, 2); ok {
		t.Fatal("a full queue took an item")
	}
	wantEvents(t, q, event{item: 1})
}

func TestLossesStandWhereTheyHappened(t *testing.T) {
	q := backlog.New[int](wire.PolicyDropOldest, 10, 1000)
	push(t, q, "a", 1)
	q.Lose(7)
	push(t, q, "a", 2)
	q.Lose(1)
	q.Lose(wire.UnknownGap)
	wantEvents(t, q, event{item: 1}, event{lost: 7}, event{item: 2}, event{lost: wire.UnknownGap})
}

// TestNothingIsLostSilently compares a queue with a list in which lost items stay, marked.
func TestNothingIsLostSilently(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := wire.Policy(rapid.IntRange(0, 1).Draw(t, "policy"))
		most, room := rapid.IntRange(1, 8).Draw(t, "items"), rapid.IntRange(1, 100).Draw(t, "bytes")
		q := backlog.New[int](policy, most, room)
		var pushed, delivered, lost, refusedTold int
		last := 0
		read := func() bool {
			n, item, has := q.Pop()
			lost += int(n)
			if !has {
				return false
			}
			if item <= last || item != delivered+lost+1 {
				t.Fatalf("item %d after %d, with %d delivered and %d lost before", item, last, delivered, lost)
			}
			last = item
			delivered++
			return true
		}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "step") == 0 {
				read()
				continue
			}
			pushed++
			key := backlog.Key{Publisher: 1, Subject: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "subject")}
			dropped, ok := q.Push(key, rapid.IntRange(1, 40).Draw(t, "size"), pushed)
			if !ok {
				t.Fatal("refused by a policy that drops")
			}
			refusedTold += dropped
			if q.Len() > most || q.Len() > 1 && q.Bytes() > room {
				t.Fatalf("%d items of %d bytes are over the bounds", q.Len(), q.Bytes())
			}
		}
		for read() {
		}
		if delivered+lost != pushed || lost != refusedTold {
			t.Fatalf("%d delivered + %d lost, %d pushed, %d told", delivered, lost, pushed, refusedTold)
		}
	})
}

func TestTheCountCanBeTakenBeforeTheItem(t *testing.T) {
	q := backlog.New[int](wire.PolicyDropOldest, 2, 1000)
	if n := q.TakeLost(); n != 0 {
		t.Errorf("an empty queue has lost %d", n)
	}
	for i := 1; i <= 5; i++ {
		push(t, q, "a", i)
	}
	if n := q.TakeLost(); n != 3 {
		t.Errorf("took a count of %d, want 3", n)
	}
	push(t, q, "a", 6)
	q.Lose(7)
	wantEvents(t, q, event{lost: 1}, event{item: 5}, event{item: 6}, event{lost: 7})
	q.Lose(2)
	if n := q.TakeLost(); n != 2 || !q.IsEmpty() {
		t.Errorf("took a count of %d, want 2 and nothing left", n)
	}
}

func TestTheOldestCanBeDropped(t *testing.T) {
	q := backlog.New[int](wire.PolicyDropOldest, 2, 1000)
	if q.DropOldest() {
		t.Error("an empty queue dropped something")
	}
	push(t, q, "a", 1)
	push(t, q, "a", 2)
	if !q.DropOldest() || q.Len() != 1 || q.Bytes() != 10 {
		t.Errorf("%d items of %d bytes are left, want 1 of 10", q.Len(), q.Bytes())
	}
	q.DropOldest()
	wantEvents(t, q, event{lost: 2})
}
