package reply

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRepliesThatMeanStop(t *testing.T) {
	for _, text := range []string{
		"STOP", "stop", " Stop. ", "ＳＴＯＰ", "stop!!!", "Opt-out", "OPT OUT", "optout", "Stop  all", "UNSUBSCRIBE", "quit", "End", "revoke", "cancel", "S.T.O.P.", "🛑",
		"stop please", "Please stop texting me", "stop calling", "STOP CALLING MY MOTHER", "UNSUBSCRIBE me", "unsubscribe me from this list", "don't contact me again",
		"Don’t contact me", "do not text", "Do not call me anymore.", "dont ever call me again", "please do not ever text this number", "don't you dare call me", "never contact me again",
		"I do not want any more messages", "I don't want to hear from you", "no more texts", "No further contact, please", "leave me alone", "Leave us alone!!", "remove my number",
		"take me off your list", "take my number off the list", "opt me out", "I would like to be opted out", "I revoke my consent", "I hereby withdraw any consent", "quit bothering me",
		"cease and desist", "if you don't stop I will call my lawyer", "why don't you stop", "hi, stop", "I paid. Stop.", "Don't stop. No wait, STOP", "make it stop", "stop payment reminders",
		"I don't wish to be contacted", "you may not contact me", "cancel these messages", "go away", "fuck off", "stopp", "this is harassment", "when will you stop texting me?",
		"停止", "退订", "退订。", "T", "td", "别再联系我！", "不要再联系我", "请不要再联系我", "别再发短信了", "请勿打扰", "不要给我打电话", "别打了", "别烦我", "请停止发送短信", "TD退订", "回T退订",
		"我不想再收到你们的短信", "不要再打电话给我了", "你们别再骚扰我", "请把我的号码删除，不要再发了", "取消短信提醒", "拒收", "別再打電話給我", "我要退訂", "以后不要联系我", "有完没完", "不用再提醒我了", "撤回我的同意，取消授权",
	} {
		assert.True(t, understood(text).Has(Stop), text)
	}
}

func TestRepliesInOtherLanguagesThatMeanStop(t *testing.T) {
	for _, text := range []string{
		"ALTO", "Parar", "CANCELAR", "no me contacten", "No me llamen más por favor", "no quiero recibir mensajes", "Dejen de llamarme", "déjenme en paz", "dar de baja", "borren mi número",
		"ARRET", "Arrêtez", "ne m'appelez plus", "Ne me contactez plus svp", "arrêtez de m'écrire", "plus de messages", "laissez-moi tranquille", "désabonnez moi",
		"Stopp", "aufhören!", "Rufen Sie mich nicht mehr an", "keine Nachrichten mehr", "Lassen Sie mich in Ruhe", "hören Sie auf",
		"berhenti", "BATAL", "jangan hubungi saya lagi", "tolong berhenti menghubungi saya", "saya tidak mau dihubungi",
		"tigil", "huwag na kayong tumawag", "wag nyo na ako itext", "tigilan nyo na ako",
		"dừng lại", "DỪNG", "đừng gọi cho tôi nữa", "khong goi cho toi nua", "ngừng nhắn tin",
		"หยุด", "อย่าโทรมาอีก", "กรุณาหยุดส่งข้อความ", "ไม่ต้องติดต่อมา",
		"수신거부", "연락하지 마세요", "전화하지마", "그만 보내세요", "문자 그만 보내요",
		"बंद करो", "मुझे फोन मत करो", "call mat karo", "message bhejna band karo",
	} {
		assert.True(t, understood(text).Has(Stop), text)
	}
	for _, text := range []string{
		"Gracias", "Pagaré el viernes", "Para pagar, ¿qué hago?", "llámenme mañana", "sí", "Merci", "Je paie vendredi", "appelez-moi demain", "oui", "Danke", "ich zahle am Freitag", "rufen Sie mich bitte an", "ja",
		"terima kasih", "saya bayar besok", "tolong hubungi saya", "salamat", "babayaran ko bukas", "tawagan nyo ako", "cảm ơn", "tôi sẽ trả ngày mai", "gọi cho tôi", "dung roi",
		"ขอบคุณ", "พรุ่งนี้จะจ่าย", "โทรมาได้เลย", "감사합니다", "내일 낼게요", "전화 주세요", "धन्यवाद", "मैं कल भुगतान करूंगा", "call karo",
	} {
		assert.False(t, understood(text).Has(Stop), text)
	}
}

func TestRepliesThatDoNotMeanStop(t *testing.T) {
	for _, text := range []string{
		"", "OK", "👍", "thanks", "please stop by on Monday", "I will pay at the end", "please don't stop helping me", "Don't stop the reminders, they help", "when does it stop raining",
		"it is raining non-stop", "I am at the bus stop", "can I stop at the branch?", "I had to stop working in May", "I cannot stop thinking about it", "Please call me", "can you text me the amount?",
		"I lost my job", "I quit my job", "I will pay on Friday", "who is this?", "call me after 6", "how do I cancel my loan?", "this is the end of the month", "please do not forget to call me",
		"I did not get your text", "I dont remember your text", "don't leave me alone with this", "yes", "I never got a text", "What is my balance?",
		"好的", "谢谢", "我明天还款", "不停止", "不要停止提醒", "别取消提醒", "我停止工作了", "请给我打电话", "请联系我", "什么时候到期？", "我失业了", "可以分期吗", "已经还了", "别发愁，我会还的", "你是谁", "我想了解一下",
	} {
		assert.False(t, understood(text).Has(Stop), text)
	}
}

func TestStopWordsAreReadStrictly(t *testing.T) {
	_, err := readStopwords("stop.yaml", []byte("whole:\n  en: [stop]\n  xx: [arret]\n"))
	require.ErrorContains(t, err, "stop.yaml:3:3")
}
