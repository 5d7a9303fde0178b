package settings

// The paths of a computer's own agent. Each system's file gives three:
//
//	DefaultFile         the configuration file
//	defaultStateDir     what the agent keeps
//	DefaultControlPath  the socket
//
// All of them lie where only an administrator may write.
