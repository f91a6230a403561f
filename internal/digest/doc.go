// Package digest makes the report that people get by e-mail: the numbers of a
// day, a week or a month beside those of the one before, what moved most, and
// charts; as HTML, as text and as pictures, in the language and the zone of the
// project. It stands behind report, at the end of the way from POST to chart: it
// asks the same questions as httpapi and gets the same answers. Package mail
// sends what it makes.
package digest
