package event

// SurveyAnswer is the payload of survey.answered. It follows from a reply that begins with a number while the question is open; a
// sender that asks by itself sends it.
type SurveyAnswer struct {
	Question string   `json:"question" doc:"id of the question, one of the question bank"`
	Score    int      `json:"score" doc:"from 1 (not at all) to 5 (very much)"`
	Contact  string   `json:"contact,omitempty" doc:"key of the message that asked"`
	Remark   string   `json:"remark,omitempty" personal:"true" doc:"what the borrower added"`
	Means    []Intent `json:"means,omitempty" doc:"what the remark was understood as"`
}

// Validate implements [Payload].
func (p *SurveyAnswer) Validate() error {
	if err := requiredID("question", p.Question); err != nil {
		return err
	}
	if p.Score < 1 || p.Score > 5 {
		return wrong("score", "must lie between 1 and 5")
	}
	return optionalID("contact", p.Contact)
}
