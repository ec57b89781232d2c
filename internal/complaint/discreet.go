package complaint

// Discreet reports whether somebody may have complained who must not learn of a loan: whoever was taken for the borrower, or was told or
// contacted in their stead, whose name was used, or of whom nobody has found out yet what they complain of. They are told nothing of one.
func (k Kind) Discreet() bool {
	switch k {
	case Unsorted, WrongPerson, ThirdParty, DataProtection, Fraud:
		return true
	}
	return false
}
