package worker

// WarnOfLength is what [New] does about messages that are too long as an SMS.
var WarnOfLength = warnOfLength
