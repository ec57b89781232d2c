-- A portfolio about which people complain, beside the four lives. L-2003 was moved from one strategy to the other on 20 January.

insert into loans (id, borrower_id, currency, disbursed_at, source, time_zone, last_number, seq, strategy, stage, bucket, next_at, decided_at) values
    ('L-2001', 'B-1', 'USD', '2025-12-01 16:00Z', '/lending/core', 'America/Chicago', 0, 3, 'firm@1', 'early_arrears', '1-29', '2027-02-11 14:20Z', '2026-02-09 15:00Z'),
    ('L-2002', 'B-1', 'USD', '2025-12-02 16:00Z', '/lending/core', 'America/Chicago', 0, 3, 'firm@1', 'early_arrears', '1-29', '2027-02-11 14:20Z', '2026-02-09 15:00Z'),
    ('L-2003', 'B-1', 'USD', '2025-12-03 16:00Z', '/lending/core', 'America/Chicago', 1, 3, 'firm@1', 'early_arrears', '1-29', '2027-02-11 14:20Z', '2026-02-09 15:00Z');

insert into events (source, id, type, subject, borrower_id, at, digest, data, actor) values
    ('tender-cli', 'moved', 'strategy.assigned', 'loan/L-2003', 'B-1', '2026-01-20 12:00Z', '', '{"strategy": "firm@1"}', 'kim');
insert into deliveries (event_pk, loan_id, number, state, next_try) select pk, 'L-2003', 1, 'accepted', now() from events where id = 'moved';
insert into decisions (loan_id, seq, hash, at, body, final) values
    ('L-2003', 1, 'm1', '2026-01-01 12:00Z', '{"loan": "L-2003", "seq": 1, "number": 0, "strategy": "gentle-installment@1"}', true),
    ('L-2003', 2, 'm2', '2026-01-20 12:00Z', '{"loan": "L-2003", "seq": 2, "number": 1, "strategy": "firm@1"}', true);

-- 150 times notice-1 and 300 times reminder for the gentle loans, 100 times notice-2 for the firm ones; of the loan that was moved, 60
-- reminders before and 40 after. 20 more never left, and 5 are of last year.
insert into contacts (key, borrower_id, loan_ids, step_key, channel, point, direction, purpose, template, adapter, at)
select 'p-' || s.template || '-' || s.loan || '-' || s.day || '-' || n, 'B-1', array[s.loan], s.template || '@2026-01-01', s.channel, 'mobile', 'outbound', 'collection', s.template, 'outbox',
       s.day::date + interval '15 hours'
from (values ('notice-1', 'L-1001', 'sms', '2026-01-21', 150), ('reminder', 'L-1001', 'email', '2026-01-08', 300), ('notice-2', 'L-2001', 'sms', '2026-01-09', 70),
             ('notice-2', 'L-2002', 'sms', '2026-01-19', 30), ('reminder', 'L-2003', 'email', '2026-01-19', 60), ('reminder', 'L-2003', 'email', '2026-01-21', 40),
             ('never', 'L-1001', 'sms', '2026-01-21', 20), ('notice-2', 'L-2001', 'sms', '2025-12-20', 5)) s (template, loan, channel, day, times)
cross join lateral generate_series(1, s.times) n;
-- What answers complaints, and asks how we did, is neither what people complain of nor counted.
insert into contacts (key, borrower_id, loan_ids, step_key, channel, point, direction, purpose, template, adapter, at)
select 'p-' || s.template || '-' || n, 'B-1', array['L-2001'], s.template || '@' || n, 'sms', 'mobile', 'outbound', s.purpose, split_part(s.template, '-helped', 1), 'outbox', '2026-01-10 08:00Z'
from (values ('complaint-acknowledged', 'complaint_reply'), ('survey-helped', 'survey')) s (template, purpose) cross join lateral generate_series(1, 30) n;
insert into outcomes (contact_key, disposition, at, code) select key, '', at, 'twilio_30003' from contacts where template = 'never';

-- Calls: 120 of ann's, 130 of bob's and 9 of cleo's, about the first firm loan; the last is bob's, in which a complaint was taken down, and
-- which ann's came before. Where nobody was called, it is no contact.
insert into events (source, id, type, subject, borrower_id, at, digest, data, actor)
select '/dialer', 'call-' || s.agent || '-' || n, 'call.completed', 'borrower/B-1', 'B-1', s.at::timestamptz, '',
       jsonb_build_object('task', 't-' || s.agent || n, 'agent', s.agent, 'disposition', 'right_party', 'then', 'done'), 'dialer'
from (values ('cleo', '2026-01-08 15:00Z', 9), ('bob', '2026-01-09 15:00Z', 129), ('ann', '2026-01-29 15:00Z', 120)) s (agent, at, times) cross join lateral generate_series(1, s.times) n;
insert into events (source, id, type, subject, borrower_id, at, digest, data, actor) values
    ('/dialer', 'seen-to', 'call.completed', 'borrower/B-1', 'B-1', '2026-01-30 13:00Z', '', '{"task": "t-x", "agent": "cleo", "then": "done"}', 'dialer'),
    ('/dialer', 'last-call', 'call.completed', 'borrower/B-1', 'B-1', '2026-01-30 14:00Z', '',
     '{"task": "t-y", "agent": "bob", "disposition": "right_party", "then": "done", "complaint": {"complaint": "C-204"}}', 'dialer');
insert into deliveries (event_pk, loan_id, number, state, next_try)
select pk, 'L-2001', row_number() over (order by pk), 'accepted', now() from events where type = 'call.completed';

-- Cleo answered a complaint, which neither led to one nor is a call of that kind.
insert into events (source, id, type, subject, borrower_id, at, digest, data, actor) values
    ('/dialer', 'answered', 'call.completed', 'complaint/C-101', 'B-1', '2026-01-30 13:30Z', '', '{"task": "t-z", "agent": "cleo", "disposition": "right_party", "then": "done"}', 'dialer');
insert into deliveries (event_pk, loan_id, number, state, next_try) select pk, 'L-2001', 2000, 'accepted', now() from events where id = 'answered';
