package host

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/galeratop/galeratop/model"
)

// Detect finds out what starts and stops the server on a host. A configured
// command needs nothing of that; an error is for the others.
func Detect(ctx context.Context, w Way, name string, flavour model.Flavour, own map[Operation][]string) (*Service, error) {
	s := &Service{Flavour: flavour, Own: own}
	argv := append([]string{"systemctl", "show", "--no-pager", "--property=Id,LoadState,ActiveState", firstUnit}, units[flavour]...)
	out, err := w.Run(ctx, name, Command{Argv: argv})
	if err == nil {
		s.Init = Systemd
		s.readUnits(string(out.Stdout))
		return s, nil
	}
	var e *Error
	if !errors.As(err, &e) || e.Kind != Missing && e.Kind != Failed {
		return s, err
	}
	// No systemd, or one that is installed and was not booted with.
	out, err = w.Run(ctx, name, Command{Argv: []string{"ls", "-1", "/etc/init.d"}})
	if err != nil && (!errors.As(err, &e) || e.Kind != Failed && e.Kind != Missing) {
		return s, err
	}
	s.Init = NoInit
	if err == nil {
		scripts := strings.Fields(string(out.Stdout))
		for _, unit := range units[flavour] {
			if slices.Contains(scripts, unit) {
				s.Init, s.Unit = SysV, unit
				break
			}
		}
	}
	return s, nil
}

// readUnits reads systemctl show: a block of KEY=VALUE for each unit. Aliases give
// the unit behind them.
func (s *Service) readUnits(text string) {
	for block := range strings.SplitSeq(text, "\n\n") {
		is := map[string]string{}
		for line := range strings.Lines(block) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			is[key] = value
		}
		switch unit := strings.TrimSuffix(is["Id"], ".service"); {
		case is["Id"] == firstUnit:
			s.First = s.Flavour == model.FlavourPXC && is["ActiveState"] != "inactive" && is["ActiveState"] != "failed"
		case is["LoadState"] == "loaded" && s.Unit == "" && slices.Contains(units[s.Flavour], unit):
			s.Unit = unit
		}
	}
}
