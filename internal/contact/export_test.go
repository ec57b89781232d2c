package contact

// KnownHolds is how many kinds of hold have a class and say what they allow.
var KnownHolds = len(holds)
