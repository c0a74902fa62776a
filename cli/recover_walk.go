package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

// walk leads one person through a recovery.
type walk struct {
	assistant *recovery.Assistant
	runner    *actions.Runner
	news      chan struct{} // there is a newer snapshot
	in        io.Reader
	lines     chan string // what was typed
	out       io.Writer
	mutex     sync.Mutex // of out: hosts are read side by side
	shown     string     // the last move that was printed
}

// errLeft is a walk that was broken off.
var errLeft = errors.New("left before the end; the same command goes on from here")

func (w *walk) print(text string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	_, _ = fmt.Fprintln(w.out, text)
}

// listen reads what is typed. It ends with the input.
func (w *walk) listen() {
	scan := bufio.NewScanner(w.in)
	for scan.Scan() {
		w.lines <- scan.Text()
	}
	close(w.lines)
}

// prompt asks for a line; q leaves.
func (w *walk) prompt(ctx context.Context, text string) (string, error) {
	w.mutex.Lock()
	_, _ = fmt.Fprint(w.out, text+" ")
	w.mutex.Unlock()
	select {
	case line, ok := <-w.lines:
		if line = strings.TrimSpace(line); !ok || line == "q" {
			return "", errLeft
		}
		return line, nil
	case <-ctx.Done():
		return "", errLeft
	}
}

// lead goes on from step to step until nothing is left to do.
func (w *walk) lead(ctx context.Context) error {
	go w.listen()
	w.print("Leave at any time with q or Ctrl-C: the same command goes on from there.")
	for {
		m := w.assistant.Next()
		w.show(m)
		var err error
		switch m.Kind {
		case recovery.Done:
			return nil
		case recovery.Ask:
			err = w.ask(ctx, m)
		case recovery.Act:
			err = w.confirm(ctx, m)
		case recovery.Watch:
			err = w.watch(ctx, m)
		case recovery.Refused:
			err = w.refused(ctx, m)
		}
		if err != nil {
			return err
		}
	}
}

// show prints a move, unless it is what stands there already.
func (w *walk) show(m *recovery.Move) {
	if text := moveText(m); text != w.shown {
		w.shown = text
		w.print(text)
	}
}

// ask gets an answer to a move's question.
func (w *walk) ask(ctx context.Context, m *recovery.Move) error {
	q := m.Question
	switch q.Need {
	case recovery.NeedRead:
		w.print("reading ...")
		w.assistant.Read(ctx, q)
		return ctx.Err()
	case recovery.NeedPosition:
		answer, err := w.prompt(ctx, "To "+q.Text+", type "+q.Answers[0]+"; Enter looks again, q leaves:")
		if err == nil && answer == q.Answers[0] {
			w.assistant.Read(ctx, q)
		}
		w.shown = ""
		return err
	}
	want := "Type " + q.Words
	if q.Words == "" {
		want = "Type " + strings.Join(q.Answers, " or ")
	}
	return w.answer(ctx, m, want+"; Enter looks again, q leaves:")
}

func (w *walk) answer(ctx context.Context, m *recovery.Move, prompt string) error {
	text, err := w.prompt(ctx, prompt)
	if err != nil {
		return err
	}
	w.shown = ""
	if text == "" {
		w.assistant.Again(m)
		return w.next(ctx)
	}
	if err := w.assistant.Answer(m, text); err != nil {
		w.print(model.Printable(err.Error(), 500))
	}
	return nil
}

// refused waits for a person to change something.
func (w *walk) refused(ctx context.Context, m *recovery.Move) error {
	if m.Situation == "blind" {
		return w.next(ctx) // a newer view mends it
	}
	prompt := "Enter looks again, q leaves:"
	if m.Question != nil {
		return w.answer(ctx, m, "Type "+strings.Join(m.Question.Answers, " or ")+"; "+prompt)
	}
	if _, err := w.prompt(ctx, prompt); err != nil {
		if errors.Is(err, errLeft) && ctx.Err() == nil {
			return &exitError{exitRefused, errSilent}
		}
		return err
	}
	w.shown = ""
	w.assistant.Again(m)
	return w.next(ctx)
}

// next waits for a newer snapshot.
func (w *walk) next(ctx context.Context) error {
	select {
	case <-w.news:
		return nil
	case <-ctx.Done():
		return errLeft
	}
}

// watch waits for the world to move on.
func (w *walk) watch(ctx context.Context, m *recovery.Move) error {
	select {
	case <-w.news:
		return nil
	case line, ok := <-w.lines:
		switch line = strings.TrimSpace(line); {
		case !ok, line == "q":
			return errLeft
		case line == "i" && m.Instead != nil && m.Instead.Kind == recovery.Act:
			w.show(m.Instead)
			return w.confirm(ctx, m.Instead)
		case line == "i" && m.Instead != nil && m.Instead.Kind == recovery.Ask:
			return w.ask(ctx, m.Instead)
		case line == "i" && m.Instead != nil:
			w.show(m.Instead)
			return w.next(ctx)
		}
		return nil
	case <-ctx.Done():
		return errLeft
	}
}

// confirm has the word of a plan typed, and runs it.
func (w *walk) confirm(ctx context.Context, m *recovery.Move) error {
	word := m.Plan.Word
	if m.Plan.Level < actions.LevelNode {
		word = "y"
	}
	typed, err := w.prompt(ctx, "To do this, type "+word+"; Enter looks again, q leaves:")
	if err != nil {
		return err
	}
	w.shown = ""
	if typed != word {
		if typed != "" {
			w.print("That is not " + word + ". Nothing was done.")
		}
		return nil
	}
	run, instead := w.assistant.Start(ctx, m)
	if instead != nil {
		w.print("Nothing was done: it is not the same any more as when it was shown.")
		return nil
	}
	for p := range run.Progress() {
		if p.Text == "" || p.Step < 0 {
			continue
		}
		w.print(fmt.Sprintf("  %s %s: %s: %s", time.Now().Format(time.TimeOnly), m.Plan.Steps[p.Step].Name, p.Stage, p.Text))
	}
	result := run.Result()
	w.print(fmt.Sprintf("%s: %s", strings.ToUpper(result.Stage.String()), result.Text))
	w.assistant.Ended(m, result)
	return w.next(ctx)
}

// dryReads bounds how often hosts are read before a step is printed.
const dryReads = 5

// dry prints the next step. It reads hosts, which changes nothing there, and runs
// nothing.
func (w *walk) dry(ctx context.Context, asJSON bool) error {
	m, err := w.settled(ctx)
	if err != nil {
		return err
	}
	for range dryReads {
		if m.Kind != recovery.Ask || m.Question.Need != recovery.NeedRead {
			break
		}
		w.assistant.Read(ctx, m.Question)
		m = w.assistant.Next()
	}
	if asJSON {
		err = writeMove(w.out, m)
	} else {
		w.print(moveText(m))
	}
	if code := recoverCodes[m.Kind]; err == nil && code != exitOK {
		return &exitError{code, errSilent}
	}
	return err
}

// settled waits until findings that need a second look are there.
func (w *walk) settled(ctx context.Context) (*recovery.Move, error) {
	for range 3 {
		if err := w.next(ctx); err != nil {
			return nil, err
		}
	}
	return w.assistant.Next(), nil
}
