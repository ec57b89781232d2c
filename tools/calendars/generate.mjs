// Drafts a holiday calendar for internal/compliance/calendar/calendars from the npm package date-holidays.
//
// In a folder outside of this repository:
//
//     npm install date-holidays@3.37.0
//     cp REPOSITORY/tools/calendars/generate.mjs . && node generate.mjs TH 2027 > th.yaml
//
// The shipped files were drafted once in this way for 2024 to 2026 (MX: to 2030) and then corrected by hand; a day that was
// added or moved says in its `source` on whose word. A draft is not a calendar: date-holidays computes the dates of moons
// that are only seen in their year, and knows no day that a cabinet adds. docs/calendars.md says how a year is added.
//
// date-holidays is ISC for its code and CC BY-SA 3.0 for its data, most of which comes from Wikipedia.
import { createRequire } from 'node:module'

const Holidays = createRequire(import.meta.url)('date-holidays')
const [country, ...years] = process.argv.slice(2)
if (!country || years.length === 0) {
  console.error('usage: node generate.mjs COUNTRY YEAR...')
  process.exit(2)
}

const day = 24 * 60 * 60 * 1000
const calendar = new Holidays(country)

// Days off: public and bank holidays, and what the Philippines call special non-working days. Half days, and days for
// women, soldiers or the young alone, are none.
const isOff = (h) =>
  h.end - h.start >= day &&
  !/below the age|Youth/.test(h.note ?? '') &&
  (h.type === 'public' || h.type === 'bank' || (h.type === 'optional' && (h.note === 'Non-working Day' || /chinese/.test(h.rule))))

console.log(`calendar: ${country.toLowerCase()}`)
console.log(`version: ${new Date().toISOString().slice(0, 10)}`)
console.log(`title: ${JSON.stringify(calendar.getCountries('en')[country] + ', public holidays')}`)
console.log('source: "date-holidays 3.37.0, https://github.com/commenthol/date-holidays"')
console.log('licence: CC-BY-SA-3.0')
console.log(`years: [${years.join(', ')}]`)
console.log('holidays:')
for (const year of years) {
  const names = new Map()
  for (const h of calendar.getHolidays(Number(year), 'en').filter(isOff)) {
    const length = Math.round((h.end - h.start) / day)
    for (let n = 0; n < length; n++) {
      const date = new Date(Date.parse(h.date.slice(0, 10) + 'T00:00:00Z') + n * day).toISOString().slice(0, 10)
      names.set(date, [...new Set([...(names.get(date) ?? []), h.name])])
    }
  }
  for (const date of [...names.keys()].sort()) {
    console.log(`  - {date: ${date}, name: ${JSON.stringify(names.get(date).join(', '))}}`)
  }
}
