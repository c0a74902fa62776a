package ui

import (
	"fmt"
	"testing"

	"github.com/galeratop/galeratop/actions"
)

// onSetting is the Configuration pane with the setting that has these letters
// chosen.
func (s *screen) onSetting(letters string) *screen {
	s.Tick(3).Press("7").Tick(1).Press("/")
	for _, c := range letters {
		s.Press(string(c))
	}
	return s.Press("Enter", "Down")
}

func TestScreensOfAChangedSettingLookAsTheyDid(t *testing.T) {
	for _, size := range actionSizes {
		look := func(s *screen, name string) {
			s.Golden(fmt.Sprintf("setting-%s-%dx%d", name, size[0], size[1]), size[0] == 80)
		}
		r := &fakeRunner{}
		watch(t, drifted(3), Options{runner: r, Files: fakeFiles{}}, size[0], size[1], func(s *screen) {
			s.onSetting("fc_l").Press("f", "c")
			look(s, "pick")
			s.Press("Down", "Enter", "6", "4")
			look(s, "ask")
			s.Tick(1).Press("Enter")
			look(s, "waive")
			s.Press("Esc", "Esc", "Esc").Tick(1).Press("Enter").Tick(1).Press("C", "6", "4").Tick(1).Press("Enter")
			look(s, "plan")
			s.Tick(1).Press("shop-prod").Tick(1).Press("Enter")
			news := r.jobs[0].news
			for i, name := range []string{"db1", "db2"} {
				news <- actions.Progress{Step: i, Stage: actions.Done, Text: "gcs.fc_limit is 64, it was 16 on " + name}
			}
			news <- actions.Progress{Step: 2, Stage: actions.Running}
			s.settle()
			look(s, "running")
		})
	}
}

func TestAKeyThatCannotChangeASettingSaysWhy(t *testing.T) {
	watch(t, drifted(3), Options{runner: &fakeRunner{}}, 120, 30, func(s *screen) {
		s.onSetting("pc.w").Press("c").Row(-1).Has("there is an action for pc.weight that checks what it leads to: weight")
		s.Press("Enter").Row(-1).Has("c C change: there is an action for pc.weight")
		s.Press("C").Row(-1).Has("C: there is an action for pc.weight")
	})
	watch(t, drifted(3), Options{runner: &fakeRunner{}, ReadOnly: true}, 120, 30, func(s *screen) {
		s.onSetting("max_c").Press("C").Row(-1).Has("C: read-only mode")
	})
}

func TestAValueThatIsNoneIsRefusedWhereItIsTyped(t *testing.T) {
	r := &fakeRunner{}
	watch(t, drifted(3), Options{runner: r}, 120, 30, func(s *screen) {
		s.onSetting("max_c").Press("C", "m", "a", "n", "y", "Enter").Has(`max_connections is a number, 2000 now; "many" is none`)
		s.Press("Esc").Tick(1).Press("C", "9", "9", "Enter").Has("Set max_connections to 99 on db1, db2 and db3", "SET GLOBAL max_connections = 99", "Type shop-prod and Enter")
		s.Press("Esc", "Esc")
		if len(r.plans) != 0 {
			t.Error("something was run")
		}
	})
}

func TestTheDetailOfAnUnsavedSettingHasTheLinesThatMakeItLast(t *testing.T) {
	watch(t, drifted(3), Options{runner: &fakeRunner{}}, 120, 40, func(s *screen) {
		s.onSetting("max_c").Press("Enter").Has("To make it last", "# db3", "max_connections = 3000", "mysql::server::override_options:", "    max_connections: 3000")
		s.Press("y").Row(-1).Has("copied the lines for the option file, Hiera and Ansible")
	})
}
