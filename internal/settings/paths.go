package settings

// The paths of a computer's own agent. Each system has three:
//
//	DefaultFile         the configuration file
//	defaultStateDir     what the agent keeps
//	DefaultControlPath  the socket or pipe
//
// All of them are in folders where only an administrator may write.
