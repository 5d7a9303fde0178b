package raw

// sendQueue, which each system has its own of, is how many bytes of a
// connection the other end has not acknowledged, our half-close counting as
// one, or lost where it never will; told is false where the system does not say.

// lost is the queue length of a connection that has ended with something in
// it.
const lost = -2
