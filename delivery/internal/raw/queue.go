package raw

// sendQueue, one per system, returns how many bytes of a connection the other
// end has not acknowledged, our half-close counting as one, or queueLost if it
// never will; told is false if the system does not say.

// queueLost is the queue length of a connection that has ended with something in
// it.
const queueLost = -2
