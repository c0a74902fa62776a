package model

import (
	"encoding/json"
	"math"
	"testing"
)

func TestANumberIsReadInEverySpellingThatServersUse(t *testing.T) {
	for text, want := range map[string]Num{
		"0": N(0), "42": N(42), "-1": N(-1),
		"18446744073709551615": N(-1),
		"18446744073709551614": N(math.MaxInt64),
		"true":                 N(1), "OFF": N(0),
		"0.5": N(0), "3.0": N(3),
		"": {}, "NULL": {}, "abc": {}, "1e400": {},
	} {
		if got := ParseNum(text); got != want {
			t.Errorf("%q is read as %+v, not %+v", text, got, want)
		}
	}
}

func TestOnlyMinusOneIsUndefined(t *testing.T) {
	if !N(-1).Undefined() || N(0).Undefined() || (Num{}).Undefined() {
		t.Error("conf_id 0 is healthy after a recovery from gvwstate, and unknown is not undefined")
	}
}

func TestUnknownIsNullInJSONAndComesBackUnknown(t *testing.T) {
	type all struct {
		N Num
		R Real
		F Flag
	}
	for text, want := range map[string]all{
		`{"N":null,"R":null,"F":null}`:  {},
		`{"N":-1,"R":0.25,"F":false}`:   {N(-1), R(0.25), Off},
		`{"N":0,"R":0,"F":true}`:        {N(0), R(0), On},
		`{"N":12,"R":1e-09,"F":true}`:   {N(12), R(1e-9), On},
		`{"N":12,"R":1e+300,"F":false}`: {N(12), R(1e300), Off},
	} {
		var got all
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is read as %+v (%v)", text, got, err)
		}
		if out, err := json.Marshal(want); err != nil || string(out) != text {
			t.Errorf("%+v is written as %s (%v), not %s", want, out, err, text)
		}
	}
}

func TestAFractionThatIsNoNumberIsUnknown(t *testing.T) {
	if R(math.NaN()).Known || R(math.Inf(1)).Known || ParseReal("nan").Known || ParseReal("").Known {
		t.Error("NaN, infinities and empty text must be unknown")
	}
	if got := (Real{}).Or(3); got != 3 {
		t.Errorf("unknown or 3 is %v", got)
	}
}

func TestASwitchIsReadInEverySpelling(t *testing.T) {
	for text, want := range map[string]Flag{"ON": On, "on": On, "true": On, "YES": On, "1": On, "OFF": Off, "No": Off, "": Unknown, "maybe": Unknown} {
		if got := ParseFlag(text); got != want {
			t.Errorf("%q is read as %v, not %v", text, got, want)
		}
	}
}
