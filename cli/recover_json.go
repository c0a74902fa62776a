package cli

import (
	"encoding/json"
	"io"

	"github.com/galeratop/galeratop/actions"
	"github.com/galeratop/galeratop/actions/recovery"
	"github.com/galeratop/galeratop/model"
)

// moveVersion is the version of a move's JSON form. It grows when a field changes
// its meaning or goes.
const moveVersion = 1

// moveJSON is a move for programs, described in docs/recovery.md.
type moveJSON struct {
	Version   int              `json:"v"`
	Situation string           `json:"situation"`
	Name      string           `json:"name"`
	Kind      recovery.Kind    `json:"kind"`
	Title     string           `json:"title"`
	Node      string           `json:"node,omitempty"`
	Found     []model.Evidence `json:"found"`
	Sides     []recovery.Side  `json:"sides,omitempty"`
	Means     string           `json:"means,omitempty"`
	Will      []string         `json:"will,omitempty"`
	Lost      []string         `json:"lost,omitempty"`
	ByHand    []handJSON       `json:"by_hand,omitempty"`
	Question  *questionJSON    `json:"question,omitempty"`
	Plan      *planJSON        `json:"plan,omitempty"`
	Instead   *moveJSON        `json:"instead,omitempty"`
}

type handJSON struct {
	Node string `json:"node"`
	Line string `json:"line"`
	Why  string `json:"why,omitempty"`
}

type questionJSON struct {
	Need    recovery.Need `json:"need"`
	Text    string        `json:"text"`
	Nodes   []string      `json:"nodes,omitempty"`
	Words   string        `json:"words,omitempty"`
	Risk    string        `json:"risk,omitempty"`
	Answers []string      `json:"answers,omitempty"`
}

type planJSON struct {
	Action   string      `json:"action"`
	Title    string      `json:"title"`
	Level    int         `json:"level"`
	Word     string      `json:"word"`
	Checks   []checkJSON `json:"checks"`
	Steps    []stepJSON  `json:"steps"`
	Effects  []string    `json:"effects,omitempty"`
	Unknowns []string    `json:"unknowns,omitempty"`
	Verify   string      `json:"verify,omitempty"`
	Undo     string      `json:"undo,omitempty"`
	Refused  string      `json:"refused,omitempty"`
}

type checkJSON struct {
	Text     string `json:"text"`
	Evidence string `json:"evidence"`
	Verdict  string `json:"verdict"`
}

type stepJSON struct {
	Node  string `json:"node"`
	Text  string `json:"text"`
	About string `json:"about,omitempty"`
}

func writeMove(to io.Writer, m *recovery.Move) error {
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	return e.Encode(jsonOf(m))
}

func jsonOf(m *recovery.Move) *moveJSON {
	out := &moveJSON{
		Version: moveVersion, Situation: m.Situation, Name: m.Name(), Kind: m.Kind, Title: m.Title, Node: m.Node, Found: m.Found,
		Sides: m.Sides, Means: m.Means, Will: m.Will, Lost: m.Lost, Plan: planOf(m.Plan),
	}
	for _, c := range m.ByHand {
		out.ByHand = append(out.ByHand, handJSON(c))
	}
	if q := m.Question; q != nil {
		out.Question = &questionJSON{q.Need, q.Text, q.Nodes, q.Words, q.Risk, q.Answers}
	}
	if m.Instead != nil {
		out.Instead = jsonOf(m.Instead)
	}
	return out
}

func planOf(p *actions.Plan) *planJSON {
	if p == nil {
		return nil
	}
	out := &planJSON{
		Action: p.Action, Title: p.Title, Level: int(p.Level), Word: p.Word, Effects: p.Effects, Unknowns: p.Unknowns,
		Verify: p.Verify, Undo: p.Undo, Refused: p.Refuse(), Checks: []checkJSON{}, Steps: []stepJSON{},
	}
	for _, c := range p.Checks {
		out.Checks = append(out.Checks, checkJSON{c.Text, c.Evidence, c.Verdict.String()})
	}
	for _, s := range p.Steps {
		out.Steps = append(out.Steps, stepJSON{s.Name, s.Text, s.About})
	}
	return out
}
