// Package recovery leads a person out of an incident, one confirmed step at a
// time: out of a full crash, a lost quorum, a split brain, and back into the
// group with single nodes.
//
// Next is the whole of it: a pure function from what is known now (Evidence) to
// the one next step (Move). Nothing is remembered between steps but what a person
// said, so that a walk may be broken off anywhere and taken up again, two consoles
// do not fight, and a changed world changes the next step.
//
// An Assistant keeps the evidence, reads hosts and runs plans; a screen shows its
// Move, takes the answer, and asks again:
//
//	m := assistant.Next()
//	switch m.Kind {
//	case recovery.Ask:     // Question: Read is for assistant.Read, the others for assistant.Answer
//	case recovery.Act:     // show Plan, have its word typed, then assistant.Start
//	case recovery.Watch:   // wait for the next snapshot; Instead is offered when that takes too long
//	case recovery.Done, recovery.Refused:
//	}
package recovery
