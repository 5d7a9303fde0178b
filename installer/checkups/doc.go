// Package checkups has the checkups of a computer with an agent: what printscout
// doctor, the local page and a bug report say of it (docs/doctor.md).
//
// They look and do not change; what doctor --fix changes is in the repairs of
// their findings, which touch only the agent's own queue and files. They ask the
// agent, the print system, the file system and the site's server, and nothing
// else on the network. What they see of the computer is in a System, which tests
// replace.
package checkups
