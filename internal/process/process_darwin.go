package process

func harden() { noCore() }
