-- Four lives. Zones of borrower and contract differ, so that a test sees which of them is shown.

insert into borrowers (id, name, language, time_zones, jurisdiction, preferred) values
    ('B-1', 'Ada Canary', 'en', '{America/New_York}', 'us', 'sms'),
    ('B-2', '林金丝雀', 'zh-CN', '{Asia/Shanghai}', 'cn', ''),
    ('B-3', 'Chi Canary', 'en', '{}', 'us', '');

insert into contact_points (borrower_id, id, channel, address) values
    ('B-1', 'mobile', 'sms', '+12025550142'), ('B-1', 'mail', 'email', 'ada@canary.example');

insert into loans (id, borrower_id, currency, disbursed_at, source, time_zone, last_number, seq, strategy, stage, bucket, past_due_since,
                   past_due, outstanding, last_step, next_step, next_at, next_reason, next_rule, decided_at, closed_at) values
    ('L-1001', 'B-1', 'USD', '2026-01-02 16:00Z', '/lending/core', 'America/Chicago', 4, 7, 'gentle-installment@1', 'early_arrears', '1-29', '2026-02-01',
     150.00, 600.00, 'notice-1@2026-02-01 sent', 'notice-2@2026-02-01', '2026-02-11 14:20Z', 'arrears', 'us-federal/hours', '2026-02-09 15:00Z', null),
    ('L-1002', 'B-2', 'CNY', '2026-01-05 02:00Z', '/lending/core', 'Asia/Shanghai', 2, 3, 'gentle-installment@1', 'due_soon', 'current', null,
     0, 9000.00, 'welcome@2026-01-05 sent', '', null, 'hold', '', '2026-02-09 02:00Z', null),
    ('L-1003', 'B-3', 'JPY', '2025-12-01 00:00Z', '/lending/core', 'Asia/Tokyo', 2, 9, 'gentle-installment@1', 'closed', 'current', null,
     0, 0, 'thank-you@2026-01-15 sent', 'close@2026-01-16', '2026-01-16 03:00Z', 'settled', '', '2026-01-16 03:00Z', '2026-01-16 03:00Z'),
    ('L-1004', 'B-1', 'USD', '2026-02-10 11:59Z', '/lending/core', 'America/Chicago', 1, 0, '', 'welcome', '', null,
     0, 0, '', '', null, '', '', null, null);

insert into borrower_holds (borrower_id, id, loan_id, kind, from_at, until_at, owner, note, placed_by, released_at) values
    ('B-2', 'H-1', 'L-1002', 'breathing_space', '2026-02-01 00:00Z', '2026-03-31 16:00Z', 'advice desk', 'letter of 30 January', 'kim', null),
    ('B-2', 'H-0', null, 'dispute_open', '2026-01-10 00:00Z', null, '', '', 'kim', '2026-01-20 00:00Z');

insert into events (source, id, type, subject, borrower_id, at, digest, data, actor) values
    ('/lending/core', 'ev-1', 'loan.disbursed', 'loan/L-1001', 'B-1', '2026-01-02 16:00Z', '',
     '{"borrower": {"id": "B-1"}, "currency": "USD", "principal": "600.00", "disbursed_on": "2026-01-02", "time_zone": "America/Chicago",
       "schedule": [{"due": "2026-02-01", "principal": "150.00"}, {"due": "2026-03-01", "principal": "150.00"},
                    {"due": "2026-04-01", "principal": "150.00"}, {"due": "2026-05-01", "principal": "150.00"}]}', 'lending-key'),
    ('/lending/core', 'ev-2', 'payment.posted', 'loan/L-1001', 'B-1', '2026-01-20 18:30Z', '',
     '{"transaction": "T-1", "amount": "10.5", "currency": "USD", "value_date": "2026-01-20"}', 'lending-key'),
    ('/lending/core', 'ev-3', 'payment.reversed', 'loan/L-1001', 'B-1', '2026-01-22 18:30Z', '',
     '{"transaction": "T-2", "amount": "10.5", "currency": "USD", "value_date": "2026-01-22", "reverses": "T-1"}', 'lending-key'),
    ('/lending/core', 'ev-4', 'payment.posted', 'loan/L-1001', 'B-1', '2026-01-23 18:30Z', '',
     '{"transaction": "T-3", "amount": "5", "currency": "EUR", "value_date": "2026-01-23"}', 'lending-key'),
    ('/lending/core', 'ev-5', 'loan.disbursed', 'loan/L-1002', 'B-2', '2026-01-05 02:00Z', '',
     '{"borrower": {"id": "B-2"}, "currency": "CNY", "principal": "9000", "disbursed_on": "2026-01-05", "time_zone": "Asia/Shanghai", "watermarks": false,
       "schedule": [{"due": "2026-02-12", "principal": "9000"}]}', 'lending-key'),
    ('tender-cli', 'H-1', 'hold.placed', 'loan/L-1002', 'B-2', '2026-02-01 00:00Z', '',
     '{"hold": "H-1", "kind": "breathing_space", "until": "2026-03-31T16:00:00Z"}', 'kim'),
    ('/lending/core', 'ev-7', 'loan.disbursed', 'loan/L-1003', 'B-3', '2025-12-01 00:00Z', '',
     '{"borrower": {"id": "B-3"}, "currency": "JPY", "principal": "50000", "disbursed_on": "2025-12-01", "time_zone": "Asia/Tokyo",
       "schedule": [{"due": "2026-01-15", "principal": "50000"}]}', 'lending-key'),
    ('/lending/core', 'ev-8', 'loan.settled', 'loan/L-1003', 'B-3', '2026-01-15 01:00Z', '', '{"on": "2026-01-15", "reason": "paid"}', 'lending-key'),
    ('/lending/core', 'ev-9', 'loan.disbursed', 'loan/L-1004', 'B-1', '2026-02-10 11:59Z', '',
     '{"borrower": {"id": "B-1"}, "currency": "USD", "principal": "80", "disbursed_on": "2026-02-10", "time_zone": "America/Chicago",
       "schedule": [{"due": "2026-03-10", "principal": "80"}]}', 'lending-key');

insert into deliveries (event_pk, loan_id, number, state, answer, next_try)
select e.pk, d.loan_id, d.number, d.state, d.answer::jsonb, now()
from (values ('ev-1', 'L-1001', 1, 'accepted', null), ('ev-2', 'L-1001', 2, 'accepted', null), ('ev-3', 'L-1001', 3, 'accepted', null),
             ('ev-4', 'L-1001', 4, 'refused', '{"loan": "L-1001", "refused": {"field": "data.currency", "reason": "EUR, but the loan is in USD"}}'),
             ('ev-5', 'L-1002', 1, 'accepted', null), ('H-1', 'L-1002', 2, 'accepted', null), ('ev-7', 'L-1003', 1, 'accepted', null),
             ('ev-8', 'L-1003', 2, 'accepted', null), ('ev-9', 'L-1004', 1, 'received', null)) as d (event, loan_id, number, state, answer)
join events e on e.id = d.event;

insert into contacts (key, borrower_id, loan_ids, step_key, channel, point, direction, purpose, template, adapter, at) values
    ('c-1', 'B-1', '{L-1001}', 'welcome@2026-01-02', 'sms', 'mobile', 'outbound', 'informational', 'welcome', 'twilio', '2026-01-02 16:05Z'),
    ('c-2', 'B-1', '{L-1001,L-1004}', 'notice-1@2026-02-01', 'sms', 'mobile', 'outbound', 'collection', 'notice-1', 'twilio', '2026-02-04 15:10Z'),
    ('c-3', 'B-1', '{L-1001}', 'notice-1@2026-02-01', 'email', 'mail', 'outbound', 'collection', 'notice-1', 'smtp', '2026-02-04 15:12Z'),
    ('c-4', 'B-1', '{L-1001}', '', 'call', '', 'inbound', 'reply', '', '', '2026-02-05 15:12Z');
insert into outcomes (contact_key, disposition, at, code) values
    ('c-1', 'sent', '2026-01-02 16:05Z', ''), ('c-1', 'delivered', '2026-01-02 16:06Z', ''),
    ('c-2', '', '2026-02-04 15:10Z', 'twilio_21610'), ('c-3', 'uncertain', '2026-02-04 15:13Z', 'smtp_timeout');
insert into messages (contact_key, address, subject, body) values
    ('c-1', '+12025550142', '', E'Hello Ada Canary,\nyour loan L-1001 is paid out.\x1b[2J');

insert into held_back (loan_id, step_key, rule, verdict, why, at, until) values
    ('L-1001', 'notice-1@2026-02-01', 'us-federal/hours', 'defer', 'outside the hours: it is Tue 21:30:00 in America/New_York', '2026-02-04 02:30Z', '2026-02-04 13:00Z'),
    ('L-1001', 'follow-up@2026-01-02', 'tender/opt-out', 'deny', 'the borrower opted out at 2026-01-06T14:58:00Z', '2026-01-06 15:00Z', null);

insert into tasks (key, loan_id, borrower_id, step_key, reason, at, done_at, disposition, purpose, calls, priority, until_at) values
    ('t-1', 'L-1001', 'B-1', 'hardship-job_loss@2026-02-06', 'hardship', '2026-02-06 15:00Z', '2026-02-06 16:00Z', 'callback', 'informational', false, 40, '2026-02-20 15:00Z'),
    ('t-2', 'L-1001', 'B-1', 'notice-1@2026-02-01', 'no_channel', '2026-02-07 15:00Z', null, '', 'collection', true, 20, '2026-02-21 15:00Z');

insert into notices (key, loan_id, kind, at, told_at) values
    ('n-1', 'L-1001', 'tender.charge_off', '2026-02-08 15:00Z', '2026-02-08 15:01Z'), ('n-2', 'L-1001', 'tender.charge_off', '2026-02-09 15:00Z', null);

insert into watermarks (source, through) values ('/lending/core', '2026-02-06');

insert into decisions (loan_id, seq, hash, at, body, final) values
    ('L-1001', 1, 'h1', '2026-01-02 16:00Z', '{"loan": "L-1001", "seq": 1, "number": 1, "step": {"kind": "send", "key": "welcome@2026-01-02", "reason": "welcome"}, "considered": []}', true),
    ('L-1001', 5, 'h5', '2026-02-03 16:00Z', '{"loan": "L-1001", "seq": 5, "number": 3, "step": {"kind": "send", "key": "notice-1@2026-02-01", "reason": "arrears"}, "considered": []}', true),
    ('L-1001', 7, 'h7', '2026-02-09 15:00Z', '{
        "loan": "L-1001", "seq": 7, "number": 3, "at": "2026-02-09T15:00:00Z", "time_zone": "America/New_York", "strategy": "gentle-installment@1",
        "rulebooks": ["us-federal@2026-03-09"], "stage": "early_arrears", "bucket": "1-29", "as_of": "2026-02-09", "currency": "USD",
        "past_due_since": "2026-02-01", "past_due_days": 8, "past_due": "150.00", "outstanding": "600.00", "watermark": "2026-02-06",
        "step": {"kind": "send", "key": "notice-2@2026-02-01", "at": "2026-02-11T14:20:00Z", "reason": "arrears", "rule": "us-federal/hours",
                 "channel": "sms", "point": "mobile", "purpose": "collection", "template": "notice-2"},
        "considered": [
            {"key": "follow-up@2026-01-02", "outcome": "dropped", "reason": "lapsed"},
            {"key": "notice-2@2026-02-01", "outcome": "chosen", "reason": "arrears", "planned": "2026-02-11T07:00:00Z", "at": "2026-02-11T14:20:00Z", "channel": "sms",
             "rule": "us-federal/hours", "findings": [
                {"rule": "us-federal/hours", "title": "After 8 in the morning and before 9 in the evening wherever the consumer may be", "version": "2026-03-09", "citation": "12 CFR 1006.6(b)(1)(i); comment 6(b)(1)(i)-2", "strength": "hard",
                 "verdict": "defer", "why": "outside the hours: it is Wed 02:00:00 in America/New_York", "until": "2026-02-11T13:00:00Z"}]},
            {"key": "charge-off@2026-02-01", "outcome": "later", "reason": "charge_off", "planned": "2026-05-02T05:00:00Z", "at": "2026-05-02T05:00:00Z"},
            {"key": "reminder-ahead@2026-03-01", "outcome": "dropped", "reason": "no_channel", "planned": "2026-02-26T15:00:00Z", "rule": "tender/opt-out", "findings": [
                {"rule": "tender/opt-out", "title": "An opt-out binds at once", "version": "1", "citation": "Tender''s own default", "strength": "hard", "verdict": "deny", "why": "the borrower opted out at 2026-01-06T14:58:00Z"}]}
        ]}', false),
    ('L-1003', 9, 'h9', '2026-01-16 03:00Z', '{
        "loan": "L-1003", "seq": 9, "number": 2, "at": "2026-01-16T03:00:00Z", "time_zone": "Asia/Tokyo", "strategy": "gentle-installment@1",
        "rulebooks": ["conservative@2026-11-22"], "stage": "closed", "bucket": "current", "as_of": "2026-01-16", "currency": "JPY",
        "past_due_days": 0, "past_due": "0", "outstanding": "0", "watermark": "2026-01-15",
        "step": {"kind": "close", "key": "close@2026-01-16", "at": "2026-01-16T03:00:00Z", "reason": "settled"}, "considered": []}', false);

insert into wishes (borrower_id, allowed, channel, at) values ('B-1', false, 'email', '2026-01-06 14:58Z');
insert into consents (borrower_id, channel, point, purpose, given_at, given_to, written, source) values
    ('B-1', 'sms', 'mobile', null, '2026-01-02 15:40Z', 'collector', true, '/lending/core');
insert into blackouts (borrower_id, days, from_time, to_time, at) values ('B-1', '{fri}', '15:00', '17:00', '2026-01-06 14:58Z');

insert into approvals (id, borrower_id, loan_id, step_key, rules, channel, at, asked_by, until_at, answer, answered_at, answered_by, holds_until) values
    ('a5b1c0de42f09d77e1a3', 'B-1', 'L-1001', 'notice-2@2026-02-01', '{lender/three-a-month}', 'sms', '2026-02-10 11:20Z', 'tender', '2026-02-13 11:20Z', '', null, '', null),
    ('a11d7f3e8b90c5526f4d', 'B-1', 'L-1001', 'notice-1@2026-02-01', '{lender/three-a-month}', 'sms', '2026-02-03 16:10Z', 'tender', '2026-02-06 16:10Z', 'granted', '2026-02-03 17:00Z', 'grace', '2026-02-06 17:00Z');
