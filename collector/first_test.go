package collector

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

func TestWhoHoldsOthersUpComesBeforeTheBound(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	slow := &model.Slow{
		Locks: &model.Locks{
			Reading: model.Reading{At: now.Add(-2 * time.Second)},
			Waits:   []model.LockWait{{Waiter: 9, Blocker: 8}, {Waiter: 7}},
			Known: []model.Lock{
				{Thread: 6, Kind: model.LockMetadata},
				{Thread: 5, Kind: model.LockRow},
				{Thread: 9, Kind: model.LockRow, Pending: true},
				{Thread: 4, Kind: model.LockGlobal},
			},
		},
		Transactions: &model.Transactions{Rows: []model.Transaction{{Thread: 3}, {Thread: 8}, {Thread: 2}}},
	}
	if got, want := firstThreads(slow, now, 50), []uint64{8, 5, 4, 3, 2, 6}; !slices.Equal(got, want) {
		t.Errorf("first are %v, not %v", got, want)
	}
	if got, want := firstThreads(slow, now, 2), []uint64{8, 5}; !slices.Equal(got, want) {
		t.Errorf("of two, first are %v, not %v", got, want)
	}
	if got, want := firstThreads(slow, now.Add(time.Minute), 50), []uint64{3, 8, 2}; !slices.Equal(got, want) {
		t.Errorf("after the locks of another time, first are %v, not %v", got, want)
	}
	if got := firstThreads(&model.Slow{}, now, 50); got != nil {
		t.Errorf("before any reading, first are %v", got)
	}
}

func TestTheServerComparesNoMoreThreadsThanTheListIsLong(t *testing.T) {
	slow := &model.Slow{Transactions: &model.Transactions{}}
	for id := range uint64(200) {
		slow.Transactions.Rows = append(slow.Transactions.Rows, model.Transaction{Thread: id + 1})
	}
	if got := firstThreads(slow, time.Time{}, 1500); len(got) != mostFirst || got[0] != 1 {
		t.Errorf("%d threads come first, from %d on", len(got), got[0])
	}
}

func TestEveryProcessListCanPutThreadsFirst(t *testing.T) {
	for i := range processes.Forms {
		sql := processes.Forms[i].Bounded(203, 8, 5)
		if !strings.Contains(sql, "ORDER BY CASE WHEN ID IN (8,5) THEN -1 WHEN USER = ") || !strings.HasSuffix(sql, "LIMIT 203") {
			t.Error(sql)
		}
	}
}
