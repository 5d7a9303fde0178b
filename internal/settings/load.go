package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Settings are the values in force, where each came from, and what could not be
// used.
type Settings struct {
	Values
	Origins map[string]Origin // by a setting's name
	// Problems are what the sources have that could not be used.
	Problems []Problem
	// Warnings are the sentences of Problems.
	Warnings []string

	found map[string][]Found // by a setting's name, strongest first
}

// Problem is something in a source that could not be used.
type Problem struct {
	// Setting is the setting's name; "" for a whole file or key, and for a name
	// that is no setting.
	Setting string `json:"setting,omitempty"`
	Origin  Origin `json:"origin"`
	Where   string `json:"where"` // the file or key
	Message string `json:"message"`
	// Unknown means that the name is no setting of this version, which may be
	// meant for a later one.
	Unknown bool `json:"unknown,omitempty"`
}

// String returns a sentence for people.
func (p Problem) String() string {
	switch {
	case p.Unknown && p.Origin == FromFile:
		return p.Message
	case p.Unknown:
		return fmt.Sprintf("%s (%s, %s)", p.Message, p.Origin, p.Where)
	case p.Setting == "":
		return fmt.Sprintf("the %s %s: %s", p.Origin, p.Where, p.Message)
	case p.Origin == FromFile:
		return p.Setting + " is not used: " + p.Message
	}
	return fmt.Sprintf("%s is not used: %s (%s, %s)", p.Setting, p.Message, p.Origin, p.Where)
}

// Found is what one source has for a setting.
type Found struct {
	Origin Origin `json:"origin"`
	Where  string `json:"where"` // the file or key
	// Value is as the source has it, nil if it is of a type that no setting has.
	Value any `json:"value"`
	// Problem is why it could not be used, "" if it could.
	Problem string `json:"problem,omitempty"`
	// Decides means that it is the strongest source that has the setting. If its
	// value cannot be used, the default is in force.
	Decides bool `json:"decides"`
}

// Load reads the settings of this computer. file is another configuration file
// than the computer's own if it is not empty. A value that cannot be used has a
// Problem; a configuration file that is not a JSON object is an error.
func Load(file string) (*Settings, error) { return Computer(file).Load() }

// Load reads the settings from these sources.
func (s Sources) Load() (*Settings, error) {
	readings, err := s.readSources()
	if err != nil {
		return nil, err
	}
	return resolve(readings), nil
}

// resolve finds for each setting the strongest source that has it.
func resolve(readings []reading) *Settings {
	s := &Settings{Values: Defaults(), Origins: map[string]Origin{}, found: map[string][]Found{}}
	for _, r := range readings {
		s.Problems = append(s.Problems, r.failures...)
	}
	for _, row := range Table() {
		s.resolveSetting(&row, readings)
	}
	for _, r := range readings {
		s.addUnknown(r)
	}
	for _, p := range s.Problems {
		s.Warnings = append(s.Warnings, p.String())
	}
	return s
}

// resolveSetting lets the strongest source that has a setting decide on it, even
// if its value is the default or cannot be used: a weaker source never takes
// over from a stronger one by its mistake.
func (s *Settings) resolveSetting(row *Setting, readings []reading) {
	s.Origins[row.Name] = FromDefault
	policyFailed := len(readings) > 0 && len(readings[0].failures) > 0
	decided := false
	for _, r := range readings {
		raw, ok := r.values[strings.ToLower(row.Name)]
		if !ok {
			continue
		}
		scratch := Defaults()
		err := row.setFrom(&scratch, raw, r.origin)
		found := Found{Origin: r.origin, Where: raw.where, Value: raw.display(), Decides: !decided && row.mayBeSetBy(r.origin)}
		if err != nil {
			found.Problem = err.Error()
		}
		if err != nil && (found.Decides || !row.mayBeSetBy(r.origin)) {
			s.Problems = append(s.Problems, Problem{Setting: row.Name, Origin: r.origin, Where: raw.where, Message: err.Error()})
		}
		switch {
		case found.Decides && err == nil:
			row.setFrom(&s.Values, raw, r.origin)
			s.Origins[row.Name] = r.origin
		case found.Decides && r.origin == FromPolicy && row.strict != nil:
			row.strict(&s.Values)
		}
		decided = decided || found.Decides
		s.found[row.Name] = append(s.found[row.Name], found)
	}
	if policyFailed && row.strict != nil && s.PolicyOf(row.Name) == nil {
		row.strict(&s.Values)
	}
}

// setFrom sets a setting to what a source has.
func (s *Setting) setFrom(v *Values, raw rawValue, origin Origin) error {
	switch {
	case raw.broken != nil:
		return raw.broken
	case !s.mayBeSetBy(origin):
		return fmt.Errorf("only %s may set it", joinOrigins(s.SetBy))
	}
	return s.Type.set(v, raw)
}

func (s *Setting) mayBeSetBy(origin Origin) bool {
	return len(s.SetBy) == 0 || slices.Contains(s.SetBy, origin)
}

func joinOrigins(all []Origin) string {
	words := make([]string, len(all))
	for i, o := range all {
		words[i] = string(o)
	}
	return strings.Join(words, " and ")
}

// addUnknown adds a problem for each name that is no setting.
func (s *Settings) addUnknown(r reading) {
	var names []string
	for name := range r.values {
		if !isKnown(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		raw := r.values[name]
		s.Problems = append(s.Problems, Problem{Origin: r.origin, Where: raw.where, Unknown: true, Message: fmt.Sprintf("%.64q is not a setting", raw.name)})
	}
}

// Find returns the setting of a name, in any case.
func Find(name string) (Setting, bool) {
	key := strings.ToLower(name)
	for _, row := range Table() {
		if strings.ToLower(row.Name) == key {
			return row, true
		}
	}
	return Setting{}, false
}

// Value returns the value in force of the named setting.
func (s *Settings) Value(name string) (any, bool) {
	row, ok := Find(name)
	if !ok {
		return nil, false
	}
	return row.Value(&s.Values), true
}

// Found returns what each source has for a setting, strongest first.
func (s *Settings) Found(name string) []Found { return slices.Clone(s.found[name]) }

// PolicyOf returns what policy has for a setting, nil if policy is silent.
func (s *Settings) PolicyOf(name string) *Found {
	for _, f := range s.found[name] {
		if f.Origin == FromPolicy {
			return &f
		}
	}
	return nil
}

// IsPinned reports whether policy has decided on a setting, even with a value
// that is the default or cannot be used: nothing else can change it.
func (s *Settings) IsPinned(name string) bool {
	f := s.PolicyOf(name)
	return f != nil && f.Decides
}

// ProblemOf returns why a setting is not what its strongest source has, "" if
// it is.
func (s *Settings) ProblemOf(name string) string {
	for _, f := range s.found[name] {
		if f.Decides {
			return f.Problem
		}
	}
	return ""
}

// PolicyFailures returns the files or keys of policy that could not be used.
func (s *Settings) PolicyFailures() []Problem {
	return slices.DeleteFunc(slices.Clone(s.Problems), func(p Problem) bool {
		return p.Origin != FromPolicy || p.Setting != "" || p.Unknown
	})
}

// OverrideControlPath sets ControlPath to what the command line of the agent
// says, and reports whether it could: policy is stronger.
func (s *Settings) OverrideControlPath(path string) bool {
	if s.IsPinned("ControlPath") {
		return s.ControlPath == path
	}
	s.ControlPath, s.Origins["ControlPath"] = path, FromFlag
	return true
}
