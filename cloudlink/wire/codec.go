package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ErrUnknown is what Decode returns for a frame of a type it does not know.
// Such frames are to be ignored; every other error ends the connection.
var ErrUnknown = errors.New("unknown frame type")

// frame is a message as a value. tidy returns it as it goes over the wire,
// or why it must not.
type frame interface {
	tag() string
	tidy() (frame, error)
}

func (Challenge) tag() string        { return "challenge" }
func (Hello) tag() string            { return "hello" }
func (Welcome) tag() string          { return "welcome" }
func (Refused) tag() string          { return "refused" }
func (Job) tag() string              { return "job" }
func (JobGone) tag() string          { return "gone" }
func (JobsBegin) tag() string        { return "jobs" }
func (JobsEnd) tag() string          { return "jobs-end" }
func (Order) tag() string            { return "order" }
func (Result) tag() string           { return "result" }
func (ResultAck) tag() string        { return "ack" }
func (DirectoryChanged) tag() string { return "directory" }
func (Drain) tag() string            { return "drain" }

var parsers = func() map[string]func([]byte) (frame, error) {
	table := make(map[string]func([]byte) (frame, error))
	register[Challenge](table)
	register[Hello](table)
	register[Welcome](table)
	register[Refused](table)
	register[Job](table)
	register[JobGone](table)
	register[JobsBegin](table)
	register[JobsEnd](table)
	register[Order](table)
	register[Result](table)
	register[ResultAck](table)
	register[DirectoryChanged](table)
	register[Drain](table)
	return table
}()

func register[F frame](table map[string]func([]byte) (frame, error)) {
	var zero F
	table[zero.tag()] = func(data []byte) (frame, error) {
		var f F
		if err := json.Unmarshal(data, &f); err != nil {
			return nil, withoutValue(err)
		}
		return f.tidy()
	}
}

// withoutValue returns an error of encoding/json without the value that is not
// what it should be: errors go to logs, and the value may be anything.
func withoutValue(err error) error {
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("the field %q does not take such a value", kind.Field)
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return err // has one character and a position
	}
	return errors.New("a field does not take its value")
}

// Encode returns the frame for a message of this package, given as a value.
// Times lose their fraction of a second; a message that breaks a limit is an
// error.
func Encode(v any) ([]byte, error) {
	f, ok := v.(frame)
	if !ok {
		return nil, fmt.Errorf("encoding a frame: %T is no message", v)
	}
	f, err := f.tidy()
	if err != nil {
		return nil, fmt.Errorf("encoding a %s frame: %w", f.tag(), err)
	}
	return render(f)
}

func render(f frame) ([]byte, error) {
	body, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encoding a %s frame: %w", f.tag(), err)
	}
	head := `{"t":"` + f.tag() + `"`
	if len(body) > len("{}") {
		head += ","
	}
	return slices.Concat([]byte(head), body[1:]), nil
}

// Decode returns the message in a frame as a value of this package's types,
// ErrUnknown if its type is not known, and another error if it is no frame
// or breaks a limit.
func Decode(data []byte) (any, error) {
	if len(data) > MaxFrame {
		return nil, fmt.Errorf("decoding a frame: %d bytes, more than %d", len(data), MaxFrame)
	}
	var head struct {
		T string `json:"t"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("decoding a frame: %w", withoutValue(err))
	}
	if head.T == "" {
		return nil, errors.New("decoding a frame: it has no type")
	}
	parse, ok := parsers[head.T]
	if !ok {
		return nil, ErrUnknown
	}
	f, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("decoding a %s frame: %w", head.T, err)
	}
	return f, nil
}
