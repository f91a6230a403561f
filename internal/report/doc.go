// Package report answers the questions that dashboards and analysts ask. It is
// the last stage on the way from POST to chart: httpapi hands it a Question,
// it hands back an Answer.
//
// The way through it is question, calendar, plan, SQL, answer. A Question is
// checked and completed; a calendar turns its range and time zone into periods
// (zone arithmetic is done here and never in SQL); a plan chooses the cheapest
// table that answers exactly, and is data; the SQL is one file a query, run
// with server-side parameters by a Runner; what it returns is filled up with
// zeros and put into the envelope that says what the numbers mean.
package report
