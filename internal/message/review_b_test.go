package message_test

import (
	"testing"

	"github.com/tender-engine/tender/internal/message"
)

// Sentences that whoever wrote the lexicon had not seen.
func TestReviewSentencesThatWereNotSeenBefore(t *testing.T) {
	for lang, all := range map[string][2][]string{
		"en": {{
			"We will take you to the courts.", "Judges will decide about you.", "We are seizing your car.", "You will be jailed.", "You stole our money.",
			"We will call your brother and your sister.", "We will speak with your family.", "We will write to the boss where you work.",
			"A policeman will come.", "Hurry up, only today.", "You have 24 hrs left.", "Pay today or face it.", "Your credit score will suffer.",
			"We will report you to the credit bureau.", "There will be a consequence.", "Our agents will visit your home.", "We will hurt you.",
			"You are useless.", "This is your last and final opportunity.", "Pay by tomorrow at the latest.", "We will tell everybody that you owe us.",
			"Everyone will know that you do not pay.", "Your landlord will hear of it.", "We will see you in Court!", "Legal proceeding has begun.",
			"We will pass your file to our solicitors.", "You are a fraudster.", "Your bank account will be frozen.", "Your salary will be withheld.",
			"You will never get a loan again.",
		}, {
			"Never tell your PIN to anybody.", "We answer at once when you write.", "If you are in danger, call the police.", "The payment failed to go through, nothing is your fault.",
			"We judge nobody.", "You can stop immediately and without any cost.", "We will help right away.", "It is not too late to ask for help.", "A late payment has no consequences for your other loans.",
			"There is no demand in this letter.", "We are sorry, we failed to answer you.", "You can post your question in the app.",
		}},
		"zh-CN": {{
			"我们会去您公司。", "我们的人会去您家里。", "我们会打电话给您爸妈。", "您的亲戚朋友都会知道。", "我们会联系您的紧急联系人。", "您会被列为被执行人。",
			"我们将委托律所处理。", "警官会来找您。", "您将被起訴。", "法院", "今天不还就晚了。", "24小时之内还清。", "请在今晚12点前结清。", "抓紧还款，不要拖。", "再不还款，别怪我们不客气。",
			"您的征信会花掉。", "以后别想再贷款。", "您的工资会被扣。", "您的银行卡会被封。", "没钱还借什么钱。", "您真不要脸面。", "您就是个无赖。", "您要坐监的。", "我们会让您身败名裂。", "我们会让全村人都知道。",
			"我们会通知单位领导。", "赶快还钱！", "尽快还款，否则后悔。",
		}, {
			"请不要把验证码告诉您的朋友。", "有问题我们马上回复您。", "还款后立即生效。", "逾期不会有任何不良后果。", "您不必紧张，没有最后期限。", "如遇诈骗请报警。", "我们不会联系您的家人。", "您无需立刻决定。", "您没有失信。", "我们不会告知您的单位。",
		}},
	} {
		for _, bad := range all[0] {
			if found, _ := message.Unkind(lang, bad); len(found) == 0 {
				t.Errorf("%s: passes: %s", lang, bad)
			}
		}
		for _, good := range all[1] {
			if found, _ := message.Unkind(lang, good); len(found) > 0 {
				t.Errorf("%s: refused: %s (%v)", lang, good, found)
			}
		}
	}
}
