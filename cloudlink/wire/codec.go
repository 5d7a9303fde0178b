package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ErrUnknown is what Decode returns for a frame of an unknown type. Such
// frames are to be ignored; every other error ends the connection.
var ErrUnknown = errors.New("unknown frame type")

// frame is a message as a value. wireForm returns it as it goes over the wire,
// or why it must not.
type frame interface {
	frameType() string
	wireForm() (frame, error)
}

func (Challenge) frameType() string        { return "challenge" }
func (Hello) frameType() string            { return "hello" }
func (Welcome) frameType() string          { return "welcome" }
func (Refused) frameType() string          { return "refused" }
func (Job) frameType() string              { return "job" }
func (JobGone) frameType() string          { return "gone" }
func (JobsBegin) frameType() string        { return "jobs" }
func (JobsEnd) frameType() string          { return "jobs-end" }
func (Leave) frameType() string            { return "leave" }
func (Order) frameType() string            { return "order" }
func (Result) frameType() string           { return "result" }
func (ResultAck) frameType() string        { return "ack" }
func (DirectoryChanged) frameType() string { return "directory" }
func (Drain) frameType() string            { return "drain" }

var parsers = func() map[string]func([]byte) (frame, error) {
	table := make(map[string]func([]byte) (frame, error))
	registerParser[Challenge](table)
	registerParser[Hello](table)
	registerParser[Welcome](table)
	registerParser[Refused](table)
	registerParser[Job](table)
	registerParser[JobGone](table)
	registerParser[JobsBegin](table)
	registerParser[JobsEnd](table)
	registerParser[Leave](table)
	registerParser[Order](table)
	registerParser[Result](table)
	registerParser[ResultAck](table)
	registerParser[DirectoryChanged](table)
	registerParser[Drain](table)
	return table
}()

// registerParser adds the parser of one frame type to a table.
func registerParser[F frame](table map[string]func([]byte) (frame, error)) {
	var zero F
	table[zero.frameType()] = func(data []byte) (frame, error) {
		var f F
		if err := json.Unmarshal(data, &f); err != nil {
			return nil, withoutValue(err)
		}
		return f.wireForm()
	}
}

// withoutValue returns an error of encoding/json without the offending value:
// errors go to logs, and the value may be anything.
func withoutValue(err error) error {
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("the field %q does not take such a value", kind.Field)
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return err // shows one character and a position
	}
	return errors.New("a field does not take its value")
}

// Encode returns the frame for a message of this package, given as a value.
// Times lose their fraction of a second; a message that breaks a limit is an
// error.
func Encode(v any) ([]byte, error) {
	f, ok := v.(frame)
	if !ok {
		return nil, fmt.Errorf("encoding a frame: %T is not a message", v)
	}
	f, err := f.wireForm()
	if err != nil {
		return nil, fmt.Errorf("encoding a %s frame: %w", f.frameType(), err)
	}
	return marshalFrame(f)
}

// marshalFrame returns the JSON of a frame with its type in front.
func marshalFrame(f frame) ([]byte, error) {
	body, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encoding a %s frame: %w", f.frameType(), err)
	}
	head := `{"t":"` + f.frameType() + `"`
	if len(body) > len("{}") {
		head += ","
	}
	return slices.Concat([]byte(head), body[1:]), nil
}

// Decode returns the message in a frame as a value of this package's types,
// ErrUnknown if its type is unknown, and another error if it is not a frame or
// breaks a limit.
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
