package wire

import (
	"time"
)

// EnrollRequest asks the server to enroll a scout (POST /v1/enroll).
type EnrollRequest struct {
	Token   string `json:"token"` // from the bundle
	Name    string `json:"name"`  // what people call the computer; 1–64 bytes
	Version string `json:"version,omitempty"`
	Sign    []byte `json:"sign"` // Ed25519 public key, 32 bytes
	Wrap    []byte `json:"wrap"` // X25519 public key, 32 bytes
}

// EnrollReply is the answer: the id that the scout sends in Hello from now on.
type EnrollReply struct {
	Scout string `json:"scout"`
	// Pending says that an administrator has to approve the scout first.
	Pending bool `json:"pending,omitempty"`
}

// Challenge is the server's first frame.
type Challenge struct {
	Nonce []byte `json:"n"` // NonceSize bytes, new for each connection
}

// Hello is the scout's answer to Challenge.
type Hello struct {
	Scout      string `json:"s"`
	Version    string `json:"v,omitempty"`
	Signature  []byte `json:"g"` // SignHello
	JobsDigest string `json:"d"` // Digest
	JobsCount  int    `json:"n,omitempty"`
	Edition           // of the directory that the scout has
}

// Welcome confirms that the scout is the one it claims to be.
type Welcome struct {
	Now         time.Time `json:"now"` // the server's clock, in whole seconds
	PingSeconds int       `json:"ps"`
	Session     string    `json:"k"` // bearer for GET /v1/directory while connected
	Edition               // of the directory that the server has
	WantJobs    bool      `json:"w,omitempty"` // the digests differ: send all jobs
	// Pending says that an administrator has not approved the scout yet: the
	// server takes no jobs of it and orders nothing.
	Pending bool `json:"pd,omitempty"`
}

// Refused says why there is no welcome; the server closes the connection after
// it.
type Refused struct {
	Code    string `json:"c"`
	Message string `json:"m,omitempty"`
}

// Job is what the server may know of a job. It has no title, no user name
// and no application, and no field that could take one.
type Job struct {
	ID             string    `json:"id"`
	User           string    `json:"u,omitempty"` // opaque tag of the owner
	Created        time.Time `json:"c,omitzero"`
	Expires        time.Time `json:"e,omitzero"`
	State          string    `json:"s"`
	Reason         string    `json:"r,omitempty"` // a code word
	Format         string    `json:"f,omitempty"` // MIME type
	Pages          *int      `json:"p,omitempty"` // nil while unknown
	PagesCertainty string    `json:"pc,omitempty"`
	Copies         int       `json:"n,omitempty"`
	Sides          string    `json:"sd,omitempty"`
	Color          string    `json:"cl,omitempty"`
	Size           int64     `json:"b,omitempty"` // bytes, padded to a bucket
}

// JobGone says that a job is no longer there.
type JobGone struct {
	ID     string `json:"id"`
	Reason string `json:"r,omitempty"` // a code word
}

// JobsBegin starts the full list of a scout's jobs: Count Job frames, then
// JobsEnd. A job that is not in the list is gone.
type JobsBegin struct {
	Count int `json:"n"`
}

// JobsEnd ends the full list.
type JobsEnd struct{}

// Order asks a scout to print a job at a printer. It is a request: the scout
// checks it against the signed directory, its clock, the orders it has seen
// and the job's owner.
type Order struct {
	ID      string    `json:"id"` // the same however often the order is sent
	Job     string    `json:"j"`
	Printer string    `json:"p"` // id or name in the directory
	User    string    `json:"u,omitempty"`
	Issued  time.Time `json:"i"`
	Expires time.Time `json:"e"`
	PIN     []byte    `json:"k,omitempty"` // of the job, by SealPIN; nil if none was given
}

// ResultAck confirms that a result is on the server's disk: the scout need not
// repeat it.
type ResultAck struct {
	Order string `json:"o"`
}

// DirectoryChanged names the directory that the server has now.
type DirectoryChanged struct {
	Edition
}

// Leave says that the scout leaves its site; the server forgets it and answers
// with Refused.
type Leave struct{}

// Drain asks the scout to come back at a random moment within the delay: this
// server stops, or the scout was approved.
type Drain struct {
	DelaySeconds int `json:"d"`
}
