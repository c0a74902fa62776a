package ui

import (
	"testing"
	"time"

	"github.com/galeratop/galeratop/model"
)

func TestQuantitiesAreShort(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.01: "<0.1", 0.3: "0.3", 1: "1", 9.94: "9.9", 9.96: "10", 12.3: "12", 999.4: "999", 999.6: "1.0k", 1234: "1.2k",
		12_345: "12k", 999_600: "1.0M", 3.2e9: "3.2G", 1e30: "huge", -1500: "-1.5k",
	} {
		if got := short(v); got != want {
			t.Errorf("short(%v) = %s, not %s", v, got, want)
		}
	}
}

func TestUnknownIsNeverZero(t *testing.T) {
	for what, got := range map[string]string{
		"rate": rate(model.Real{}), "count": count(model.Num{}), "short count": countShort(model.Num{}), "share": percent(model.Real{}),
		"bytes": bytesPerSecond(model.Real{}), "seqno": seqno(model.Num{}), "time": duration(-1),
	} {
		if got != "-" {
			t.Errorf("an unknown %s is %q", what, got)
		}
	}
	if got := seqno(model.N(-1)); got != "none" {
		t.Errorf("seqno -1 is %q", got)
	}
}

func TestSharesRoundToPercentButNeverToNothing(t *testing.T) {
	for v, want := range map[float64]string{0: "0%", 0.001: "<1%", 0.01: "1%", 0.347: "35%", 0.996: "100%", 1: "100%"} {
		if got := percent(model.R(v)); got != want {
			t.Errorf("percent(%v) = %s, not %s", v, got, want)
		}
	}
}

func TestTimesHaveTwoUnitsAtMost(t *testing.T) {
	for v, want := range map[time.Duration]string{
		0: "0s", 300 * time.Millisecond: "<1s", 7900 * time.Millisecond: "7s", 123 * time.Second: "2m03s", 3840 * time.Second: "1h04m", 76 * time.Hour: "3d04h",
	} {
		if got := duration(v); got != want {
			t.Errorf("duration(%v) = %s, not %s", v, got, want)
		}
	}
	for v, want := range map[time.Duration]string{340 * time.Microsecond: "340us", 12 * time.Millisecond: "12ms", 1250 * time.Millisecond: "1.2s", time.Minute: "1m00s"} {
		if got := roughly(v); got != want {
			t.Errorf("roughly(%v) = %s, not %s", v, got, want)
		}
	}
}

func TestSizesAreInBinaryUnits(t *testing.T) {
	for v, want := range map[float64]string{812: "812", 1536: "1.5K", 35 << 20: "35M", 3 << 40: "3.0T"} {
		if got := bytes(v); got != want {
			t.Errorf("bytes(%v) = %s, not %s", v, got, want)
		}
	}
}

func TestIntervalsGoInSteps(t *testing.T) {
	for _, c := range []struct {
		now  time.Duration
		by   int
		want time.Duration
	}{
		{time.Second, 1, 2 * time.Second},
		{time.Second, -1, 500 * time.Millisecond},
		{3 * time.Second, 1, 5 * time.Second},
		{3 * time.Second, -1, 2 * time.Second},
		{time.Minute, 1, time.Minute},
		{time.Millisecond, -1, 200 * time.Millisecond},
	} {
		if got := step(c.now, c.by); got != c.want {
			t.Errorf("from %v by %d: %v, not %v", c.now, c.by, got, c.want)
		}
	}
}

func TestLatencyIsReadFromTheProvidersFiveNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"0.00021/0.00043/0.0021/0.0001/830": "430us mean, 210us to 2ms", "0/0/0/0/0": "no writes here in the last minute", "": "", "a/b/c/d/e": "a/b/c/d/e",
	} {
		if got := latency(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}
