package message

import "unicode/utf16"

// The signs of the GSM 7-bit default alphabet, and those of its extension table, which take two places each (3GPP TS
// 23.038, 6.2.1).
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// gsmPlaces says how many places a sign takes in the GSM alphabet.
var gsmPlaces = func() map[rune]int {
	places := map[rune]int{}
	for _, r := range gsmBasic {
		places[r] = 1
	}
	for _, r := range gsmExtended {
		places[r] = 2
	}
	return places
}()

// Segments returns how many SMS a text is sent and charged as, and whether it is written in the GSM alphabet (160 places
// in one SMS, 153 in each of several) or, because of a sign that this lacks, in UCS-2 (70 and 67). No text: no SMS.
func Segments(text string) (segments int, gsm bool) {
	gsm = true
	for _, r := range text {
		if gsmPlaces[r] == 0 {
			gsm = false
			break
		}
	}
	places, single, several := func(r rune) int { return gsmPlaces[r] }, 160, 153
	if !gsm {
		places, single, several = utf16.RuneLen, 70, 67
	}
	total, used := 0, 0
	for _, r := range text {
		n := places(r)
		if used+n > several { // a sign of two places is never torn apart
			segments, used = segments+1, 0
		}
		used += n
		total += n
	}
	switch {
	case total == 0:
		return 0, gsm
	case total <= single:
		return 1, gsm
	}
	return segments + 1, gsm
}
