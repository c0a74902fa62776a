package actions

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/galeratop/galeratop/model"
)

// longestValue bounds what is sent as a value, in bytes.
const longestValue = 4096

var (
	numeralForm = regexp.MustCompile(`^-?[0-9]{1,20}(\.[0-9]{1,20})?$`)
	sizeForm    = regexp.MustCompile(`^([0-9]{1,12})([kmgtKMGT])$`)
)

var errValueForm = errors.New("a value must be of printable characters and have no backslash")

// wellFormed refuses what could be read as something else than a value.
func wellFormed(name, value string) error {
	switch {
	case len(value) > longestValue:
		return fmt.Errorf("the value is longer than %d bytes", longestValue)
	case !utf8.ValidString(value) || model.Printable(value, longestValue) != value || strings.ContainsRune(value, '\\'):
		return errValueForm
	case strings.Contains(name, ".") && strings.ContainsAny(value, ";=\"'"):
		return errors.New("the value of an option of the provider may have no ; no = and no quotes: that would set another one")
	}
	return nil
}

// shaped is a value in the form in which a server that has another one now takes
// it: a size in bytes, a switch as ON or OFF.
func shaped(name, value, now string) (string, error) {
	value = strings.TrimSpace(value)
	if err := wellFormed(name, value); err != nil {
		return "", err
	}
	if strings.Contains(name, ".") {
		return value, optionShape(name, value, now)
	}
	switch _, isSwitch := model.ParseBool(now); {
	case numeralForm.MatchString(now) && !named(name):
		if parts := sizeForm.FindStringSubmatch(value); parts != nil {
			return inBytes(parts[1], parts[2])
		}
		if !numeralForm.MatchString(value) {
			return "", fmt.Errorf("%s is a number, %s now; %q is none", name, now, model.Printable(value, 60))
		}
	case isSwitch:
		if on, ok := model.ParseBool(value); ok {
			return map[bool]string{true: "ON", false: "OFF"}[on], nil
		}
	}
	return value, nil
}

// named settings are words, also where the word is of digits only.
func named(name string) bool {
	class, _ := model.ClassOf(name)
	return class == model.ConfigOwn && name != "auto_increment_offset"
}

// inBytes is a size with a unit as servers take it at runtime, where units are not
// known.
func inBytes(digits, unit string) (string, error) {
	n, err := strconv.ParseInt(digits, 10, 64)
	shift := map[string]uint{"k": 10, "m": 20, "g": 30, "t": 40}[strings.ToLower(unit)]
	if err != nil || n > (1<<62)>>shift {
		return "", fmt.Errorf("%s%s is too much", digits, unit)
	}
	return strconv.FormatInt(n<<shift, 10), nil
}

// optionShape refuses a value for an option of the provider that is of another
// kind than the present one.
func optionShape(name, value, now string) error {
	_, wasPeriod := model.ParsePeriod(now)
	_, isPeriod := model.ParsePeriod(value)
	_, wasSwitch := model.ParseBool(now)
	_, isSwitch := model.ParseBool(value)
	number := numeralForm.MatchString(value) || sizeForm.MatchString(value)
	switch {
	case value == "":
		return fmt.Errorf("no value was given for %s", name)
	case wasPeriod && !isPeriod && !number:
		return fmt.Errorf("%s is a duration, %s now, such as PT5S; %q is none", name, now, model.Printable(value, 60))
	case wasSwitch && !numeralForm.MatchString(now) && !isSwitch:
		return fmt.Errorf("%s is a switch, %s now; %q is neither yes nor no", name, now, model.Printable(value, 60))
	case !wasPeriod && numeralForm.MatchString(now) && !number && !isSwitch:
		return fmt.Errorf("%s is a number, %s now; %q is none", name, now, model.Printable(value, 60))
	}
	return nil
}

// quoted is a string literal that ends where it should whatever the server's
// sql_mode: quotes are doubled, and wellFormed lets no backslash through.
func quoted(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// literal is a value as it is written into SET for a variable that is something
// else now: numbers and switches bare, the rest as a string.
func literal(name, value, now string) string {
	_, isSwitch := model.ParseBool(now)
	if numeralForm.MatchString(value) && numeralForm.MatchString(now) && !named(name) || isSwitch && (value == "ON" || value == "OFF") {
		return value
	}
	return quoted(value)
}

// assignment is the statement that gives a setting of a node a value, for a server
// that has another one now.
func assignment(n *model.Node, name, value, now string) string {
	server := serverName(n, name)
	if strings.Contains(name, ".") && server == "wsrep_provider_options" {
		return "SET GLOBAL wsrep_provider_options = " + quoted(name+"="+value)
	}
	if on, ok := model.ParseBool(value); ok && server != name && !numeralForm.MatchString(value) {
		value = map[bool]string{true: "ON", false: "OFF"}[on]
	}
	return "SET GLOBAL " + server + " = " + literal(name, value, now)
}
