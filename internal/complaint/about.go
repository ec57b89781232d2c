package complaint

import "slices"

// Bars refuses somebody whom the complaint is about: they have nothing to do with it, on no level and at no time. field is where they are
// named.
func (c Case) Bars(field, who string) error {
	if slices.Contains(c.About, who) {
		return refuse(field, "%s is whom complaint %s is about; somebody else has to look into it", who, c.ID)
	}
	return nil
}
